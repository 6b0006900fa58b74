"""Storylines: exact shares now and before, who began, what is said against, who may look."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from canyu.events.catalogue import Account
from canyu.listen import storyline_report
from canyu.ops.insight import queries as posts_queries
from canyu.ops.insight.queries import get_bounds, get_catalogue
from canyu.ops.insight.rules import parse_overview
from canyu.ops.lakes import find_facts
from canyu.ops.people.rules import Role
from canyu.ops.voices import queries
from canyu.ops.voices.messages import MessageView, build_message, hide_actor
from canyu.ops.voices.words import get_storylines
from voices_lake import LAST_WEEKS

ADDRESSES = ("/storylines/", "/storylines/proof/", "/storylines.csv")


@pytest.fixture
def analyst(sign_in: Callable[..., Client], voices_lake: Path) -> Client:
    return sign_in(Role.SOCIAL_ANALYST)


def read(client: Client, address: str = "/storylines/", **params: str) -> str:
    response = client.get(address, {**LAST_WEEKS, **params})
    assert response.status_code == 200, response.content
    return response.content.decode()


def view(storyline: str, **params: str) -> MessageView:
    facts = find_facts()
    assert facts is not None
    nobody: object = None
    query = parse_overview({**LAST_WEEKS, "brand": "all", **params}, get_bounds(nobody, facts))  # type: ignore[arg-type]
    report = queries.get_storyline_report(nobody, query)  # type: ignore[arg-type]
    return build_message(report, get_storylines(), get_storylines().get(storyline), query)


def test_own_accounts_are_left_out_and_told_beside_it(voices_lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the author praise-0 are the 3 posts of days 15, 20 and 25 among the 14 that carry."""
    catalogue = replace(get_catalogue(), accounts=(Account("xiaomi", actor="praise-0"),))
    monkeypatch.setattr(posts_queries, "get_catalogue", lambda: catalogue)
    found = view("leica-images")
    assert (found.row.once.part, found.row.once.whole) == (11, 28)
    assert found.picture.proof.caveats[2].en == (
        "Registered official accounts (1) are left out: 3 posts of theirs mention the brand, 3 of them carry the "
        "message, the first on 2025-04-22 (UTC)."
    )


def test_pull_through_now_before_and_without_copies(voices_lake: Path) -> None:
    # 14 carry it, of 14 praises, 14 blames, 4 that name both and 5 copies; before 14 + 14 + 3 and none carries
    row = view("leica-images").row
    assert (row.every.part, row.every.whole, row.once.part, row.once.whole) == (14, 36, 14, 31)
    assert (row.before.part, row.before.whole) == (0, 32)
    assert round(row.once.percent or 0, 2) == round(100 * 14 / 31, 2)
    assert row.once.low < 100 * 14 / 31 < row.once.high
    assert (row.is_clear, row.sign) == (True, "↑")


def test_weeks_markets_and_channels_add_up(voices_lake: Path) -> None:
    found = view("leica-images")
    assert [(week["day"].isoformat(), week["unique_carrying"]) for week in found.weeks] == [
        ("2025-04-21", 7),
        ("2025-04-28", 7),
    ]
    assert sum(row.every.part for row in found.markets) == 14
    assert {row.id: row.every.part for row in found.channels} == {"weibo": 0, "douyin": 14}


def test_what_is_said_against_it_comes_with_its_growth(voices_lake: Path) -> None:
    (counter,) = [one for one in view("safe-car").counters if one.posts]
    assert (counter.id, counter.posts, counter.week.isoformat() if counter.week else "") == (
        "safe-car/safety-doubted",
        7,
        "2025-04-28",
    )
    assert (counter.growth, counter.is_clear) == (None, True)  # there was none the week before


def test_first_carriers_have_hidden_names_and_their_first_posts(analyst: Client, voices_lake: Path) -> None:
    carriers = view("leica-images").carriers
    assert len(carriers) == 5
    assert carriers[0].person == hide_actor("praise-4")
    page = read(analyst, storyline="leica-images")
    assert hide_actor("praise-4") in page
    assert "praise-4" not in page
    assert f"/posts/one/?id={carriers[0].event_id}" in page


def test_the_page_leads_to_exactly_the_posts(analyst: Client) -> None:
    page = read(analyst, storyline="leica-images")
    assert "of the posts carry “Leica imaging that stands out”, up from 0%" in page
    links = re.findall(r'href="(/posts/\?[^"]*storyline=leica-images[^"]*)">14<', page)
    assert links
    assert "14 posts" in analyst.get(links[0].replace("&amp;", "&")).content.decode()


def test_the_chart_is_drawn_twice_with_ids_of_its_own(analyst: Client) -> None:
    page = read(analyst, storyline="leica-images")
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert page.count("<svg role=") + page.count('role="img"') >= 2


def test_the_proof_names_query_and_versions_and_computes_again(analyst: Client) -> None:
    page = read(analyst, "/storylines/proof/", storyline="leica-images", again="1")
    assert "scores@" in page
    assert "SELECT" in page
    assert "Every digit is the same." in page


def test_the_file_holds_every_week(analyst: Client) -> None:
    rows = analyst.get("/storylines.csv", {**LAST_WEEKS, "storyline": "leica-images"}).content.decode("utf-8-sig")
    assert len(rows.splitlines()) == 3


def test_a_period_that_is_too_long_is_told_and_not_read(analyst: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storyline_report, "MOST_POSTS", 10)
    queries.forget_reports()
    assert "The period is too long for this page" in read(analyst)
    queries.forget_reports()


def test_an_unknown_message_and_an_empty_period_are_told(analyst: Client) -> None:
    assert analyst.get("/storylines/", {"storyline": "<b>"}).status_code == 404
    page = analyst.get("/storylines/", {"from": "2020-01-01", "to": "2020-01-02"}).content.decode()
    assert "No post of the period names the brand" in page


def test_every_message_has_a_row(analyst: Client) -> None:
    page = read(analyst)
    assert all(f"storyline={entry.id}" in page for entry in get_storylines().entries)


def test_a_lake_without_findings_is_no_fault(brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    page = sign_in(Role.SOCIAL_ANALYST).get("/storylines/", {"from": "2025-03-01", "to": "2025-04-29"})
    assert page.status_code == 200


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
