"""Topics: exact sizes with and without copies, how they go on, the draw of too many posts, who may look."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import canyu
from canyu.listen import topic_table
from canyu.listen.slices import Slice
from canyu.listen.topic_report import TopicReport, report_topics
from canyu.listen.topic_table import update_topics
from canyu.ops.people.rules import Role
from canyu.ops.voices import queries
from voices_lake import ALL_DAYS, MODEL

ADDRESSES = ("/topics/", "/topics/proof/", "/topics.csv")
WHOLE = Slice(datetime(2025, 4, 6, 16, tzinfo=UTC), datetime(2025, 5, 4, 16, tzinfo=UTC))


@pytest.fixture
def analyst(sign_in: Callable[..., Client], voices_lake: Path) -> Iterator[Client]:
    queries.forget_reports()
    yield sign_in(Role.SOCIAL_ANALYST)
    queries.forget_reports()


def read(client: Client, address: str = "/topics/", **params: str) -> str:
    response = client.get(address, {**ALL_DAYS, **params})
    assert response.status_code == 200, response.content
    return response.content.decode()


def report(path: Path, brand: str = "xiaomi") -> TopicReport:
    return report_topics(canyu.open(path), WHOLE, "week", brand)


def test_topics_have_sizes_with_and_without_copies(voices_path: Path) -> None:
    found = report(voices_path)
    assert (found.posts, found.unique, found.is_drawn) == (68, 63, False)
    third = [row for row in found.topics.to_pylist() if row["period_start"].day == 20]
    assert [(row["label"], row["posts"], row["unique_posts"], row["status"]) for row in third] == [
        ("续航不行", 14, 9, "continued"),
        ("徕卡拍照真好", 7, 7, "continued"),
    ]


def test_only_posts_of_the_brand_and_the_place_are_read(voices_path: Path) -> None:
    assert report(voices_path, "tesla").posts == 7
    there = report_topics(canyu.open(voices_path), Slice(WHOLE.start, WHOLE.end, "weibo"), "week", "xiaomi")
    assert there.posts == 28
    first = next(row for row in there.topics.to_pylist() if row["period_start"].day == 20)
    assert (first["label"], first["posts"], first["unique_posts"], first["authors"]) == ("续航不行", 7, 7, 5)
    assert there.members.num_rows == 28


def test_of_too_many_posts_a_draw_is_read_that_is_always_the_same(
    voices_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topic_table, "MOST_UNIQUE", 10)
    found = []
    for name in ("one", "two"):
        path = shutil.copytree(voices_path, tmp_path / name)
        update_topics(canyu.open(path), MODEL, "Asia/Shanghai")
        found.append(report(path))
    assert (found[0].is_drawn, found[0].unique) == (True, 63)
    assert 40 <= found[0].posts <= 45  # ten clusters a week, one of which may have its five copies
    assert found[0].topics.equals(found[1].topics)


def test_the_page_tells_topics_and_how_they_go_on(analyst: Client) -> None:
    page = read(analyst)
    assert "Most talk is of “续航不行”" in page
    row = page.split('<th scope="row" dir="auto">续航不行</th>')[1].split("</tr>")[0]
    assert re.findall(r"<b>(\d+)</b><span>([^<]+)</span>", row) == [
        ("9", "new"),
        ("9", "goes on"),
        ("9", "goes on"),
        ("8", "goes on"),
    ]
    assert "68 posts were read, 63 without copies" in page


def test_another_week_shows_its_own_topics(analyst: Client) -> None:
    chosen = read(analyst, period="2025-04-21").split('id="chosen"')[1]
    assert "2025-04-21 – 2025-04-27" in chosen
    assert "14 posts" in chosen
    assert "9 without copies" in chosen
    assert "12 authors" in chosen
    assert "negative 86%" in chosen


def test_a_topic_leads_to_exactly_its_posts(analyst: Client) -> None:
    page = read(analyst, period="2025-04-21")
    address = html.unescape(re.findall(r'href="(/topics/posts/[^"]+)"', page)[0])
    listed = analyst.get(address).content.decode()
    assert "14 posts" in listed
    assert listed.count('<td class="words">') == 14
    assert "<script>alert" not in listed
    assert analyst.get("/topics/posts/", {**ALL_DAYS, "topic": "x", "period": "2025-04-21"}).status_code == 404


def test_hostile_texts_stay_texts(analyst: Client) -> None:
    page = read(analyst)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_weeks_that_a_period_touches_are_told_whole(analyst: Client) -> None:
    part = {"from": "2025-04-23", "to": "2025-04-24", "unit": "week"}
    assert "14 posts" in analyst.get("/topics/", part).content.decode().split('id="chosen"')[1]


def test_a_place_says_that_its_topics_are_those_of_all_places(analyst: Client) -> None:
    assert "here they are counted in the chosen one" not in read(analyst)
    assert "here they are counted in the chosen one" in read(analyst, channel="weibo")


def test_the_proof_names_query_and_versions_and_computes_again(analyst: Client) -> None:
    page = read(analyst, "/topics/proof/", again="1")
    assert "scores@" in page
    assert "Every digit is the same." in page


def test_the_file_holds_every_topic_of_every_week(analyst: Client) -> None:
    rows = analyst.get("/topics.csv", ALL_DAYS).content.decode("utf-8-sig").splitlines()
    assert len(rows) == 1 + 8
    assert rows[1].startswith("2025-04-07,")


@pytest.mark.parametrize("params", [{"unit": "year"}, {"from": "2020-01-01", "to": "2025-01-01"}, {"days": "x"}])
def test_an_address_that_cannot_be_used_is_told(analyst: Client, params: dict[str, str]) -> None:
    assert analyst.get("/topics/", params).status_code == 400


def test_nothing_said_says_what_to_run(analyst: Client) -> None:
    page = analyst.get("/topics/", {"from": "2020-01-01", "to": "2020-01-02"}).content.decode()
    assert "No topic has five posts or more here" in page
    assert "canyu listen --lake" in page


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_those_who_may_see_figures_see_them(
    address: str, voices_lake: Path, sign_in: Callable[..., Client]
) -> None:
    assert Client().get(address)["Location"].startswith("/account/login/")
    assert sign_in(Role.CARE_AGENT).get(address).status_code == 403
    assert sign_in(Role.PR_OFFICER).get(address).status_code == 200


def test_the_page_asks_the_database_for_the_viewer_only(analyst: Client) -> None:
    read(analyst)
    with CaptureQueriesContext(connection) as asked:
        read(analyst)
    assert len(asked) <= 4
