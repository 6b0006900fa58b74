"""What a user may still be sent: five in 48 hours, three in a minute, and never the sum."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canyu.care.wechat import (
    OFFICIAL_ACCOUNT,
    WECOM_KF,
    QuotaUsedUp,
    UserAction,
    Windows,
    close_windows,
    find_action,
    find_allowance,
    give_back_message,
    open_window,
    parse_message,
    spend_message,
)

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
MESSAGE, MENU, FOLLOW = UserAction.MESSAGE, UserAction.MENU, UserAction.FOLLOW


def after(**times: float) -> datetime:
    return AT + timedelta(**times)


def open_by(*actions: tuple[UserAction, datetime]) -> Windows:
    windows: Windows = ()
    for action, at in actions:
        windows = open_window(windows, action, at, OFFICIAL_ACCOUNT)
    return windows


def spend(windows: Windows, times: int, at: datetime) -> Windows:
    for _ in range(times):
        windows = spend_message(windows, at)
    return windows


def test_five_messages_are_sent_and_the_sixth_is_refused() -> None:
    windows = spend(open_by((MESSAGE, AT)), 5, after(hours=1))
    with pytest.raises(QuotaUsedUp, match="All 5 messages are used up") as refusal:
        spend_message(windows, after(hours=2))
    assert refusal.value.status == 409
    assert "没有发出" in find_allowance(windows, after(hours=2)).reason.zh  # type: ignore[union-attr]


def test_the_window_is_closed_at_its_end_and_not_before() -> None:
    windows = open_by((MESSAGE, AT))
    last = after(hours=48, microseconds=-1)
    assert find_allowance(windows, last).left == 5
    assert find_allowance(windows, last).until == after(hours=48)
    with pytest.raises(QuotaUsedUp, match="time to answer is over"):
        spend_message(windows, after(hours=48))


def test_a_new_message_of_the_user_opens_the_window_anew() -> None:
    windows = spend(open_by((MESSAGE, AT)), 5, after(hours=1))
    windows = open_window(windows, MESSAGE, after(hours=2), OFFICIAL_ACCOUNT)
    assert find_allowance(windows, after(hours=49)).left == 5
    assert len(windows) == 1


def test_a_push_that_comes_late_gives_nothing_back() -> None:
    windows = spend(open_by((MESSAGE, AT)), 3, after(hours=1))
    for early in (AT, AT - timedelta(hours=1)):
        assert open_window(windows, MESSAGE, early, OFFICIAL_ACCOUNT) == windows


@pytest.mark.parametrize("action", [MENU, FOLLOW, UserAction.SCAN])
def test_a_tap_a_follow_and_a_scan_give_three_for_a_minute(action: UserAction) -> None:
    windows = open_by((action, AT))
    assert find_allowance(spend(windows, 2, after(seconds=59)), after(seconds=59)).left == 1
    with pytest.raises(QuotaUsedUp):
        spend(windows, 4, after(seconds=1))
    with pytest.raises(QuotaUsedUp):
        spend_message(windows, after(seconds=60))


def test_windows_do_not_add_up() -> None:
    windows = open_by((MESSAGE, AT), (MENU, after(minutes=1)))
    assert find_allowance(windows, after(minutes=1, seconds=1)).left == 5
    windows = spend(windows, 5, after(minutes=1, seconds=1))
    assert find_allowance(windows, after(minutes=1, seconds=2)).left == 0
    windows = open_window(windows, MENU, after(minutes=3), OFFICIAL_ACCOUNT)
    assert find_allowance(windows, after(minutes=3)).left == 3
    assert find_allowance(windows, after(minutes=4)).left == 0


def test_a_message_that_was_not_sent_is_given_back_once_and_where_it_was_taken() -> None:
    windows = spend(open_by((MESSAGE, AT)), 5, after(hours=1))
    windows = open_window(windows, MENU, after(hours=2), OFFICIAL_ACCOUNT)
    windows = spend_message(windows, after(hours=2))
    back = give_back_message(windows, after(hours=1))
    assert {each.action: each.sent for each in back} == {MESSAGE: 5, MENU: 1}
    assert find_allowance(give_back_message(open_by((MESSAGE, AT)), AT), AT).left == 5


def test_what_the_vendor_says_is_used_up_is_used_up() -> None:
    windows = close_windows(open_by((MESSAGE, AT)), after(hours=1))
    assert find_allowance(windows, after(hours=1)).left == 0
    windows = open_window(windows, MESSAGE, after(hours=2), OFFICIAL_ACCOUNT)
    assert find_allowance(windows, after(hours=2)).left == 5


def test_a_user_whose_clock_is_ahead_of_ours_can_be_answered() -> None:
    assert find_allowance(open_by((MESSAGE, after(seconds=3))), AT).left == 5


def test_nobody_who_did_nothing_is_sent_anything() -> None:
    assert find_allowance((), AT).left == 0
    assert open_window((), MENU, AT, WECOM_KF) == ()
    assert find_allowance(open_window((), MESSAGE, AT, WECOM_KF), AT).left == 5


@pytest.mark.parametrize(
    ("told", "action"),
    [
        ("<MsgType>text</MsgType><Content>在</Content>", MESSAGE),
        ("<MsgType>event</MsgType><Event>subscribe</Event>", FOLLOW),
        ("<MsgType>event</MsgType><Event>SCAN</Event>", UserAction.SCAN),
        ("<MsgType>event</MsgType><Event>CLICK</Event>", MENU),
        ("<MsgType>event</MsgType><Event>scancode_push</Event>", MENU),
        ("<MsgType>event</MsgType><Event>VIEW</Event>", None),
        ("<MsgType>event</MsgType><Event>LOCATION</Event>", None),
        ("<MsgType>event</MsgType><Event>unsubscribe</Event>", None),
    ],
)
def test_which_push_opens_which_window(told: str, action: UserAction | None) -> None:
    head = "<ToUserName>us</ToUserName><FromUserName>user</FromUserName><CreateTime>1</CreateTime>"
    assert find_action(parse_message(f"<xml>{head}{told}</xml>")) is action


STEPS = st.lists(st.tuples(st.sampled_from([None, None, *UserAction]), st.integers(0, 400)), max_size=30)


@settings(max_examples=60)
@given(STEPS, st.sampled_from([1, 400]))
def test_any_run_is_allowed_exactly_what_a_plain_count_allows(
    steps: list[tuple[UserAction | None, int]], factor: int
) -> None:
    now, windows = AT, open_by()
    counts: dict[UserAction, tuple[datetime, int]] = {}
    for action, seconds in steps:
        now += timedelta(seconds=seconds * factor)
        if action is not None:
            windows = open_window(windows, action, now, OFFICIAL_ACCOUNT)
            if action not in counts or counts[action][0] < now:
                counts[action] = (now, 0)
            continue
        is_allowed = any(
            (now - opened).total_seconds() < OFFICIAL_ACCOUNT[each].within_s and sent < OFFICIAL_ACCOUNT[each].most
            for each, (opened, sent) in counts.items()
        )
        assert (find_allowance(windows, now).left > 0) is is_allowed
        if is_allowed:
            windows = spend_message(windows, now)
            counts = {each: (opened, sent + 1) for each, (opened, sent) in counts.items()}
