"""The pages of alerts: who may see and change what, exact figures, posts behind, hostile texts, queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from alert_fixtures import NOW, add_route
from alert_lake import ASPECT
from canyu.ops.alerts import actions
from canyu.ops.alerts.models import AlertRoute, AlertRule, FiredAlert, State, Watch
from canyu.ops.people.rules import Role

PAGES = ("/alerts/", "/alerts/replay/?days=30", "/alerts/rules/", "/alerts/about/alert/", "/alerts/about/replay/")
FORMS = ("/alerts/rules/new/", "/alerts/routes/new/", "/alerts/settings/")
RULE = {
    "name": "brakes", "team": "PR", "counts": "aspects", "aspects": [ASPECT], "at_least": "30", "hours": "3",
    "severity": "critical", "time_zone": "Asia/Shanghai",
}  # fmt: skip
ROUTE = {"team": "PR", "counts": "any", "least_severity": "notice", "addresses": "PR", "time_zone": "Asia/Shanghai"}


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.content.decode()


def find_open() -> FiredAlert:
    return next(row for row in FiredAlert.objects.filter(ended=None) if row.facts["series"]["aspect"] == ASPECT)


@pytest.mark.parametrize("address", [*PAGES, *FORMS])
def test_nobody_sees_alerts_without_signing_in(address: str, db: None, alert_lake: Path) -> None:
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize("address", [*PAGES, *FORMS])
def test_a_care_agent_sees_no_alerts(address: str, sign_in: Callable[..., Client], alert_lake: Path) -> None:
    assert sign_in(Role.CARE_AGENT).get(address).status_code == 403


@pytest.mark.parametrize("role", [Role.SOCIAL_ANALYST, Role.DATA_ANALYST, Role.PR_OFFICER, Role.MARKETING_LEAD])
def test_who_may_read_alerts(role: Role, sign_in: Callable[..., Client], alert_lake: Path) -> None:
    client = sign_in(role)
    may_change = role in {Role.PR_OFFICER, Role.MARKETING_LEAD}
    assert [client.get(address).status_code for address in PAGES[2:]] == [200] * 3
    assert [client.get(address).status_code for address in FORMS] == [200 if may_change else 403] * 3


def test_an_analyst_changes_no_rule(sign_in: Callable[..., Client], alert_lake: Path) -> None:
    client, route = sign_in(Role.SOCIAL_ANALYST), add_route()
    tried = [
        client.post("/alerts/rules/new/", RULE),
        client.post("/alerts/routes/new/", ROUTE),
        client.post(f"/alerts/routes/{route.pk}/switch/", {"on": "0"}),
        client.post("/alerts/settings/", {"preset": "sensitive"}),
        client.post("/alerts/messages/retry/"),
    ]
    assert [answer.status_code for answer in tried] == [403] * 5
    route.refresh_from_db()
    assert (AlertRule.objects.count(), AlertRoute.objects.count(), route.is_on) == (0, 1, True)
    assert not Watch.objects.exists()


def test_an_empty_list_says_what_to_run(sign_in: Callable[..., Client], alert_lake: Path) -> None:
    assert f"canyu alerts check --lake {alert_lake} --deliver" in read(sign_in(Role.PR_OFFICER), "/alerts/")


def test_the_list_tells_each_alert_with_its_posts(sign_in: Callable[..., Client], checked: actions.Check) -> None:
    page = read(sign_in(Role.PR_OFFICER), "/alerts/")
    assert "6 alerts not closed yet" in page
    assert "Safety · negative" in page
    assert "61 without copies, 120 with copies" in page
    assert "under 1" in page
    row = find_open()
    assert all(f"/posts/one/?id={name}" in page for name in row.facts["evidence"])
    assert page.index(f"/alerts/one/{row.alert_id}/") < page.index("over</span>")


def test_hostile_posts_are_text(sign_in: Callable[..., Client], checked: actions.Check) -> None:
    row = find_open()
    page = read(sign_in(Role.PR_OFFICER), f"/alerts/one/{row.alert_id}/")
    assert "<script>alert" not in page


def test_a_page_asks_the_database_a_few_times_only(
    sign_in: Callable[..., Client], checked: actions.Check, django_assert_max_num_queries: Any
) -> None:
    client, row = sign_in(Role.PR_OFFICER), find_open()
    for address, most in (("/alerts/", 9), (f"/alerts/one/{row.alert_id}/", 8), ("/alerts/rules/", 10)):
        with django_assert_max_num_queries(most):
            read(client, address)


def test_an_alert_is_seen_closed_with_a_note_and_opened_again(
    sign_in: Callable[..., Client], checked: actions.Check
) -> None:
    client, row = sign_in(Role.SOCIAL_ANALYST), find_open()
    address = f"/alerts/one/{row.alert_id}/state/"
    assert client.post(address, {"state": "seen"}).status_code == 302
    refused = client.post(address, {"state": "closed", "note": " "})
    assert (refused.status_code, "Closing needs a note." in refused.content.decode()) == (400, True)
    row.refresh_from_db()
    assert (row.state, row.changed_by) == (State.SEEN, Role.SOCIAL_ANALYST.value)
    client.post(address, {"state": "closed", "note": "<b>recall</b> told"})
    row.refresh_from_db()
    assert (row.state, row.note) == (State.CLOSED, "<b>recall</b> told")
    assert "&lt;b&gt;recall" in read(client, f"/alerts/one/{row.alert_id}/")
    assert client.post(address, {"state": "nonsense"}).status_code == 404
    actions.check_alerts(NOW + timedelta(minutes=1))
    row.refresh_from_db()
    assert row.state == State.CLOSED


def test_a_care_agent_closes_nothing(sign_in: Callable[..., Client], checked: actions.Check) -> None:
    row = find_open()
    answer = sign_in(Role.CARE_AGENT).post(f"/alerts/one/{row.alert_id}/state/", {"state": "closed", "note": "x"})
    row.refresh_from_db()
    assert (answer.status_code, row.state) == (403, State.NEW)


def test_there_is_no_alert_that_never_fired(sign_in: Callable[..., Client], alert_lake: Path) -> None:
    assert sign_in(Role.PR_OFFICER).get("/alerts/one/feedfeedfeedfeed/").status_code == 404
    assert sign_in(Role.DATA_ANALYST).get("/alerts/?page=0").status_code == 400
    assert sign_in(Role.MARKETING_LEAD).get("/alerts/?state=%00").status_code == 400


def test_the_replay_shows_both_sensitivities(sign_in: Callable[..., Client], alert_lake: Path) -> None:
    page = read(sign_in(Role.DATA_ANALYST), "/alerts/replay/?days=30&preset=sensitive")
    assert "default" in page
    assert "What fired with sensitive" in " ".join(page.split())
    assert "2025-04-14 06:00" in page  # the burst began at 22:00 UTC
    assert page.count("Safety · negative") == 2


def test_a_rule_is_kept_switched_and_named_once(sign_in: Callable[..., Client], alert_lake: Path) -> None:
    client = sign_in(Role.PR_OFFICER)
    assert client.post("/alerts/rules/new/", RULE).status_code == 302
    row = AlertRule.objects.get()
    assert (row.aspects, row.sentiments, row.at_least, row.hours) == ([ASPECT], ["negative"], 30, 3)
    again = client.post("/alerts/rules/new/", RULE)
    assert (again.status_code, "Another rule has this name." in again.content.decode()) == (400, True)
    client.post(f"/alerts/rules/{row.pk}/switch/", {"on": "0"})
    row.refresh_from_db()
    assert (row.is_on, AlertRule.objects.count()) == (False, 1)
    assert 'value="30"' in read(client, f"/alerts/rules/{row.pk}/")
    assert client.get("/alerts/rules/999/").status_code == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"at_least": "0"}, "greater than or equal to 1"),
        ({"hours": "700"}, "less than or equal to 672"),
        ({"time_zone": "Mars/Base"}, "Name a time zone"),
        ({"quiet_from": "22:00"}, "Give both ends"),
        ({"aspects": []}, "Choose at least one aspect."),
        ({"name": ""}, "required"),
        ({"ratio": "nan"}, "Enter a number"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(
    change: dict[str, Any], said: str, sign_in: Callable[..., Client], alert_lake: Path
) -> None:
    answer = sign_in(Role.PR_OFFICER).post("/alerts/rules/new/", RULE | change)
    assert (answer.status_code, said in answer.content.decode()) == (400, True)
    assert not AlertRule.objects.exists()


def test_an_address_itself_is_refused_and_not_shown_back(sign_in: Callable[..., Client], alert_lake: Path) -> None:
    client = sign_in(Role.PR_OFFICER)
    answer = client.post("/alerts/routes/new/", ROUTE | {"addresses": "wecombot://very-secret-key"})
    assert (answer.status_code, "very-secret-key" in answer.content.decode()) == (400, False)
    assert not AlertRoute.objects.exists()
    assert client.post("/alerts/routes/new/", ROUTE | {"addresses": "PR, LEAD"}).status_code == 302
    assert AlertRoute.objects.get().addresses == ["PR", "LEAD"]


def test_an_address_in_the_environment_is_never_shown(
    sign_in: Callable[..., Client], alert_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANYU_ALERT_PR", "wecombot://very-secret-key")
    add_route()
    client = sign_in(Role.PR_OFFICER)
    pages = [read(client, address) for address in ("/alerts/rules/", "/alerts/routes/new/")]
    assert ["very-secret-key" in page for page in pages] == [False, False]
    assert "not set for this web process" not in pages[0]


def test_settings_are_checked_as_the_engine_does(sign_in: Callable[..., Client], alert_lake: Path) -> None:
    client = sign_in(Role.MARKETING_LEAD)
    refused = client.post("/alerts/settings/", {"preset": "custom", "false_share": "0.9"})
    assert (refused.status_code, "Give a number from 1e-06 to 0.5." in refused.content.decode()) == (400, True)
    assert not Watch.objects.exists()
    client.post("/alerts/settings/", {"preset": "custom", "false_share": "0.2", "least_count": "5"})
    assert (Watch.objects.get().preset, Watch.objects.get().custom) == ("custom", {"false_share": 0.2})
    assert "your own values" in read(client, "/alerts/replay/?days=30&preset=custom")


def test_the_drawer_tells_the_settings_of_the_replay(sign_in: Callable[..., Client], alert_lake: Path) -> None:
    client = sign_in(Role.DATA_ANALYST)
    assert "q at most 0.5, p at most 0.03" in read(client, "/alerts/about/replay/?preset=sensitive")
    assert "q at most 0.3, p at most 0.01" in read(client, "/alerts/about/alert/")
    assert client.get("/alerts/about/replay/?preset=x").status_code == 400
    assert client.get("/alerts/about/nothing/").status_code == 404
