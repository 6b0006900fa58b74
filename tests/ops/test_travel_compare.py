"""Who carries it, compared: the days before, markets, and the campaigns that began, as marks on the axes of time."""

from __future__ import annotations

import csv
import html
import io
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

import canyu
from canyu.events import Event, build_event_table
from canyu.ops.people.rules import Role
from canyu.ops.travel.campaigns import MOST_MARKS, Campaign, choose_campaigns
from travel_lake import PERIOD, START

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def compared_path(travel_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The planted cascades; two days earlier u1 carried one repost; abroad one post with one repost; a campaign."""
    path = tmp_path_factory.mktemp("compared") / "compared.lake"
    shutil.copytree(travel_path, path)
    canyu.open(path).append(
        build_event_table(
            [
                _event("early", "post", START - 2 * DAY),
                _event("e1", "repost", START - 2 * DAY + timedelta(minutes=1), parent="early", actor="u1"),
                _event("e2", "repost", START - 2 * DAY + timedelta(minutes=2), parent="e1", actor="u8"),
                _event("abroad", "post", START, market="JP"),
                _event("j1", "repost", START + timedelta(minutes=1), parent="abroad", actor="u5", market="JP"),
                _event("s1", "post", START + timedelta(minutes=30), campaign="夏日<b>"),
            ]
        )
    )
    return path


@pytest.fixture
def analyst(compared_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]) -> Client:
    use_lake(compared_path)
    return sign_in(Role.DATA_ANALYST)


def _event(name: str, verb: str, moment: datetime, **more: Any) -> Event:
    told = {"actor": "someone", "market": "CN", "text": name} | more
    return Event(id=name, type=verb, time=moment, received=moment, source="hand", channel="weibo", **told)


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return html.unescape(response.content.decode())


def read_csv(client: Client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(address).content.decode("utf-8-sig"))))


def test_figures_stand_beside_those_of_equally_many_days_before(analyst: Client) -> None:
    found = analyst.get(f"/api/spread/cascades?{PERIOD}").json()
    figures = {figure["name"]: (figure["value"], figure["previous"]) for figure in found["figures"]}
    assert (figures["cascades"], figures["reposts"], figures["median_depth"]) == ((4, 1), (13, 2), (2, 2))
    assert figures["top_share"] == (pytest.approx(100 * 7 / 13), 50.0)
    page = read(analyst, f"/spread/?{PERIOD}")
    assert "4.0× vs before" in page
    assert "6.5× vs before" in page
    assert "+3.8 points vs before" in page


def test_accounts_stand_beside_what_they_carried_before(analyst: Client) -> None:
    rows = read_csv(analyst, f"/spread/file/accounts.csv?{PERIOD}")
    assert [(row["id"], row["carried"], row["carried_before"]) for row in rows] == [
        ("u1", "5", "1"),
        ("u2", "2", "0"),
        ("u3", "1", "0"),
        ("u4", "1", "0"),
    ]
    page = read(analyst, f"/spread/?{PERIOD}")
    assert "5.0×" in page
    assert page.count('<span class="grey small">new</span>') == 3


def test_without_data_of_all_the_days_before_nothing_is_compared(analyst: Client) -> None:
    address = "/spread/?from=2025-01-10&to=2025-03-09"
    page = read(analyst, address)
    assert 'title="2"' in page
    assert "vs before" not in page
    assert "Against before" not in page
    assert read_csv(analyst, address.replace("/?", "/file/accounts.csv?"))[0]["carried_before"] == ""


def test_a_rerun_compares_the_days_before_too(analyst: Client) -> None:
    assert "Every digit is the same." in read(analyst, f"/spread/proof/reposts/?{PERIOD}&again=1")


def test_a_market_narrows_the_cascades_and_stays_in_the_links(analyst: Client) -> None:
    address = f"/spread/file/cascades.csv?{PERIOD}"
    assert [row["root"] for row in read_csv(analyst, f"{address}&market=JP")] == ["abroad"]
    assert [row["market"] for row in read_csv(analyst, f"{address}&market=CN")] == ["CN", "CN", "CN"]
    page = read(analyst, f"/spread/?{PERIOD}&market=JP")
    assert "/spread/one/?post=abroad&from=2025-03-10&to=2025-03-11&market=JP" in page
    assert '<option value="JP" selected>' in page
    found = analyst.get(f"/api/spread/cascades?{PERIOD}&market=JP").json()
    assert [row["market"] for row in found["cascades"]] == ["JP"]


def test_the_timeline_counts_every_repost_on_its_day(analyst: Client) -> None:
    rows = read_csv(analyst, f"/spread/file/days.csv?{PERIOD}")
    # a1 to a6, the two of the unknown post, that of the comment, and the one abroad; b1 to b3 a day later
    assert [(row["day"], row["reposts"]) for row in rows] == [("2025-03-10", "10"), ("2025-03-11", "3")]
    assert "Most reposts came on 10 March: 10" in read(analyst, f"/spread/?{PERIOD}")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_campaigns_that_began_are_marks_on_the_timeline(analyst: Client, language: str) -> None:
    analyst.cookies["django_language"] = language
    chart = analyst.get(f"/spread/file/days.svg?{PERIOD}").content.decode()
    assert ("&gt;spring<" in chart or ">spring<" in chart, "夏日&lt;b&gt;" in chart) == (True, True)
    later = analyst.get("/spread/file/days.svg?from=2025-03-11&to=2025-03-11").content.decode()
    assert ("spring" in later, "夏日" in later) == (False, False)


def test_a_campaign_that_began_while_a_cascade_spread_is_a_mark_on_its_pace(analyst: Client) -> None:
    rows = read_csv(analyst, f"/spread/one/file/pace.csv?post=post-a&{PERIOD}")
    named = [row for row in rows if row["campaigns"]]
    assert [row["campaigns"] for row in named] == ["夏日<b>"]  # its own began with the post
    assert float(named[0]["begin_s"]) <= 1800 < float(named[0]["until_s"])
    page = analyst.get(f"/spread/one/?post=post-a&{PERIOD}").content.decode()
    assert "named lines: campaigns" in page
    assert "夏日<b>" not in page
    assert "named lines" not in read(analyst, f"/spread/one/?post=post-b&{PERIOD}")


def test_of_many_campaigns_the_largest_are_marked_in_order() -> None:
    noon = datetime(2025, 3, 10, 12, tzinfo=UTC)
    many = [Campaign(f"c{n}", noon + timedelta(hours=n), noon + DAY, events=100 - n) for n in range(9)]
    chosen = choose_campaigns(many, noon, noon + timedelta(hours=8))
    assert [one.name for one in chosen] == [f"c{n}" for n in range(MOST_MARKS)]
    assert choose_campaigns(many, noon + timedelta(hours=8), noon + DAY) == (many[8],)
