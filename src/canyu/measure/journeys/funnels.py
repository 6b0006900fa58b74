"""Funnels: how many people take each step after the one before, within a window, and how long it takes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from canyu.events import Lake
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure import definitions as say
from canyu.measure.estimate import Estimate, tell_missing
from canyu.measure.facts import Answer
from canyu.measure.figure import OverviewQuery, Proof
from canyu.measure.intervals import compute_share_interval
from canyu.measure.journeys.asking import Ground, find_ground
from canyu.measure.journeys.funnel_expressions import FunnelPlan, follow_any_start, follow_first_start
from canyu.measure.journeys.steps import Step, check_field
from canyu.measure.journeys.times import Times, find_grain_s, summarise_times

MOST_STEPS = 12
LONGEST_WINDOW = timedelta(days=366)

NOBODY_BEGAN = Words("期间内没有人走到第一步。", "Nobody took the first step in the period.")
NOBODY_BEFORE = Words("没有人走到上一步。", "Nobody took the step before.")
WILSON = Words("Wilson 95% 区间", "Wilson's 95 % interval")


class StartRule(StrEnum):
    """Which events of step 1 may begin the way through; the two differ by up to ten times, so it is always named."""

    FIRST = "first"
    """Only a person's first one in the period."""
    ANY = "any"
    """Any of them: people who try again count when one try succeeds within its window."""


RULES: dict[StartRule, Words] = {
    StartRule.FIRST: Words(
        "从每人在期间内第一次走到第一步算起（首次起点），其后每一步取最早的一次。",
        "From each person's first event of step 1 in the period (first start); each next step at its earliest moment.",
    ),
    StartRule.ANY: Words(
        "第一步的任何一次都可作为起点（任意起点）：只要有一次在窗口内走完，就算走完；每一步记下能到达它的最近起点。",
        "From any event of step 1 (any start): whoever succeeds within the window of one of them counts; each step "
        "takes the latest start that leads to it.",
    ),
}


@dataclass(frozen=True, slots=True)
class FunnelQuery:
    """Steps in order, and the window from the start within which all must happen; starts lie in the period.

    ``hold``: a field whose value must stay the same on the way. ``by``: a field of the start to tell groups apart by.
    """

    start: date
    end: date
    steps: tuple[Step, ...]
    window: timedelta
    rule: StartRule
    hold: str = ""
    by: str = ""
    zone: str = "Asia/Shanghai"
    market: str = ""


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """People who reached one step, as a share of those who began and of those at the step before; their times."""

    step: Step
    people: int
    of_start: Estimate
    of_previous: Estimate
    times: Times | None


@dataclass(frozen=True, slots=True)
class FunnelGroup:
    """The steps of everybody (``value`` None), or of those whose start has one value of the field asked for.

    ``still_open``: people whose window had not ended when the data did; they may go further yet.
    """

    value: str | None
    steps: tuple[FunnelStep, ...]
    still_open: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """A funnel computed: everybody, then by group, those who began most first; ``estimate`` is the whole way."""

    query: FunnelQuery
    whole: FunnelGroup
    groups: tuple[FunnelGroup, ...]
    notes: tuple[Words, ...]
    proof: Proof
    is_simulated: bool

    @property
    def estimate(self) -> Estimate:
        """The share of those who began that took the last step."""
        return self.whole.steps[-1].of_start


def compute_funnel(lake: Lake, query: FunnelQuery) -> Funnel:
    """Return the funnel, as the lake stands now.

    Raises BadInput where there are fewer than two steps or more than 12, or the window is empty or over a year.
    """
    _check(query)
    ground = find_ground(lake, OverviewQuery(query.start, query.end, query.zone, market=query.market))
    window_s = int(query.window.total_seconds())
    plan = FunnelPlan(query.steps, window_s, query.hold, query.by, find_grain_s(window_s), ground.horizon_micros)
    answer = _ask(ground, plan, query.rule)
    rows = answer.table.to_pylist()
    # With any start a person may begin in several groups, so everybody is counted apart.
    every = _ask(ground, replace(plan, by=""), query.rule).table.to_pylist() if query.by and _overlaps(query) else rows
    whole = _build_group(None, every, plan)
    proof = _prove(ground, query, answer, whole.steps[0].people)
    notes = (*ground.notes, *_tell(query, whole))
    groups = _build_groups(rows, plan) if query.by else ()
    return Funnel(query, whole, groups, notes, proof, ground.reader.is_simulated())


