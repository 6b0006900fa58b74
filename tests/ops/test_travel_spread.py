"""Who carries it: who may, exact figures, filters, hostile accounts, files, proofs, erased posts, empty lakes."""

from __future__ import annotations

import csv
import html
import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

import canyu
from brand_lake import fill_brand_lake
from canyu.ops.kols.models import Account, Kol
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from canyu.ops.waiting import Workshop
from travel_lake import HOSTILE_ACTOR, PERIOD

PAGES = ("/spread/", "/spread/proof/carried/", "/spread/file/cascades.csv")


@pytest.fixture
def analyst(travel_lake: Path, sign_in: Callable[..., Client]) -> Client:
    return sign_in(Role.DATA_ANALYST)


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return html.unescape(response.content.decode())


def read_csv(client: Client, address: str) -> list[dict[str, str]]:
    response = client.get(address)
    assert response.status_code == 200, response.content
    assert response["Content-Disposition"].startswith("attachment")
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def see_figures_only(accounts: Callable[..., Person]) -> Client:
    """A person who may see figures but neither posts nor accounts."""
    person = accounts(name="figures-only")
    person.user_permissions.add(Permission.objects.get(codename="view_pulse"))
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


@pytest.mark.parametrize("address", PAGES)
def test_nobody_and_the_wrong_role_see_nothing(address: str, travel_lake: Path, sign_in: Callable[..., Client]) -> None:
    assert Client().get(address)["Location"].startswith("/account/login/")
    refused = sign_in(Role.CARE_AGENT).get(f"{address}?{PERIOD}")
    assert refused.status_code == 403
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", refused.content.decode())  # its letters are random
    assert "u1" not in page


@pytest.mark.parametrize("address", PAGES)
def test_nothing_can_be_sent_to_them(address: str, analyst: Client) -> None:
    assert analyst.post(address).status_code == 405


def test_the_figures_are_those_of_the_planted_cascades(analyst: Client) -> None:
    page = read(analyst, f"/spread/?{PERIOD}")
    for value in ("3", "12", "2", "58.3333", "2.5"):
        assert f'<dd class="value" title="{value}">' in page
    assert "4 accounts carried 58% of the reposts" in page
    assert "the source states the parent of 91.7%" in page


def test_accounts_are_ordered_by_what_they_carried_or_joined(analyst: Client) -> None:
    rows = read_csv(analyst, f"/spread/file/accounts.csv?{PERIOD}")
    names = ("id", "carried", "posts", "reposts", "direct")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("u1", "5", "2", "3", "4"),
        ("u2", "2", "1", "1", "1"),
        ("u3", "1", "2", "2", "1"),
        ("u4", "1", "1", "1", "1"),
    ]
    assert [round(float(row["share"]), 2) for row in rows] == [41.67, 16.67, 8.33, 8.33]
    joined = read_csv(analyst, f"/spread/file/accounts.csv?{PERIOD}&order=bridging")
    bridging = [float(row["bridging"]) for row in joined]
    assert bridging == sorted(bridging, reverse=True)
    assert joined[0]["id"] == "u1"


def test_cascades_of_a_post_that_is_not_there_count_and_older_posts_do_not(analyst: Client) -> None:
    rows = read_csv(analyst, f"/spread/file/cascades.csv?{PERIOD}")
    names = ("root", "reposts", "depth", "channel", "campaign")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("post-a", "7", "4", "weibo", "spring"),
        ("post-b", "3", "2", "douyin", ""),
        ("gone", "2", "2", "weibo", ""),
    ]
    assert "a post that the lake does not hold" in read(analyst, f"/spread/?{PERIOD}")


@pytest.mark.parametrize(
    ("narrower", "roots"),
    [
        ("channel=douyin", ["post-b"]),
        ("campaign=spring", ["post-a"]),
        ("link=xiaomi/su7", ["post-a"]),
        ("link=tesla&channel=weibo", []),
        ("channel=nowhere", []),
    ],
)
def test_filters_narrow_the_cascades_and_stay_in_the_links(narrower: str, roots: list[str], analyst: Client) -> None:
    rows = read_csv(analyst, f"/spread/file/cascades.csv?{PERIOD}&{narrower}")
    assert [row["root"] for row in rows] == roots
    page = read(analyst, f"/spread/?{PERIOD}&{narrower}")
    if roots:
        assert f"/spread/one/?post={roots[0]}&from=2025-03-10&to=2025-03-11" in page
    else:
        assert "No post of this period was reposted" in page


def test_comments_count_where_they_are_asked_for(analyst: Client) -> None:
    rows = read_csv(analyst, f"/spread/file/cascades.csv?{PERIOD}&with=answers")
    assert (rows[0]["root"], rows[0]["reposts"], float(rows[0]["confidence"])) == ("post-a", "8", 1.0)


def test_who_may_not_see_posts_sees_numbers_for_accounts(travel_lake: Path, accounts: Callable[..., Person]) -> None:
    client = see_figures_only(accounts)
    page = read(client, f"/spread/?{PERIOD}")
    assert "account 1" in page
    assert "u1" not in page.split("<main")[1]
    assert "新车" not in page
    chart = client.get(f"/spread/file/carriers.svg?{PERIOD}").content.decode()
    assert ("account 1" in chart, ">u1<" in chart) == (True, False)
    rows = read_csv(client, f"/spread/file/accounts.csv?{PERIOD}")
    assert [(row["id"], row["label_en"]) for row in rows[:2]] == [("", "account 1"), ("", "account 2")]


