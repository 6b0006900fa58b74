"""What can go wrong with offers, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, Conflict
from canyu.kit.words import Text
from canyu.ops.offers.quoting import REASON_WORDS, Reason


class OfferUnusable(BadInput):
    """The definition of an offer cannot be used."""

    code = "offer_unusable"


class WrongState(Conflict):
    """The offer or the order does not stand where this step begins."""

    code = "wrong_state"


class SecondPersonNeeded(Conflict):
    """Who defined an offer may not be the one who releases it."""

    code = "second_person_needed"


class OrderReused(Conflict):
    """The order was redeemed before with something else in it."""

    code = "order_reused"


class TotalChanged(Conflict):
    """The total is not the one that the shop showed."""

    code = "total_changed"


class OfferRefused(Conflict):
    """An offer cannot be used for the order; ``reason`` says why."""

    code = "offer_refused"

    def __init__(self, reason: Reason, *, mend: Text) -> None:
        super().__init__(REASON_WORDS[reason], mend=mend)
        self.reason = reason
        self.code = reason.value  # type: ignore[misc]  # a shop reads the reason where other errors have one code
