"""All that an analysis needs of one arm: how many units, and sums, squares and cross products of four measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any, NamedTuple

Number = float | int

MEASURES = "ydxe"
"""y: outcome; d: what it is divided by; x, e: the same two of the time before (for the covariate)."""

PAIRS = tuple("".join(pair) for pair in combinations_with_replacement(MEASURES, 2))


class Rate(NamedTuple):
    """A ratio of means in one arm, the ratio of the time before, and the (co)variances of both estimates."""

    value: float
    before: float
    variance: float
    variance_before: float
    covariance: float
    units: int


@dataclass(frozen=True, slots=True)
class Sums:
    """One arm, added up over its ``units``.

    ``first``: the sums of the four measures; ``cross``: the sums of their products, by ``PAIRS``. Whole numbers stay
    whole, so that variances of large amounts lose no digit. ``is_share``: y is 0 or 1, and its variance that of a
    proportion.
    """

    units: int
    first: tuple[Number, ...]
    cross: tuple[Number, ...]
    is_share: bool = False

    @classmethod
    def of_mean(cls, units: int, total: Number, squares: Number) -> Sums:
        """Return the sums of a plain mean: units, sum and sum of squares."""
        return cls.of_named(units, {"y": total, "yy": squares})

    @classmethod
    def of_share(cls, units: int, count: int) -> Sums:
        """Return the sums of a proportion: so many of so many."""
        return cls.of_named(units, {"y": count, "yy": count}, is_share=True)

    @classmethod
    def of_named(cls, units: int, found: Mapping[str, Any], *, is_share: bool = False) -> Sums:
        """Return the sums that an engine gave by name (``y``, ``xy`` …).

        A denominator that was not asked for is 1 for every unit, a covariate 0.
        """
        whole: dict[str, Number] = {"y": 0, "d": units, "x": 0, "e": units}
        whole |= dict.fromkeys(PAIRS, 0) | {"dd": units, "ee": units, "de": units}
        whole |= {name: value for name, value in found.items() if len(name) <= 2}
        for one, other in (("d", "e"), ("e", "d")):
            if one not in found:  # it is 1 for every unit, so its products are the other's sums
                known = {"y": whole["y"], "x": whole["x"], other: whole[other]}
                whole |= {_pair(one, name): total for name, total in known.items() if _pair(one, name) not in found}
        return cls(units, tuple(whole[name] for name in MEASURES), tuple(whole[pair] for pair in PAIRS), is_share)

    @classmethod
    def of_columns(cls, columns: Mapping[str, Iterable[Number]], *, is_share: bool = False) -> Sums:
        """Return the sums of raw values, one per unit, under the names of ``MEASURES``."""
        rows = {name: list(values) for name, values in columns.items()}
        pairs = [pair for pair in PAIRS if set(pair) <= set(rows)]
        found: dict[str, Number] = {name: sum(values) for name, values in rows.items()}
        for pair in pairs:
            found[pair] = sum(a * b for a, b in zip(rows[pair[0]], rows[pair[1]], strict=True))
        return cls.of_named(len(rows["y"]), found, is_share=is_share)

    def get_mean(self, name: str) -> float:
        """Return the mean of one measure."""
        return self.first[MEASURES.index(name)] / self.units

    def get_covariance(self, one: str, other: str) -> float:
        """Return the sample covariance of two measures over the units; at least two units are needed."""
        a, b = self.first[MEASURES.index(one)], self.first[MEASURES.index(other)]
        scatter = self.units * self.cross[PAIRS.index(_pair(one, other))] - a * b
        freedom = self.units if self.is_share else self.units - 1
        return float(scatter) / self.units / freedom

    def compute_rate(self) -> Rate:
        """Return y per d and x per e with the variances of both by the delta method.

        Source: A. Deng, U. Knoblich, J. Lu (2018), Applying the Delta Method in Metric Analytics, KDD 2018. Where a
        unit is a cluster and d its people, this is the variance of the clusters, not of the people.
        """
        y, d, x, e = (self.get_mean(name) for name in MEASURES)
        value, before = y / d, (x / e if e else 0.0)
        now = {"y": 1 / d, "d": -value / d}
        then = {"x": 1 / e, "e": -before / e} if e else {}
        return Rate(
            value,
            before,
            self._combine(now, now) / self.units,
            self._combine(then, then) / self.units,
            self._combine(now, then) / self.units,
            self.units,
        )

    def _combine(self, one: Mapping[str, float], other: Mapping[str, float]) -> float:
        """Return the covariance of two weighted sums of the measures."""
        return sum(a * b * self.get_covariance(m, n) for m, a in one.items() for n, b in other.items())


def add_sums(parts: Sequence[Sums]) -> Sums:
    """Return the sums of several groups of units together."""
    first = tuple(sum(column) for column in zip(*(part.first for part in parts), strict=True))
    cross = tuple(sum(column) for column in zip(*(part.cross for part in parts), strict=True))
    return Sums(sum(part.units for part in parts), first, cross, parts[0].is_share)


def _pair(one: str, other: str) -> str:
    return "".join(sorted((one, other), key=MEASURES.index))
