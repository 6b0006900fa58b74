"""A simulated market whose truth is known: the demo's world, and the judge of what is measured."""

from canyu.rehearse.plan import MarketPlan
from canyu.rehearse.rehearsal import RehearsalResult, play_parts, rehearse_market
from canyu.rehearse.scene import World
from canyu.rehearse.tables import LABELS_SCHEMA, ORDERS_SCHEMA, Part
from canyu.rehearse.writer import WrittenRehearsal, write_market

__all__ = [
    "LABELS_SCHEMA",
    "ORDERS_SCHEMA",
    "MarketPlan",
    "Part",
    "RehearsalResult",
    "World",
    "WrittenRehearsal",
    "play_parts",
    "rehearse_market",
    "write_market",
]
