"""Coordinated posting on a page: who may, the evidence of a group, its posts, and that it accuses nobody."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from canyu.ops.people.rules import Role
from evidence_lake import PUSHED

ALL_DAYS = {"from": "2025-03-01", "to": "2025-03-21"}


@pytest.fixture
def analyst(evidence_lake: Path, sign_in: Callable[..., Client]) -> Client:
    return sign_in(Role.DATA_ANALYST)


def read(client: Client, path: str = "/coordination/", **params: str) -> str:
    response = client.get(path, {**ALL_DAYS, **params})
    assert response.status_code == 200
    return response.content.decode()


def find_group(page: str) -> str:
    return html.unescape(re.findall(r'href="(/coordination/group/\?[^"]+)"', page)[0])


@pytest.mark.parametrize("address", ["/coordination/", "/coordination/group/?id=x"])
def test_nobody_and_the_wrong_role_stay_out(address: str, brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    assert Client().get(address)["Location"].startswith("/account/login/")
    assert sign_in(Role.CARE_AGENT).get(address).status_code == 403


def test_the_group_is_listed_with_its_evidence(analyst: Client) -> None:
    page = read(analyst)
    assert page.count("/coordination/group/?") == 4  # its text, accounts, those close in time, its share of a day
    assert "coordinated, no usual reason seen" in page
    assert re.search(r'<td class="num" data-label="Posts"><a [^>]+>18</a></td>', page)
    assert re.search(r'<td class="num" data-label="Accounts"><a [^>]+#posts">6</a></td>', page)
    assert "It says nothing about who arranged it" in page
    assert "of one week at most 500,000 posts are read" in page
    assert "events@" in page


def test_a_group_shows_its_posts_without_names(analyst: Client) -> None:
    page = analyst.get(find_group(read(analyst))).content.decode()
    assert page.count('class="words"') == 18
    assert "no accusation" in page
    assert "same text 3" in page
    assert "unknown: names are kept hashed" in page
    assert "pushed-0" not in page
    assert [int(n) for n in re.findall(r'data-label="Account">(\d+)<', page)] == [1, 2, 3, 4, 5, 6] * 3


def test_each_count_of_the_strip_leads_to_the_posts_of_whole_weeks(analyst: Client) -> None:
    strip = html.unescape(read(analyst).split('<dl class="strip">')[1].split("</dl>")[0])
    weeks = "from=2025-02-24&to=2025-03-23"  # Mondays to Sundays that 1 to 21 March touch
    assert re.findall(r'<a href="([^"]+)">([\d,.K]+)</a>', strip) == [
        ("#groups", "1"),
        (f"/posts/?group=any&{weeks}", "18"),
        (f"/posts/?{weeks}", "540"),
        (f"/posts/?{weeks}", "390"),
    ]
    assert (
        analyst.get("/posts/", {"group": "any", "from": "2025-02-24", "to": "2025-03-23"}).context["page"].total == 18
    )


def test_the_posts_of_a_group_are_a_list_that_narrows_and_can_be_taken_along(analyst: Client) -> None:
    address = html.unescape(re.findall(r'href="(/posts/\?group=[0-9a-f]{32}[^"]+)"', read(analyst))[0])
    listed = analyst.get(address)
    assert listed.context["page"].total == 18
    assert [row.text for row in listed.context["page"].rows[::6]] == list(PUSHED)
    page = listed.content.decode()
    assert "one group of accounts that post as one" in page
    back = html.unescape(re.findall(r'href="(/coordination/group/\?[^"]+)"', page)[0])
    assert "What ties these accounts?" in analyst.get(back).content.decode()
    assert analyst.get(f"{address}&q=底盘").context["page"].total == 6
    assert analyst.get(f"{address}&copies=without").context["page"].total == 3  # three texts, six of each
    file = analyst.get(address.replace("/posts/", "/posts.csv"))
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [row["text"] for row in rows[::6]] == list(PUSHED)
    assert "actor" not in rows[0]
    assert file["Content-Disposition"].startswith("attachment")


def test_no_post_is_of_a_group_that_is_not_there(analyst: Client) -> None:
    for group in ("<b>", "'; DROP"):
        response = analyst.get("/posts/", {**ALL_DAYS, "group": group})
        assert response.context["page"].total == 0
        assert "<b>" not in response.content.decode().split("narrowed")[1].split("</p>")[0].replace("<b>one", "")


def test_texts_stay_texts(analyst: Client) -> None:
    listed = read(analyst)
    for page in (listed, analyst.get(find_group(listed)).content.decode()):
        assert "&lt;b&gt;转起&lt;/b&gt;" in page
        assert "<b>转起</b>" not in page


def test_a_group_of_another_period_is_told_and_no_page(analyst: Client) -> None:
    response = analyst.get("/coordination/group/", {**ALL_DAYS, "id": "<b>"})
    assert response.status_code == 404
    assert "There is no such group in this period." in response.content.decode()
    assert "<b>" not in response.content.decode()


def test_a_quiet_period_leads_to_the_copies(analyst: Client) -> None:
    page = read(analyst, to="2025-03-02")
    assert "No group of accounts was found" in page
    assert PUSHED[1] not in page


def test_an_empty_lake_says_what_to_run(
    tmp_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]
) -> None:
    use_lake(tmp_path / "none.lake")
    client = sign_in(Role.MARKETING_LEAD)
    for address in ("/coordination/", "/coordination/group/", "/rumours/"):
        assert "canyu import" in client.get(address).content.decode()


def test_the_database_is_asked_for_the_viewer_only(
    analyst: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with django_assert_max_num_queries(5):  # type: ignore[attr-defined]
        read(analyst)
