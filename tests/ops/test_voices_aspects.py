"""Aspects: exact cells with and without copies, the posts behind them, who may look, and hostile texts."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from canyu.kit.words import Words
from canyu.measure import OverviewQuery
from canyu.measure.aspects import WHOLE, AspectMap, compute_aspects
from canyu.ops.people.rules import Role
from voices_lake import ALL_DAYS, BLAME, CAMERA, RANGE, get_blame_id

NOBODY: dict[str, Words] = {}


@pytest.fixture
def analyst(sign_in: Callable[..., Client], voices_lake: Path) -> Client:
    return sign_in(Role.SOCIAL_ANALYST)


def compute(path: Path, **filters: str) -> AspectMap:
    import canyu

    query = OverviewQuery(date(2025, 4, 7), date(2025, 5, 4), **{"brand": "xiaomi", **filters})
    return compute_aspects(canyu.open(path), query, NOBODY, NOBODY)


def read(client: Client, address: str, **params: str) -> str:
    response = client.get(address, {**ALL_DAYS, **params})
    assert response.status_code == 200, response.content
    return response.content.decode()


def count_posts(client: Client, **params: str) -> int:
    found = re.search(r'role="status">([\d,]+) post', read(client, "/posts/", **params))
    assert found is not None
    return int(found[1].replace(",", ""))


def test_cells_hold_net_sentiment_with_its_interval_and_once_without_copies(voices_path: Path) -> None:
    cell = compute(voices_path).cells[("xiaomi/su7", RANGE)]
    assert (cell.every.posts, cell.every.positive, cell.every.negative, cell.every.net) == (40, 7, 33, -65.0)
    assert (cell.once.posts, cell.once.negative, cell.once.net) == (35, 28, -60.0)
    low, high = cell.every.net_interval or (0, 0)
    assert low < -65 < high < 0


def test_the_whole_counts_a_post_once_whatever_it_names(voices_path: Path) -> None:
    of_brand, of_all = compute(voices_path), compute(voices_path, brand="")
    assert [of_brand.cells[(WHOLE, one)].every.posts for one in (RANGE, CAMERA)] == [40, 28]
    assert [of_all.cells[(WHOLE, one)].every.posts for one in (RANGE, CAMERA)] == [40, 28]
    assert of_all.cells[("tesla/model-3", RANGE)].every.posts == 7
    assert ("tesla/model-3", RANGE) not in of_brand.cells


def test_filters_of_channel_and_market_narrow_the_cells(voices_path: Path) -> None:
    assert compute(voices_path, channel="weibo").cells[("xiaomi/su7", RANGE)].every.posts == 28
    assert compute(voices_path, market="CN").cells[("xiaomi/su7", RANGE)].every.posts == 14


def test_the_map_shows_signs_counts_and_what_is_too_few(analyst: Client) -> None:
    page = read(analyst, "/aspects/", brand="all")
    cell = page.split('<th scope="row">Xiaomi SU7</th>')[1].split("</td>")[0]
    assert '<td class="bad3">' in cell
    assert "<b>−65</b><span>40</span>" in cell
    assert "+7 =0 −33 · without copies −60 (35)" in cell
    few = page.split('<th scope="row">Model 3</th>')[1].split("</td>")[0]
    assert '<td class="few">' in few
    assert "too few to judge: +7 −0 of 7" in few
    assert "Most complaints are about the range and charging of Xiaomi SU7" in page


def test_without_copies_is_one_click_away(analyst: Client) -> None:
    page = read(analyst, "/aspects/", copies="without")
    assert "<b>−60</b><span>35</span>" in page
    assert "with copies −65 (40)" in page


def test_a_cell_leads_to_exactly_the_posts_it_counts(analyst: Client) -> None:
    page = read(analyst, "/aspects/")
    cell = page.split('<th scope="row">Xiaomi SU7</th>')[1].split("</td>")[0]
    address = html.unescape(re.findall(r'href="([^"]+)"', cell)[0])
    listed = analyst.get(address).content.decode()
    assert "40 posts" in listed
    assert "Range and charging" in listed
    assert count_posts(analyst, link="xiaomi/su7", aspect=RANGE, polarity="-1") == 33
    assert count_posts(analyst, aspect=RANGE, polarity="1") == 7
    assert count_posts(analyst, aspect=CAMERA, q="徕卡") == 28


def test_posts_narrow_by_emotion_and_storyline(analyst: Client) -> None:
    assert count_posts(analyst, emotion="angry") == 33
    assert count_posts(analyst, storyline="leica-images") == 14
    assert count_posts(analyst, polarity="-1") == 33
    for wrong in ({"emotion": "bored"}, {"polarity": "2"}):
        assert analyst.get("/posts/", wrong).status_code == 400


def test_a_post_shows_what_was_found_in_it_and_stays_a_text(analyst: Client) -> None:
    page = analyst.get("/posts/one/", {"id": get_blame_id(21)}).content.decode()
    assert '<mark class="said bad" title="Range and charging · blame">续航<sup>−</sup></mark>' in page
    assert "<script>alert" not in page
    assert html.escape(BLAME[BLAME.index("<") :]) in page
    assert "angry" in page
    assert "storyline=safe-car/safety-doubted" in page
    assert "6 posts say the same" in analyst.get("/posts/one/", {"id": get_blame_id(20)}).content.decode()


def test_the_proof_names_query_and_versions_and_computes_again(analyst: Client) -> None:
    page = read(analyst, "/aspects/proof/", again="1")
    assert "opinions@" in page
    assert "SELECT" in page
    assert "Every digit is the same." in page
    assert "Back to the page" in page


def test_the_file_holds_every_cell(analyst: Client) -> None:
    response = analyst.get("/aspects.csv", ALL_DAYS)
    rows = response.content.decode("utf-8-sig").splitlines()
    assert "attachment" in response["Content-Disposition"]
    assert len(rows) == 1 + 4  # xiaomi/su7, xiaomi/15 and the two aspects of the whole
    assert rows[0].startswith("id,label_zh,label_en,aspect,")


def test_domains_choose_the_aspects(analyst: Client) -> None:
    page = read(analyst, "/aspects/", domain="phone")
    assert "Xiaomi 15" in page.split('class="heat"')[1]
    assert "Xiaomi SU7" not in page.split('class="heat"')[1].split("</table>")[0]


@pytest.mark.parametrize("params", [{"domain": "x"}, {"copies": "all"}, {"from": "yesterday"}])
def test_an_address_that_cannot_be_used_is_told(analyst: Client, params: dict[str, str]) -> None:
    assert analyst.get("/aspects/", params).status_code == 400


def test_nothing_spoken_of_says_what_to_run(analyst: Client) -> None:
    page = analyst.get("/aspects/", {"from": "2020-01-01", "to": "2020-01-02"}).content.decode()
    assert "No aspect is spoken of here" in page
    assert "canyu listen --lake" in page


def test_an_empty_lake_says_how_to_fill_it(
    tmp_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]
) -> None:
    use_lake(tmp_path / "none.lake")
    page = sign_in(Role.SOCIAL_ANALYST).get("/aspects/").content.decode()
    assert "canyu import posts.csv --lake" in page


@pytest.mark.parametrize(
    "address", ["/aspects/", "/aspects/proof/", "/aspects.csv", "/pulse/emotions/proof/", "/pulse/emotions.csv"]
)
def test_only_those_who_may_see_figures_see_them(
    address: str, voices_lake: Path, sign_in: Callable[..., Client]
) -> None:
    assert Client().get(address)["Location"].startswith("/account/login/")
    assert sign_in(Role.CARE_AGENT).get(address).status_code == 403
    assert sign_in(Role.PR_OFFICER).get(address).status_code == 200


def test_the_page_asks_the_database_for_the_viewer_only(analyst: Client) -> None:
    read(analyst, "/aspects/")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        read(analyst, "/aspects/")
    assert len(asked) <= 4


def test_pulse_shows_how_people_feel_and_leads_to_the_posts(analyst: Client) -> None:
    page = read(analyst, "/pulse/")
    table = page.split('id="emotions"')[1].split("</section>")[0]
    assert "48.5%" in table  # 33 angry of 68
    assert "44.4%" in table  # without copies 28 of 63
    address = html.unescape(re.findall(r'href="(/posts/\?[^"]*emotion=angry[^"]*)"', table)[0])
    assert "33 posts" in analyst.get(address).content.decode()
    proof = read(analyst, "/pulse/emotions/proof/", again="1")
    assert "Every digit is the same." in proof
    rows = analyst.get("/pulse/emotions.csv", ALL_DAYS).content.decode("utf-8-sig").splitlines()
    assert rows[1].startswith("happy,高兴,happy,35,")


def test_a_product_of_pulse_leads_to_its_aspects(analyst: Client) -> None:
    table = read(analyst, "/pulse/").split('id="products"')[1].split("</section>")[0]
    address = html.unescape(re.findall(r'href="(/aspects/\?[^"]*product=xiaomi%2Fsu7[^"]*)"', table)[0])
    heat = analyst.get(address).content.decode().split('class="heat"')[1].split("</table>")[0]
    assert "Xiaomi SU7" in heat
    assert "Xiaomi 15" not in heat
