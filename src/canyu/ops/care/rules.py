"""What the columns of a case are derived from, what may be sent in, and what things are called; pure, no database."""

from __future__ import annotations

import csv
import hashlib
import io
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from canyu import care
from canyu.care import CaseKind, ClockName, Harm, Status
from canyu.care.notices import find_chain_start, list_turns
from canyu.kit.words import Words
from canyu.ops.care.models import FAR, Case, Channel
from canyu.ops.insight.rules import guard_cell

MOST_TEXT = 10_000
MOST_TITLE = 120
FOLDED = frozenset({Channel.POST, Channel.ALERT, Channel.RUMOUR, Channel.API})
"""Mentions from here join a case that says the same; who writes to us gets a case of their own."""

STATUS_WORDS = {
    Status.OPEN: Words("处理中", "open"),
    Status.PAUSED: Words("已暂停", "paused"),
    Status.SOLVED: Words("已解决", "solved"),
    Status.MERGED: Words("已并入", "merged"),
}
CHANNEL_WORDS = {
    Channel.STAFF: Words("员工登记", "taken down by staff"),
    Channel.WEB: Words("网页表单", "web form"),
    Channel.API: Words("接口", "API"),
    Channel.POST: Words("帖子", "post"),
    Channel.ALERT: Words("预警", "alert"),
    Channel.RUMOUR: Words("待核说法", "claim to check"),
    Channel.PROMISE: Words("违约的承诺", "broken promise"),
    Channel.WECHAT: Words("微信", "WeChat"),
}
SEVERITY_WORDS = {
    1: Words("低", "low"),
    2: Words("中", "medium"),
    3: Words("高", "high"),
    4: Words("危急", "critical"),
}
CLOCK_STATUS_WORDS = {
    care.ClockStatus.RUNNING: Words("计时中", "running"),
    care.ClockStatus.PAUSED: Words("暂停", "paused"),
    care.ClockStatus.MET: Words("按时", "met"),
    care.ClockStatus.MISSED: Words("超时", "missed"),
    care.ClockStatus.STOPPED: Words("已停", "stopped"),
}
AUDIENCE_WORDS = {
    care.Audience.INSIDE: Words("仅内部", "inside only"),
    care.Audience.CUSTOMER: Words("客户可见", "to the customer"),
    care.Audience.PUBLIC: Words("公开", "in public"),
}


FILE_COLUMNS = (
    *("number", "kind", "harm", "severity", "status", "title", "product", "market", "channel", "reach", "assignee"),
    *("opened_at", "first_response_due", "solution_due", "solved_at", "is_missed", "rating"),
)
"""Of the file of cases."""


@dataclass(frozen=True, slots=True)
class MentionDraft:
    """What a case is made of: its key (a post of the lake, or a name of our own), words, writer, time and reach."""

    key: str
    text: str
    at: datetime
    actor: str = ""
    reach: int = 0
    is_post: bool = False


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """A case as it comes in. ``customer``: the actor who asks; empty where nobody waits for an answer.

    ``token``: the secret of its link where the room that asks can make it again; else one is made, if ``has_link``.
    """

    kind: CaseKind
    text: str
    channel: Channel
    harm: Harm = Harm.NONE
    product: str = ""
    market: str = ""
    reach: int = 0
    skills: tuple[str, ...] = ()
    customer: str = ""
    contact: str = ""
    consent: dict[str, str] = field(default_factory=dict)
    has_link: bool = False
    token: str = ""
    mention: MentionDraft | None = None

    @property
    def is_foldable(self) -> bool:
        """Whether it may join a case that says the same."""
        return self.channel in FOLDED and bool(self.product) and not self.contact and self.mention is not None


def clean_text(text: str) -> str:
    """Return a text as it is kept: without NUL, which no database takes, and cut at a length."""
    return text.replace("\0", "").strip()[:MOST_TEXT]


def make_title(text: str) -> str:
    """Return the first line of a text, cut.

    >>> make_title(" 电池三天就坏了！ 第二行")
    '电池三天就坏了！ 第二行'
    """
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return first if len(first) <= MOST_TITLE else first[: MOST_TITLE - 1] + "…"


def make_token() -> tuple[str, str]:
    """Return a secret of 190 bits for a link, and the digest that is kept of it."""
    token = secrets.token_urlsafe(24)
    return token, digest_token(token)


def digest_token(token: str) -> str:
    """Return what is kept of a link's secret."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def describe_columns(case: care.Case, now: datetime) -> dict[str, Any]:
    """Return the columns of a case that its records give."""
    dues = {name: _find_due(case, name) for name in ClockName}
    running = [at for at in dues.values() if at is not None]
    return {
        "kind": case.kind.value,
        "harm": case.harm.value,
        "severity": int(case.severity),
        "status": case.status.value,
        "is_open": not case.is_closed,
        "reach": case.reach,
        "assignee": case.assignee,
        "solved_at": case.solved_at,
        "first_response_due": dues[ClockName.FIRST_RESPONSE],
        "solution_due": dues[ClockName.SOLUTION],
        "update_due": dues[ClockName.UPDATE],
        "burns_at": min(running, default=FAR),
        "is_missed": bool(case.breached),
        "look_at": find_look(case, now),
        "rating": case.rating,
    }


def find_look(case: care.Case, now: datetime) -> datetime | None:
    """Return when a sweep must look at a case again: a threshold, a breach, the end of a pause, a turn of the chain."""
    if case.is_closed:
        return None
    times = [care.find_next_crossing(case)]
    if case.policy is not None and case.policy.chain and case.acknowledged_at is None:
        begun = find_chain_start(case)
        if begun is None:
            times += [clock.due for clock in case.clocks]
        else:
            turns = list_turns(case.policy, begun)
            times += [turn.at for turn in turns if turn.step not in case.escalated]
    # columns tell whether a clock is missed: they are made anew when it is
    times += [clock.due for clock in case.clocks if clock.breached_at is None and clock.due and clock.due > now]
    return min((each for each in times if each is not None), default=None)


def _find_due(case: care.Case, name: ClockName) -> datetime | None:
    clock = case.find_clock(name)
    return None if clock is None else clock.due


def write_cases_csv(cases: Iterable[Case]) -> Iterator[str]:
    """Yield the lines of a file of cases, times in UTC."""
    return write_table(FILE_COLUMNS, ([getattr(case, name) for name in FILE_COLUMNS] for case in cases))


def write_table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield the lines of a CSV file; texts that a spreadsheet would run as formulas are disarmed."""
    yield "\ufeff" + _write_row(columns)
    for row in rows:
        yield _write_row(guard_cell(_spell(value)) for value in row)


def _write_row(values: Iterable[object]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerow(values)
    return stream.getvalue()


def _spell(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
