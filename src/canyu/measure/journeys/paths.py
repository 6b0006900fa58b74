"""Journeys: the touches before each conversion in their order, as distinct paths with counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events import Lake
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure import definitions as say
from canyu.measure.facts import Answer
from canyu.measure.figure import OverviewQuery, Proof
from canyu.measure.journeys.asking import Ground, find_ground
from canyu.measure.journeys.path_expressions import (
    JourneyPlan,
    count_conversions,
    count_lost_paths,
    count_paths,
    count_returned,
)
from canyu.measure.journeys.steps import Step, check_field

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

TOUCHES = Step(("view", "click", "scan", "share", "visit", "join"))
ORDERS = Step(("order",))
LONGEST_LOOKBACK = timedelta(days=366)
RETURNED = Words(
    "{n} 笔转化后来退过款，仍计入：功劳归于下单，退款不冲减。",
    "{n} conversions were given back later, in part or whole, and count all the same: credit is for the order.",
)


@dataclass(frozen=True, slots=True)
class JourneyQuery:
    """Which conversions of a period, and which touches up to ``lookback`` before them, named after the field ``by``."""

    start: date
    end: date
    touch: Step = TOUCHES
    conversion: Step = ORDERS
    lookback: timedelta = timedelta(days=30)
    by: str = "channel"
    zone: str = "Asia/Shanghai"
    market: str = ""


@dataclass(frozen=True, slots=True)
class Journeys:
    """Distinct paths as arrays: path ``p`` is ``codes[offsets[p]:offsets[p + 1]]``, each code a place in ``names``.

    ``conversions`` and ``value`` are those that ended with the path, ``lost`` the journeys with it that ended in none.
    """

    names: tuple[str, ...]
    codes: Ints
    offsets: Ints
    conversions: Floats
    value: Floats
    lost: Floats

    @property
    def lengths(self) -> Ints:
        """Touches of each path."""
        return np.diff(self.offsets)

    @property
    def paths(self) -> Ints:
        """The path that each touch is of."""
        return np.repeat(np.arange(len(self.conversions)), self.lengths)


@dataclass(frozen=True, slots=True)
class Collected:
    """The journeys of a query, and what stands beside them.

    ``untouched``: conversions without any touch within the look-back: nobody's credit. ``repeated``: conversions told
    more than once, counted once. ``value`` is in minor units of ``currency``, the one of most conversions.
    """

    query: JourneyQuery
    journeys: Journeys
    conversions: int
    untouched: int
    repeated: int
    currency: str
    ground: Ground
    notes: tuple[Words, ...]
    proof: Proof
    is_simulated: bool
    plan: JourneyPlan = field(repr=False)


def make_journeys(
    paths: Sequence[Sequence[str]],
    conversions: Sequence[float],
    value: Sequence[float] | None = None,
    lost: Sequence[float] | None = None,
) -> Journeys:
    """Return journeys from lists, such as another tool's export. Raises BadInput for a negative or missing number.

    >>> make_journeys([["a", "b"], ["b"]], [1, 2]).names
    ('a', 'b')
    """
    rows = len(paths)
    numbers = [
        np.array(given, np.float64) if given is not None else np.zeros(rows) for given in (conversions, value, lost)
    ]
    if any(len(each) != rows or not np.isfinite(each).all() or (each < 0).any() for each in numbers):
        raise BadInput(
            Words("每条路径需要一个不小于 0 的数。", "Each path needs a number that is not below 0."),
            mend=Words("请补上缺失的数，去掉负数。", "Fill in what is missing and take out what is negative."),
        )
    lists = pa.array([list(path) for path in paths], pa.list_(pa.string()))
    return _build(lists, numbers[0], numbers[1], numbers[2])


def collect_journeys(lake: Lake, query: JourneyQuery) -> Collected:
    """Return the journeys that end in the period, as the lake stands now. Raises BadInput for an empty look-back."""
    ground, plan = prepare_journeys(lake, query)
    ask = ground.reader.ask
    won = ask(count_paths, "events", ground.scope, plan)
    lost = ask(count_lost_paths, "events", ground.scope, plan)
    told = ask(count_conversions, "events", ground.scope, plan).table.to_pylist()
    returned = ask(count_returned, "events", ground.scope, plan).table["returned"][0].as_py()
    currency = max(told, key=lambda row: row["conversions"])["currency"] if told else ""
    conversions = sum(row["conversions"] for row in told)
    touched = pc.sum(won.table["conversions"]).as_py() or 0
    repeated = sum(row["repeated"] for row in told)
    notes = (
        *ground.notes,
        *_tell(told, conversions - touched, lost),
        *([RETURNED.fill(n=returned)] if returned else ()),
    )
    return Collected(
        query,
        _join(won, lost, currency),
        conversions,
        conversions - touched,
        repeated,
        currency,
        ground,
        notes,
        _prove(ground, query, won, conversions),
        ground.reader.is_simulated(),
        plan,
    )


def prepare_journeys(lake: Lake, query: JourneyQuery) -> tuple[Ground, JourneyPlan]:
    """Return what a question about journeys stands on, and its plan."""
    if not timedelta(0) < query.lookback <= LONGEST_LOOKBACK:
        raise BadInput(
            Words("回溯期须在 1 秒至 366 天之间。", "The look-back is 1 second to 366 days long."),
            mend=Words("请改用如 30d 的回溯期。", "Use one such as 30d."),
        )
    check_field(query.by)
    ground = find_ground(lake, OverviewQuery(query.start, query.end, query.zone, market=query.market))
    lookback_s = int(query.lookback.total_seconds())
    return ground, JourneyPlan(query.touch, query.conversion, lookback_s, query.by, ground.horizon_micros)


def _join(won: Answer, lost: Answer, currency: str) -> Journeys:
    """Put the two kinds of paths one after the other, in an order of their own: the engines give none."""
    left, right = won.table, lost.table
    lists = pa.concat_arrays([*left["path"].chunks, *right["path"].chunks, pa.array([], left["path"].type)])
    is_main = pc.equal(left["currency"], currency).to_numpy()
    none_left, none_right = np.zeros(left.num_rows), np.zeros(right.num_rows)
    conversions = np.concatenate([left["conversions"].to_numpy().astype(np.float64), none_right])
    value = np.concatenate([np.where(is_main, left["value"].to_numpy(), 0).astype(np.float64), none_right])
    people = np.concatenate([none_left, right["people"].to_numpy().astype(np.float64)])
    keys = pa.table({"path": pc.binary_join(lists, "\x1f"), "won": conversions, "value": value, "people": people})
    order = pc.sort_indices(keys, [(name, "ascending") for name in keys.column_names])
    places = order.to_numpy()
    return _build(lists.take(order), conversions[places], value[places], people[places])


def _build(lists: pa.ListArray, conversions: Floats, value: Floats, lost: Floats) -> Journeys:
    touches = lists.flatten().dictionary_encode()
    given = touches.dictionary.to_pylist()
    names = tuple(sorted(given))
    place = np.array([names.index(name) for name in given], np.int64)
    codes = place[touches.indices.to_numpy()] if given else np.zeros(0, np.int64)
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy().astype(np.int64)
    return Journeys(names, codes, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), conversions, value, lost)


def _tell(told: list[dict[str, object]], untouched: int, lost: Answer) -> tuple[Words, ...]:
    notes = []
    if not told:
        notes.append(Words("期间内没有转化。", "There is no conversion in the period."))
    if untouched:
        notes.append(
            Words(
                f"{untouched} 笔转化在回溯期内没有任何已知触点，不归功于任何渠道；暗社交（私聊、口耳相传）多在其中。",
                f"{untouched} conversions have no known touch within the look-back and are nobody's credit; dark "
                "social (chats, talk) is mostly among them.",
            )
        )
    still_open = pc.sum(lost.table["still_open"]).as_py() or 0
    if still_open:
        notes.append(
            Words(
                f"{still_open} 条未转化的路径还没到期，之后可能转化。",
                f"{still_open} journeys without a conversion may still end in one: their time is not over.",
            )
        )
    if len(told) > 1:
        names = "、".join(sorted(str(row["currency"]) or "—" for row in told))
        notes.append(
            Words(
                f"有多种货币（{names}），金额只计最多的一种。",
                f"Several currencies ({names}): value counts one of them.",
            )
        )
    return tuple(notes)


def _prove(ground: Ground, query: JourneyQuery, answer: Answer, rows: int) -> Proof:
    days = query.lookback.total_seconds() / 86_400
    touch, conversion = query.touch.name, query.conversion.name
    definition = Words(
        f"期间内每笔 {conversion} 之前 {days:g} 天内同一人的触点（{touch}），按时间与标识排序，以 {query.by} 命名。"
        "一个触点可先后计入同一人的几笔转化；同一 order_id 只算一笔。",
        f"The touches ({touch}) of the same person in the {days:g} days before each {conversion} of the period, in the "
        f"order of time and id, named after their {query.by}. A touch may count for several conversions of its person; "
        "conversions with one order_id are one.",
    )
    engine = ground.reader.lake.engine.name
    return Proof(definition, answer.sql, answer.versions, rows, engine, (say.CAVEAT_COLLECTED,))
