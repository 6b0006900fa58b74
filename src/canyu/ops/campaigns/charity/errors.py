"""What can go wrong with charity, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, Conflict


class PledgeUnusable(BadInput):
    """A pledge cannot be used as it is."""

    code = "pledge_unusable"


class PayoutRefused(Conflict):
    """More would be paid out than is owed, or a receipt was entered before."""

    code = "payout_refused"


class StoryUnfit(Conflict):
    """A story cannot go out as it stands."""

    code = "story_unfit"


class PictureConsentMissing(BadInput):
    """People are shown only with their consent, which says where it lies and since when."""

    code = "picture_consent_missing"
