"""What can go wrong with KOLs, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, Conflict


class WrongStep(Conflict):
    """A booking cannot take this step from where it stands, or somebody else took one meanwhile."""

    code = "wrong_step"


class KolBlocked(Conflict):
    """A blocked KOL, or an account that is not active, is not booked."""

    code = "kol_blocked"


class SecondPersonNeeded(Conflict):
    """Who approved the check may not be the one who pays."""

    code = "second_person_needed"


class BriefUnfit(Conflict):
    """The brief makes claims that advertising law forbids, or is empty."""

    code = "brief_unfit"


class CheckFailed(Conflict):
    """The post cannot be approved as it is without a word on what was seen."""

    code = "check_failed"


class PostTaken(Conflict):
    """Another booking is paid for this post."""

    code = "post_taken"


class ReasonMissing(BadInput):
    """Blocking, watching and overriding need a reason."""

    code = "reason_missing"


class PriceUnusable(BadInput):
    """An amount or a currency cannot be used."""

    code = "price_unusable"


class DayUnusable(BadInput):
    """A day cannot be used."""

    code = "day_unusable"
