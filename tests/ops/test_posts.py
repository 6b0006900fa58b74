"""Searching and reading posts: what is found, in which order, and that hostile texts stay texts."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from brand_lake import FORMULA, LONG, ODD_ID, REVERSED, SCRIPT, get_hostile_id
from canyu.kit.errors import BadInput
from canyu.listen.linking import Span
from canyu.ops.insight import rules
from canyu.ops.people.rules import Role

BOUNDS = rules.Bounds(date(2025, 3, 1), date(2025, 4, 29), "Asia/Shanghai", "xiaomi")
ALL_DAYS = {"from": "2025-03-01", "to": "2025-04-29"}


@pytest.fixture
def analyst(sign_in: Callable[..., Client], brand_lake: Path) -> Client:
    return sign_in(Role.SOCIAL_ANALYST)


def search(client: Client, **params: str) -> dict[str, object]:
    response = client.get("/api/posts", {**ALL_DAYS, **params})
    assert response.status_code == 200, response.content
    found: dict[str, object] = response.json()
    return found


def test_all_posts_are_counted_and_answers_without_words_are_not(analyst: Client) -> None:
    found = search(analyst)
    assert (found["total"], found["pages"], len(found["rows"])) == (365, 8, 50)


def test_search_is_part_of_the_text_in_any_case(analyst: Client) -> None:
    assert search(analyst, q="MODEL 3")["total"] == search(analyst, q="model 3")["total"] == 60
    assert search(analyst, q="异响")["rows"][0]["text"] == "小米SU7刹车异响，售后不理人"


def test_signs_that_mean_something_in_a_query_mean_themselves(analyst: Client) -> None:
    assert search(analyst, q="%")["total"] == 0
    assert search(analyst, q="_")["total"] == 0
    assert search(analyst, q="' OR 1=1 --")["total"] == 0
    assert search(analyst, q="alert('小米")["total"] == 1


def test_filters_narrow_and_agree_with_one_another(analyst: Client) -> None:
    su7 = search(analyst, link="xiaomi/su7")["total"]
    negative = search(analyst, link="xiaomi/su7", sentiment="negative")
    assert (su7, negative["total"]) == (122, 60)
    assert {row["sentiment"] for row in negative["rows"]} == {"negative"}
    assert search(analyst, link="xiaomi/su7", sentiment="negative", q="异响")["total"] == 60
    both = search(analyst, channel="weibo")["total"] + search(analyst, channel="douyin")["total"]
    assert both == 365
    assert search(analyst, market="EU")["total"] == 0


def test_the_last_day_of_the_period_is_included_and_the_next_is_not(analyst: Client) -> None:
    one = search(analyst, **{"from": "2025-03-02", "to": "2025-03-02"})
    assert one["total"] == 5
    assert {row["time"][:10] for row in one["rows"]} == {"2025-03-02"}


def test_orders(analyst: Client) -> None:
    newest = [row["time"] for row in search(analyst)["rows"]]
    oldest = [row["time"] for row in search(analyst, sort="oldest")["rows"]]
    spread = [row["reposts"] + row["comments"] + row["likes"] for row in search(analyst, sort="spread")["rows"]]
    assert newest == sorted(newest, reverse=True)
    assert oldest == sorted(oldest)
    assert spread == sorted(spread, reverse=True)
    assert spread[0] > 1_000


def test_pages_hold_every_post_once(analyst: Client) -> None:
    ids = [row["id"] for page in range(1, 9) for row in search(analyst, page=str(page))["rows"]]
    assert len(ids) == len(set(ids)) == 365


def test_a_page_after_the_last_leads_to_the_last(analyst: Client) -> None:
    response = analyst.get("/posts/", {**ALL_DAYS, "page": "99"})
    assert response.status_code == 302
    assert response["Location"].endswith("page=8")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("from", "yesterday"),
        ("from", "2025-02-30"),
        ("page", "0"),
        ("page", "-1"),
        ("page", "1e3"),
        ("page", "９"),
        ("days", "99999999999999999999"),
        ("sort", "random"),
        ("sentiment", "angry"),
        ("q", "x" * 201),
    ],
)
def test_an_address_that_cannot_be_used_is_told_with_the_mend(name: str, value: str) -> None:
    with pytest.raises(BadInput) as caught:
        rules.parse_posts({name: value}, BOUNDS)
    assert caught.value.mend


def test_a_bad_address_is_a_page_with_status_400(analyst: Client) -> None:
    response = analyst.get("/posts/", {"from": "<b>x</b>"})
    assert response.status_code == 400
    assert "is not a day" in response.content.decode()
    assert "<b>x</b>" not in response.content.decode()
    assert '<a class="button main" href="/posts/">' in response.content.decode()


@pytest.mark.parametrize(
    ("came", "back"),
    [
        ("http://testserver/posts/?q=a&sentiment=negative", "/posts/?q=a&amp;sentiment=negative"),
        ("http://elsewhere.example/posts/?q=a", "/posts/"),
        ("http://testserver/pulse/?days=7", "/posts/"),
    ],
)
def test_a_post_leads_back_to_the_list_it_was_opened_from(came: str, back: str, analyst: Client) -> None:
    first = search(analyst, sort="oldest")["rows"][0]
    page = analyst.get(f"/posts/one/?id={first['id']}", headers={"Referer": came}).content.decode()
    assert f'<a class="way" href="{back}">' in page


def test_hostile_texts_are_shown_as_texts(analyst: Client) -> None:
    listed = analyst.get("/posts/", {**ALL_DAYS, "days": ""}).content.decode()
    page = analyst.get(f"/posts/one/?id={get_hostile_id(SCRIPT)}").content.decode()
    for text in (listed, page):
        assert "<script>alert" not in text
        assert "<img src=x" not in text
    assert "&lt;script&gt;alert(&#x27;" in listed
    assert '<mark title="Xiaomi SU7">' in page


def test_a_text_that_turns_around_is_kept_to_its_own_box(analyst: Client) -> None:
    page = analyst.get(f"/posts/one/?id={get_hostile_id(REVERSED)}").content.decode()
    assert '<blockquote dir="auto"' in page
    assert "\u202e" in page


def test_a_very_long_text_is_cut_and_says_so(analyst: Client) -> None:
    page = analyst.get(f"/posts/one/?id={get_hostile_id(LONG)}").content.decode()
    assert "the whole text has 28,000 characters" in page
    assert page.count("<mark") <= rules.SHOWN_LETTERS


def test_a_post_tells_what_it_set_off(analyst: Client) -> None:
    first = search(analyst, sort="oldest")["rows"][0]
    page = analyst.get(f"/posts/one/?id={first['id']}").content.decode()
    assert "0 reposts · 0 comments · 0 likes" in page
    assert "like 1" in page
    assert "hand-1" in page


def test_an_unknown_post_is_a_page_with_status_404(analyst: Client) -> None:
    response = analyst.get("/posts/one/?id=ffff")
    assert response.status_code == 404
    assert "There is no such post." in response.content.decode()


def test_the_choice_of_columns_is_kept(analyst: Client) -> None:
    analyst.get("/posts/", {**ALL_DAYS, "column": ["market", "likes"]})
    page = analyst.get("/posts/", ALL_DAYS).content.decode()
    heads = page.split("<thead>")[1].split("</thead>")[0]
    assert "Market" in heads
    assert "Channel" not in heads


def test_parts_joined_are_the_text() -> None:
    text = "试驾小米SU7和小米YU7"
    parts = rules.mark_parts(text, [Span(7, 99, "b"), Span(2, 7, "a"), Span(3, 5, "c")])
    assert "".join(part for part, _ in parts) == text
    assert parts == [("试驾", ""), ("小米SU7", "a"), ("和小米YU7", "b")]


def test_texts_that_begin_like_formulas_are_disarmed() -> None:
    assert rules.guard_cell(FORMULA) == "'" + FORMULA
    assert [rules.guard_cell(value) for value in (None, -1, "ok")] == [None, -1, "ok"]


def test_many_at_once_each_get_the_right_posts(brand_lake: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from canyu.ops.insight import posts
    from canyu.ops.lakes import find_facts, get_lake

    expected = {"异响": 60, "model 3": 60, "天气": 60, "手环": 60, "alert(": 1, "nothing": 0}

    def count(text: str) -> tuple[str, int]:
        assert find_facts() is not None
        query = rules.PostsQuery(date(2025, 3, 1), date(2025, 4, 29), "Asia/Shanghai", text=text)
        return text, posts.search_posts(get_lake(), query, 50).total

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(count, [*expected] * 4))
    assert found == [*expected.items()] * 4


def test_an_id_may_hold_any_sign(analyst: Client) -> None:
    found = search(analyst, q="编号古怪")
    assert [row["id"] for row in found["rows"]] == [ODD_ID]
    listed = analyst.get("/posts/", {**ALL_DAYS, "q": "编号古怪"}).content.decode()
    address = html.unescape(listed.split('class="words"><a href="')[1].split('"')[0])
    assert "一条编号古怪的帖子" in analyst.get(address).content.decode()


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ufffd", "\n", "\\", "\\x00", "💥", "%s", "{}"])
def test_any_sign_may_be_searched_for(text: str, analyst: Client) -> None:
    assert analyst.get("/api/posts", {**ALL_DAYS, "q": text}).status_code == 200
    assert analyst.get("/posts/one/", {"id": text}).status_code == 404
    assert analyst.get("/api/overview", {**ALL_DAYS, "channel": text, "brand": text}).status_code == 200
