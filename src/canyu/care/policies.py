"""What is promised for a case: targets, their calendar, warnings and whom to call; a value, copied into cases."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from canyu.care.calendar_file import describe_calendar, read_calendar
from canyu.care.calendars import ALWAYS, Calendar
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

MINUTE_S = 60
HOUR_S = 3600
THRESHOLDS = (50, 80, 100, 150)


class ClockName(StrEnum):
    """The clocks of a case. Only the first response never pauses; the update clock is there where a policy asks."""

    FIRST_RESPONSE = "first response"
    SOLUTION = "solution"
    UPDATE = "update"


class Role(StrEnum):
    """Whom a step of the chain calls."""

    ASSIGNEE = "assignee"
    LEAD = "lead"
    DUTY_MANAGER = "duty manager"
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One step of an escalation: who is called, so many seconds after the step before."""

    role: Role
    wait_s: int


CHAIN = (
    ChainStep(Role.ASSIGNEE, 0),
    ChainStep(Role.LEAD, 15 * MINUTE_S),
    ChainStep(Role.DUTY_MANAGER, 15 * MINUTE_S),
    ChainStep(Role.HEAD, 30 * MINUTE_S),
)


@dataclass(frozen=True)
class Policy:
    """Targets in seconds of the calendar's open time (None: no such clock), warnings in per cent, and the chain."""

    name: str
    calendar: Calendar
    first_response_s: int | None = HOUR_S
    solution_s: int | None = 24 * HOUR_S
    update_s: int | None = None
    thresholds: tuple[int, ...] = THRESHOLDS
    chain: tuple[ChainStep, ...] = CHAIN

    def find_target(self, clock: ClockName) -> int | None:
        """Return the target of a clock in seconds; None where the policy has none."""
        return {
            ClockName.FIRST_RESPONSE: self.first_response_s,
            ClockName.SOLUTION: self.solution_s,
            ClockName.UPDATE: self.update_s,
        }[clock]


CRISIS_POLICY = Policy("crisis", ALWAYS)
"""A crisis keeps no opening hours: an hour is an hour, at night too."""


def make_policy(policy: Policy) -> Policy:
    """Return a policy whose numbers are sound. Raises BadInput for a target or threshold that is not positive."""
    targets = [each for each in (policy.first_response_s, policy.solution_s, policy.update_s) if each is not None]
    if not targets or min(targets) <= 0:
        raise BadInput(
            Words(
                f"时限规则 {policy.name} 没有大于零的目标时长。", f"The policy {policy.name} has no target above zero."
            ),
            mend=Words("请至少写一个目标时长，单位为秒。", "Give at least one target, in seconds."),
        )
    if list(policy.thresholds) != sorted(set(policy.thresholds)) or min(policy.thresholds, default=1) <= 0:
        raise BadInput(
            Words("预警比例须从小到大、不重复、大于零。", "Thresholds are above zero, each once, in order."),
            mend=Words("例如 50, 80, 100, 150。", "Such as 50, 80, 100, 150."),
        )
    if any(step.wait_s < 0 for step in policy.chain):
        raise BadInput(
            Words("升级链的等待时间不能为负。", "A step of the chain cannot wait a negative time."),
            mend=Words("请写 0 或更多秒。", "Give 0 seconds or more."),
        )
    return policy


def describe_policy(policy: Policy) -> dict[str, Any]:
    """Return a policy as plain values that JSON can hold, its calendar with it: the copy that a case keeps."""
    return {
        "name": policy.name,
        "calendar": describe_calendar(policy.calendar),
        "first_response_s": policy.first_response_s,
        "solution_s": policy.solution_s,
        "update_s": policy.update_s,
        "thresholds": list(policy.thresholds),
        "chain": [asdict(step) for step in policy.chain],
    }


def read_policy(kept: dict[str, Any]) -> Policy:
    """Return the policy of a copy that ``describe_policy`` made."""
    return make_policy(
        Policy(
            kept["name"],
            read_calendar(kept["calendar"]),
            kept["first_response_s"],
            kept["solution_s"],
            kept["update_s"],
            tuple(kept["thresholds"]),
            tuple(ChainStep(Role(step["role"]), step["wait_s"]) for step in kept["chain"]),
        )
    )