def _check(query: FunnelQuery) -> None:
    if not 2 <= len(query.steps) <= MOST_STEPS:
        raise BadInput(
            Words(f"漏斗需要 2 至 {MOST_STEPS} 步。", f"A funnel has 2 to {MOST_STEPS} steps."),
            mend=Words("请增减步骤。", "Name more or fewer."),
        )
    if not timedelta(seconds=1) <= query.window <= LONGEST_WINDOW:
        raise BadInput(
            Words("窗口须在 1 秒至 366 天之间。", "The window is 1 second to 366 days long."),
            mend=Words("请改用如 14d 的窗口。", "Use one such as 14d."),
        )
    for field in (query.hold, query.by):
        if field:
            check_field(field)


def _overlaps(query: FunnelQuery) -> bool:
    return query.rule is StartRule.ANY


def _ask(ground: Ground, plan: FunnelPlan, rule: StartRule) -> Answer:
    build = follow_first_start if rule is StartRule.FIRST else follow_any_start
    return ground.reader.ask(build, "events", ground.scope, plan)


def _build_groups(rows: list[dict[str, Any]], plan: FunnelPlan) -> tuple[FunnelGroup, ...]:
    values = sorted({row["by"] for row in rows})
    groups = [_build_group(value, [row for row in rows if row["by"] == value], plan) for value in values]
    return tuple(sorted(groups, key=lambda group: -group.steps[0].people))


def _build_group(value: str | None, rows: list[dict[str, Any]], plan: FunnelPlan) -> FunnelGroup:
    counts: list[dict[int, int]] = [{} for _ in plan.steps]
    for row in rows:
        at = counts[row["depth"] - 1]
        at[row["bucket"]] = at.get(row["bucket"], 0) + row["people"]
    people = [sum(at.values()) for at in counts]
    steps = tuple(
        FunnelStep(
            step,
            people[place],
            _estimate(people[place], people[0], NOBODY_BEGAN),
            _estimate(people[place], people[max(place - 1, 0)], NOBODY_BEFORE if people[0] else NOBODY_BEGAN),
            summarise_times(counts[place], plan.grain_s) if place else None,
        )
        for place, step in enumerate(plan.steps)
    )
    return FunnelGroup(value, steps, sum(row["still_open"] for row in rows if row["depth"] == 1))


def _estimate(part: int, whole: int, missing: Words) -> Estimate:
    if not whole:
        return tell_missing(missing, WILSON)
    low, high = compute_share_interval(part, whole)
    return Estimate(part / whole, low, high, None, WILSON)


def _prove(ground: Ground, query: FunnelQuery, answer: Answer, rows: int) -> Proof:
    names = " > ".join(step.name for step in query.steps)
    window_h = query.window.total_seconds() / 3600
    rule = RULES[query.rule]
    held = Words(
        f"全程 {query.hold} 须相同，同一人每个取值各算一次。" if query.hold else "",
        f" {query.hold} stays the same on the way; a person counts once per value." if query.hold else "",
    )
    definition = Words(
        f"在 {window_h:g} 小时内依次完成 {names} 的人数。{rule.zh}{held.zh}同一时刻的事件按步骤先后计。"
        "区间为 Wilson 95% 区间。",
        f"People who take the steps {names} in this order within {window_h:g} hours. {rule.en}{held.en} Events of the "
        "same moment count in the order of the steps. Interval: Wilson's 95 % interval.",
    )
    engine = ground.reader.lake.engine.name
    return Proof(definition, answer.sql, answer.versions, rows, engine, (say.CAVEAT_COLLECTED,))


def _tell(query: FunnelQuery, whole: FunnelGroup) -> tuple[Words, ...]:
    notes = []
    if whole.still_open:
        people = whole.still_open
        notes.append(
            Words(
                f"{people} 人的窗口到数据末尾还没有结束，之后可能还会往下走，因此转化率偏低。",
                f"The window of {people} people had not ended when the data did: they may go further yet, so the "
                "shares are too low rather than too high.",
            )
        )
    if query.by and _overlaps(query):
        notes.append(
            Words(
                "任意起点下，一个人可在几组各有起点，各组人数相加会超过总数。",
                "With any start a person may begin in several groups, so the groups add up to more than everybody.",
            )
        )
    if not whole.steps[0].people:
        notes.append(NOBODY_BEGAN)
    return tuple(notes)
