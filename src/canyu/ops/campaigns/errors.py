"""What can go wrong with campaigns and referral, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, CanyuError, Conflict


class WrongStep(Conflict):
    """A campaign cannot take this step from where it stands, or somebody else took one meanwhile."""

    code = "wrong_step"


class SecondPersonNeeded(Conflict):
    """Who wrote or sent a plan may not be the one who releases it."""

    code = "second_person_needed"


class PlanUnfit(Conflict):
    """A plan lacks something without which it may not go on."""

    code = "plan_unfit"


class SlugTaken(Conflict):
    """Another campaign has this address."""

    code = "slug_taken"


class ReasonMissing(BadInput):
    """A decision needs its reason."""

    code = "reason_missing"


class RuleUnusable(BadInput):
    """A reward rule cannot be used as it is."""

    code = "rule_unusable"


class AcknowledgementMissing(Conflict):
    """Rewards deeper than two generations need somebody who takes the legal question on."""

    code = "acknowledgement_missing"


class OrderDiffers(Conflict):
    """An order or refund with this id was told before with other facts."""

    code = "order_differs"


class NotOpen(Conflict):
    """The campaign takes nobody in at present."""

    code = "not_open"


class ConsentMissing(BadInput):
    """Nobody takes part without having agreed."""

    code = "consent_missing"


class TooMany(CanyuError):
    """One network asks for too much at once."""

    code = "too_many"
    status = 429
