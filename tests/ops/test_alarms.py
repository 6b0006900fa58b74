"""Alerts of posts that will go far: told once per post and number, followed to their end, replayed, erased."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

import canyu
from alarm_lake import FAST, POSTED, TEXT, add_reactions, fill_alarm_lake, fill_real_lake
from alert_fixtures import NOW, add_route
from alert_lake import END
from canyu.kit.errors import BadInput
from canyu.ops.alerts import actions
from canyu.ops.alerts.alarms.evaluation import find_alarms, tally_rules
from canyu.ops.alerts.alarms.rules import AlarmRule, parse_rule_file, write_alarm
from canyu.ops.alerts.alarms.schemas import dump_alarm, load_alarm
from canyu.ops.alerts.models import AlarmRule as AlarmRuleRow
from canyu.ops.alerts.models import FiredAlert, Kind, Message
from canyu.ops.people.rules import Role
from canyu.ops.travel.forecasts import find_forecasts

HOUR = timedelta(hours=1)
FORM = {
    "name": "far", "team": "PR", "passes": "500", "chance_percent": "50", "severity": "warning",
    "time_zone": "Asia/Shanghai",
}  # fmt: skip


@pytest.fixture(scope="module")
def alarm_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("alarms") / "alarm.lake"
    fill_alarm_lake(path)
    return path


@pytest.fixture
def alarm_lake(db: None, alarm_path: Path, use_lake: Callable[[Path], None]) -> canyu.Lake:
    use_lake(alarm_path)
    return canyu.open(alarm_path)


@pytest.fixture
def own_lake(db: None, tmp_path: Path, use_lake: Callable[[Path], None]) -> canyu.Lake:
    lake = fill_alarm_lake(tmp_path / "own.lake")
    use_lake(tmp_path / "own.lake")
    return lake


def add_rule(**changes: Any) -> AlarmRuleRow:
    row = AlarmRuleRow(
        name="far", team="PR", passes=500, chance_percent=50, time_zone="Asia/Shanghai", changed_by="x", changed_at=NOW
    )
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()
    return row


def list_rows() -> list[FiredAlert]:
    return list(FiredAlert.objects.filter(kind=Kind.FORECAST))


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return html.unescape(response.content.decode())


def test_a_check_tells_of_a_post_once_at_the_first_hour_that_it_was_likely(alarm_lake: canyu.Lake) -> None:
    add_route(products=["tesla"])
    add_rule()
    check = actions.check_alerts(NOW)
    (row,) = list_rows()
    alarm = load_alarm(row.facts)
    assert (alarm.post, alarm.passes, alarm.rules, alarm.told, alarm.ended) == ("far", 500, ("far",), ("PR",), None)
    before = find_forecasts(alarm_lake, alarm.found - HOUR, 500)
    at = find_forecasts(alarm_lake, alarm.found, 500)
    assert at is not None
    assert at.rows[0].chance == alarm.chance >= 0.5
    assert before is None or all(one.chance < 0.5 for one in before.rows)
    assert (check.new, check.messages) == (7, 1)
    message = Message.objects.get()
    assert (message.team, message.product, message.alert_ids) == ("PR", "", [alarm.alert_id])
    assert message.text == write_alarm(alarm, "Asia/Shanghai").zh
    assert "新车" not in message.text
    again = actions.check_alerts(NOW + timedelta(minutes=10))
    assert (again.new, again.messages, len(list_rows())) == (0, 0, 1)


def test_another_number_is_told_besides_and_another_rule_of_the_team_is_not(alarm_lake: canyu.Lake) -> None:
    add_route(products=["tesla"])
    add_rule()
    add_rule(name="surely", chance_percent=51)
    actions.check_alerts(NOW)
    assert [load_alarm(row.facts).rules for row in list_rows()] == [("far", "surely")]
    add_rule(name="early", passes=450)
    check = actions.check_alerts(NOW + timedelta(minutes=10))
    assert (check.new, check.messages) == (1, 1)
    assert sorted(load_alarm(row.facts).passes for row in list_rows()) == [450, 500]


def test_another_team_hears_of_the_same_post(alarm_lake: canyu.Lake) -> None:
    add_route(products=["tesla"])
    add_route(team="Care", products=["tesla"], addresses=["CARE"])
    add_rule()
    actions.check_alerts(NOW)
    add_rule(name="care", team="Care", chance_percent=45)
    check = actions.check_alerts(NOW + timedelta(minutes=10))
    assert (check.new, check.messages) == (0, 1)
    assert load_alarm(list_rows()[0].facts).told == ("PR", "Care")


def test_a_rule_for_a_product_hears_only_of_posts_that_name_it(alarm_lake: canyu.Lake) -> None:
    add_rule(passes=15, chance_percent=1, products=["xiaomi/su7"])
    actions.check_alerts(NOW)
    assert [load_alarm(row.facts).post for row in list_rows()] == ["far"]
    add_rule(name="tesla", passes=16, chance_percent=1, products=["tesla"])
    add_rule(name="all", passes=17, chance_percent=1)
    actions.check_alerts(NOW + timedelta(minutes=1))
    found = {(load_alarm(row.facts).post, load_alarm(row.facts).passes) for row in list_rows()}
    assert found == {("far", 15), ("far", 17), ("near", 17)}


def test_quiet_hours_hold_it_until_they_end_and_a_rule_switched_off_never_tells(alarm_lake: canyu.Lake) -> None:
    add_route(products=["tesla"])
    rule = add_rule(quiet_from=time(6), quiet_to=time(9))  # it is 08:05 in Shanghai
    other = add_rule(name="off", passes=100, quiet_from=time(6), quiet_to=time(9))
    assert actions.check_alerts(NOW).messages == 0
    assert {load_alarm(row.facts).waiting for row in list_rows()} == {("PR",)}
    AlarmRuleRow.objects.filter(pk=other.pk).update(is_on=False)
    assert actions.check_alerts(NOW + HOUR).messages == 1
    assert Message.objects.get().alert_ids == [
        row.alert_id for row in list_rows() if rule.name in load_alarm(row.facts).rules
    ]
    assert all(not load_alarm(row.facts).waiting for row in list_rows())


def test_a_critical_one_does_not_wait(alarm_lake: canyu.Lake) -> None:
    add_route(products=["tesla"])
    add_rule(quiet_from=time(6), quiet_to=time(9), severity="critical")
    assert actions.check_alerts(NOW).messages == 1
    assert Message.objects.get().text.startswith("【传播·紧急】")


def test_what_comes_later_settles_it_without_another_message(own_lake: canyu.Lake) -> None:
    add_route(products=["tesla"])
    add_rule()
    actions.check_alerts(NOW)
    add_reactions(own_lake, 300, END)
    check = actions.check_alerts(NOW + HOUR)
    alarm = load_alarm(list_rows()[0].facts)
    assert (check.messages, alarm.came) == (0, FAST - 1 + 300)
    assert alarm.passed_at == END + timedelta(seconds=500 - (FAST - 1))
    assert list_rows()[0].ended == alarm.passed_at


def test_a_check_of_the_past_knows_nothing_of_what_came_later(own_lake: canyu.Lake) -> None:
    add_rule()
    add_reactions(own_lake, 300, END)
    actions.check_alerts(NOW - HOUR)
    alarm = load_alarm(list_rows()[0].facts)
    assert (alarm.passed_at, alarm.ended, alarm.came < FAST) == (None, None, True)


def test_an_erased_post_takes_its_alarm_along(own_lake: canyu.Lake) -> None:
    add_rule()
    actions.check_alerts(NOW)
    own_lake.erase_posts(["far"])
    actions.forget_erased()
    assert list_rows() == []
    assert FiredAlert.objects.filter(kind=Kind.BURST).count() == 6
    actions.check_alerts(NOW + HOUR)
    assert list_rows() == []


def test_what_is_kept_comes_back_equal(alarm_lake: canyu.Lake) -> None:
    add_rule()
    actions.check_alerts(NOW)
    row = list_rows()[0]
    assert dump_alarm(load_alarm(row.facts)) == row.facts
    assert load_alarm(row.facts).alert_id == row.alert_id


def test_a_replay_of_real_cascades_tells_what_the_page_of_forecasts_says_and_what_came(
    shared_data: Path, tmp_path: Path
) -> None:
    lake = fill_real_lake(tmp_path / "real.lake", shared_data, date(2014, 2, 1), date(2014, 2, 14))
    begin = POSTED.replace(year=2014, month=2, day=1, hour=0)
    rules = (AlarmRule("far", "PR", 300, 50), AlarmRule("surely", "PR", 300, 90))
    found = find_alarms(lake, begin, begin + timedelta(days=14), rules)
    assert found is not None
    assert len(found.by_rule["far"]) > len(found.by_rule["surely"]) > 3
    for alarm in found.by_rule["far"][:5]:
        at = find_forecasts(lake, alarm.found, 300)
        assert at is not None
        (one,) = (one for one in at.rows if one.reactions.root.id == alarm.post)
        assert (one.chance, one.found.final) == (alarm.chance, alarm.final)
        assert (alarm.passed_at is not None) == (len(one.reactions.times) > 300)
    far, surely = tally_rules(found, rules)
    assert (far.alarms, far.is_open) == (far.passed + far.missed, 0)
    assert far.share is not None
    assert surely.share is not None
    assert far.share[1] < far.share[0] < far.share[2] < surely.share[0] + 0.5


def test_no_rule_or_no_post_is_nothing(alarm_lake: canyu.Lake, tmp_path: Path) -> None:
    assert find_alarms(alarm_lake, END - HOUR, END, ()) is None
    assert find_alarms(canyu.open(tmp_path / "new.lake", create=True), END - HOUR, END, (AlarmRule("a", "b"),)) is None
    nothing = find_alarms(alarm_lake, END + HOUR, END + 2 * HOUR, (AlarmRule("a", "b"),))
    assert nothing is not None
    assert nothing.alarms == ()


def test_one_file_holds_rules_on_counts_and_on_forecasts() -> None:
    counts, forecasts = parse_rule_file(
        [
            {"name": "many", "team": "care", "at_least": 20},
            {"name": "far", "team": "PR", "passes": 1000, "quiet_from": "22:00", "quiet_to": "08:00",
             "time_zone": "Asia/Shanghai"},
        ]
    )  # fmt: skip
    assert ([rule.name for rule in counts], [rule.name for rule in forecasts]) == (["many"], ["far"])
    assert (forecasts[0].passes, forecasts[0].chance_percent, forecasts[0].quiet is None) == (1000, 50, False)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ("far", "rules"),
        ([{"name": "a", "team": "b", "passes": 0}], "rules[0].passes"),
        ([{"name": "a", "team": "b", "passes": 10, "chance_percent": 100}], "rules[0].chance_percent"),
        ([{"name": "a", "team": "b", "passes": 10, "hours": 2}], "rules[0].hours"),
        ([{"name": "", "team": "b", "passes": 10}], "rules[0].name"),
        ([{"name": "a", "team": "b", "passes": 10, "products": "x"}], "rules[0].products"),
        ([{"name": "a", "team": "b", "passes": 10}, {"name": "a", "team": "b", "at_least": 3}], "rules[1].name"),
    ],
)
def test_a_rule_that_cannot_be_used_is_named(document: object, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_rule_file(document)
    assert f"“{field}”" in str(caught.value)


def test_the_form_keeps_edits_and_switches_a_rule(alarm_lake: canyu.Lake, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.PR_OFFICER)
    assert 'name="passes" value="500"' in read(client, "/alerts/forecasts/new/")
    assert client.post("/alerts/forecasts/new/", FORM).status_code == 302
    row = AlarmRuleRow.objects.get()
    assert (row.passes, row.chance_percent, row.team, row.is_on) == (500, 50, "PR", True)
    assert "passes 500 with 50% or more" in read(client, "/alerts/rules/")
    taken = client.post("/alerts/forecasts/new/", FORM)
    assert (taken.status_code, "Another rule has this name" in taken.content.decode()) == (400, True)
    wrong = client.post(f"/alerts/forecasts/{row.pk}/", FORM | {"chance_percent": "100", "passes": "0"})
    assert wrong.status_code == 400
    assert client.post(f"/alerts/forecasts/{row.pk}/", FORM | {"passes": "2000"}).status_code == 302
    assert client.post(f"/alerts/forecasts/{row.pk}/switch/", {"on": "0"}).status_code == 302
    row.refresh_from_db()
    assert (row.passes, row.is_on) == (2000, False)
    assert client.get("/alerts/forecasts/99/").status_code == 404


def test_who_may_not_manage_changes_no_rule(alarm_lake: canyu.Lake, sign_in: Callable[..., Client]) -> None:
    row = add_rule()
    client = sign_in(Role.DATA_ANALYST)
    addresses = ("/alerts/forecasts/new/", f"/alerts/forecasts/{row.pk}/", f"/alerts/forecasts/{row.pk}/switch/")
    assert [client.post(address, FORM).status_code for address in addresses] == [403] * 3
    assert [Client().post(address, FORM).status_code for address in addresses] == [302] * 3
    row.refresh_from_db()
    assert (AlarmRuleRow.objects.count(), row.passes, row.is_on) == (1, 500, True)


@pytest.mark.parametrize(("language", "said"), [("en", "Will pass 500"), ("zh-hans", "将超过 500 条")])
def test_the_list_and_its_page_lead_to_the_forecast(
    language: str, said: str, alarm_lake: canyu.Lake, sign_in: Callable[..., Client]
) -> None:
    add_route(products=["tesla"])
    add_rule()
    actions.check_alerts(NOW)
    row, client = list_rows()[0], sign_in(Role.PR_OFFICER)
    client.cookies["django_language"] = language
    alarm = load_alarm(row.facts)
    link = f"/spread/forecast/one/?post=far&age={alarm.age_h:.4g}&passes=500"
    for address in ("/alerts/", f"/alerts/one/{row.alert_id}/"):
        raw = client.get(address).content.decode()
        assert said in raw
        assert link.replace("&", "&amp;") in raw
        assert "<script>alert" not in raw
    page = read(client, f"/alerts/one/{row.alert_id}/")
    assert TEXT in page
    assert alarm.model in page
    assert client.get(link).status_code == 200


def test_an_alarm_is_closed_with_a_note(alarm_lake: canyu.Lake, sign_in: Callable[..., Client]) -> None:
    add_rule()
    actions.check_alerts(NOW)
    client, row = sign_in(Role.PR_OFFICER), list_rows()[0]
    address = f"/alerts/one/{row.alert_id}/state/"
    assert client.post(address, {"state": "closed"}).status_code == 400
    assert client.post(address, {"state": "closed", "note": "answered"}).status_code == 302
    actions.check_alerts(NOW + timedelta(minutes=1))
    assert [(one.state, one.note) for one in list_rows()] == [("closed", "answered")]


def test_the_replay_shows_what_would_have_been_told(alarm_lake: canyu.Lake, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.PR_OFFICER)
    usual = read(client, "/alerts/replay/?days=30")
    assert "There is no rule on forecasts yet" in usual
    assert "as a new rule begins" in usual
    assert "Will pass 500" in usual
    add_rule(name="small", passes=1000)
    own = read(client, "/alerts/replay/?days=30")
    assert "By your rules on forecasts." in own
    assert "passes 1,000 with 50% or more" in own