def test_hostile_accounts_and_texts_stay_text(analyst: Client) -> None:
    for address in (f"/spread/?{PERIOD}", f"/spread/one/?post=post-a&{PERIOD}"):
        page = analyst.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert HOSTILE_ACTOR[:9] in html.unescape(page)


@pytest.mark.parametrize(
    "name", ["cascades", "reposts", "median_depth", "top_share", "virality", "carried", "bridging"]
)
def test_every_figure_has_a_proof_that_can_be_run_again(name: str, analyst: Client) -> None:
    page = read(analyst, f"/spread/proof/{name}/?{PERIOD}&again=1")
    assert "Every digit is the same." in page
    assert "SELECT" in page
    assert "build_cascades" in page
    drawer = analyst.get(f"/spread/proof/{name}/?{PERIOD}", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in drawer


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/spread/?from=2025-03-11&to=2025-03-10", 400),
        ("/spread/?from=yesterday", 400),
        ("/spread/?with=likes", 400),
        ("/spread/?order=fame", 400),
        ("/spread/?campaign=%00", 200),
        ("/spread/proof/nothing/", 404),
        ("/spread/file/nothing.csv", 404),
        ("/spread/file/cascades.png", 404),
        ("/spread/file/carriers.exe", 404),
    ],
)
def test_what_cannot_be_used_is_refused(address: str, status: int, analyst: Client) -> None:
    assert analyst.get(address).status_code == status


def test_the_picture_can_be_taken_along(analyst: Client) -> None:
    assert analyst.get(f"/spread/file/carriers.svg?{PERIOD}").content.startswith(b"<svg")
    assert analyst.get(f"/spread/file/carriers.png?{PERIOD}").content.startswith(b"\x89PNG")
    assert len(read_csv(analyst, f"/spread/file/carriers.csv?{PERIOD}")) == 4


def test_an_erased_post_is_gone_and_its_reposts_are_no_cascade_of_all_that_is_erased(
    travel_path: Path, tmp_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]
) -> None:
    shutil.copytree(travel_path, tmp_path / "erased.lake")
    lake = canyu.open(tmp_path / "erased.lake")
    lake.erase_posts(["post-a"])
    use_lake(tmp_path / "erased.lake")
    client = sign_in(Role.DATA_ANALYST)
    assert client.get(f"/spread/one/?post=post-a&{PERIOD}").status_code == 404
    assert client.get(f"/spread/one/?post=erased&{PERIOD}").status_code == 404
    rows = read_csv(client, f"/spread/file/cascades.csv?{PERIOD}")
    assert [(row["root"], row["reposts"]) for row in rows] == [("a1", "4"), ("post-b", "3"), ("gone", "2"), ("k1", "1")]
    page = read(client, f"/spread/?{PERIOD}")
    assert "新车" not in page


def test_lakes_without_posts_or_reposts_say_what_to_do(
    tmp_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]
) -> None:
    client = sign_in(Role.PR_OFFICER)
    use_lake(tmp_path / "none.lake")
    assert "canyu import posts.csv" in read(client, "/spread/")
    assert client.get("/spread/file/cascades.csv").status_code == 404
    fill_brand_lake(tmp_path / "brand.lake")
    use_lake(tmp_path / "brand.lake")
    page = read(client, "/spread/?from=2024-02-01&to=2024-02-02")
    assert "No post of this period was reposted" in page
    assert "canyu import reposts.csv --verb repost" in page
    assert "no post of the period was reposted" in page


def test_the_pages_ask_the_database_little(analyst: Client, django_assert_max_num_queries: Any) -> None:
    for address in (f"/spread/?{PERIOD}", f"/spread/one/?post=post-a&{PERIOD}"):
        with django_assert_max_num_queries(7):
            read(analyst, address)


def test_a_large_view_is_computed_beside_the_page_which_tells_how_long(
    analyst: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("canyu.ops.travel.queries.MOST_AT_ONCE", 1)
    address = "/spread/?from=2025-03-01&to=2025-03-12"
    response = analyst.get(address)
    assert ("being rebuilt" in response.content.decode(), response["Refresh"]) == (True, "3")
    for _ in range(200):
        response = analyst.get(address)
        if "Refresh" not in response:
            break
    assert "The largest cascades" in response.content.decode()


def test_a_view_that_failed_beside_the_page_is_tried_by_the_page_itself() -> None:
    def fail() -> None:
        raise RuntimeError("no disk")

    workshop = Workshop("test", 10.0)
    first = workshop.wait_for("a view", 10, fail)
    assert first is not None
    assert (first.rows, first.left_s >= 1) == (10, True)
    for _ in range(1_000_000):
        if workshop.wait_for("a view", 10, fail) is None:
            return
    pytest.fail("the failure was never told")


def test_a_carrier_of_the_roster_leads_to_its_kol(analyst: Client, accounts: Callable[..., Person]) -> None:
    kol = Kol.objects.create(name="一位<达人>")
    Account.objects.create(kol=kol, platform="weibo", handle="h", actor="u1")
    page = analyst.get(f"/spread/?{PERIOD}").content.decode()
    assert f'href="/kols/one/{kol.pk}/" dir="auto">一位&lt;达人&gt;</a>' in page
    assert "一位" not in read(see_figures_only(accounts), f"/spread/?{PERIOD}")
