"""The steps of complaints in a lake: until the first reply, and from it to the solution."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.care.opening import count_us
from canyu.care.steps.table import NOT_ENDED, Ints, Spans, StepKind
from canyu.events.simulated import mark_simulated
from canyu.events.vocabulary import Verb
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

if TYPE_CHECKING:
    from canyu.events import Lake

FIRST_RESPONSE = "first response"
SOLUTION = "solution"
KINDS = {FIRST_RESPONSE: StepKind.WAITING, SOLUTION: StepKind.WORK}


def read_complaints(lake: Lake, start: datetime, end: datetime) -> tuple[Spans, bool]:
    """Return the steps of the complaints of a period (aware, the end not in it), and whether some were rehearsed.

    Replies and solutions are those whose parent is the complaint, whenever they came; one that came before it is not
    counted. Raises BadInput where there is no complaint.
    """
    events = lake.scan()
    complaints = events.filter(events.type == str(Verb.COMPLAIN), events.time >= start, events.time < end)
    complaints = complaints.select("id", "time", simulated=mark_simulated(complaints))
    answers = events.filter(events.type.isin([str(Verb.REPLY), str(Verb.RESOLVE)]), events.parent.notnull())
    answers = answers.select(root="parent", type="type", at="time")
    joined = complaints.left_join(answers, (complaints.id == answers.root) & (answers["at"] >= complaints.time))
    first = joined.group_by("id", "time", "simulated").aggregate(
        answered=joined["at"].min(where=joined.type == str(Verb.REPLY)),
        solved=joined["at"].min(where=joined.type == str(Verb.RESOLVE)),
    )
    found = first.order_by("id").to_pyarrow()
    if not len(found):
        raise BadInput(
            Words("这段时间里没有投诉。", "There is no complaint in these days."),
            mend=Words("请放宽日期。", "Widen the days."),
        )
    opened, answered, solved = (_read(found[name]) for name in ("time", "answered", "solved"))
    # solved without a reply before: the solution was the reply
    is_late = (solved != NOT_ENDED) & ((answered == NOT_ENDED) | (answered > solved))
    answered = np.where(is_late, solved, answered)
    is_answered = answered != NOT_ENDED
    case = np.arange(len(opened))
    spans = Spans(
        tuple(found["id"].to_pylist()),
        (FIRST_RESPONSE, SOLUTION),
        np.concatenate((case, case[is_answered])),
        np.repeat(np.arange(2), (len(case), int(is_answered.sum()))),
        np.concatenate((opened, answered[is_answered])),
        np.concatenate((answered, solved[is_answered])),
        solved,
    )
    return spans, bool(pc.any(found["simulated"]).as_py())


def find_last_time(lake: Lake) -> int:
    """Return the latest time of a lake's events in microseconds: the moment until which open cases were seen."""
    latest = lake.scan().time.max().to_pyarrow().as_py()
    if latest is None:
        raise BadInput(
            Words("数据湖是空的。", "The lake is empty."), mend=Words("请先导入数据。", "Import something first.")
        )
    return count_us(latest)


def _read(column: pa.ChunkedArray) -> Ints:
    micros: Ints = pc.fill_null(pc.cast(column.cast(pa.timestamp("us", "UTC")), pa.int64()), int(NOT_ENDED)).to_numpy()
    return micros
