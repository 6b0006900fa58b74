"""What is read from a cascade at an age: its times, its tree, its author; what is not known is left missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from canyu.spread.kernels.prediction import describe_tree

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
DAY_S = 86_400.0
HOUR_S = 3600.0
UTC8_S = 8 * HOUR_S
LAST_SHARES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75)  # of the age
FIRST_MINUTES = (5, 15, 30, 60)
LAST_MINUTES = (5, 15, 30)
MEMORIES = (0.15, 0.35, 0.7)  # exponents of a reaction's memory, after Zhao et al. 2015 (SEISMIC): 0.24 on Twitter
MEMORY_FLAT_S = 300.0
TREE_NAMES = ("deepest", "mean_depth", "direct_share", "largest_subtree", "largest_share", "hub_age", "recent_direct")
ROOT_NAMES = ("followers", "verified", "text_length")
NAMES: tuple[str, ...] = (
    "age",
    "seen",
    *(f"last_{share}" for share in LAST_SHARES),
    *(f"first_{minutes}" for minutes in FIRST_MINUTES),
    *(f"end_{minutes}" for minutes in LAST_MINUTES),
    "late_to_early",
    "first_gap",
    "fifth",
    "tenth",
    "since_last",
    "since_tenth_last",
    "middle",
    "mean",
    "deviation",
    "longest_gap",
    "middle_gap",
    "hour_sine",
    "hour_cosine",
    "weekend",
    "awake_ahead",
    "awake_soon",
    *(f"memory_{power}" for power in MEMORIES),
    *(f"pull_{power}" for power in MEMORIES),
    "awake_memory",
    "peak_at",
    "peak_height",
    *TREE_NAMES,
    *ROOT_NAMES,
)


@dataclass(frozen=True)
class Root:
    """The post that began a cascade: its aware time, and what is known of it and of its author.

    ``id`` is needed only where reactions name it as their parent; ``text_length`` is in characters.
    """

    time: datetime
    followers: int | None = None
    verified: bool | None = None
    text_length: int | None = None
    id: str = ""


def compute_features(times: Numbers, parents: Whole | None, root: Root, age_s: float, hours: Numbers) -> Numbers:
    """Return the features of one cascade, in the order of ``NAMES``.

    ``times``: seconds since the post, ascending, all at most ``age_s``, at least one; ``parents``: for each the row
    of what it answers, -1 for the post, None where nobody knows; ``hours``: the share of a day's reactions in each
    hour of UTC+8. Counts and durations are logarithms of base 2.
    """
    begun = (root.time.timestamp() + UTC8_S) % DAY_S
    return np.concatenate(
        [
            describe_times(times, age_s),
            describe_clock(begun + age_s, root, age_s, hours),
            describe_memory(times, age_s, begun, hours),
            describe_peak(times, age_s),
            describe_shape(times, parents, age_s),
            describe_root(root),
        ]
    )


def describe_times(times: Numbers, age_s: float) -> Numbers:
    """Return counts by share of the age and by minutes, gaps and moments."""
    count = len(times)
    gaps = np.diff(times) if count > 1 else np.array([age_s])
    back = age_s - times
    ahead = np.searchsorted(times, [60.0 * m for m in FIRST_MINUTES if 60.0 * m <= age_s], side="right")
    first = np.full(len(FIRST_MINUTES), np.nan)
    first[: len(ahead)] = ahead
    half = int(np.searchsorted(times, age_s / 2, side="right"))
    return np.concatenate(
        [
            [np.log2(age_s / 3600), np.log2(1 + count)],
            np.log2(1 + count - np.searchsorted(times, [age_s * (1 - share) for share in LAST_SHARES], side="right")),
            np.log2(1 + first),
            np.log2(1 + count - np.searchsorted(times, [age_s - 60.0 * m for m in LAST_MINUTES], side="right")),
            [np.log2((1 + count - half) / (1 + half))],
            np.log2(1 + times[np.minimum([0, 4, 9], count - 1)]),
            np.log2(1 + back[np.maximum([count - 1, count - 10], 0)]),
            [np.median(times) / age_s, np.mean(times) / age_s, np.std(times) / age_s],
            [np.max(gaps) / age_s, np.log2(1 + np.median(gaps))],
        ]
    )


def describe_clock(now: float, root: Root, age_s: float, hours: Numbers) -> Numbers:
    """Return the hour of the day and how awake the rest of the first day, and the next two hours, will be."""
    turn = 2 * np.pi * now / DAY_S
    weekday = int((root.time.timestamp() + UTC8_S + age_s) // DAY_S + 3) % 7  # 1970-01-01 was a Thursday
    ahead = measure_awake(now, max(DAY_S - age_s, 0.0), hours)
    soon = measure_awake(now, 7200.0, hours)
    return np.array([np.sin(turn), np.cos(turn), float(weekday >= 5), np.log2(ahead + 0.01), np.log2(soon + 0.01)])


def measure_awake(now: float, span_s: float, hours: Numbers) -> float:
    """Return the share of a day's reactions that falls into the ``span_s`` after ``now`` (seconds of the day)."""
    edges = np.append(0.0, np.cumsum(hours))
    places = np.array([now, now + span_s]) / 3600.0
    turned, inside = np.divmod(places, 24.0)
    begin, end = np.interp(inside, np.arange(25.0), edges) + turned
    return float(end - begin)


