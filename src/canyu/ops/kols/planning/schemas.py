"""What crosses the border of planning: what is asked, who can be had, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.words import Words
from canyu.spread.reach import Range

Floats = NDArray[np.float64]


class Goal(StrEnum):
    """What a plan is after."""

    MOST = "most"
    REACH = "reach"


class Sort(StrEnum):
    """The orders of the accounts that are not in the plan."""

    VALUE = "value"
    ADDS = "adds"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class Quota:
    """How many accounts with a value in a column: at least, at most; None for no limit."""

    column: str
    value: str
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class PlanQuery:
    """What the page is asked for, all of it in the address.

    ``target`` people, for the goal ``reach``; ``budget_minor`` in minor units of ``currency``, 0 for none; ``kind`` of
    post; ``hours`` that reach is counted in. ``chosen``, ``must``, ``never``: accounts by their key in the roster;
    ``must`` are among the chosen. ``is_tired``: accounts used in the last 30 days count
    for less. ``people``: how many the audience is, where the viewer says so; ``seen``: which
    per cent of the followers see a post, used where there is no graph. ``was``: the chosen before the last step, None
    where there was none. ``plan``: the saved plan that is being changed, and the ``version`` of it that was opened.
    """

    goal: Goal = Goal.MOST
    target: int = 0
    budget_minor: int = 0
    currency: str = "CNY"
    kind: str = "post"
    hours: int = 72
    platform: str = ""
    market: str = ""
    topic: str = ""
    quotas: tuple[Quota, ...] = ()
    chosen: tuple[int, ...] = ()
    must: tuple[int, ...] = ()
    never: tuple[int, ...] = ()
    people: Range | None = None
    is_tired: bool = False
    seen: Range = field(default_factory=lambda: Range(10.0, 5.0, 20.0))
    text: str = ""
    sort: Sort = Sort.VALUE
    was: tuple[int, ...] | None = None
    plan: int = 0
    version: int = 0


@dataclass(frozen=True)
class Roster:
    """The accounts that can be had, ``PLAN_SCHEMA``, when they were read, and the place of each in the table by key."""

    table: pa.Table
    read_at: datetime
    places: dict[int, int]

    @cached_property
    def keys(self) -> list[int]:
        """The key of each row."""
        found: list[int] = self.table["account"].to_pylist()
        return found

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """Each row by column, for those that are shown."""
        found: list[dict[str, Any]] = self.table.to_pylist()
        return found

    @cached_property
    def markets(self) -> list[list[str]]:
        """The markets of each row, the first one first; empty where none is stated."""
        found: list[list[str]] = self.table["markets"].to_pylist()
        return found

    @cached_property
    def costs(self) -> NDArray[np.int64]:
        """What each row costs, int64, (accounts,)."""
        found: NDArray[np.int64] = self.table["cost"].to_numpy().astype(np.int64)
        return found


@dataclass(frozen=True, slots=True)
class Answer:
    """What the chosen reach, in people; one entry per row of the roster in ``gains``, per chosen account elsewhere.

    ``reach`` with ``low`` and ``high``: the 95 % interval of chance and of the audience's size together. ``adds``: what
    none before it reaches; ``so_far`` with its ends: what those up to it reach; ``alone``, ``unique`` with their ends;
    ``shared``: the share of ``alone`` that others reach too. ``gains``: NaN where nothing is known of the account.
    ``swaps``: for each chosen account the row of the roster that would best take its place, -1 for none, with the
    change.
    ``samples``: reverse-reachable sets, 0 where it is counted from followers. ``reached_share``: of the audience.
    """

    reach: float
    low: float
    high: float
    people: Range
    reached_share: float
    adds: Floats
    so_far: Floats
    so_far_low: Floats
    so_far_high: Floats
    alone: Floats
    alone_low: Floats
    alone_high: Floats
    unique: Floats
    unique_low: Floats
    unique_high: Floats
    shared: Floats
    gains: Floats
    swaps: NDArray[np.int64]
    swap_changes: Floats
    samples: int
    least_share: float
    """What the chosen reach at least, as a share, but for the chance that the certificate names; 0 without a graph."""


@dataclass(frozen=True, slots=True)
class Best:
    """The engine's own choice within limits: keys in order, and what any choice could reach at most.

    ``most_share``: of the audience, but for ``delta``. ``samples``: sets that it was chosen and judged on.
    """

    keys: tuple[int, ...]
    most_share: float
    delta: float
    samples: tuple[int, int]
    seconds: float


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that a plan as it stands does not keep to: the field it belongs to, what it is, and the mend."""

    field: str
    what: Words
    mend: Words


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan as somebody wants it kept: its name, what was asked, and what was answered, as JSON."""

    query: PlanQuery
    name: str
    campaign: str
    result: dict[str, object]
