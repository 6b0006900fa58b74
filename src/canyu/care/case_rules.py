"""What may happen to a case next: refused events say why, and what to do instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from canyu.care import case_events as events
from canyu.care.case import Case, Status
from canyu.care.case_clocks import ClockStatus
from canyu.kit.errors import BadInput, CanyuError, Conflict
from canyu.kit.words import Words

SCORES = range(1, 6)


def check_event(case: Case, event: events.CaseEvent) -> None:
    """Refuse what may not happen to a case as it stands: Conflict where it came too late, BadInput where it is unsound.

    A case that has been merged takes nothing but messages and links; everything that is not refused may be appended.
    """
    if case.status is Status.MERGED and not isinstance(event, events.Said | events.LinkedTo):
        raise Conflict(
            Words("这张工单已并入另一张。", "The case has gone on in another one."),
            mend=Words("请到那一张里处理。", "Go on there."),
        )
    rule = _RULES.get(type(event))
    refusal = None if rule is None else rule(case, event)
    if refusal is not None:
        raise refusal


def needs_rating(case: Case) -> bool:
    """Say whether the customer is to be asked for a rating: solved, and never asked before, whatever came of it."""
    return case.status is Status.SOLVED and case.rating_asked_at is None


def _refuse_opening(_: Case, __: events.Opened) -> CanyuError:
    return Conflict(
        Words("这张工单已经建立。", "The case is open already."), mend=Words("请新建一张。", "Open another case.")
    )


def _check_pause(case: Case, event: events.Paused) -> CanyuError | None:
    if case.status is not Status.OPEN:
        return _refuse_status(case, Words("暂停", "paused"))
    if event.until <= event.at:
        return BadInput(
            Words("暂停没有在以后结束。", "The pause does not end later than it begins."),
            mend=Words("请给出以后的结束时间。", "Give an end that is later."),
        )
    return None


def _check_resume(case: Case, _: events.Resumed) -> CanyuError | None:
    return None if case.status is Status.PAUSED else _refuse_status(case, Words("恢复", "resumed"))


def _check_solved(case: Case, _: events.Solved) -> CanyuError | None:
    return _refuse_status(case, Words("解决", "solved")) if case.is_closed else None


def _check_reopened(case: Case, _: events.Reopened) -> CanyuError | None:
    return None if case.status is Status.SOLVED else _refuse_status(case, Words("重开", "reopened"))


def _check_reset(case: Case, event: events.ClockReset) -> CanyuError | None:
    if not event.reason.strip() or not event.by.strip():
        return BadInput(
            Words("重置时钟要写明原因和人。", "A clock is reset for a reason, by a person."),
            mend=Words("请写上原因。", "Give the reason."),
        )
    clock = case.find_clock(event.clock)
    if clock is None or clock.stopped_at is not None or clock.status is ClockStatus.STOPPED:
        return Conflict(
            Words("这个时钟没有在走。", "This clock does not run."),
            mend=Words("只能重置正在走的时钟。", "Only a clock that runs can be reset."),
        )
    return None


def _check_warning(case: Case, event: events.Warned) -> CanyuError | None:
    if (event.clock, event.threshold) in case.warned:
        return Conflict(
            Words("这个阈值已经提醒过。", "The notice of this threshold went out before."),
            mend=Words("每个阈值只提醒一次。", "There is one per threshold, for ever."),
        )
    return None


def _check_escalation(case: Case, event: events.Escalated) -> CanyuError | None:
    if case.acknowledged_at is not None or case.is_closed or event.step in case.escalated:
        return Conflict(
            Words("升级已经停止，或这一步已经走过。", "The chain has stopped, or has taken this step."),
            mend=Words("不必再做。", "Nothing is to be done."),
        )
    return None


def _check_mention(case: Case, event: events.MentionFolded) -> CanyuError | None:
    if event.mention in case.mentions:
        return Conflict(
            Words("这条提及已经在工单里。", "The mention is in the case already."),
            mend=Words("不必再做。", "Nothing is to be done."),
        )
    return None


def _check_split(case: Case, event: events.SplitOff) -> CanyuError | None:
    if not event.mentions or not set(event.mentions) < set(case.mentions):
        return BadInput(
            Words("拆出的提及须是本工单的一部分，且不是全部。", "What is split off is some of its mentions, not all."),
            mend=Words("请从本工单的提及中选。", "Choose among the mentions of the case."),
        )
    return None


def _check_question(case: Case, _: events.RatingAsked) -> CanyuError | None:
    if case.rating_asked_at is not None:
        return Conflict(
            Words("已经问过评价。", "The rating was asked for before."),
            mend=Words("每张工单只问一次。", "It is asked for once per case."),
        )
    return None if case.status is Status.SOLVED else _refuse_status(case, Words("询问评价", "asked to be rated"))


def _check_rating(case: Case, event: events.Rated) -> CanyuError | None:
    if event.score not in SCORES:
        return BadInput(
            Words(f"{event.score} 不是评分。", f"{event.score} is no score."),
            mend=Words("请给 1 到 5。", "Give 1 to 5."),
        )
    if case.rating_asked_at is None or case.rating is not None:
        return Conflict(
            Words("没有等待中的评价。", "No rating is waited for."),
            mend=Words("解决后问一次，答一次。", "It is asked for once after solving, and answered once."),
        )
    return None


def _refuse_status(case: Case, asked: Words) -> Conflict:
    names = {
        Status.OPEN: Words("处理中", "open"),
        Status.PAUSED: Words("已暂停", "paused"),
        Status.SOLVED: Words("已解决", "solved"),
        Status.MERGED: Words("已并入", "merged"),
    }
    now = names[case.status]
    return Conflict(
        Words(f"工单{now.zh}，不能{asked.zh}。", f"The case is {now.en} and cannot be {asked.en}."),
        mend=Words("请刷新页面，按现在的状态处理。", "Load the page anew and go on from where the case stands."),
    )


_RULES: dict[type[events.CaseEvent], Callable[[Case, Any], CanyuError | None]] = {
    events.Opened: _refuse_opening,
    events.Paused: _check_pause,
    events.Resumed: _check_resume,
    events.Solved: _check_solved,
    events.Reopened: _check_reopened,
    events.ClockReset: _check_reset,
    events.Warned: _check_warning,
    events.Escalated: _check_escalation,
    events.MentionFolded: _check_mention,
    events.SplitOff: _check_split,
    events.RatingAsked: _check_question,
    events.Rated: _check_rating,
}