def describe_memory(times: Numbers, age_s: float, begun: float, hours: Numbers) -> Numbers:
    """Return what a self-exciting process with a power-law memory has still to give, and how strongly it pulls.

    Memory of a reaction: flat for five minutes, then falling with the power 1 + theta (Zhao et al. 2015). ``memory``
    is the log of what all seen reactions still hold for the first day, ``pull`` the log of reactions seen per memory
    spent; ``awake_memory`` weighs the middle one by the hours of the day.
    """
    since = np.append(age_s, age_s - times)  # the post itself counts as the first
    held, pulls, awake = [], [], 0.0
    for power in MEMORIES:
        spent = spend_memory(since, power)
        held.append(np.log2(1e-3 + np.sum(spend_memory(since + max(DAY_S - age_s, 0.0), power) - spent)))
        pulls.append(np.log2((1 + len(times)) / (1e-2 + np.sum(spent))))
    steps = np.linspace(0.0, max(DAY_S - age_s, 1.0), 25)
    spans = [np.sum(spend_memory(since + step, MEMORIES[1])) for step in steps]
    edges = np.append(0.0, np.cumsum(hours))
    rates = np.diff(np.interp((((begun + age_s + steps) / 3600.0) % 24.0), np.arange(25.0), edges)) % 1.0
    awake = float(np.sum(np.diff(spans) * rates * 24.0))
    return np.array([*held, *pulls, np.log2(1e-3 + awake)])


def describe_peak(times: Numbers, age_s: float) -> Numbers:
    """Return where in the age the busiest hour seen lies, and the share of the reactions in it."""
    middle, height = find_peak(times)
    return np.array([min(middle, age_s) / age_s, height / len(times)])


def find_peak(times: Numbers) -> tuple[float, int]:
    """Return the middle of the busiest hour, in seconds since the post, and its reactions; the earliest of equals.

    An hour is counted from each reaction on; ``times`` ascend.
    """
    counts = np.searchsorted(times, times + HOUR_S, side="left") - np.arange(len(times))
    best = int(np.argmax(counts))
    return float(times[best] + HOUR_S / 2), int(counts[best])


def spend_memory(since: Numbers, power: float) -> Numbers:
    """Return the share of a reaction's memory spent ``since`` seconds after it."""
    whole = MEMORY_FLAT_S * (1 + 1 / power)
    flat = np.minimum(since, MEMORY_FLAT_S)
    tail = MEMORY_FLAT_S / power * (1 - (np.maximum(since, MEMORY_FLAT_S) / MEMORY_FLAT_S) ** -power)
    return np.asarray((flat + tail) / whole)


def describe_shape(times: Numbers, parents: Whole | None, age_s: float) -> Numbers:
    """Return depth, share of direct reposts, the largest subtree and its age; missing where no parent is known."""
    if parents is None:
        return np.full(len(TREE_NAMES), np.nan)
    depths, sizes = describe_tree(parents)
    hub = int(np.argmax(sizes))
    late = times >= 0.75 * age_s
    direct = depths == 1
    return np.array(
        [
            np.log2(np.max(depths)),
            np.mean(depths),
            np.mean(direct),
            np.log2(sizes[hub]),
            sizes[hub] / len(times),
            np.log2(1 + age_s - times[hub]),
            np.mean(direct[late]) if late.any() else np.nan,
        ]
    )


def describe_root(root: Root) -> Numbers:
    """Return the logs of followers and text length, and verification; missing where not known."""
    return np.array(
        [
            np.nan if root.followers is None else np.log2(1 + max(root.followers, 0)),
            np.nan if root.verified is None else float(root.verified),
            np.nan if root.text_length is None else np.log2(1 + max(root.text_length, 0)),
        ]
    )
