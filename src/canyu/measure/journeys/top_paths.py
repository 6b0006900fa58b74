"""The paths that ended in most conversions, as people read them: touches in order, counts, shares with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from canyu.events import Lake
from canyu.kit.words import Words
from canyu.measure.estimate import Estimate
from canyu.measure.figure import Proof
from canyu.measure.intervals import compute_share_interval
from canyu.measure.journeys.paths import JourneyQuery, collect_journeys

MOST_PATHS = 20
WILSON = Words("Wilson 95% 区间", "Wilson's 95 % interval")


@dataclass(frozen=True, slots=True)
class TopPath:
    """One path: the conversions that ended it, as a share of all with a touch, and of all journeys that took it.

    ``value`` is in minor units; ``lost`` are the people who took it and did not convert.
    """

    touches: tuple[str, ...]
    conversions: int
    lost: int
    value: int
    share: Estimate
    rate: Estimate


@dataclass(frozen=True, slots=True)
class TopPaths:
    """The paths of most conversions, and what stands beside them; ``others`` are paths that are not listed."""

    query: JourneyQuery
    conversions: int
    untouched: int
    repeated: int
    currency: str
    paths: tuple[TopPath, ...]
    others: int
    notes: tuple[Words, ...]
    proof: Proof
    is_simulated: bool


def find_top_paths(lake: Lake, query: JourneyQuery, most: int = MOST_PATHS) -> TopPaths:
    """Return the paths of most conversions, as the lake stands now. Raises BadInput as ``collect_journeys``."""
    found = collect_journeys(lake, query)
    journeys = found.journeys
    counts: dict[tuple[str, ...], list[float]] = {}
    for path in range(len(journeys.conversions)):
        codes = journeys.codes[journeys.offsets[path] : journeys.offsets[path + 1]]
        row = counts.setdefault(tuple(journeys.names[code] for code in codes), [0.0, 0.0, 0.0])
        for place, amounts in enumerate((journeys.conversions, journeys.lost, journeys.value)):
            row[place] += float(amounts[path])
    won = {touches: row for touches, row in counts.items() if row[0]}
    chosen = sorted(won.items(), key=lambda item: (-item[1][0], item[0]))[:most]
    touched = round(float(np.sum(journeys.conversions)))
    return TopPaths(
        query,
        found.conversions,
        found.untouched,
        found.repeated,
        found.currency,
        tuple(_make_path(touches, row, touched) for touches, row in chosen),
        len(won) - len(chosen),
        found.notes,
        found.proof,
        found.is_simulated,
    )


def _make_path(touches: tuple[str, ...], row: list[float], whole: int) -> TopPath:
    conversions, lost, value = (round(amount) for amount in row)
    return TopPath(
        touches, conversions, lost, value, _share(conversions, whole), _share(conversions, conversions + lost)
    )


def _share(part: int, whole: int) -> Estimate:
    low, high = compute_share_interval(part, whole)
    return Estimate(part / whole, low, high, None, WILSON)
