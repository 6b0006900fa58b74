"""May a crisis close: the negative share back within its band of the 28 days before, for 48 hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import sqrt

import numpy as np

from canyu.care.crisis.turning.opinions import HourlyOpinions

BAND_DAYS = 28
LEAST_DAYS = 14
QUIET_H = 48
DAY_H = 24
LEAST_POSTS = 30
"""Of the last 24 hours: the band widens as posts grow few, so that silence would close a crisis."""


class Closing(StrEnum):
    """Whether the rule allows to close."""

    NO_BAND = "no_band"
    NOT_ENOUGH = "not_enough_posts"
    ABOVE = "above"
    SETTLING = "settling"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class CloseReport:
    """Where the negative share of the last 24 hours stands against its band; shares of 1, None where not known.

    ``upper``: the most that 24 hours with as many posts would show in ordinary times (97.5 %); fewer is no hindrance.
    ``hours_within``: for how many hours in a row the last 24 hours lay within.
    """

    state: Closing
    share: float | None
    upper: float | None
    ordinary: float | None
    hours_within: int
    band_days: int
    posts: int
    since: datetime | None


def judge_closing(opinions: HourlyOpinions, began: int, *, quiet_h: int = QUIET_H) -> CloseReport:
    """Return whether the negative share of the topic is back within its 28-day band, and for how long.

    ``began``: the place of the hour in which the crisis began; the band is of the whole days before. Days scatter more
    than posts drawn by lot would: the variance between days is estimated by moments, and the band is where one more day
    with as many posts would lie, by Student's t. Fewer than 14 days with posts make no band.

    Source: R. DerSimonian, N. Laird (1986), Controlled Clinical Trials 7, 177-188 (variance between by moments).
    """
    days = [
        (int(opinions.posts[end - DAY_H : end].sum()), int(opinions.negative[end - DAY_H : end].sum()))
        for end in range(began, max(DAY_H - 1, began - BAND_DAYS * DAY_H), -DAY_H)
    ]
    days = [each for each in days if each[0] > 0]
    posts, share = _read_last_day(opinions, len(opinions.posts))
    if len(days) < LEAST_DAYS:
        return CloseReport(Closing.NO_BAND, share, None, None, 0, len(days), posts, None)
    band = _Band(days)
    within = 0
    for end in range(len(opinions.posts), began, -1):
        last_posts, last_share = _read_last_day(opinions, end)
        if last_share is None or last_share > band.find_upper(last_posts):
            break
        within += 1
    upper = band.find_upper(posts) if share is not None else None
    state = Closing.BACK if within >= quiet_h else Closing.SETTLING if within else Closing.ABOVE
    if share is None:
        state = Closing.NOT_ENOUGH
    since = opinions.tell_time(len(opinions.posts) - within) if within else None
    return CloseReport(state, share, upper, band.share, within, len(days), posts, since)


def _read_last_day(opinions: HourlyOpinions, end: int) -> tuple[int, float | None]:
    hours = slice(max(0, end - DAY_H), end)
    posts = int(opinions.posts[hours].sum())
    return posts, float(opinions.negative[hours].sum()) / posts if posts >= LEAST_POSTS else None


class _Band:
    """What 24 hours of ordinary times show."""

    def __init__(self, days: list[tuple[int, int]]) -> None:
        from scipy.special import stdtrit

        n, k = np.array(days, np.float64).T
        # half a post more of each kind: a topic that nobody scolds has no band of width 0
        pooled = (k.sum() + 0.5) / (n.sum() + 1)
        spread = pooled * (1 - pooled)
        weight = n / spread
        distance = float(weight @ (k / n - k.sum() / n.sum()) ** 2)
        between = (distance - (len(n) - 1)) / float(weight.sum() - (weight**2).sum() / weight.sum())
        self.between = max(0.0, between)
        precision = 1 / (self.between + spread / n)
        self.share = float(precision @ (k / n) / precision.sum())
        self.error = float(1 / precision.sum())
        self.spread = spread
        self.t = float(stdtrit(len(n) - 1, 0.975))

    def find_upper(self, posts: int) -> float:
        return min(1.0, self.share + self.t * sqrt(self.between + self.spread / max(posts, 1) + self.error))
