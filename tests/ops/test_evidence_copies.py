"""Copies on a page: who may, which clusters with which figures, and the way to the posts behind."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from canyu.ops.evidence.copies import list_clusters
from canyu.ops.evidence.words import say_span
from canyu.ops.insight.rules import Bounds, parse_posts
from canyu.ops.lakes import get_lake
from canyu.ops.people.rules import Role
from evidence_lake import PUSHED

ALL_DAYS = {"from": "2025-03-01", "to": "2025-03-21"}


@pytest.fixture
def analyst(evidence_lake: Path, sign_in: Callable[..., Client]) -> Client:
    return sign_in(Role.SOCIAL_ANALYST)


def read(client: Client, **params: str) -> str:
    response = client.get("/copies/", {**ALL_DAYS, **params})
    assert response.status_code == 200
    return response.content.decode()


def test_nobody_and_the_wrong_role_stay_out(brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    assert Client().get("/copies/")["Location"].startswith("/account/login/")
    assert sign_in(Role.CARE_AGENT).get("/copies/").status_code == 403
    assert sign_in(Role.PR_OFFICER).get("/copies/").status_code == 200


def test_clusters_are_counted_exactly(analyst: Client) -> None:
    bounds = Bounds(date(2025, 3, 1), date(2025, 3, 21), "Asia/Shanghai", "xiaomi")
    page = list_clusters(get_lake(), parse_posts({**ALL_DAYS, "own": "1"}, bounds), 50)
    pushed = [row for row in page.rows if row.text in PUSHED]
    assert [(row.copies, row.authors, row.unknown, row.span_s, row.mood) for row in pushed] == [
        (6, 6, 0, 100.0, "positive")
    ] * 3
    assert {row.channels for row in pushed} <= {("douyin", "weibo"), ("weibo", "douyin")}
    assert (page.posts, page.compared, page.copies, page.total, page.largest) == (500, 500, 16, 4, 6)
    assert (page.share, page.interval) == (3.2, pytest.approx((1.97915, 5.13449), abs=1e-5))


def test_a_row_leads_to_exactly_its_posts(analyst: Client) -> None:
    page = read(analyst)
    address = html.unescape(re.findall(r'class="words"><a href="([^"]+)"', page)[0])
    posts = analyst.get(address).content.decode()
    assert "6 posts" in posts
    assert "Only posts that say the same" in posts
    assert posts.count('class="words"') == 6


def test_the_page_says_what_the_figure_is(analyst: Client) -> None:
    page = read(analyst)
    for part in ("Wilson", "scores@", "hand-1", "95% interval", "Share of copies"):
        assert part in page


def test_a_text_from_outside_stays_a_text(analyst: Client) -> None:
    page = read(analyst)
    assert "&lt;b&gt;转起&lt;/b&gt;" in page
    assert "<b>转起</b>" not in page


def test_filters_narrow(analyst: Client) -> None:
    assert "No text was posted more than once" in read(analyst, link="tesla", to="2025-03-02")
    assert PUSHED[1] in read(analyst, link="xiaomi")
    assert PUSHED[1] not in read(analyst, link="tesla/model-3")


def test_a_page_after_the_last_leads_to_the_last(analyst: Client) -> None:
    response = analyst.get("/copies/", {**ALL_DAYS, "page": "99"})
    assert (response.status_code, response["Location"][-6:]) == (302, "page=1")


def test_a_lake_that_was_never_compared_says_what_to_run(brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    page = sign_in(Role.MARKETING_LEAD).get("/copies/?from=2025-03-01&to=2025-04-29").content.decode()
    assert "have not been compared yet" in page
    assert "canyu listen --lake" in page


def test_an_empty_lake_says_what_to_run(
    tmp_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]
) -> None:
    use_lake(tmp_path / "none.lake")
    assert "canyu import" in sign_in(Role.MARKETING_LEAD).get("/copies/").content.decode()


def test_the_database_is_asked_for_the_viewer_only(
    analyst: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with django_assert_max_num_queries(5):  # type: ignore[attr-defined]
        read(analyst)


def test_spans_are_told_in_two_units() -> None:
    assert [say_span(s).zh for s in (0, 59, 60, 3_600, 90_061)] == ["0 秒", "59 秒", "1 分", "1 小时", "1 天 1 小时"]
