"""Reach without a graph: impressions that fall on anybody of an assumed audience alike. An assumption, named as one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from canyu.ops.kols.planning.schemas import Answer, Floats
from canyu.spread.reach import Range, estimate_unique

DEFAULT_PEOPLE = Range(600e6, 300e6, 1000e6)
"""Adults on social platforms in one large market; a page says that it is assumed and lets the viewer change it."""
MOST_DRAWN = 200  # rows whose ends are drawn each for itself
DRAWS = 2_000  # per row; the reach of the whole takes the engine's 20,000


def estimate_plain(followers: Floats, chosen: NDArray[np.int64], people: Range, seen: Range, costs: Floats) -> Answer:
    """Return what accounts reach if each follower sees a post with a chance, and posts fall on the audience at random.

    ``followers``, ``costs``: of each account, NaN followers where unknown, float64, (accounts,). ``chosen``: rows, in
    order. ``people``: the audience; ``seen``: per cent of the followers who see a post. ``N (1 - exp(-I / N))``.
    """
    shown = np.nan_to_num(followers) * (seen.value / 100.0)
    own = shown[chosen]
    so_far = np.cumsum(own)
    total = float(so_far[-1]) if len(chosen) else 0.0
    whole = _estimate(total, people, seen, None)
    reached = _reach(so_far, people.value)
    adds = np.diff(np.concatenate([[0.0], reached]))
    left = np.exp(-total / people.value)
    unique = people.value * left * np.expm1(own / people.value)
    alone = _reach(own, people.value)
    gains = people.value * left * -np.expm1(-shown / people.value)
    gains[chosen] = 0.0
    prefix, each = _estimate_many(so_far, people, seen), _estimate_many(own, people, seen)
    ratio = np.divide(unique, alone, out=np.ones(len(own)), where=alone > 0)
    swaps, changes = _find_swaps(shown, chosen, costs, (total, people.value))
    return Answer(
        reach=whole[0],
        low=whole[1],
        high=whole[2],
        people=people,
        reached_share=whole[0] / people.value,
        adds=adds,
        so_far=reached,
        so_far_low=prefix[:, 1],
        so_far_high=prefix[:, 2],
        alone=alone,
        alone_low=each[:, 1],
        alone_high=each[:, 2],
        unique=unique,
        unique_low=each[:, 1] * ratio,
        unique_high=each[:, 2] * ratio,
        shared=1.0 - ratio,
        gains=np.where(np.isnan(followers), np.nan, gains),
        swaps=swaps,
        swap_changes=changes,
        samples=0,
        least_share=0.0,
    )


def estimate_together(followers: Floats, people: Range, seen: Range) -> tuple[float, float, float]:
    """Return what accounts with so many followers reach together, with the ends; see ``estimate_plain``."""
    return _estimate(float(np.nan_to_num(followers).sum()) * seen.value / 100.0, people, seen, None)


def _estimate_many(shown: Floats, people: Range, seen: Range) -> Floats:
    """Return value and ends of each, (n, 3); of very many the ends are read between some: they rise evenly."""
    asked = shown if len(shown) <= MOST_DRAWN else np.quantile(shown, np.linspace(0.0, 1.0, MOST_DRAWN))
    found = np.array([_estimate(one, people, seen, DRAWS) for one in asked.tolist()]).reshape(-1, 3)
    if len(asked) == len(shown):
        return found
    return np.column_stack([np.interp(shown, asked, found[:, column]) for column in range(3)])


def _estimate(shown: float, people: Range, seen: Range, draws: int | None) -> tuple[float, float, float]:
    if shown <= 0.0:
        return 0.0, 0.0, 0.0
    base = shown / seen.value
    impressions = Range(shown, base * seen.low, base * seen.high)
    found = estimate_unique(impressions, people) if draws is None else estimate_unique(impressions, people, draws=draws)
    return found.value, found.low, found.high


def _reach(shown: Floats, people: float) -> Floats:
    return np.asarray(-people * np.expm1(-shown / people), np.float64)


def _find_swaps(
    shown: Floats, chosen: NDArray[np.int64], costs: Floats, whole: tuple[float, float]
) -> tuple[NDArray[np.int64], Floats]:
    """Return for each chosen the row outside, no dearer, that is shown most, and how the reach would change."""
    total, people = whole
    outside = np.ones(len(shown), bool)
    outside[chosen] = False
    swaps, changes = np.full(len(chosen), -1, np.int64), np.zeros(len(chosen))
    before = -people * np.expm1(-total / people)
    for place, row in enumerate(chosen.tolist()):
        rows = np.flatnonzero(outside & (costs <= costs[row]) & (shown > 0))
        if len(rows):
            best = int(rows[int(np.argmax(shown[rows]))])
            swaps[place] = best
            changes[place] = -people * np.expm1(-(total - shown[row] + shown[best]) / people) - before
    return swaps, changes
