"""Every address of the console: nobody, the wrong role, the right role; a refusal changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from brand_lake import SCRIPT, get_hostile_id
from canyu.ops.gate import NEEDS, Holder
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role

PUBLIC = {
    "health",
    "set_theme",
    "set_language",
    "account_login",
    "account_logout",
    "mfa_authenticate",
    "account_inactive",
    "service_places",
    "complain",
    "ask",
    "help",
}
SIGNED = {"hook"}  # programs with a source's secret; tests/ops/test_webhook.py
OF_ONE = {
    "public_drop",
    "enter_drop",
    "drop_draw",
    "drop_certificate",
    "drop_place",
}  # tests/ops/offers/test_drop_pages.py
OF_ONE |= {"campaign_page", "join_campaign", "leave_campaign"}  # tests/ops/campaigns/test_public_page.py
OF_ONE |= {"charity_page", "charity_picture"}  # tests/ops/campaigns/test_charity_pages.py
OF_ONE |= {"make_poster"}  # tests/ops/campaigns/posters/test_poster_pages.py
OF_ONE |= {"challenge_page", "challenge_board", "challenge_board_file", "challenge_rank_file", "challenge_entry"}
OF_ONE |= {"enter_challenge", "vote_challenge_entry", "withdraw_challenge_entry"}
OF_ONE |= {"challenge_picture"}  # all of these: tests/ops/campaigns/test_challenge_public.py
OF_ONE |= {"service_place", "hold_slot", "booking", "confirm_booking", "cancel_booking"}
OF_ONE |= {"ask_booking_data", "fetch_booking_data"}  # these too: tests/ops/stations/test_station_pages.py
OF_ONE |= {"ask_own_data", "fetch_own_data"}  # tests/ops/fans/test_fan_pages.py
OF_ONE |= {"follow_case", "answer_case"}  # tests/ops/care/test_case_pages.py
OF_ONE |= {"talk_of_one", "send_talk_on", "erase_talk", "help_article"}  # tests/ops/knowledge/test_faces.py
OF_ONE |= {"public_statement", "public_statement_release", "public_statement_file"}
# these: tests/ops/crisis/test_statements.py
POST_ONLY = {
    *("api:quote", "api:hold", "api:redeem", "api:let_go", "api:take_order", "api:take_refund", "api:take_payment"),
    "set_theme",
    "set_language",
    "create_person",
    "update_person_roles",
    "reset_person_password",
    "close_account",
    "open_account",
    "update_alert_state",
    "switch_alert_rule",
    "switch_alert_route",
    "retry_alert_messages",
    "correct_post",
    "withdraw_correction",
    "retrain_model",
    "activate_model",
    *("block_kol", "watch_kol", "note_kol", "create_kol_contract", "drop_kol_contract", "create_kol_price"),
    *("switch_kol_account", "keep_kols_upload", "update_kol_brief", "send_kol_brief", "answer_kol_booking"),
    *("answer_campaign_finding", "send_campaign", "return_campaign", "release_campaign", "close_campaign"),
    "decide_referral_edge",
    *("pay_out_charity", "decide_charity_story", "add_charity_picture", "drop_charity_picture"),
    *("start_live", "end_live", "mark_live", "unmark_live", "upload_live_minutes", "tell_live_minute"),
    *("add_live_clip", "upload_live_plays", "tell_live_plays"),
    *("preview_poster", "save_poster", "answer_poster_finding", "switch_poster_on", "switch_poster_off"),
    *("decide_challenge_entries", "undo_challenge_step", "give_challenge_points", "decide_challenge_votes"),
    *("tie_fan", "part_fan", "dismiss_fan", "keep_fan_consent", "keep_fan_age", "send_fan_copy", "ask_for_fan"),
    *("release_fan_erasure", "ready_fan_copy", "close_fan_request"),
    *("save_kol_plan", "approve_kol_plan", "book_kol_plan"),
    *("take_sample_claims", "check_claims", "drop_claims", "replay_claims", "drop_claims_run", "set_target"),
    *("schedule_scorecard", "switch_scorecard_mail", "drop_scorecard_mail", "send_scorecard_again"),
    *("add_bench", "switch_bench", "send_reminders_again", "note_visit"),
    *("save_funnel", "save_retention", "save_journeys", "save_attribution", "put_study_away"),
    *(
        "say_in_case",
        "act_on_case",
        "withdraw_care",
        "open_watch_case",
        "withdraw_care_plan",
        "api:open_case_by_api",
        "api:say_by_api",
    ),
    "try_job_again",
    *("withdraw_article", "make_case_of_talk"),
    *(
        "send_wechat_again",
        "erase_wechat_talk",
        "rotate_wechat_secrets",
        "switch_wechat_account",
        "test_wechat_account",
    ),
    "work_wechat_again",
    *("start_crisis", "act_on_crisis", "release_statement", "return_statement"),
    *("keep_crisis_rebuttal", "brief_crisis_rebuttal", "create_crisis_goodwill", "add_crisis_lessons"),
    *("mark_kol_posted", "check_kol_post", "pay_kol", "undo_kol_step", "measure_kol_post"),
}
MARCH = "rhythm=month&day=2025-03-01"
QUESTIONS = ("funnel", "retention", "journeys", "attribution")
ARGUMENTS = {
    **{f"study_{kind}_proof": f"studies/{kind}/proof/answer/" for kind in QUESTIONS},
    **{f"study_{kind}_file": f"studies/{kind}/file/paths.csv" for kind in QUESTIONS},
    **{f"one_{kind}_proof": f"studies/{kind}/1/proof/answer/" for kind in ("experiment", "lift")},
    **{f"one_{kind}_file": f"studies/{kind}/1/file/lift.csv" for kind in ("experiment", "lift")},
    "proof": "pulse/proof/figure/volume/",
    "picture": "pulse/picture/volume_by_day.csv",
    "report": "pulse/report.html",
    "post": f"posts/one/?id={get_hostile_id(SCRIPT)}",
    "api:get_metric": "api/metrics/orders?from=2025-03-01&to=2025-03-31",
    "api:get_index": "api/metrics/index/resonance?from=2025-03-01&to=2025-03-31",
    "api:get_post": f"api/posts/one?id={get_hostile_id(SCRIPT)}",
    "hot_lists_proof": "hot-lists/proof/coverage/",
    "hot_list_file": "hot-lists/file/titles.csv",
    "spread_proof": "spread/proof/reposts/",
    "spread_file": "spread/file/cascades.csv",
    "spread_one_proof": "spread/one/proof/reposts/",
    "spread_one_file": "spread/one/file/reposts.csv",
    "forecasts_proof": "spread/forecast/proof/young/",
    "forecasts_file": "spread/forecast/file/forecasts.csv",
    "forecast_file": "spread/forecast/one/file/forecast.csv",
    "alert": "alerts/one/feedfeedfeedfeed/",
    "update_alert_state": "alerts/one/feedfeedfeedfeed/state/",
    "about_alerts": "alerts/about/alert/",
    "about_kols": "kols/about/roster/",
    "about_campaigns": "campaigns/about/k/",
    "staff_charity_picture": "campaigns/1/charity/pictures/abc.jpg",
    "live_proof": "lives/1/proof/peak/",
    "live_file": "lives/1/minutes.csv",
    "kol_plan_proof": "kols/plan/proof/reach/",
    "kol_plan_file": "kols/plan/file/plan.csv",
    "kol_plan_option_file": "kols/plan/beside/waves.csv",
    "kol_plan_option_proof": "kols/plan/beside/waves/",
    "ledger_file": "ledger/export/rows.csv",
    "offer_codes": "offers/one/1/codes/batch.csv",
    "fan": "fans/one/f-1/",
    "tie_fan": "fans/one/f-1/tie/",
    "part_fan": "fans/one/f-1/part/1/",
    "dismiss_fan": "fans/one/f-1/dismiss/",
    "keep_fan_consent": "fans/one/f-1/consent/",
    "keep_fan_age": "fans/one/f-1/age/",
    "send_fan_copy": "fans/one/f-1/copy/",
    "ask_for_fan": "fans/one/f-1/ask/",
    "fan_receipt": "fans/receipts/r-1.json",
    "scorecard": f"scorecard/?{MARCH}",
    "scorecard_proof": f"scorecard/proof/index/resonance/?{MARCH}",
    "scorecard_file": f"scorecard/file/shifts.csv?{MARCH}",
    "scorecard_report": f"scorecard/report.html?{MARCH}",
    "knowledge_article": "knowledge/one/refund-when/",
    "withdraw_article": "knowledge/one/refund-when/withdraw/",
    "case_clock": "care/one/1/why/solution/",
    "act_on_case": "care/one/1/do/solve/",
    "withdraw_care": "care/settings/withdraw/policy/",
    "open_watch_case": "care/watch/1/case/",
    "try_job_again": "jobs/one/00000000-0000-4000-8000-000000000000/again/",
    "act_on_crisis": "crises/one/1/do/tick/",
    "crisis_retrospective_file": "crises/one/1/retrospective.pdf",
    "statement_draft_file": "crises/statement/1/file/abc/",
    "claims_verdicts": "scorecard/claims/one/1/verdicts.csv",
}
LEAD, CARE = Role.MARKETING_LEAD, Role.CARE_AGENT
# Who may open each page, and a role that may not.
STAFF: dict[str, tuple[Role | None, Role | None]] = {
    "pulse": (LEAD, CARE),
    "proof": (LEAD, CARE),
    "picture": (LEAD, CARE),
    "report": (LEAD, CARE),
    "posts": (CARE, None),
    "post": (CARE, None),
    "hot_lists": (LEAD, CARE),
    "hot_lists_proof": (LEAD, CARE),
    "hot_list_file": (LEAD, CARE),
    "share_of_voice": (LEAD, CARE),
    "share_of_voice_proof": (LEAD, CARE),
    "spread": (LEAD, CARE),
    "spread_proof": (LEAD, CARE),
    "spread_file": (LEAD, CARE),
    "forecasts": (LEAD, CARE),
    "forecasts_proof": (LEAD, CARE),
    "forecasts_file": (LEAD, CARE),
    "api:list_cascades": (LEAD, CARE),
    "api:list_forecasts": (LEAD, CARE),
    "copies": (LEAD, CARE),
    "coordination": (LEAD, CARE),
    "rumours": (LEAD, CARE),
    "copy_check": (LEAD, CARE),
    "alerts": (LEAD, CARE),
    "about_alerts": (LEAD, CARE),
    "alert_replay": (LEAD, CARE),
    "alert_rules": (LEAD, CARE),
    "create_alert_rule": (LEAD, CARE),
    "create_alert_route": (LEAD, CARE),
    "edit_alert_settings": (LEAD, CARE),
    "labels": (LEAD, CARE),
    "label_queue": (LEAD, CARE),
    "campaigns": (LEAD, CARE),
    "create_campaign": (LEAD, CARE),
    "about_campaigns": (LEAD, CARE),
    "lives": (LEAD, CARE),
    "plan_live": (LEAD, CARE),
    "live_template": (LEAD, CARE),
    "api:list_lives": (LEAD, CARE),
    "kols": (LEAD, CARE),
    "about_kols": (LEAD, CARE),
    "kol_bookings": (LEAD, CARE),
    "import_kols": (LEAD, CARE),
    "kols_template": (LEAD, CARE),
    "kol_plan": (LEAD, CARE),
    "kol_plan_certificate": (LEAD, CARE),
    "kol_plan_proof": (LEAD, CARE),
    "kol_plan_impressions": (LEAD, CARE),
    "kol_plan_file": (LEAD, CARE),
    "kol_plans": (LEAD, CARE),
    "ledger": (LEAD, CARE),
    "ledger_proof": (LEAD, CARE),
    "ledger_file": (LEAD, CARE),
    "offers": (CARE, Role.PR_OFFICER),
    "try_offers": (CARE, Role.PR_OFFICER),
    "new_offer": (LEAD, CARE),
    "drops": (CARE, Role.PR_OFFICER),
    "new_drop": (LEAD, CARE),
    "links": (LEAD, CARE),
    "studies": (LEAD, CARE),
    **{f"study_{kind}": (LEAD, CARE) for kind in (*QUESTIONS, "experiment", "lift")},
    "study_journeys_proof": (LEAD, CARE),
    "study_journeys_file": (LEAD, CARE),
    "new_experiment": (LEAD, CARE),
    "new_lift": (LEAD, Role.PR_OFFICER),
    "fans": (CARE, Role.PR_OFFICER),
    "fan_requests": (CARE, Role.PR_OFFICER),
    "fan_receipts": (CARE, Role.PR_OFFICER),
    "scorecard": (LEAD, CARE),
    "scorecard_proof": (LEAD, CARE),
    "scorecard_report": (LEAD, CARE),
    "targets": (LEAD, CARE),
    "scorecard_mail": (LEAD, CARE),
    "claims": (LEAD, CARE),
    "create_claims": (LEAD, CARE),
    "stations": (CARE, Role.PR_OFFICER),
    "create_station": (CARE, Role.CAMPAIGN_MANAGER),
    **dict.fromkeys(("knowledge", "knowledge_gaps", "talks", "assistant_weeks"), (CARE, Role.KOL_MANAGER)),
    "try_assistant": (Role.DATA_ANALYST, Role.SOCIAL_ANALYST),
    **dict.fromkeys(("write_article", "import_articles"), (CARE, Role.DATA_ANALYST)),
    "cases": (CARE, Role.CAMPAIGN_MANAGER),
    "open_case": (CARE, Role.DATA_ANALYST),
    "cases_file": (CARE, Role.CAMPAIGN_MANAGER),
    "case_steps": (CARE, Role.CAMPAIGN_MANAGER),
    "care_plans": (CARE, Role.CAMPAIGN_MANAGER),
    "edit_care_plan": (LEAD, CARE),
    "kol_watch": (Role.PR_OFFICER, CARE),
    "care_settings": (CARE, Role.KOL_MANAGER),
    **{f"edit_care_{what}": (LEAD, CARE) for what in ("calendar", "policy", "agent", "answer")},
    "wechat_talks": (CARE, Role.DATA_ANALYST),
    "manage_wechat_accounts": (LEAD, CARE),
    "create_wechat_account": (LEAD, CARE),
    "api:list_cases": (CARE, Role.CAMPAIGN_MANAGER),
    "jobs": (LEAD, CARE),
    "crises": (Role.PR_OFFICER, Role.CAMPAIGN_MANAGER),
    "sources": (LEAD, CARE),
    "quarantine": (LEAD, CARE),
    "quarantine_file": (LEAD, CARE),
    "webhooks": (LEAD, CARE),
    "create_webhook": (Role.DATA_ANALYST, CARE),
    "api:get_overview": (LEAD, CARE),
    "api:list_metrics": (LEAD, CARE),
    "api:get_metric": (LEAD, CARE),
    "api:get_index": (LEAD, CARE),
    "api:list_posts": (CARE, None),
    "api:get_post": (CARE, None),
}


def list_patterns(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, str, URLPattern]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            space = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from ((space + name, path, found) for name, path, found in list_patterns(pattern.url_patterns, route))
        else:
            yield pattern.name or "", route, pattern


@cache
def list_addresses() -> dict[str, str]:
    # "api-root" is only there so that addresses can be built from it: it answers 404 to everybody
    return {
        name: "/" + re.sub("<int:[a-z_]+>", "1", ARGUMENTS.get(name, path))
        for name, path, _ in list_patterns(get_resolver().url_patterns)
        if name != "api:api-root"
    }


def ask(client: Client, name: str) -> int:
    address = list_addresses()[name]
    return (client.post(address) if name in POST_ONLY else client.get(address)).status_code


@pytest.mark.parametrize("name", sorted(set(list_addresses()) - PUBLIC - SIGNED - OF_ONE))
def test_nobody_is_sent_to_the_door(name: str, brand_lake: Path, accounts: Callable[..., Person]) -> None:
    client = Client()
    response = client.post(list_addresses()[name]) if name in POST_ONLY else client.get(list_addresses()[name])
    if name.startswith("api:") and name != "api:openapi-json":
        assert response.status_code == 401
        assert response.json()["code"] == "anonymous"
    else:
        assert response.status_code == 302
        assert response["Location"].startswith("/account/login/?next=")


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_the_public_addresses_answer_nobody_without_harm(name: str, brand_lake: Path, db: None) -> None:
    client = Client()
    assert ask(client, name) in {200, 302}
    assert "sessionid" not in client.cookies


@pytest.mark.parametrize("name", sorted(STAFF))
def test_the_right_role_comes_in(name: str, brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    assert ask(sign_in(STAFF[name][0]), name) == 200


@pytest.mark.parametrize("name", sorted(STAFF))
def test_no_role_stays_out(name: str, brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    assert ask(sign_in(), name) == 403


@pytest.mark.parametrize("name", sorted(name for name, roles in STAFF.items() if roles[1]))
def test_the_wrong_role_stays_out(name: str, brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    assert ask(sign_in(STAFF[name][1]), name) == 403


@pytest.mark.parametrize(
    "name", sorted(name for name in list_addresses() if "person" in name or "account" in name[:14])
)
def test_only_an_administrator_changes_accounts(name: str, sign_in: Callable[..., Client], brand_lake: Path) -> None:
    if name.startswith("account_"):
        return
    client = sign_in(*Role)
    before = list(Person.objects.order_by("pk").values())
    address = list_addresses()[name].replace("/1/", f"/{Person.objects.get().pk}/")
    assert client.post(address, {"username": "eve", "roles": ["marketing_lead"]}).status_code == 403
    assert list(Person.objects.order_by("pk").values()) == before


def test_every_staff_page_names_its_permission() -> None:
    unnamed = []
    for name, _, pattern in list_patterns(get_resolver().url_patterns):
        view = pattern.callback
        is_own = view.__module__.startswith("allauth.") or not getattr(view, "login_required", True)
        is_api = name.startswith("api:")
        if not is_own and not is_api and getattr(view, NEEDS, None) is None:
            unnamed.append(name)
    assert unnamed == []


def test_every_operation_of_the_api_names_its_permission() -> None:
    from canyu.ops.insight.api import api
    from canyu.ops.offers.api import find_program

    doors = [
        operation.auth_callbacks
        for _, router in api._routers
        for path in router.path_operations.values()
        for operation in path.operations
    ]
    assert len(doors) == 23
    assert all(any(isinstance(door, Holder) for door in callbacks) for callbacks in doors)
    others = {door for callbacks in doors for door in callbacks if not (isinstance(door, Holder) and door.permission)}
    assert others == {find_program}


def test_a_page_that_names_nothing_is_shown_to_nobody(rf: object, sign_in: Callable[..., Client]) -> None:
    from django.core.exceptions import PermissionDenied
    from django.http import HttpResponse
    from django.test import RequestFactory

    from canyu.ops.gate import GateMiddleware

    request = RequestFactory().get("/")
    request.user = Person(username="admin", is_superuser=True)
    with pytest.raises(PermissionDenied):
        GateMiddleware(lambda _: HttpResponse()).process_view(request, lambda _: HttpResponse(), (), {})


def test_a_one_time_password_opens_nothing_but_its_change(brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(administrator=True, one_time=True)
    assert client.get("/pulse/")["Location"] == "/account/password/"
    assert client.get("/api/posts").status_code == 403
    assert client.get("/account/2fa/")["Location"] == "/account/password/"
    assert client.get("/account/password/").status_code == 200


def test_a_fragment_for_nobody_is_told_to_go_to_the_door(brand_lake: Path, db: None) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/pulse/?days=7"}
    response = Client(headers=headers).get("/pulse/proof/figure/volume/")
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/account/login/?next=%2Fpulse%2F%3Fdays%3D7"
