"""What one rehearsal is asked to be: which year, how large, from which seed."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.rehearse.seasons import list_known_years

SMALLEST_SCALE = 1e-5
CAMPAIGN_OVERSAMPLE = 100.0
EVENTS_PER_PART = 1_500_000  # about 0.7 GB at work; a month with more is cut into spans of days


@dataclass(frozen=True, slots=True)
class MarketPlan:
    """One rehearsal: equal plans give equal bytes. Raises BadInput where a number cannot be used.

    ``scale`` 1.0 is the whole market, about a billion events a year; 0.001 about a million.

    >>> MarketPlan(year=2025, scale=0.001, seed=7).campaign_share
    0.1
    """

    year: int = 2025
    scale: float = 0.001
    seed: int = 7

    def __post_init__(self) -> None:
        years = list_known_years()
        if self.year not in years:
            raise BadInput(
                Words(f"不知道 {self.year} 年的节日。", f"The festivals of the year {self.year} are not known."),
                mend=Words(
                    f"请选择 {years[0]} 至 {years[-1]} 年之间的一年。", f"Choose a year from {years[0]} to {years[-1]}."
                ),
            )
        if not math.isfinite(self.scale) or not SMALLEST_SCALE <= self.scale <= 1:
            raise BadInput(
                Words(f"规模 {self.scale:g} 不能使用。", f"The scale {self.scale:g} cannot be used."),
                mend=Words(
                    f"请选择 {SMALLEST_SCALE:g}（约一万个事件）到 1（约十亿个）之间的数。",
                    f"Choose a number from {SMALLEST_SCALE:g} (about 10,000 events) to 1 (about a billion).",
                ),
            )
        if not 0 <= self.seed < 2**63:
            raise BadInput(
                Words(f"种子 {self.seed} 不能使用。", f"The seed {self.seed} cannot be used."),
                mend=Words("请选择 0 到 2^63 - 1 之间的整数。", "Choose a whole number from 0 to 2^63 - 1."),
            )

    @property
    def campaign_share(self) -> float:
        """The share of each campaign's whole size that is planted: larger than ``scale``, so effects can be seen."""
        return min(1.0, CAMPAIGN_OVERSAMPLE * self.scale)

    @property
    def parts_per_month(self) -> int:
        """Into how many spans of days a month is cut, so that memory stays bounded at any scale."""
        return min(28, max(1, math.ceil(self.scale * 1e9 / 12 / EVENTS_PER_PART)))

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that begin the id of each event: two rehearsals never share an id."""
        named = f"canyu.rehearse\x1f{self.year}\x1f{self.scale!r}\x1f{self.seed}"
        return hashlib.blake2b(named.encode(), digest_size=8).hexdigest()

    def count_of_campaign(self, whole: float, *, least: int = 1) -> int:
        """Return how many of a campaign's ``whole`` are planted (at least ``least``)."""
        return max(least, round(whole * self.campaign_share))
