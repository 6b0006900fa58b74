"""The events of a run as a person reads them, in both languages, in the order in which they count."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from canyu.care.case_events import Audience
from canyu.care.crisis import run_events as events
from canyu.care.crisis.playbook import Duty, Item
from canyu.kit.words import Words

DUTIES = {
    Duty.OWNER: Words("负责人", "owner"),
    Duty.CARE: Words("客户关怀", "care"),
    Duty.PR: Words("公关", "PR"),
    Duty.QUALITY: Words("质量", "quality"),
    Duty.LEGAL: Words("法务", "legal"),
    Duty.KOLS: Words("达人", "KOLs"),
    Duty.ANALYST: Words("舆情分析", "analyst"),
}
AUDIENCES = {
    Audience.INSIDE: Words("内部", "inside"),
    Audience.CUSTOMER: Words("客户与伙伴", "customers and partners"),
    Audience.PUBLIC: Words("公众", "the public"),
}
UPDATE_WORDS = Words("进展通报", "status update")


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One line of a timeline: when it counts, whether its clock told an earlier time, by whom, what was done.

    ``text``: the key of the words that somebody wrote, empty where they wrote none.
    """

    at: datetime
    is_early: bool
    by: str
    words: Words
    text: str
    type: str


def list_run_timeline(happened: Sequence[events.RunEvent]) -> Iterator[RunEntry]:
    """Yield an entry per event, in the order of the list."""
    titles: dict[str, Words] = {events.UPDATE: UPDATE_WORDS}
    last = happened[0].at if happened else None
    for event in happened:
        if isinstance(event, events.Started):
            titles |= {item.key: item.title for item in event.playbook.items}
        if isinstance(event, events.ItemAdded):
            titles[event.item.key] = event.item.title
        is_early = last is not None and event.at < last
        last = event.at if last is None else max(last, event.at)
        text = str(getattr(event, "text", ""))
        yield RunEntry(last, is_early, event.by, _TELL[type(event)](event, titles), text, event.name)


def _item(zh: str, en: str) -> Callable[[Any, dict[str, Words]], Words]:
    """Return what is said of an event of an item, whose title stands for ``{}``."""

    def tell(event: Any, titles: dict[str, Words]) -> Words:
        title = titles.get(event.key, Words(event.key, event.key))
        return Words(zh.format(title.zh), en.format(title.en))

    return tell


def _plain(zh: str, en: str) -> Callable[[Any, dict[str, Words]], Words]:
    return lambda _event, _titles: Words(zh, en)


def _tell_added(event: events.ItemAdded, _: dict[str, Words]) -> Words:
    item: Item = event.item
    return Words(f"清单加一项：{item.title.zh}", f"Added to the list: {item.title.en}")


def _tell_assigned(event: events.ItemAssigned, titles: dict[str, Words]) -> Words:
    title = titles.get(event.key, Words(event.key, event.key))
    if not event.who:
        return Words(f"无人负责：{title.zh}", f"Nobody has it any more: {title.en}")
    return Words(f"交给 {event.who}：{title.zh}", f"Given to {event.who}: {title.en}")


def _tell_update(event: events.UpdateGiven, _: dict[str, Words]) -> Words:
    audience = AUDIENCES[event.audience]
    return Words(f"进展通报（{audience.zh}）", f"Status update ({audience.en})")


def _tell_stakeholder(event: events.StakeholderAdded, _: dict[str, Words]) -> Words:
    audience = AUDIENCES[event.audience]
    return Words(f"加入相关方（{audience.zh}）", f"Stakeholder added ({audience.en})")


def _tell_draft(event: events.Drafted, _: dict[str, Words]) -> Words:
    return Words(f"声明草稿第 {event.version} 稿", f"Draft {event.version} of a statement was written")


def _tell_return(event: events.Returned, _: dict[str, Words]) -> Words:
    return Words(f"退回声明第 {event.version} 稿", f"Draft {event.version} of a statement was returned")


def _tell_release(event: events.Released, _: dict[str, Words]) -> Words:
    digest = event.digest[:12]
    return Words(
        f"发布声明第 {event.release} 版（SHA-256 {digest}…）",
        f"Version {event.release} of a statement was released (SHA-256 {digest}…)",
    )


_TELL: dict[type[events.RunEvent], Callable[[Any, dict[str, Words]], Words]] = {
    events.Started: lambda event, _: Words(
        f"启动危机处理，预案：{event.playbook.name}", f"The run started by the playbook {event.playbook.name}"
    ),
    events.ItemAdded: _tell_added,
    events.ItemAssigned: _tell_assigned,
    events.ItemDone: _item("完成：{}", "Done: {}"),
    events.ItemUndone: _item("撤销完成：{}", "Not done after all: {}"),
    events.ItemDropped: _item("划掉：{}", "Dropped: {}"),
    events.UpdateGiven: _tell_update,
    events.Noted: _plain("内部备注", "Note inside"),
    events.Missed: _item("逾期未做：{}", "Overdue: {}"),
    events.StakeholderAdded: _tell_stakeholder,
    events.StakeholderTold: _plain("已告知一位相关方", "A stakeholder was told"),
    events.StakeholderRemoved: _plain("移出一位相关方", "A stakeholder was taken off the list"),
    events.Drafted: _tell_draft,
    events.Returned: _tell_return,
    events.Released: _tell_release,
    events.Closed: _plain("危机结束", "The run was closed"),
    events.Reopened: _plain("重新打开", "Opened again"),
}
