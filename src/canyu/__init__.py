"""Canyu (参与): the open word-of-mouth engine for consumer brands.

A data scientist needs no server::

    import canyu
    lake = canyu.open("my.lake")
    lake.scan("events")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from canyu.events import Event, Lake, Verb
    from canyu.events import open_lake as open

__all__ = ["Event", "Lake", "Verb", "open"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load the engines when they are first asked for: the command line answers at once without them."""
    if name not in __all__:
        raise AttributeError(f"module 'canyu' has no attribute {name!r}")
    from canyu import events

    return getattr(events, "open_lake" if name == "open" else name)
