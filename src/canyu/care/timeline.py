"""The events of a case as a person reads them, in both languages, in the order in which they count."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from canyu.care import case_events as events
from canyu.care.policies import ClockName, Role
from canyu.care.severity import CaseKind, Harm
from canyu.kit.words import Words

KINDS = {
    CaseKind.QUESTION: Words("咨询", "question"),
    CaseKind.COMPLAINT: Words("投诉", "complaint"),
    CaseKind.RUMOUR: Words("谣言", "rumour"),
    CaseKind.CRISIS: Words("危机", "crisis"),
}
HARMS = {
    Harm.NONE: Words("无", "none"),
    Harm.NUISANCE: Words("不便", "nuisance"),
    Harm.MONEY: Words("财产", "money"),
    Harm.PRIVACY: Words("隐私", "privacy"),
    Harm.SAFETY: Words("安全", "safety"),
}
REASONS = {
    events.PauseReason.CUSTOMER: Words("等客户", "the customer"),
    events.PauseReason.PARTS: Words("等配件", "parts"),
    events.PauseReason.LAB: Words("等检测", "the lab"),
    events.PauseReason.PARTNER: Words("等合作方", "a partner"),
}
CLOCKS = {
    ClockName.FIRST_RESPONSE: Words("首响", "first response"),
    ClockName.SOLUTION: Words("解决", "solution"),
    ClockName.UPDATE: Words("进展更新", "update"),
}
ROLES = {
    Role.ASSIGNEE: Words("处理人", "assignee"),
    Role.LEAD: Words("组长", "lead"),
    Role.DUTY_MANAGER: Words("值班经理", "duty manager"),
    Role.HEAD: Words("负责人", "head"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline: when it counts, whether its clock told an earlier one, by whom, what, and who may see."""

    at: datetime
    is_early: bool
    by: str
    words: Words
    audience: events.Audience


def list_timeline(happened: Sequence[events.CaseEvent]) -> Iterator[Entry]:
    """Yield an entry per event; messages may be seen by their audience, everything else inside."""
    last = happened[0].at if happened else None
    for event in happened:
        is_early = last is not None and event.at < last
        last = event.at if last is None else max(last, event.at)
        audience = event.audience if isinstance(event, events.Said) else events.Audience.INSIDE
        yield Entry(last, is_early, event.by, tell_event(event), audience)


def tell_event(event: events.CaseEvent) -> Words:
    """Return what an event says to a person."""
    return _TELL[type(event)](event)


def _tell_opening(event: events.Opened) -> Words:
    kind = KINDS[event.kind]
    return Words(f"建立工单：{kind.zh}", f"Opened as a {kind.en}")


def _tell_judgement(event: events.Judged) -> Words:
    kind, harm, reach = KINDS[event.kind], HARMS[event.harm], f"{event.reach:,}"
    return Words(
        f"重新判定：{kind.zh}，损害{harm.zh}，触达 {reach} 人",
        f"Judged anew: {kind.en}, harm {harm.en}, reach {reach}",
    )


def _tell_policy(event: events.PolicyGiven) -> Words:
    if event.policy is None:
        return Words("没有适用的时限规则，时钟停走", "No policy matches: no clock runs")
    return Words(f"适用时限规则：{event.policy.name}", f"Policy in force: {event.policy.name}")


def _tell_message(event: events.Said) -> Words:
    if event.is_customer:
        return Words("客户来信", "The customer wrote")
    if event.is_automatic:
        return Words("自动回复", "Automatic reply")
    return {
        events.Audience.INSIDE: Words("内部备注", "Note inside"),
        events.Audience.CUSTOMER: Words("回复客户", "Answer to the customer"),
        events.Audience.PUBLIC: Words("公开答复", "Answer in public"),
    }[event.audience]


def _tell_pause(event: events.Paused) -> Words:
    reason, until = REASONS[event.reason], f"{event.until:%Y-%m-%d %H:%M %Z}"
    return Words(f"暂停：{reason.zh}，至 {until}", f"Paused, waiting for {reason.en} until {until}")


def _tell_reset(event: events.ClockReset) -> Words:
    clock = CLOCKS[event.clock]
    return Words(f"重置“{clock.zh}”时钟：{event.reason}", f"Clock of the {clock.en} reset: {event.reason}")


def _tell_warning(event: events.Warned) -> Words:
    clock = CLOCKS[event.clock]
    return Words(f"“{clock.zh}”用时达到 {event.threshold}%", f"{event.threshold} % of the {clock.en} used")


def _tell_split(event: events.SplitOff) -> Words:
    count = len(event.mentions)
    return Words(f"拆出 {count} 条提及到 {event.case}", f"{count} mention(s) split off to {event.case}")


def _tell_reopening(event: events.Reopened) -> Words:
    return Words(f"重新打开：{event.reason or '未写原因'}", f"Reopened: {event.reason or 'no reason given'}")


def _tell_call(event: events.Escalated) -> Words:
    role = ROLES[event.role]
    return Words(f"升级：呼叫{role.zh}", f"The {role.en} was called")


_TELL: dict[type[events.CaseEvent], Callable[[Any], Words]] = {
    events.Opened: _tell_opening,
    events.Judged: _tell_judgement,
    events.PolicyGiven: _tell_policy,
    events.Said: _tell_message,
    events.Paused: _tell_pause,
    events.Resumed: lambda _: Words("恢复处理", "Resumed"),
    events.Solved: lambda _: Words("已解决", "Solved"),
    events.Reopened: _tell_reopening,
    events.ClockReset: _tell_reset,
    events.Assigned: lambda event: Words(f"分配给 {event.agent}", f"Assigned to {event.agent}"),
    events.Warned: _tell_warning,
    events.Escalated: lambda event: Words(
        f"升级：呼叫{ROLES[event.role].zh}", f"The {ROLES[event.role].en} was called"
    ),
    events.Acknowledged: lambda _: Words("已接手，升级停止", "Acknowledged: the chain stops"),
    events.MentionFolded: lambda event: Words(f"并入提及 {event.mention}", f"Mention {event.mention} joined"),
    events.MergedInto: lambda event: Words(f"并入工单 {event.case}", f"Merged into {event.case}"),
    events.SplitOff: _tell_split,
    events.LinkedTo: lambda event: Words(f"关联工单 {event.case}", f"Linked to {event.case}"),
    events.RatingAsked: lambda _: Words("已询问评价", "Asked for a rating"),
    events.Rated: lambda event: Words(f"客户评分 {event.score}", f"The customer rated it {event.score}"),
}
