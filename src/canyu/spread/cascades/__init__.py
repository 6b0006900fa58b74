"""Repost cascades: the tree of each post rebuilt with a confidence per edge, and what it tells of who carried it."""

from canyu.spread.cascades.agreement import measure_agreement
from canyu.spread.cascades.fields import REPOST_SCHEMA
from canyu.spread.cascades.from_events import read_reposts
from canyu.spread.cascades.how import CONFIDENCE, How
from canyu.spread.cascades.measures import Measures, measure_cascades
from canyu.spread.cascades.rebuild import Cascades, build_cascades
from canyu.spread.cascades.report import CascadeReport
from canyu.spread.cascades.uncertainty import Intervals, estimate_intervals

__all__ = [
    "CONFIDENCE",
    "REPOST_SCHEMA",
    "CascadeReport",
    "Cascades",
    "How",
    "Intervals",
    "Measures",
    "build_cascades",
    "estimate_intervals",
    "measure_agreement",
    "measure_cascades",
    "read_reposts",
]
