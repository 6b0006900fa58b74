"""The public pages: a question without a login, its answer with titles and links, a person, and being forgotten."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from canyu.care import Audience
from canyu.kit.clock import get_now
from canyu.ops.campaigns.public.rules import make_pass
from canyu.ops.care.models import Case, CaseMessage
from canyu.ops.config import load_config
from canyu.ops.fans.erasing.actions import finish_erasures
from canyu.ops.fans.holdings import HOLDINGS, Whose
from canyu.ops.fans.models import Request
from canyu.ops.fans.queries import find_known
from canyu.ops.fans.subject.actions import release_erasure
from canyu.ops.knowledge import actions as articles
from canyu.ops.knowledge.asking import actions
from canyu.ops.knowledge.asking.queries import make_case_token, make_link
from canyu.ops.knowledge.faces import pages
from canyu.ops.knowledge.models import Talk, Turn
from canyu.ops.people.models import Person
from knowledge_fixtures import ASKED, REFUND, fill_shelf, find_article, make_inside

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def visitor(brand_lake: Path) -> Client:
    cache.clear()
    fill_shelf()
    return Client(headers={"accept-language": "zh-hans"})


def send(client: Client, text: str, address: str = "/ask/", **fields: str) -> HttpResponse:
    made = make_pass(fields.pop("form", text[:20]), get_now() - timedelta(seconds=5))
    return client.post(address, {"pass": made, "text": text, **fields})


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_a_question_is_answered_with_its_article_and_the_article_has_a_page(visitor: Client) -> None:
    assert "想知道什么？" in read(visitor, "/ask/")
    where = send(visitor, ASKED)["Location"]
    page = visitor.get(where)
    told = page.content.decode()
    article = find_article()
    assert article.body.zh.split("。")[0] in told
    assert f'<a href="/help/{REFUND}/" dir="auto">{article.title.zh}</a>' in told
    assert (page["Referrer-Policy"], page["X-Robots-Tag"]) == ("same-origin", "noindex")
    assert "no-store" in page["Cache-Control"]
    assert "sessionid" not in visitor.cookies
    assert article.body.zh[:8] in read(visitor, f"/help/{REFUND}/")
    assert article.title.zh in read(visitor, "/help/")
    english = Client(headers=ENGLISH)
    assert article.title.en in read(english, f"/help/{REFUND}/")
    assert "What would you like to know?" in read(english, where)
    assert visitor.get("/ask/t/forged.link/").status_code == 404


def test_a_form_sent_twice_is_one_question(visitor: Client) -> None:
    first, second = (send(visitor, ASKED, form="f1")["Location"] for _ in range(2))
    assert (first == second, Talk.objects.count(), Turn.objects.count()) == (True, 1, 1)
    for _ in range(2):
        assert send(visitor, "积分会过期吗", first, form="f2")["Location"] == first
    assert (Talk.objects.count(), Turn.objects.count()) == (1, 2)
    assert send(visitor, "怎么退货", form="f1")["Location"] == first  # back, and another question on the same page
    assert (Talk.objects.count(), Turn.objects.count()) == (1, 3)


def test_a_talk_has_an_end(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_TURNS", 1)
    first = send(visitor, ASKED)["Location"]
    assert send(visitor, "积分会过期吗", first).status_code == 429
    assert Turn.objects.count() == 1


def test_what_is_inside_stays_there_and_what_is_for_customers_has_no_page(visitor: Client) -> None:
    viewer, number = Person.objects.get(), find_article().version
    articles.publish(viewer, replace(find_article(), audience=Audience.CUSTOMER), number, get_now())
    page = read(visitor, send(visitor, ASKED, form="a")["Location"])
    assert (find_article().title.zh in page, "/help/refund-when/" in page) == (True, False)
    assert visitor.get(f"/help/{REFUND}/").status_code == 404
    articles.publish(viewer, make_inside(find_article()), number + 1, get_now())
    page = read(visitor, send(visitor, ASKED, form="b")["Location"])
    assert find_article().body.zh[:8] not in page
    assert "不再有效" in read(visitor, f"/ask/t/{make_link(Talk.objects.order_by('pk')[0])}/")


def test_an_answer_whose_article_was_withdrawn_since_is_not_shown_again(visitor: Client) -> None:
    where = send(visitor, ASKED)["Location"]
    assert find_article().body.zh[:8] in read(visitor, where)
    articles.withdraw(Person.objects.get(), REFUND, find_article().version, "错了", get_now())
    page = read(visitor, where)
    assert (find_article().body.zh[:8] in page, "不再有效" in page, "错了" in page) == (False, True, False)
    assert visitor.get(f"/help/{REFUND}/").status_code == 404


def test_programs_crowds_and_forged_forms_are_refused_and_nothing_is_kept(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert send(visitor, " ").status_code == 400
    assert send(visitor, ASKED, website="http://spam").status_code == 429
    assert visitor.post("/ask/", {"pass": "forged", "text": ASKED}).status_code == 429
    assert visitor.post("/ask/", {"pass": make_pass("n", get_now()), "text": ASKED}).status_code == 429
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/ask/", {"pass": "x", "text": ASKED}).status_code == 403
    monkeypatch.setattr(pages, "MOST_QUESTIONS_AN_HOUR", 0)
    refused = send(visitor, HOSTILE)
    assert (refused.status_code, HOSTILE in refused.content.decode()) == (429, False)
    assert "&lt;script&gt;" in refused.content.decode()  # what was written is not lost
    assert (Talk.objects.count(), Turn.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "text", [HOSTILE, "\0\0退款\0", "退" * 9_000, "'; drop table x; --", "\u202e\ud83d\ude00 ((((a+)+", "{{ 7*7 }}"]
)
def test_hostile_words_are_kept_as_words(text: str, visitor: Client) -> None:
    page = read(
        visitor, send(visitor, text.encode("utf-8", "replace").decode("utf-8", "replace"), form="h")["Location"]
    )
    assert (HOSTILE in page, "{{ 7*7 }}" in page) == (False, text.startswith("{{"))
    assert len(Turn.objects.get().question) <= 500


def test_long_numbers_and_addresses_of_people_are_not_kept(visitor: Client) -> None:
    send(visitor, f"{ASKED}，我的电话 138 0013 8000，mei@example.com")
    assert Turn.objects.get().question == f"{ASKED}，我的电话 …，…"


def test_a_complaint_goes_to_a_person_with_consent_and_later_words_join_its_case(visitor: Client) -> None:
    where = send(visitor, "你们是骗子，我要投诉")["Location"]
    assert Talk.objects.get().reason == "complaint"
    page = read(visitor, where)
    assert ("交给人来答复" in page, Case.objects.count()) == (True, 0)
    assert send(visitor, "", f"{where}case/", contact="138", form="c").status_code == 400
    asked = {"agree": "1", "contact": "138 0000 4321", "words": "订单在上周"}
    first = send(visitor, "", f"{where}case/", form="c", **asked)
    assert (first.status_code, Case.objects.count()) == (302, 1)
    case, talk = Case.objects.get(), Talk.objects.get()
    assert first["Location"] == f"/complain/{make_case_token(talk)}/"
    assert (case.kind, case.contact, case.person, len(case.consent["text"])) == (
        "complaint",
        "138 0000 4321",
        talk.person,
        32,
    )
    assert case.messages.get().text == "你们是骗子，我要投诉\n订单在上周"
    assert send(visitor, "", f"{where}case/", form="c", **asked)["Location"] == first["Location"]
    assert (Case.objects.count(), case.messages.count()) == (1, 1)
    send(visitor, "", f"{where}case/", form="c2", agree="1", words="还有一张发票")  # written before the case was seen
    assert case.messages.order_by("pk").last().text == "还有一张发票"  # type: ignore[union-attr]
    assert case.number in read(visitor, where)
    assert "骗子" in read(visitor, first["Location"])
    send(visitor, "转人工", where, form="d")
    assert case.messages.order_by("pk").last().text == "转人工"  # type: ignore[union-attr]


def test_each_hand_over_opens_a_case_where_the_settings_say_so(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANYU_ASSISTANT_OPENS_CASES", "true")
    load_config.cache_clear()
    assert "交给我们的客服" in read(visitor, "/ask/")
    where = send(visitor, ASKED, form="a")["Location"]
    assert Case.objects.count() == 0
    for form in ("b", "b", "c"):
        send(visitor, "你们卖火星车吗", where, form=form)
    case = Case.objects.get()
    assert (case.kind, case.contact, case.messages.count()) == ("question", "", 2)


def test_the_second_question_that_is_not_understood_goes_to_a_person(visitor: Client) -> None:
    where = ""
    for form, text in (("a", "维修 保修"), ("b", ASKED), ("c", "维修 保修"), ("d", "约维修还是退货")):
        where = send(visitor, text, where or "/ask/", form=form)["Location"]
        if form == "a":
            choices = re.findall(r'<button name="text" value="([^"]+)"', read(visitor, where))
            assert set(choices) == {find_article(each).title.zh for each in ("warranty-period", "repair-book")}
    told = list(Turn.objects.order_by("pk").values_list("outcome", "reason"))
    assert told == [("ask_back", ""), ("answer", ""), ("ask_back", ""), ("hand_over", "unsure twice")]
    assert send(visitor, find_article("warranty-period").title.zh, where, form="e").status_code == 302
    assert Turn.objects.order_by("pk").last().sources[0]["article"] == "warranty-period"  # type: ignore[union-attr]


def test_old_talks_lose_words_and_persons_and_are_counted_still(visitor: Client) -> None:
    where, now = send(visitor, ASKED)["Location"], get_now()
    assert actions.drop_old_talks(now + timedelta(days=89)) == 0
    assert actions.drop_old_talks(now + timedelta(days=91)) == 1
    assert Talk.objects.count() == 0
    turn = Turn.objects.values().get()
    assert {name: turn[name] for name in ("talk_id", "form", "question", "text", "sources", "outcome")} == {
        "talk_id": None,
        "form": "",
        "question": "",
        "text": "",
        "sources": [],
        "outcome": "answer",
    }
    assert visitor.get(where).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_person_s_wish_erases_talk_and_case_with_a_receipt(
    brand_lake_path: Path, tmp_path: Path, use_lake: Callable[[Path], None]
) -> None:
    lake = tmp_path / "own.lake"
    shutil.copytree(brand_lake_path, lake)
    use_lake(lake)
    cache.clear()
    fill_shelf()
    client = Client(headers=ENGLISH)
    where = send(client, "i want to complain, you are a scam")["Location"]
    send(client, "", f"{where}case/", agree="1", contact="138", form="c")
    kept = send(client, ASKED, form="other")["Location"]
    talk = Talk.objects.order_by("pk")[0]
    whose = Whose("", 0, (), (talk.person,))
    held = {one.name: list(one.rows(whose)) for one in HOLDINGS if one.name in {"talks", "talk_turns", "cases"}}
    assert {name: len(rows) for name, rows in held.items()} == {"talks": 1, "talk_turns": 1, "cases": 1}
    assert talk.key not in repr(held)
    for _ in range(2):
        assert client.post(f"{where}erase/").status_code == 302
    assert "It will be done" in read(client, where)
    asked, fan = Request.objects.get(wish="erase"), find_known(talk.person)
    assert fan is not None
    release_erasure(Person.objects.create(username="second", is_superuser=True), asked.pk, fan.key, datetime.now(UTC))
    (receipt,) = finish_erasures(lambda: datetime.now(UTC))
    rooms = receipt.document["erased"]["rooms"]
    assert (rooms["talks"], rooms["cases"] > 0) == (1, True)
    assert [turn.question for turn in Turn.objects.all()] == [ASKED]
    assert CaseMessage.objects.exclude(text="").count() == 0
    assert client.get(where).status_code == 404
    assert re.search(r"<h1>", read(client, kept))
