"""A number that is assumed or measured, with the ends of its 95 % interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words

NORMAL_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Range:
    """A positive value with a low and a high end: 95 % lies between them, 2.5 % beyond each.

    Raises BadInput unless ``0 < low <= value <= high``, all finite. ``Range.certain(x)`` has no width.
    """

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not (0 < self.low <= self.value <= self.high and math.isfinite(self.high)):
            shown = f"{self.low:g} / {self.value:g} / {self.high:g}"
            raise BadInput(
                Words(f"区间 {shown} 不成立。", f"{shown} is no interval."),
                mend=Words("请给出 0 < 下限 ≤ 数值 ≤ 上限。", "Give 0 < low <= value <= high."),
            )

    @classmethod
    def certain(cls, value: float) -> Range:
        """Return ``value`` without uncertainty."""
        return cls(value, value, value)

    @property
    def is_certain(self) -> bool:
        """Whether the interval has no width."""
        return self.low == self.high

    def draw(self, count: int, random: np.random.Generator) -> NDArray[np.float64]:
        """Return ``count`` draws, (count,): log-normal on either side of ``value``, which is the median."""
        z = random.standard_normal(count)
        below = math.log(self.value / self.low) / NORMAL_95
        above = math.log(self.high / self.value) / NORMAL_95
        return np.asarray(self.value * np.exp(np.where(z < 0, below, above) * z))
