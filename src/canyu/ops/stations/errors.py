"""What can go wrong with stations and bookings, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, CanyuError, Conflict


class StationUnusable(BadInput):
    """A station or a bench cannot be kept as it is."""

    code = "station_unusable"


class SlotTaken(Conflict):
    """Every bench that could do it is taken then, or the station is not open."""

    code = "slot_taken"


class HoldOver(Conflict):
    """A booking is not held any more, or cannot take this step from where it stands."""

    code = "hold_over"


class ConsentMissing(BadInput):
    """Nobody's name is kept without their consent."""

    code = "consent_missing"


class TooMany(CanyuError):
    """A program seems to have sent a form, or one network asks for too much at once."""

    code = "too_many"
    status = 429
