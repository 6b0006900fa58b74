"""The pages of care in both languages: queue, one case, calendars, policies, the public form and the API."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.test import Client

from brand_lake import SCRIPT, get_hostile_id
from canyu.kit.clock import get_now
from canyu.ops.campaigns.public.rules import make_pass
from canyu.ops.care import actions, setting_pages
from canyu.ops.care.faces import pages as faces
from canyu.ops.care.models import CareCalendar, CarePolicy, Case, CaseRecord
from canyu.ops.care.policies.actions import save_calendar
from canyu.ops.fans.models import Request
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from case_fixtures import BROKEN, HOUR, complain, make_agent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("brand_lake")]
HOSTILE = "<script>alert(1)</script>"
LINK = re.compile(r"/complain/([\w-]{20,})/")
WEEK = 'zone: Asia/Shanghai\nhours: {sat: ["09:00-18:00"], sun: []}\nworkdays: CN\n'


@pytest.fixture
def care(sign_in: Callable[..., Client]) -> Client:
    return sign_in(Role.CARE_AGENT, name="xiaomei")


def read(client: Client, address: str, language: str = "en") -> str:
    response = client.get(address, headers={"accept-language": language})
    assert response.status_code == 200, response.content
    return response.content.decode()


def send(client: Client, **fields: str) -> tuple[int, str]:
    made = make_pass("nonce", get_now() - 0.01 * HOUR)
    response = client.post("/complain/", {"pass": made, "agree": "1", "text": BROKEN, **fields})
    return response.status_code, response.get("Location", "") or response.content.decode()


def test_the_queue_and_a_case_are_read_in_both_languages(care: Client) -> None:
    late = complain(get_now() - 2 * HOUR, text=HOSTILE)
    soon = complain(get_now(), text="车门异响")
    page = read(care, "/care/")
    assert page.index(late.number) < page.index(soon.number)
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert 'hx-trigger="news, every 30s"' in page
    for address in ("/care/", f"/care/one/{late.pk}/", "/care/new/", "/care/settings/"):
        assert re.search(r"<h1>[^<]*[\u4e00-\u9fff]", read(care, address, "zh-hans"))
    assert late.number not in read(care, "/care/?stand=solved")
    assert soon.number in read(care, f"/care/?q={soon.number}&order=newest&kind=complaint&page=99")


def test_a_page_of_the_queue_asks_the_database_the_same_few_times(
    care: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(12):
        complain(get_now(), text=f"第{number}个")
    with django_assert_max_num_queries(14):
        read(care, "/care/")


def test_why_this_time_lists_the_intervals(care: Client) -> None:
    case = complain(get_now())
    told = read(care, f"/care/one/{case.pk}/why/first-response/")
    assert "The intervals that were used" in told
    assert "1 h" in told
    assert care.get(f"/care/one/{case.pk}/why/update/").status_code == 404
    assert care.get("/care/one/999/").status_code == 404


def test_every_step_of_a_case_by_its_buttons(care: Client) -> None:
    make_agent(Person.objects.get())
    case, other = complain(get_now()), complain(get_now(), text="车门异响")

    def do(what: str, **fields: str) -> int:
        return care.post(f"/care/one/{case.pk}/do/{what}/", fields).status_code

    assert care.post(f"/care/one/{case.pk}/say/", {"text": "您好", "audience": "customer"}).status_code == 302
    assert do("judge", kind="complaint", harm="safety", reach="12") == 302
    assert do("pause", reason="parts", until="2099-01-01T10:00") == 302
    assert do("resume") == 302
    assert do("assign", agent="xiaomei") == 302
    assert do("assign") == 302
    assert do("acknowledge") == 302
    assert do("reset", clock="solution", reason="换了车") == 302
    assert do("link", other=other.number) == 302
    assert do("solve") == 302
    assert do("reopen", reason="又坏了") == 302
    assert do("merge", other=other.number) == 302
    types = list(case.records.order_by("sequence").values_list("type", flat=True))
    assert types[-12:] == [
        *("judged", "paused", "resumed", "assigned", "assigned", "acknowledged", "clock reset", "linked to"),
        *("solved", "rating asked", "reopened", "merged into"),
    ]
    read(care, f"/care/one/{case.pk}/")
    assert read(care, f"/care/one/{case.pk}/", "zh-hans").count("已并入") >= 1


def test_bad_input_is_told_beside_the_case_and_keeps_nothing(care: Client) -> None:
    case = complain(get_now())
    before = CaseRecord.objects.count()
    for what, fields, status in (
        ("pause", {"reason": "parts", "until": "x"}, 400),
        ("pause", {"reason": "mood", "until": "2099-01-01T10:00"}, 400),
        ("resume", {}, 409),
        ("judge", {"kind": "complaint", "harm": "none", "reach": "²"}, 400),
        ("merge", {"other": "x"}, 404),
        ("merge", {"other": case.number}, 400),
        ("assign", {"agent": "ghost"}, 404),
        ("reset", {"clock": "solution", "reason": " "}, 400),
        ("split", {"kind": "complaint", "mention": "nothing"}, 400),
        ("dance", {}, 404),
    ):
        assert care.post(f"/care/one/{case.pk}/do/{what}/", fields).status_code == status, (what, fields)
    assert care.post(f"/care/one/{case.pk}/say/", {"text": " ", "audience": "customer"}).status_code == 400
    assert care.post(f"/care/one/{case.pk}/say/", {"text": "x", "audience": "all"}).status_code == 400
    assert CaseRecord.objects.count() == before


def test_a_case_opens_from_a_post_of_the_lake_once(care: Client) -> None:
    post = get_hostile_id(SCRIPT)
    assert "&lt;script" in read(care, f"/care/new/?post={post}&from=rumour")
    fields = {"kind": "rumour", "harm": "none", "text": "x", "post": post, "source": "rumour", "reach": "10"}
    first, second = (care.post("/care/new/", fields)["Location"] for _ in range(2))
    assert first == second
    case = Case.objects.get()
    assert (case.channel, case.opening_event, case.reach) == ("rumour", post, 10)
    assert care.post("/care/new/", fields | {"kind": "party", "reach": "-1"}).status_code == 400
    assert f"/care/new/?post={post}" in read(care, f"/posts/one/?id={post}")


def test_a_calendar_is_tried_before_it_is_kept(sign_in: Callable[..., Client]) -> None:
    lead = sign_in(Role.MARKETING_LEAD)
    fields = {"name": "周末", "text": WEEK, "start": "2026-02-14T17:30", "target": "1h"}
    tried = lead.post("/care/settings/calendar/", fields | {"what": "try"})
    assert "The intervals that were used" in tried.content.decode()
    assert CareCalendar.objects.count() == 0
    bad = lead.post("/care/settings/calendar/", fields | {"text": "hours: {mon: [9-5]}", "what": "keep"})
    assert (bad.status_code, "line" in bad.content.decode().lower()) == (400, True)
    assert lead.post("/care/settings/calendar/", fields | {"what": "keep"}).status_code == 302
    policy = {"name": "p", "calendar": "周末", "first_response": "1h", "solution": "24h", "thresholds": "50,100"}
    assert lead.post("/care/settings/policy/", policy | {"chain": "lead 15min\nhead 30min"}).status_code == 302
    assert lead.post("/care/settings/policy/", policy | {"chain": "boss 15min"}).status_code == 400
    assert lead.post("/care/settings/policy/", policy | {"first_response": "1 day"}).status_code == 400
    assert lead.post("/care/settings/policy/", policy | {"first_response": "", "solution": ""}).status_code == 400
    assert CarePolicy.objects.get().chain == [{"role": "lead", "wait_s": 900}, {"role": "head", "wait_s": 1800}]
    agent = {"username": "marketing_lead", "most_cases": "5", "is_present": "on", "addresses": "WECOM", "roles": "lead"}
    assert lead.post("/care/settings/agent/", agent).status_code == 302
    assert lead.post("/care/settings/agent/", agent | {"addresses": "mailto://x"}).status_code == 400
    assert lead.post("/care/settings/agent/", agent | {"username": "ghost"}).status_code == 400
    answer = {"name": "hello", "text_zh": "您好", "text_en": "Hello"}
    assert lead.post("/care/settings/answer/", answer).status_code == 302
    for address in ("", "calendar/?name=周末", "policy/?name=p", "recalculate/?name=p", "agent/?name=marketing_lead"):
        read(lead, f"/care/settings/{address}", "zh-hans")
    assert lead.post("/care/settings/recalculate/?name=p", {"moves": "3"}).status_code == 409
    assert lead.post("/care/settings/withdraw/calendar/", {"name": "周末"}).status_code == 400
    assert lead.post("/care/settings/withdraw/policy/", {"name": "p"}).status_code == 302
    assert lead.post("/care/settings/withdraw/calendar/", {"name": "周末"}).status_code == 302


def test_a_customer_complains_follows_adds_rates_once_and_asks_to_be_erased(care: Client) -> None:
    visitor = Client(headers={"accept-language": "zh-hans"})
    assert "出了什么问题" in visitor.get("/complain/").content.decode()
    status, address = send(visitor, contact="138 0000 4321", product="su7")
    assert status == 302
    token = LINK.search(address)
    assert token is not None
    case = Case.objects.get()
    assert (case.contact, case.consent["language"], case.person[:5]) == ("138 0000 4321", "zh-hans", "care:")
    assert (case.product, faces.find_product("我的旧车")) == (faces.find_product("SU7"), "")
    assert token[1] not in (case.link_digest, "")
    page = visitor.get(address)
    assert BROKEN in page.content.decode()
    assert (page["Referrer-Policy"], page["X-Robots-Tag"]) == ("no-referrer", "noindex")
    assert not visitor.cookies.get("sessionid")
    actions.say(case.pk, actions.Message("xiaomei", "内部：疑似批次问题", actions.care.Audience.INSIDE), get_now())
    assert "疑似批次" not in visitor.get(address).content.decode()
    assert visitor.post(f"{address}answer/", {"what": "rate", "score": "5"}).status_code == 409
    actions.solve(Person.objects.get(), case.pk, get_now())
    assert visitor.post(f"{address}answer/", {"what": "rate", "score": "9"}).status_code == 400
    assert visitor.post(f"{address}answer/", {"what": "rate", "score": "1", "text": "慢"}).status_code == 302
    assert visitor.post(f"{address}answer/", {"what": "rate", "score": "5"}).status_code == 409
    assert visitor.post(f"{address}answer/", {"what": "reopen"}).status_code == 302
    assert visitor.post(f"{address}answer/", {"text": HOSTILE}).status_code == 302
    assert HOSTILE not in visitor.get(address).content.decode()
    assert visitor.post(f"{address}answer/", {"what": "erase"}).status_code == 302
    assert Request.objects.get().wish == "erase"
    case.refresh_from_db()
    assert (case.rating, case.is_open) == (1, True)
    assert visitor.get("/complain/not-a-token-of-anybody/").status_code == 404


def test_the_form_refuses_programs_and_whoever_did_not_agree(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    visitor = Client(headers={"accept-language": "en"})
    assert send(visitor, agree="")[0] == 400
    assert send(visitor, text=" ")[0] == 400
    assert send(visitor, website="http://spam")[0] == 429
    assert send(visitor, **{"pass": "forged"})[0] == 429
    assert visitor.post("/complain/", {"pass": make_pass("n", get_now()), "agree": "1", "text": "x"}).status_code == 429
    monkeypatch.setattr(faces, "MOST_AN_HOUR", 1)
    assert (send(visitor, text="\0a" * 3000, product="我奶奶的那一台手机")[0], send(visitor)[0]) == (302, 429)
    case = Case.objects.get()
    assert (case.product, case.messages.get().text[-9:]) == ("", "我奶奶的那一台手机")


def test_the_api_opens_lists_and_says(care: Client) -> None:
    asked = {"kind": "complaint", "text": BROKEN, "key": "t-1", "product": "su7"}

    def post(path: str, body: dict[str, object]) -> tuple[int, dict[str, object]]:
        response = care.post(f"/api/care/cases{path}", body, content_type="application/json")
        return response.status_code, response.json()

    status, opened = post("", asked)
    assert (status, opened["is_new"]) == (200, True)
    again = post("", asked)[1]
    assert (again["is_new"], again["case"]) == (False, opened["case"])
    number = opened["case"]["id"]
    assert post(f"/{number}/messages", {"text": "您好", "audience": "customer"})[1]["first_response_due"] is None
    assert post(f"/{number}/messages", {"text": "", "audience": "customer"})[0] == 400
    assert post("/999/messages", {"text": "x"})[0] == 404
    assert post("", asked | {"kind": "party"})[0] == 400
    found = care.get("/api/care/cases").json()
    assert (found["total"], found["cases"][0]["number"]) == (1, opened["case"]["number"])


def test_who_may_only_read_changes_nothing(sign_in: Callable[..., Client]) -> None:
    case = complain(get_now())
    analyst = sign_in(Role.DATA_ANALYST)
    assert "What next?" not in read(analyst, f"/care/one/{case.pk}/")
    assert analyst.post(f"/care/one/{case.pk}/do/solve/").status_code == 403
    assert analyst.post(f"/care/one/{case.pk}/say/", {"text": "x", "audience": "public"}).status_code == 403
    asked = {"kind": "complaint", "text": "x", "key": "k"}
    assert analyst.post("/api/care/cases", asked, content_type="application/json").status_code == 403
    assert CaseRecord.objects.count() == 3


def test_official_days_that_are_not_known_yet_are_asked_for_from_november_on(
    sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    lead, alarm = sign_in(Role.MARKETING_LEAD), "are not confirmed: every due time in it is provisional"
    monkeypatch.setattr(setting_pages, "get_now", lambda: datetime(2026, 11, 1, 2, tzinfo=UTC))
    assert alarm not in read(lead, "/care/settings/")  # no calendar goes by them
    save_calendar(Person.objects.get(), "workshop", WEEK, get_now())
    assert f"The days off of 2027 {alarm}" in read(lead, "/care/settings/")
    monkeypatch.setattr(setting_pages, "get_now", lambda: datetime(2026, 10, 31, 2, tzinfo=UTC))
    assert alarm not in read(lead, "/care/settings/")
