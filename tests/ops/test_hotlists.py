"""The pages Hot lists and Share of voice: who may, exact figures, gaps, the posts behind, hostile titles, queries."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from brand_lake import fill_brand_lake
from canyu.measure import OverviewQuery
from canyu.measure.series import Measured, Step
from canyu.ops.hotlists.rules import choose_index
from canyu.ops.people.rules import Role
from hotlists_lake import HOSTILE_TITLE, fill_hotlists_lake

DAY = "from=2025-03-10&to=2025-03-10"
WEEKS = "from=2025-03-01&to=2025-03-23"
PAGES = ("/hot-lists/", "/hot-lists/proof/coverage/", "/share-of-voice/", "/share-of-voice/proof/")


@pytest.fixture(scope="session")
def hotlists_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hotlists") / "hot.lake"
    fill_hotlists_lake(path)
    return path


@pytest.fixture
def analyst(hotlists_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]) -> Client:
    use_lake(hotlists_path)
    return sign_in(Role.DATA_ANALYST)


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return html.unescape(response.content.decode())


def read_csv(client: Client, address: str) -> list[dict[str, str]]:
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("address", [*PAGES, "/hot-lists/file/titles.csv"])
def test_nobody_and_the_wrong_role_see_nothing(
    address: str, hotlists_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]
) -> None:
    use_lake(hotlists_path)
    assert Client().get(address)["Location"].startswith("/account/login/")
    refused = sign_in(Role.CARE_AGENT).get(address)
    assert refused.status_code == 403
    assert "小米SU7交付" not in refused.content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_nothing_can_be_sent_to_them(address: str, analyst: Client) -> None:
    assert analyst.post(address).status_code == 405


def test_minutes_are_a_union_and_coverage_stands_beside_them(analyst: Client) -> None:
    page = read(analyst, f"/hot-lists/?{DAY}&brand=xiaomi")
    assert '<dd class="value" title="630"><a href="#titles">630' in page
    assert '<dd class="value" title="43.75"><a href="#lists">43.8' in page
    assert "810 minutes unknown" in page
    assert page.count("43.8% of the period observed") == 2
    assert "小米SU7交付" in page
    assert "特斯拉召回" not in page


def test_each_title_has_its_minutes_rank_and_heat_and_the_posts_of_its_days(analyst: Client) -> None:
    page = read(analyst, f"/hot-lists/?{DAY}&brand=xiaomi")
    assert "/posts/?from=2025-03-10&to=2025-03-10&link=xiaomi" in page
    rows = read_csv(analyst, f"/hot-lists/file/titles.csv?{DAY}&brand=xiaomi")
    assert [(row["title"], row["minutes"], row["top_rank"], row["heat"]) for row in rows] == [
        ("小米SU7交付", "600", "3", "100570"),
        ("小米汽车降价", "300", "9", "100570"),
        (HOSTILE_TITLE, "30", "42", "100900"),
    ]


def test_a_list_seldom_captured_covers_nothing(analyst: Client) -> None:
    rows = read_csv(analyst, f"/hot-lists/file/lists.csv?{DAY}")
    assert [(row["channel"], row["captures"], row["known_minutes"], row["longest_gap_minutes"]) for row in rows] == [
        ("douyin", "3", "0", "480"),
        ("weibo", "23", "630", "300"),
    ]


def test_another_brand_is_asked_for_by_its_id(analyst: Client) -> None:
    page = read(analyst, f"/hot-lists/?{DAY}&brand=tesla")
    assert '<dd class="value" title="180"><a href="#titles">180' in page
    rows = read_csv(analyst, f"/hot-lists/file/brands.csv?{DAY}&brand=tesla")
    assert [(row["id"], row["minutes"], row["is_chosen"]) for row in rows] == [
        ("xiaomi", "630", "False"),
        ("tesla", "180", "True"),
    ]


def test_a_hostile_title_stays_text(analyst: Client) -> None:
    page = analyst.get(f"/hot-lists/?{DAY}&brand=xiaomi&metric=read").content.decode()
    assert "<script>alert" not in page
    assert "小米&lt;script&gt;" in page
    chart = analyst.get(f"/hot-lists/file/brands.svg?{DAY}&brand=%22%3E%3Cscript%3E").content.decode()
    assert "<script" not in chart


def test_a_series_shows_missing_as_missing_and_the_open_hour_as_partial(analyst: Client) -> None:
    page = read(analyst, f"/hot-lists/?{DAY}&brand=xiaomi&metric=read")
    assert "Reads, by hour; 19 of 24 buckets have data; the last bucket is partial" in page
    rows = read_csv(analyst, f"/hot-lists/file/series.csv?{DAY}&brand=xiaomi&metric=read")
    assert [row["value"] for row in rows[2:6]] == ["5002", "", "", "5005"]
    assert [row["is_partial"] for row in rows[19:22]] == ["False", "True", "False"]


def test_an_index_by_day_keeps_its_gap(analyst: Client) -> None:
    page = read(analyst, "/hot-lists/?from=2025-03-01&to=2025-03-31&brand=xiaomi")
    assert "Search index, by day; 11 of 31 buckets have data" in page


def test_shares_are_counted_with_copies_and_without_by_week(analyst: Client) -> None:
    rows = read_csv(analyst, f"/hot-lists/file/weeks.csv?{WEEKS}&brand=xiaomi")
    assert [(row["day"], row["last"], row["days"], row["observed"]) for row in rows] == [
        ("2025-03-01", "2025-03-02", "2", "2"),
        ("2025-03-03", "2025-03-09", "7", "7"),
        ("2025-03-10", "2025-03-16", "7", "7"),
        ("2025-03-17", "2025-03-23", "7", "7"),
    ]
    field = {row["id"]: row for row in read_csv(analyst, f"/hot-lists/file/field.csv?{WEEKS}&brand=xiaomi")}
    assert sum(int(row["mentions_raw"]) for row in rows) == int(field["xiaomi"]["mentions_raw"])
    shares = [float(row["share"]) for row in field.values()]
    assert sum(shares) == pytest.approx(100)
    page = read(analyst, f"/share-of-voice/?{WEEKS}&brand=xiaomi")
    assert "/posts/?from=2025-03-03&to=2025-03-09&link=xiaomi" in page
    assert "Not mentioned in this period: Apple, " in page


def test_weeks_before_the_data_are_unknown(analyst: Client) -> None:
    rows = read_csv(analyst, "/hot-lists/file/weeks.csv?from=2025-02-17&to=2025-03-02&brand=xiaomi")
    assert [(row["share"], row["mentions"], row["observed"]) for row in rows[:1]] == [("", "", "0")]
    assert "1 of 2 weeks" in read(analyst, "/share-of-voice/?from=2025-02-17&to=2025-03-02&brand=xiaomi")


@pytest.mark.parametrize("name", ["board_minutes", "coverage", "titles", "top_rank"])
def test_every_figure_has_a_proof_that_can_be_run_again(name: str, analyst: Client) -> None:
    page = read(analyst, f"/hot-lists/proof/{name}/?{DAY}&again=1")
    assert "Every digit is the same." in page
    assert "SELECT" in page
    drawer = analyst.get(f"/hot-lists/proof/{name}/?{DAY}", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in drawer


def test_the_share_has_a_proof_that_can_be_run_again(analyst: Client) -> None:
    page = read(analyst, f"/share-of-voice/proof/?{WEEKS}&again=1")
    assert "Every digit is the same." in page
    assert "Wilson" in page


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/hot-lists/proof/nothing/", 404),
        ("/hot-lists/file/nothing.csv", 404),
        ("/hot-lists/file/titles.png", 404),
        ("/hot-lists/file/brands.exe", 404),
        ("/share-of-voice/?brand=nobody", 404),
        ("/hot-lists/?from=2025-03-10&to=2025-03-01", 400),
    ],
)
def test_what_is_not_there_is_refused(address: str, status: int, analyst: Client) -> None:
    assert analyst.get(address).status_code == status


@pytest.mark.parametrize(("name", "start"), [("brands", b"<svg"), ("weeks", b"<svg")])
def test_pictures_can_be_taken_along(name: str, start: bytes, analyst: Client) -> None:
    assert analyst.get(f"/hot-lists/file/{name}.svg?{DAY}").content.startswith(start)
    assert analyst.get(f"/hot-lists/file/{name}.png?{DAY}").content.startswith(b"\x89PNG")


def test_a_lake_without_lists_says_so_and_an_empty_one_what_to_run(
    tmp_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]
) -> None:
    client = sign_in(Role.PR_OFFICER)
    use_lake(tmp_path / "none.lake")
    for address in ("/hot-lists/", "/share-of-voice/"):
        assert "canyu import posts.csv" in read(client, address)
    fill_brand_lake(tmp_path / "brand.lake")
    use_lake(tmp_path / "brand.lake")
    page = read(client, "/hot-lists/?from=2025-02-01&to=2025-02-02")
    assert "Nobody of the catalogue was seen on a hot list here" in page


def test_rows_of_an_older_version_ask_to_listen_again(brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    page = read(sign_in(Role.MARKETING_LEAD), "/hot-lists/?from=2025-03-01&to=2025-04-29")
    assert "An earlier version listened to these lists" in page


def test_the_pages_ask_the_database_little(analyst: Client, django_assert_max_num_queries: Any) -> None:
    for address in (f"/hot-lists/?{DAY}", f"/share-of-voice/?{WEEKS}"):
        with django_assert_max_num_queries(5):
            read(analyst, address)


def test_the_first_metric_there_is_is_drawn_and_what_is_left_out_is_told() -> None:
    query = OverviewQuery(date(2025, 3, 1), date(2025, 3, 31), brand="xiaomi")
    rows = [Measured(f"o{n}", "read", 1, n) for n in range(9)] + [Measured("x", "odd", 1, 1)]
    choice = choose_index({}, rows, query)
    assert (choice.metric, choice.metrics, choice.objects[0], choice.left_out) == ("read", ("read", "odd"), "o8", 3)
    assert (choice.step, choose_index({"metric": "odd"}, rows, query).metric) == (Step.DAY, "odd")
    assert choose_index({"metric": "<b>"}, [], query).metric == ""
