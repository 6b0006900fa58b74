"""What a member has asked for of their own data, as the public page shows it."""

from __future__ import annotations

from typing import Any

from canyu.ops.fans.queries import find_known, find_ready, list_fan_requests
from canyu.ops.fans.subject.rules import WAITING, Wish


def describe_wishes(person: str) -> dict[str, Any]:
    """Return the open copy and erasure of a person, and whether the copy may be fetched."""
    fan = find_known(person)
    waiting = {row.wish: row for row in list_fan_requests(fan) if row.stand in WAITING} if fan else {}
    return {
        "copy_asked": waiting.get(Wish.EXPORT),
        "erasure_asked": waiting.get(Wish.ERASE),
        "is_copy_ready": fan is not None and find_ready(fan) is not None,
    }
