"""Canyu (参与): the open word-of-mouth engine for consumer brands.

A data scientist needs no server::

    import canyu
    lake = canyu.open("my.lake")
    lake.scan("events")
    lake.metric("orders", date(2025, 4, 1), date(2025, 4, 30), by=["week"])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from canyu.kit.version import __version__ as __version__

if TYPE_CHECKING:
    from canyu.events import Event, Verb
    from canyu.lake import Lake, open

__all__ = ["Event", "Lake", "Verb", "open"]


def __getattr__(name: str) -> Any:
    """Load the engines when they are first asked for: the command line answers at once without them."""
    if name not in __all__:
        raise AttributeError(f"module 'canyu' has no attribute {name!r}")
    from canyu import events, lake

    return getattr(lake if name in {"Lake", "open"} else events, name)
