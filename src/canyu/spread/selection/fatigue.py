"""Accounts used before: how far a repeat works."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.spread.selection.accounts import read_numbers
from canyu.spread.selection.seeds import refuse


@dataclass(frozen=True, slots=True)
class Fatigue:
    """How an account's earlier paid posts weigh on its next one: a stated rule, not a measured law.

    A post works at all with probability ``(1 - depth * 2 ** (-last_used_h / half_life_h)) ** uses``. ``depth``: what a
    post loses right after another, 0 to 1; it loses half of that after ``half_life_h`` hours, and so on.
    """

    half_life_h: float = 336.0
    depth: float = 0.5


def compute_keeps(accounts: pa.Table, fatigue: Fatigue) -> NDArray[np.float64]:
    """Return the probability that each account's post works, 0 to 1, (accounts,).

    Columns: ``last_used_h``: hours since its last paid post, empty for never; ``uses``: how many such posts count, 1
    where the hours are given and 0 elsewhere; where it stands without hours they are 0. Raises BadInput where a number
    is below 0 or none, or the rule's own are out of their range.

    >>> accounts = pa.table({"id": ["a", "b", "c"], "last_used_h": [336.0, None, 0.0], "uses": [1, 0, 2]})
    >>> compute_keeps(accounts, Fatigue()).tolist()
    [0.75, 1.0, 0.25]
    """
    if not 0.0 < fatigue.half_life_h < np.inf:
        raise refuse("half_life_h", fatigue.half_life_h, "half_life_h > 0")
    if not 0.0 <= fatigue.depth <= 1.0:
        raise refuse("depth", fatigue.depth, "0 <= depth <= 1")
    ages, uses = read_numbers(accounts, "last_used_h"), read_numbers(accounts, "uses")
    uses = np.where(np.isnan(uses), (~np.isnan(ages)).astype(np.float64), uses)
    ages = np.where(np.isnan(ages), 0.0, ages)
    keeps: NDArray[np.float64] = (1.0 - fatigue.depth * np.exp2(-ages / fatigue.half_life_h)) ** uses
    return keeps
