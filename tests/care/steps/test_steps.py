"""Which step costs the time: the planted steps, the rate with open cases, censoring, logs of states, a lake, a case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from canyu.care import Calendar, make_week
from canyu.care.case_events import (
    Acknowledged,
    Assigned,
    CaseEvent,
    Opened,
    Paused,
    PauseReason,
    Reopened,
    Resumed,
    Said,
    Solved,
)
from canyu.care.opening import count_us
from canyu.care.steps import (
    Goal,
    Spans,
    StepColumns,
    StepKind,
    StepTable,
    analyse_steps,
    find_last_time,
    list_case_steps,
    make_case_spans,
    make_step_table,
    read_complaints,
    read_spans,
)
from canyu.care.steps.case_steps import KINDS
from canyu.care.steps.table import BETWEEN
from canyu.events import Event, build_event_table, open_lake
from canyu.kit.errors import BadInput
from canyu.kit.shares import compute_share_interval

MONDAY = datetime(2024, 1, 15, 9, tzinfo=UTC)
# step -> mean hours, coefficient of variation, share of mean, share of variance, rate in 24 h without it (per cent)
PLANTED = {
    "intake": (0.5, 0.3, 1.0, 0.0, 10.3),
    "triage wait": (6.0, 0.8, 12.7, 5.3, 19.3),
    "specialist wait": (18.0, 0.6, 37.3, 25.2, 46.6),
    "parts wait": (20.0, 0.9, 41.7, 69.2, 43.2),
    "work": (2.0, 0.4, 4.2, 0.2, 12.7),
    "confirm": (1.5, 0.5, 3.1, 0.1, 11.8),
}


def hour(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def make_table(hours: list[float], solved: list[bool]) -> StepTable:
    column = np.array(hours)[:, None]
    nothing = np.zeros_like(column)
    return StepTable(
        ("all",),
        (StepKind.UNKNOWN,),
        column,
        nothing,
        np.ones_like(column, np.int64),
        column[:, 0],
        np.array(solved),
        0,
    )


def test_planted_steps_are_ranked_by_the_goal_chosen() -> None:
    random, count = np.random.default_rng(24), 20_000
    hours = np.stack([random.gamma(1 / cv**2, mean * cv**2, count) for mean, cv, *_ in PLANTED.values()], axis=1)
    ends = np.cumsum(hours, axis=1)
    first = np.datetime64("2026-01-01", "us")
    rows = pa.table(
        {
            "case": np.repeat(np.arange(count), len(PLANTED)),
            "step": list(PLANTED) * count,
            "start": first + ((ends - hours).ravel() * 3.6e9).astype("timedelta64[us]"),
            "end": first + (ends.ravel() * 3.6e9).astype("timedelta64[us]"),
        }
    )
    spans = read_spans(rows, StepColumns())
    table = make_step_table(spans, int(spans.end.max()))
    report = analyse_steps(table, draws=40)
    assert report.mean_h.value == pytest.approx(48.0, abs=0.5)
    assert report.rate.censored.value == pytest.approx(0.095, abs=0.01)
    assert report.steps[0].step == "specialist wait"
    for step in report.steps:
        _, _, of_mean, of_variance, without = PLANTED[step.step]
        assert 100 * step.share_of_mean.value == pytest.approx(of_mean, abs=0.6)
        assert 100 * step.share_of_variance.value == pytest.approx(of_variance, abs=1.5)
        assert 100 * step.without.censored.value == pytest.approx(without, abs=1.2)
        assert step.without.plain is not None
        assert step.without.plain.value == pytest.approx(step.without.censored.value)
        assert step.without.censored.low < step.without.censored.value < step.without.censored.high
    assert sum(step.share_of_variance.value for step in report.steps) == pytest.approx(1.0)
    for goal in (Goal.MEAN, Goal.VARIANCE):
        assert analyse_steps(table, goal=goal, draws=1).steps[0].step == "parts wait"


def test_open_cases_count_once_they_are_older_than_the_limit() -> None:
    report = analyse_steps(make_table([1.0] * 80 + [30.0] * 5 + [2.0] * 10 + [90.0] * 5, [True] * 85 + [False] * 15))
    assert (report.open_young, report.open_old, report.rate.in_time, report.rate.counted) == (10, 5, 80, 90)
    assert report.rate.plain is not None
    assert f"{report.rate.plain.value:.1%}" == "88.9%"


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"), [(920, 1000, 90.2, 93.5), (92, 100, 85.0, 95.9), (46, 50, 81.2, 96.9)]
)
def test_92_percent_needs_many_cases(part: int, whole: int, low: float, high: float) -> None:
    assert [100 * bound for bound in compute_share_interval(part, whole)] == pytest.approx([low, high], abs=0.06)


def test_censoring_by_hand() -> None:
    # solved at 1, 3, 3, 30; seen open until 2, 3 and 40: at risk 7, then 5, of which 2 go at 3
    report = analyse_steps(make_table([1.0, 3.0, 3.0, 30.0, 2.0, 3.0, 40.0], [True] * 4 + [False] * 3))
    assert report.rate.censored.value == pytest.approx(1 - (6 / 7) * (3 / 5))
    assert (report.rate.in_time, report.rate.counted) == (3, 5)


def test_the_censored_rate_holds_the_truth_where_the_plain_one_flatters() -> None:
    random = np.random.default_rng(5)
    needed, age = random.exponential(30.0, 4000), random.uniform(0.0, 48.0, 4000)
    report = analyse_steps(make_table(list(np.minimum(needed, age)), list(needed <= age)), draws=200)
    truth = 1 - np.exp(-24 / 30)
    assert report.rate.plain is not None
    assert report.rate.plain.low > truth + 0.03
    assert report.rate.censored.low < truth < report.rate.censored.high


def test_rows_of_states_and_rows_of_spans_tell_the_same() -> None:
    states = pa.table(
        {
            "number": ["a", "a", "a", "a", "b", "b"],
            "state": ["new", "active", "active", "closed", "new", "active"],
            "at": [hour(0), hour(2), hour(3), hour(6), hour(1), hour(4)],
        }
    )
    spans = pa.table(
        {
            "case": ["b", "a", "a", "b"],
            "step": ["active", "active", "new", "new"],
            "start": [hour(4), hour(2), hour(0), hour(1)],
            "end": [None, hour(6), hour(2), hour(4)],
        }
    )
    now = count_us(hour(10))
    log = make_step_table(read_spans(states, StepColumns("number", "state", time="at", done=("closed",))), now)
    rows = make_step_table(read_spans(spans, StepColumns()), now)
    assert (log.steps, log.hours.tolist()) == (("active", "closed", "new"), [[4.0, 0.0, 2.0], [6.0, 0.0, 3.0]])
    assert rows.hours.tolist() == [[4.0, 2.0], [6.0, 3.0]]
    for found in (log, rows):
        assert (found.total_h.tolist(), found.is_solved.tolist(), found.overlapping) == ([6.0, 9.0], [True, False], 0)
    assert log.visits[0].tolist() == [1, 1, 1]


def test_a_case_that_goes_on_after_it_was_solved_was_not_and_its_second_visits_are_rework() -> None:
    states = ["new", "active", "solved", "active", "solved", "closed"]
    rows = pa.table({"case": ["a"] * 6, "step": states, "at": [hour(each) for each in (0, 1, 3, 10, 15, 99)]})
    spans = read_spans(rows, StepColumns(time="at", done=("solved", "closed")))
    table = make_step_table(spans, count_us(hour(100)), kinds={"active": StepKind.WORK})
    assert (table.total_h.tolist(), table.is_solved.tolist()) == ([15.0], [True])
    active = analyse_steps(table, draws=100).steps[0]
    assert (active.step, active.kind, active.visits, active.again_visits) == ("active", StepKind.WORK, 2, 1)
    assert active.again_share == pytest.approx(5 / 7)


def test_time_in_no_step_is_a_step_of_its_own_and_steps_at_once_are_told() -> None:
    rows = pa.table(
        {
            "case": ["a", "a", "b", "b"],
            "step": ["x", "y", "x", "y"],
            "start": [hour(0), hour(5), hour(0), hour(1)],
            "end": [hour(2), hour(6), hour(4), hour(5)],
        }
    )
    table = make_step_table(read_spans(rows, StepColumns()), count_us(hour(9)))
    assert table.steps == ("x", "y", BETWEEN)
    assert table.hours.tolist() == [[2.0, 1.0, 3.0], [4.0, 4.0, 0.0]]
    assert table.overlapping == 1
    assert any("two steps at once" in note.en for note in analyse_steps(table, draws=100).notes)


def test_hours_are_open_hours_where_a_calendar_is_given() -> None:
    rows = pa.table({"case": ["a"], "step": ["x"], "start": [hour(0)], "end": [hour(48)]})
    office = Calendar("UTC", make_week("09:00-18:00"))
    table = make_step_table(read_spans(rows, StepColumns()), count_us(hour(99)), calendar=office)
    assert table.total_h.tolist() == table.hours[:, 0].tolist() == [18.0]


def test_times_may_be_texts_with_an_offset_or_without() -> None:
    for start, end in (("2026-03-02T09:00:00", "2026-03-02 11:30:00"), ("2026-03-02T09:00+08:00", "2026-03-02T03:30Z")):
        rows = pa.table({"case": ["a", "b"], "step": ["x", "x"], "start": [start, start], "end": [end, ""]})
        table = make_step_table(read_spans(rows, StepColumns()), count_us(datetime(2026, 4, 1, tzinfo=UTC)))
        assert (table.total_h[0], table.is_solved.tolist()) == (2.5, [True, False])


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (StepColumns(case="ticket"), "no column ticket"),
        (StepColumns(start="step"), "step holds something that is no time"),
        (StepColumns(case="hole"), "hole has 1 empty cells, the first in row 2"),
        (StepColumns(done=("closed",)), "no step closed"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(columns: StepColumns, told: str) -> None:
    rows = pa.table(
        {
            "case": ["a", "b"],
            "hole": ["a", None],
            "step": ["x", "y"],
            "start": [hour(0), hour(1)],
            "end": [hour(2), None],
        }
    )
    with pytest.raises(BadInput, match=told):
        read_spans(rows, columns)


def test_steps_that_end_before_they_start_and_cases_none_of_which_is_solved_are_refused() -> None:
    backwards = pa.table({"case": ["a"], "step": ["x"], "start": [hour(2)], "end": [hour(1)]})
    with pytest.raises(BadInput, match="1 steps end before they start, the first in case a"):
        make_step_table(read_spans(backwards, StepColumns()), count_us(hour(9)))
    with pytest.raises(BadInput, match="No case is solved"):
        analyse_steps(make_table([1.0], [False]))
    nothing = np.zeros(0, np.int64)
    with pytest.raises(BadInput, match="There is no case"):
        make_step_table(Spans((), (), *[nothing] * 5), 0)


def test_the_steps_of_a_case_of_ours() -> None:
    happened: list[CaseEvent] = [
        Opened(hour(0), "web"),
        Assigned(hour(1), "lead", "li"),
        Said(hour(1.5), "robot", "m", is_automatic=True),
        Said(hour(3), "li", "m"),
        Paused(hour(4), "li", PauseReason.PARTS, hour(20)),
        Acknowledged(hour(5), "li"),
        Resumed(hour(9), "li"),
        Paused(hour(10), "li", PauseReason.LAB, hour(12)),
        Solved(hour(14), "li"),
        Reopened(hour(20), "customer"),
    ]
    told = [(each.step, each.start, each.end) for each in list_case_steps(happened, hour(22))]
    assert told == [
        ("assignment", hour(0), hour(1)),
        ("first response", hour(1), hour(3)),
        ("work", hour(3), hour(4)),
        ("waiting: parts", hour(4), hour(9)),
        ("work", hour(9), hour(10)),
        ("waiting: lab", hour(10), hour(12)),
        ("work", hour(12), hour(14)),
        ("work", hour(20), None),
    ]
    closed = [*happened, Solved(hour(23), "li")]
    spans = make_case_spans([("one", closed), ("two", happened)], hour(24))
    table = make_step_table(spans, count_us(hour(24)), kinds=KINDS)
    assert (table.is_solved.tolist(), table.total_h.tolist()) == ([True, False], [23.0, 24.0])
    work = table.steps.index("work")
    assert (table.hours[:, work].tolist(), table.again_h[:, work].tolist()) == ([7.0, 8.0], [6.0, 7.0])
    assert table.hours[:, table.steps.index(BETWEEN)].tolist() == [6.0, 6.0]


def test_the_complaints_of_a_lake(tmp_path: Path) -> None:
    def make(name: str, kind: str, at: float, parent: str | None = None) -> Event:
        return Event(name, kind, hour(at), hour(at), "rehearsal", parent=parent, text="…")

    lake = open_lake(tmp_path / "care.lake", create=True)
    lake.append(
        build_event_table(
            [
                make("a", "complain", 0),
                make("a1", "reply", 2, "a"),
                make("a2", "reply", 5, "a"),
                make("a3", "resolve", 8, "a"),
                make("b", "complain", 1),
                make("b1", "resolve", 4, "b"),
                make("c", "complain", 2),
                make("c1", "reply", 3, "c"),
                make("d", "complain", 90),
                make("late", "post", 40),
            ]
        )
    )
    spans, is_simulated = read_complaints(lake, hour(-1), hour(50))
    table = make_step_table(spans, find_last_time(lake))
    assert is_simulated
    assert (spans.cases, table.steps) == (("a", "b", "c"), ("first response", "solution"))
    assert table.hours.tolist() == [[2.0, 6.0], [3.0, 0.0], [1.0, 87.0]]
    assert (table.total_h.tolist(), table.is_solved.tolist()) == ([8.0, 3.0, 88.0], [True, True, False])
    with pytest.raises(BadInput, match="no complaint"):
        read_complaints(lake, hour(200), hour(300))
