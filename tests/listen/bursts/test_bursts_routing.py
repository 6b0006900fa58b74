"""Who hears of what, when, and how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from canyu.kit.errors import BadInput
from canyu.listen.bursts import (
    Alert,
    Change,
    Forecast,
    Memory,
    QuietHours,
    Route,
    Selection,
    SeriesKey,
    Severity,
    parse_rules,
    route_alerts,
    write_message,
)

NOON = datetime(2026, 7, 6, 4, tzinfo=UTC)  # 12:00 in Shanghai
NIGHT = datetime(2026, 7, 6, 15, tzinfo=UTC)  # 23:00
MORNING = datetime(2026, 7, 7, 0, 30, tzinfo=UTC)  # 8:30
CARE = Route("care", quiet=QuietHours(time(22), time(8), "Asia/Shanghai"))
ALERT = Alert(
    source="bursts",
    series=SeriesKey("X5", "battery", "negative", "posts"),
    begin=NOON - timedelta(hours=2),
    found=NOON - timedelta(hours=1),
    peak_at=NOON - timedelta(hours=1),
    peak=30,
    observed=42,
    expected=5.2,
    raw=60,
    severity=Severity.NOTICE,
    forecast=Forecast(120.4, 80.0, 300.0, 40.0),
)
ENDED = replace(ALERT, ended=NOON + timedelta(hours=3), closed_at=NOON + timedelta(hours=7), forecast=None)


def test_one_message_per_thing_until_it_grows_or_ends() -> None:
    first, memory = route_alerts([ALERT], Memory(), now=NOON, routes=[CARE, CARE])
    again, memory = route_alerts([replace(ALERT, observed=44)], memory, now=NOON, routes=[CARE])
    grown, memory = route_alerts([replace(ALERT, observed=120)], memory, now=NOON, routes=[CARE])
    ended, memory = route_alerts([replace(ENDED, observed=130)], memory, now=NOON, routes=[CARE])
    after, memory = route_alerts([replace(ENDED, observed=900)], memory, now=NOON, routes=[CARE])
    told = [[(notice.change, notice.before) for notice in round_] for round_ in (first, again, grown, ended, after)]
    assert told == [[(Change.BEGAN, 0)], [], [(Change.GREW, 42)], [(Change.ENDED, 120)], []]
    assert "78 more since the last message" in grown[0].text.en


def test_quiet_hours_hold_a_message_and_deliver_it_after() -> None:
    held, memory = route_alerts([ALERT], Memory(), now=NIGHT, routes=[CARE])
    assert held == ()
    later, memory = route_alerts([], memory, now=MORNING, routes=[CARE])  # even where the alert is listed no more
    assert [(notice.change, notice.alert.alert_id) for notice in later] == [(Change.BEGAN, ALERT.alert_id)]
    assert memory.held == {}


def test_what_came_and_went_at_night_is_one_message() -> None:
    _, memory = route_alerts([ALERT], Memory(), now=NIGHT, routes=[CARE])
    later, _ = route_alerts([ENDED], memory, now=MORNING, routes=[CARE])
    assert [notice.change for notice in later] == [Change.PASSED]


def test_a_critical_alert_does_not_wait() -> None:
    urgent, _ = route_alerts([replace(ALERT, severity=Severity.CRITICAL)], Memory(), now=NIGHT, routes=[CARE])
    assert [notice.team for notice in urgent] == ["care"]
    assert "紧急" in urgent[0].text.zh


def test_each_team_hears_of_its_own_series_and_severity() -> None:
    routes = [
        Route("battery", Selection(aspects=("battery",))),
        Route("screen", Selection(aspects=("screen",))),
        Route("lead", least_severity=Severity.WARNING),
    ]
    notices, _ = route_alerts([ALERT], Memory(), now=NOON, routes=routes)
    assert [notice.team for notice in notices] == ["battery"]


def test_a_rule_alert_goes_to_its_team_alone_in_its_quiet_hours() -> None:
    text = {"quiet_from": "22:00", "quiet_to": "08:00", "time_zone": "Asia/Shanghai"}
    rules = parse_rules([{"name": "b", "team": "desk", "at_least": 5, **text}])
    alert = replace(ALERT, source="rule:b", team="desk")
    assert route_alerts([alert], Memory(), now=NIGHT, routes=[CARE], rules=rules)[0] == ()
    notices, _ = route_alerts([alert], Memory(), now=NOON, routes=[CARE], rules=rules)
    assert [notice.team for notice in notices] == ["desk"]


def test_history_is_not_news() -> None:
    assert route_alerts([ENDED], Memory(), now=NOON + timedelta(days=9), routes=[CARE])[0] == ()


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(BadInput):
        route_alerts([ALERT], Memory(), now=NOON.replace(tzinfo=None), routes=[CARE])


def test_the_message_is_short_and_in_both_languages() -> None:
    text = write_message(ALERT, Change.BEGAN)
    assert text.zh == (
        "【突增】X5 · battery · 负面 · posts；42 条，平时约 5 条（8.1 倍）；始于 07-06 10:00 (UTC+08)，"
        "最高 07-06 11:00 (UTC+08) 30 条/时；未去重 60 条；今后 24 小时约 120 条（80% 区间 80–300）。"
    )
    assert text.en == (
        "Rising: X5 · battery · negative · posts; 42 posts, usually about 5 (8.1 times); since 07-06 10:00 (UTC+08), "
        "peak 30/h at 07-06 11:00 (UTC+08); 60 with copies; about 120 in the next 24 h (80% interval 80 to 300)."
    )


def test_a_hostile_name_cannot_break_the_message() -> None:
    text = write_message(replace(ALERT, series=SeriesKey("\x1b[2J\n\ud800" + "长" * 500)), Change.BEGAN)
    assert text.zh.isprintable()
    assert len(text.zh) < 250
