"""How many messages a user may still be sent: the vendor's windows, counted here so that nobody promises too much.

Since 2023-06 an official account may send 5 messages within 48 hours of a user's message, and 3 within a minute of a
tap on the menu, of following and of a scan; WeCom's customer service 5 within 48 hours of a message. Windows do not add
up: every message sent counts in all that are open, and what is left is what the most generous of them leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from canyu.care.wechat.messages import (
    Event,
    Followed,
    Incoming,
    MenuScanned,
    MenuTapped,
    Scanned,
)
from canyu.kit.errors import Conflict
from canyu.kit.words import Words


class UserAction(StrEnum):
    """What of a user opens a window."""

    MESSAGE = "message"
    MENU = "menu"
    FOLLOW = "follow"
    SCAN = "scan"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many messages within so many seconds."""

    most: int
    within_s: int


OFFICIAL_ACCOUNT: dict[UserAction, Limit] = {
    UserAction.MESSAGE: Limit(5, 48 * 3600),
    UserAction.MENU: Limit(3, 60),
    UserAction.FOLLOW: Limit(3, 60),
    UserAction.SCAN: Limit(3, 60),
}
WECOM_KF: dict[UserAction, Limit] = {UserAction.MESSAGE: Limit(5, 48 * 3600)}


@dataclass(frozen=True, slots=True)
class Window:
    """What one action opened: until when, how many messages, how many of them are sent. One row per user and action."""

    action: UserAction
    opened_at: datetime
    closes_at: datetime
    most: int
    sent: int = 0

    @property
    def left(self) -> int:
        """How many may still be sent in it while it is open."""
        return max(0, self.most - self.sent)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be sent to a user at an instant; where nothing may, why not, in words for the agent."""

    left: int
    until: datetime | None
    reason: Words | None = None


Windows = tuple[Window, ...]


class QuotaUsedUp(Conflict):
    """The user may not be sent another message now; nothing was sent."""

    code = "wechat_quota"


def find_action(message: Incoming) -> UserAction | None:
    """Return which window a push opens, None where it opens none (a page of the menu, leaving, a reported place)."""
    if isinstance(message, Followed):
        return UserAction.FOLLOW
    if isinstance(message, Scanned):
        return UserAction.SCAN
    if isinstance(message, MenuTapped | MenuScanned):
        return UserAction.MENU
    return None if isinstance(message, Event) else UserAction.MESSAGE


def open_window(windows: Windows, action: UserAction, at: datetime, limits: dict[UserAction, Limit]) -> Windows:
    """Return the windows after an action at ``at`` (the vendor's CreateTime): its window begins anew, unused.

    An action older than the one that opened the window changes nothing: pushes may come late and out of order.
    """
    limit = limits.get(action)
    if limit is None or any(each.action is action and each.opened_at >= at for each in windows):
        return windows
    opened = Window(action, at, at + timedelta(seconds=limit.within_s), limit.most)
    return (*(each for each in windows if each.action is not action), opened)


def find_allowance(windows: Windows, at: datetime) -> Allowance:
    """Return what may be sent now; a window is closed at the very instant that it ends."""
    open_now = [each for each in windows if _is_open(each, at)]
    usable = [each for each in open_now if each.left]
    if usable:
        best = max(usable, key=lambda each: (each.left, each.closes_at))
        return Allowance(best.left, best.closes_at)
    if open_now:
        used = max(open_now, key=lambda each: each.closes_at)
        return Allowance(
            0,
            None,
            Words(
                f"{used.most} 条客服消息已用完：等用户再发一条消息才能继续。没有发出。",
                f"All {used.most} messages are used up: the user has to write first. Nothing was sent.",
            ),
        )
    return Allowance(
        0,
        None,
        Words(
            "用户最近没有来消息，发送时限已过：等用户再发一条消息才能继续。没有发出。",
            "The time to answer is over: the user has to write first. Nothing was sent.",
        ),
    )


def spend_message(windows: Windows, at: datetime) -> Windows:
    """Return the windows with one message taken, before it is sent. Raises QuotaUsedUp where none is left."""
    found = find_allowance(windows, at)
    if found.reason is not None:
        raise QuotaUsedUp(
            found.reason,
            mend=Words("可以改用电话、短信或模板消息。", "Reach the user by phone, by SMS or by a template message."),
        )
    return tuple(replace(each, sent=each.sent + 1) if _is_open(each, at) else each for each in windows)


def give_back_message(windows: Windows, spent_at: datetime) -> Windows:
    """Return the windows with one message given back that was spent at ``spent_at`` and surely never sent."""
    return tuple(
        replace(each, sent=max(0, each.sent - 1)) if each.opened_at <= spent_at < each.closes_at else each
        for each in windows
    )


def close_windows(windows: Windows, at: datetime) -> Windows:
    """Return the windows used up, as the vendor said (45015, 45047, 95001): it counts other programs' messages too."""
    return tuple(replace(each, sent=each.most) if _is_open(each, at) else each for each in windows)


def _is_open(window: Window, at: datetime) -> bool:
    # not before its end, that is: the vendor's clock, which opens windows, may be seconds ahead of ours
    return at < window.closes_at
