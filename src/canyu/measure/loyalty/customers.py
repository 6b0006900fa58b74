"""Customers as the models of repeat buying see them: how often again, when last, how long known, and how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words

Floats = NDArray[np.float64]
TOLD_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Customers:
    """Columns of equal length; all times in one unit, counted from the first purchase.

    ``repeats``: purchases after the first. ``last``: when the latest of them was, 0 where there is none. ``known``: how
    long the customer has been watched. ``weights``: how many customers a row stands for.
    """

    repeats: Floats
    last: Floats
    known: Floats
    weights: Floats

    @classmethod
    def of_columns(
        cls, repeats: ArrayLike, last: ArrayLike, known: ArrayLike, weights: ArrayLike | None = None
    ) -> Customers:
        """Return customers, equal rows put together. Raises BadInput with row, field and mend of the first problems."""
        columns = np.array([repeats, last, known], np.float64)
        each = np.ones(columns.shape[1]) if weights is None else np.asarray(weights, np.float64)
        _refuse_impossible(columns, each)
        return cls.group(columns, each)[0]

    @classmethod
    def group(cls, columns: Floats, *sums: Floats) -> tuple[Customers, tuple[Floats, ...]]:
        """Put equal columns of (repeats, last, known) together; the first of ``sums`` is how many customers each is.

        Returns them with the other sums added up.
        """
        rows, places = np.unique(columns, axis=1, return_inverse=True)
        added = [np.bincount(places.ravel(), each, rows.shape[1]).astype(np.float64) for each in sums]
        return cls(rows[0], rows[1], rows[2], added[0]), tuple(added[1:])

    @property
    def count(self) -> int:
        """How many customers there are."""
        return int(self.weights.sum())

    @property
    def returned(self) -> int:
        """How many of them bought again."""
        return int(self.weights[self.repeats > 0].sum())


def _refuse_impossible(columns: Floats, weights: Floats) -> None:
    """Tell the rows that no customer can be: 1 is the first."""
    repeats, last, known = columns
    checks: tuple[tuple[str, Any, Words], ...] = (
        ("repeats", ~(repeats >= 0) | (repeats % 1 != 0), Words("应为 0 或正整数", "is 0 or a whole number above")),
        ("known", ~(known > 0) | ~np.isfinite(known), Words("应为正数", "is above 0")),
        ("last", ~(last >= 0) | (last > known), Words("应在 0 与 known 之间", "is between 0 and known")),
        (
            "last",
            (repeats == 0) != (last == 0),
            Words("只有在没有复购时才为 0", "is 0 only where nothing was bought again"),
        ),
        ("weights", ~(weights > 0), Words("应为正数", "is above 0")),
    )
    found = [(int(row) + 1, field, rule) for field, is_bad, rule in checks for row in np.flatnonzero(is_bad)]
    if not found:
        return
    told = sorted(found, key=lambda each: each[0])[:TOLD_AT_ONCE]
    raise BadInput(
        Words(
            f"有 {len(found)} 处不可能的客户数据："
            + "；".join(f"第 {row} 行 {name}{rule.zh}" for row, name, rule in told)
            + "。",
            f"{len(found)} cells cannot be of a customer: "
            + "; ".join(f"row {row}, {name} {rule.en}" for row, name, rule in told)
            + ".",
        ),
        mend=Words("请改正或去掉这些行。", "Mend these rows or leave them out."),
    )
