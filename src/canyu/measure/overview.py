"""The overview: one period of word of mouth in six figures and seven pictures."""

from __future__ import annotations

from collections.abc import Mapping

from canyu.events import Lake
from canyu.kit.words import Words
from canyu.measure.definitions import NO_SCORES, SIMULATED
from canyu.measure.facts import Reader, gather_facts
from canyu.measure.figure import Overview, OverviewQuery
from canyu.measure.figures import build_figures
from canyu.measure.kept import Kept
from canyu.measure.pictures import build_pictures

# An overview of one data version never changes, so it is computed once per process.
_OVERVIEWS = Kept(256)


def compute_overview(lake: Lake, query: OverviewQuery, labels: Mapping[str, Words] | None = None) -> Overview:
    """Return the overview of a lake as it stands now; equal data give equal digits on every engine.

    ``labels`` name catalogue ids; an id without one is shown as it is. May be called from several threads.
    """
    labels = labels or {}
    reader = Reader(lake)
    key = (reader.identity, tuple(sorted(reader.versions.items())), query, lake.engine.name, _freeze(labels))
    overview: Overview | None = _OVERVIEWS.find(key)
    if overview is None:
        overview = _compute(reader, query, labels)
        _OVERVIEWS.keep(key, overview)
    return overview


def forget_overviews() -> None:
    """Forget every overview kept, so that the next one is computed anew (for measurements)."""
    _OVERVIEWS.clear()


def _compute(reader: Reader, query: OverviewQuery, labels: Mapping[str, Words]) -> Overview:
    facts = gather_facts(reader, query)
    notes = [] if facts.models["scores"] else [NO_SCORES]
    if facts.is_simulated:
        notes.append(SIMULATED)
    figures, pictures = build_figures(facts), build_pictures(facts, labels)
    return Overview(query, figures, pictures, facts.is_simulated, tuple(notes))


def _freeze(labels: Mapping[str, Words]) -> int:
    return hash(frozenset(labels.items()))
