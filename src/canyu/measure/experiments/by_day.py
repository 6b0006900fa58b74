"""An experiment as it could be read at the end of each of its days: intervals that hold at every look."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from canyu.events import Lake
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.experiments.analysis import analyse
from canyu.measure.experiments.experiment import Experiment, Outcome
from canyu.measure.experiments.readout import Effect

MOST_DAYS = 62


@dataclass(frozen=True, slots=True)
class Day:
    """What could be read when a day had ended: one effect per arm and target of the outcome."""

    day: date
    until: datetime
    effects: tuple[Effect, ...]


def read_by_day(lake: Lake, experiment: Experiment, outcome: Outcome, zone: str = "Asia/Shanghai") -> tuple[Day, ...]:
    """Return the readings of one outcome at the end of each day of the zone, the last of them at the reach of the lake.

    Raises BadInput where the experiment was planned to be read once, or is longer than 62 days: intervals of one look
    do not hold at each of many.
    """
    if experiment.looks < 2:
        raise BadInput(
            Words(
                "这个实验计划只看一次：逐日的区间合起来不成立。",
                "This experiment was planned to be read once: its intervals do not hold day by day.",
            ),
            mend=Words("设计时写明 looks 与 expected_units。", "State looks and expected_units in the design."),
        )
    local = ZoneInfo(zone)
    first, last = (moment.astimezone(local).date() for moment in (experiment.start, experiment.end))
    if (last - first).days > MOST_DAYS:
        raise BadInput(
            Words(f"实验超过 {MOST_DAYS} 天。", f"The experiment is longer than {MOST_DAYS} days."),
            mend=Words("请用 --until 看某一天。", "Read one day with --until."),
        )
    alone = replace(experiment, outcomes=(outcome,))
    found: list[Day] = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        until = datetime.combine(day + timedelta(days=1), datetime.min.time(), local)
        if until <= experiment.start:
            continue
        readout = analyse(lake, alone, until=min(until, experiment.end))
        if found and readout.until <= found[-1].until:
            break  # the lake reaches no further
        found.append(Day(day, readout.until, readout.effects))
    return tuple(found)
