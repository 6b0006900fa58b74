"""Checks of alerts: what is kept, told once, held and tried again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from alert_fixtures import NOW, add_route
from alert_lake import ASPECT, BURST, END, add_scores, fill_alert_lake, make_posts
from canyu.events import Lake
from canyu.kit.errors import NotFound
from canyu.ops.alerts import actions, evaluation
from canyu.ops.alerts.models import AlertRule, FiredAlert, Message, State, Watch
from canyu.ops.alerts.schemas import dump_alert, dump_memory, load_alert, load_memory

SERIES = {
    ("xiaomi/su7", "", ""),
    ("xiaomi/su7", "", "negative"),
    ("xiaomi/su7", ASPECT, "negative"),
}


def test_a_check_keeps_the_burst_once_with_its_posts(db: None, alert_lake: Path) -> None:
    first = actions.check_alerts(NOW)
    assert (first.alerts, first.new, first.until) == (6, 6, END)
    rows = [row for row in FiredAlert.objects.all() if row.ended is None]
    assert {tuple(row.facts["series"][name] for name in ("product", "aspect", "sentiment")) for row in rows} == SERIES
    assert {row.found for row in rows} == {BURST}
    assert all(len(row.facts["evidence"]) == 10 for row in rows)
    again = actions.check_alerts(NOW)
    assert (again.new, FiredAlert.objects.count()) == (0, 6)


def test_a_team_gets_one_message_per_product_and_none_twice(db: None, alert_lake: Path) -> None:
    add_route()
    add_route(team="Care", aspects=["car/battery"], addresses=["CARE"])
    assert actions.check_alerts(NOW).messages == 1
    message = Message.objects.get()
    assert (message.team, message.address, len(message.alert_ids)) == ("PR", "PR", 3)
    assert "小米SU7" in message.text
    assert "xiaomi/su7" not in message.text
    assert actions.check_alerts(NOW + timedelta(minutes=10)).messages == 0


def test_the_end_is_told_with_what_was_added(db: None, tmp_path: Path, use_lake: Callable[[Path], None]) -> None:
    lake = fill_alert_lake(tmp_path / "own.lake")
    use_lake(tmp_path / "own.lake")
    add_route()
    actions.check_alerts(BURST + timedelta(hours=1, minutes=30))
    first = set(Message.objects.get().alert_ids)
    add_scores(lake, make_posts(END + timedelta(hours=8), 1, 1))
    actions.check_alerts(END + timedelta(hours=9))
    ended = Message.objects.order_by("pk").last()
    assert ended is not None
    assert first <= set(ended.alert_ids)
    assert "已结束" in ended.text
    assert "比上次通知多" in ended.text
    assert not FiredAlert.objects.filter(ended=None, alert_id__in=first).exists()


def test_quiet_hours_hold_a_message_until_they_end(db: None, alert_lake: Path) -> None:
    add_route(quiet_from=time(6), quiet_to=time(9))  # it is 08:05 in Shanghai
    assert actions.check_alerts(NOW).messages == 0
    assert len(Watch.objects.get().memory["held"]) == 3
    assert actions.check_alerts(NOW + timedelta(minutes=50)).messages == 0
    assert actions.check_alerts(NOW + timedelta(hours=1)).messages == 1
    assert Watch.objects.get().memory["held"] == []


def test_a_rule_tells_its_team_at_the_teams_addresses(db: None, alert_lake: Path) -> None:
    add_route(team="Care", products=["tesla"], addresses=["CARE"])
    AlertRule(
        name="brakes", team="Care", aspects=[ASPECT], sentiments=["negative"], at_least=50, hours=3,
        time_zone="Asia/Shanghai", changed_by="x", changed_at=NOW,
    ).save()  # fmt: skip
    check = actions.check_alerts(NOW)
    assert (check.alerts, check.messages) == (8, 1)
    assert Message.objects.get().address == "CARE"


def test_two_checks_at_once_keep_and_tell_everything_once(
    db: None, alert_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_route()
    evaluate, turns = evaluation.evaluate_lake, iter([True, False])

    def evaluate_slowly(*given: Any) -> evaluation.Evaluation:
        found = evaluate(*given)
        if next(turns):  # the other one begins and ends while this one still computes
            assert actions.check_alerts(NOW + timedelta(seconds=1)).new == 6
        return found

    monkeypatch.setattr(actions, "evaluate_lake", evaluate_slowly)
    late = actions.check_alerts(NOW)
    assert (late.is_late, late.new, late.messages) == (True, 0, 0)
    assert (FiredAlert.objects.count(), Message.objects.count()) == (6, 1)


def test_an_alert_that_other_settings_do_not_find_is_no_longer_open(db: None, alert_lake: Path) -> None:
    actions.check_alerts(NOW)
    Watch.objects.update(preset="custom", custom={"least_count": 1000})
    check = actions.check_alerts(NOW + timedelta(minutes=1))
    assert (check.alerts, FiredAlert.objects.filter(ended=None).count()) == (0, 0)


def test_closing_holds_when_the_next_check_updates_the_figures(db: None, alert_lake: Path) -> None:
    actions.check_alerts(NOW)
    FiredAlert.objects.update(state=State.CLOSED, note="known")
    actions.check_alerts(NOW + timedelta(minutes=1))
    assert set(FiredAlert.objects.values_list("state", "note")) == {(State.CLOSED, "known")}


def test_a_lake_that_nobody_listened_to_says_what_to_run(
    db: None, lake: Lake, use_lake: Callable[[Path], None]
) -> None:
    lake.store.create("events")
    use_lake(Path(lake.path))
    with pytest.raises(NotFound, match=r"canyu (listen|import)"):
        actions.check_alerts(NOW)
    assert not FiredAlert.objects.exists()


def test_what_is_kept_of_alerts_and_memory_comes_back_equal(db: None, alert_lake: Path) -> None:
    add_route(quiet_from=time(6), quiet_to=time(9))
    actions.check_alerts(NOW)
    for row in FiredAlert.objects.all():
        assert dump_alert(load_alert(row.facts)) == row.facts
        assert load_alert(row.facts).alert_id == row.alert_id
    kept = Watch.objects.get().memory
    assert dump_memory(load_memory(kept)) == kept


def test_the_posts_of_a_known_alert_are_not_looked_up_again(
    db: None, alert_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.check_alerts(NOW)
    before = {row.alert_id: row.facts for row in FiredAlert.objects.all()}
    monkeypatch.setattr(evaluation, "attach_posts", lambda _, fresh: fresh and pytest.fail("it was looked up"))
    actions.check_alerts(NOW + timedelta(minutes=1))
    assert {row.alert_id: row.facts for row in FiredAlert.objects.all()} == before


def test_what_a_rule_held_is_not_told_once_it_is_switched_off(db: None, alert_lake: Path) -> None:
    add_route(products=["tesla"])
    AlertRule(
        name="brakes", team="PR", aspects=[ASPECT], sentiments=["negative"], at_least=50, hours=3,
        time_zone="Asia/Shanghai", quiet_from=time(6), quiet_to=time(9), changed_by="x", changed_at=NOW,
    ).save()  # fmt: skip
    actions.check_alerts(NOW)
    assert len(Watch.objects.get().memory["held"]) == 1
    AlertRule.objects.update(is_on=False)
    assert actions.check_alerts(NOW + timedelta(hours=2)).messages == 0
    assert Watch.objects.get().memory["held"] == []
