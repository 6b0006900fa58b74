"""The staff's pages of knowledge in both languages: articles, trying, gaps, talks with their case, weeks."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from canyu.kit.clock import get_now
from canyu.ops.care.models import Case
from canyu.ops.knowledge.asking import actions, queries
from canyu.ops.knowledge.asking.actions import Question
from canyu.ops.knowledge.models import ArticleVersion, Talk, Turn
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from knowledge_fixtures import ASKED, CHOSEN, REFUND, fill_shelf, find_article
from racing import run_together

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"
FIELDS = {
    "slug": "mars",
    "title_zh": "火星车",
    "body_zh": "我们不卖火星车。",
    "audience": "public",
    "source": "手册",
    "after": "0",
}
FILE = """
articles:
  - {id: mars, version: 1, source: 手册, title: {zh: 火星车}, body: {zh: 我们不卖火星车。}}
"""


@pytest.fixture
def care(brand_lake: Path, sign_in: Callable[..., Client]) -> Client:
    cache.clear()
    fill_shelf()
    return sign_in(Role.CARE_AGENT, name="xiaomei")


def read(client: Client, address: str, language: str = "en") -> str:
    response = client.get(address, headers={"accept-language": language})
    assert response.status_code == 200, response.content
    return response.content.decode()


def ask(text: str, form: str, talk: Talk | None = None, now: datetime | None = None) -> Talk:
    return actions.ask(Question(form, text, "zh"), talk, now or get_now())


def test_articles_are_listed_searched_and_read_with_their_versions(care: Client) -> None:
    page = read(care, "/knowledge/")
    assert f"{len(CHOSEN)} articles" in page
    found = read(care, "/knowledge/?q=refund&stand=valid&audience=public&page=99")
    assert (f"/knowledge/one/{REFUND}/" in found, "/knowledge/one/member-points/" in found) == (True, False)
    assert "No article here" in read(care, "/knowledge/?stand=withdrawn")
    post = {"reason": HOSTILE, "number": str(find_article().version)}
    assert care.post(f"/knowledge/one/{REFUND}/withdraw/", {**post, "reason": ""}).status_code == 400
    assert care.post(f"/knowledge/one/{REFUND}/withdraw/", post).status_code == 302
    assert care.post(f"/knowledge/one/{REFUND}/withdraw/", post).status_code == 409
    one = read(care, f"/knowledge/one/{REFUND}/")
    assert (HOSTILE in one, "&lt;script&gt;" in one, "Withdraw the article" in one) == (False, True, False)
    assert REFUND in read(care, "/knowledge/?stand=withdrawn")
    assert care.get("/knowledge/one/nothing/").status_code == 404


def test_an_article_is_written_and_its_next_version_by_whoever_saw_the_last(care: Client) -> None:
    assert care.post("/knowledge/write/", {**FIELDS, "link": "javascript:x"}).status_code == 400
    bad = care.post("/knowledge/write/", {**FIELDS, "starts_on": "2026-03-02", "ends_on": "2026-03-01"})
    assert (bad.status_code, "It ends before it begins." in bad.content.decode()) == (400, True)
    days = {"starts_on": "2026-03-02", "ends_on": "2099-03-03"}
    assert care.post("/knowledge/write/", {**FIELDS, **days}).status_code == 302
    row = ArticleVersion.objects.get(slug="mars")
    assert (row.starts_at, row.ends_at) == (
        datetime(2026, 3, 1, 16, tzinfo=UTC),
        datetime(2099, 3, 3, 16, tzinfo=UTC),
    )
    form = read(care, "/knowledge/write/?of=mars")
    assert ('value="2099-03-03"' in form, 'name="after" value="1"' in form, "readonly" in form) == (True, True, True)
    assert care.post("/knowledge/write/", FIELDS).status_code == 409
    assert care.post("/knowledge/write/", {**FIELDS, "after": "1", "of": "mars"})["Location"] == "/knowledge/one/mars/"
    assert [row.number for row in ArticleVersion.objects.filter(slug="mars").order_by("number")] == [1, 2]
    assert care.get("/knowledge/write/?of=nothing").status_code == 404


def test_a_file_is_imported_and_its_problems_are_told_by_line_and_field(care: Client) -> None:
    bad = care.post("/knowledge/import/", {"text": FILE.replace("version: 1", "version: x")})
    told = bad.content.decode()
    assert (bad.status_code, "version" in told, "line 3" in told.lower()) == (400, True, True)
    assert care.post("/knowledge/import/", {"text": " "}).status_code == 400
    binary = SimpleUploadedFile("a.yaml", b"\xff\xfe\x00")
    assert "UTF-8" in care.post("/knowledge/import/", {"file": binary}).content.decode()
    bomb = "a: &a [x]\nb: &b [*a,*a]\n" + FILE
    assert care.post("/knowledge/import/", {"text": bomb}).status_code == 400
    assert ArticleVersion.objects.filter(slug="mars").count() == 0
    good = care.post("/knowledge/import/", {"file": SimpleUploadedFile("a.yaml", FILE.encode())}, follow=True)
    assert "1 new, 0 new versions, 0 withdrawn, 0 unchanged." in good.content.decode()
    assert ArticleVersion.objects.get(slug="mars").made_by == "xiaomei"


def test_a_question_is_tried_and_nothing_is_kept(care: Client) -> None:
    told = read(care, f"/knowledge/try/?q={ASKED}")
    assert (find_article().body.zh[:8] in told, "answered" in told, "BM25" in told) == (True, True, True)
    assert "complaint" in read(care, "/knowledge/try/?q=我要投诉&audience=inside&unsure=1&product=su7")
    assert HOSTILE not in read(care, f"/knowledge/try/?q={HOSTILE}")
    assert "None for this reader." in read(care, "/knowledge/try/?q=zzzz")
    assert (Talk.objects.count(), Turn.objects.count()) == (0, 0)


def test_what_nobody_answers_becomes_a_draft_that_a_person_writes(care: Client) -> None:
    for number, text in enumerate(("你们卖火星车吗", "火星车卖不卖", "火星车有卖吗")):
        ask(text, f"f{number}")
    page = read(care, "/knowledge/gaps/")
    assert "asked 3 times" in page
    way = re.search(r'href="(/knowledge/write/\?title=[^"]+)"', page)
    assert way is not None
    form = read(care, way[1].replace("&amp;", "&"))
    assert ("火星车" in form, "火星车有卖吗" in form) == (True, True)
    actions.drop_old_talks(get_now() + timedelta(days=100))
    assert "No gap" in read(care, "/knowledge/gaps/")


def test_talks_are_read_and_one_is_made_a_case_once(care: Client) -> None:
    talk = ask(HOSTILE + "我要投诉", "a")
    ask(ASKED, "b", talk)
    ask(ASKED, "c")
    page = read(care, "/knowledge/talks/?reason=complaint&q=投诉")
    assert (page.count("/knowledge/talks/one/"), HOSTILE in page) == (1, False)
    assert read(care, "/knowledge/talks/?reason=any").count("/knowledge/talks/one/") == 1
    assert read(care, "/knowledge/talks/").count("/knowledge/talks/one/") == 2
    one = read(care, f"/knowledge/talks/one/{talk.pk}/")
    assert (find_article().title.zh in one, "Make a case of this" in one, HOSTILE in one) == (True, True, False)
    first, second = (care.post(f"/knowledge/talks/one/{talk.pk}/case/")["Location"] for _ in range(2))
    case = Case.objects.get()
    assert (first, second, case.kind) == (f"/care/one/{case.pk}/", first, "complaint")
    assert Case.objects.get().records.order_by("sequence")[0].by == "xiaomei"
    assert care.get("/knowledge/talks/one/999/").status_code == 404
    assert care.post("/knowledge/talks/one/999/case/").status_code == 404


def test_weeks_count_by_outcome_and_reason_and_say_what_they_count(care: Client) -> None:
    sunday = datetime(2026, 3, 1, 15, 59, tzinfo=UTC)  # a minute before midnight in Shanghai
    for number, (text, at) in enumerate(
        ((ASKED, sunday), ("我要投诉", sunday + timedelta(minutes=1)), ("转人工", sunday + timedelta(minutes=2)))
    ):
        ask(text, f"f{number}", now=at)
    weeks = {str(week.monday): week.counts for week in queries.list_weeks(Person(), sunday + timedelta(days=1))}
    assert {name: n for name, n in weeks["2026-02-23"].items() if n} == {"questions": 1, "answer": 1}
    assert {name: n for name, n in weeks["2026-03-02"].items() if n} == {
        "questions": 2,
        "hand_over": 2,
        "complaint": 1,
        "asked for a person": 1,
    }
    page = read(care, "/knowledge/weeks/")
    assert ("What each figure counts" in page, "a form sent twice counts once" in page) == (True, True)


def test_pages_are_written_in_chinese_too(care: Client) -> None:
    talk = ask(ASKED, "a")
    for path in (
        "",
        f"one/{REFUND}/",
        "write/",
        "import/",
        "gaps/",
        "try/?q=x",
        "talks/",
        f"talks/one/{talk.pk}/",
        "weeks/",
    ):
        assert re.search(r"<h1[^>]*>[^<]*[\u4e00-\u9fff]", read(care, f"/knowledge/{path}", "zh-hans")), path


def test_who_may_only_read_changes_nothing(care: Client, sign_in: Callable[..., Client]) -> None:
    analyst, talk = sign_in(Role.DATA_ANALYST), ask("我要投诉", "a")
    before = list(ArticleVersion.objects.order_by("pk").values())
    for path in (f"one/{REFUND}/withdraw/", "write/", "import/", f"talks/one/{talk.pk}/case/"):
        assert analyst.post(f"/knowledge/{path}", {**FIELDS, "reason": "x", "text": FILE}).status_code == 403
    assert "Write the next version" not in read(analyst, f"/knowledge/one/{REFUND}/")
    assert "Make a case of this" not in read(analyst, f"/knowledge/talks/one/{talk.pk}/")
    assert (list(ArticleVersion.objects.order_by("pk").values()), Case.objects.count()) == (before, 0)


@pytest.mark.django_db(transaction=True)
def test_of_people_who_make_the_case_at_the_same_instant_the_second_finds_it(brand_lake: Path) -> None:
    cache.clear()
    viewer = fill_shelf()

    def send() -> None:
        ask("我要投诉", "one form")

    assert run_together(send, send, send) == []
    talk = Talk.objects.get()
    assert Turn.objects.count() == 1
    assert run_together(*[lambda: actions.make_case(viewer, talk.pk, get_now())] * 3) == []
    assert Case.objects.count() == 1
