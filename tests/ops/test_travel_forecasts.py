"""How far it will go: what is young at a moment, what is foreseen and what came, why nothing is, who may, files."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from brand_lake import fill_brand_lake
from canyu.events import open_lake
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from canyu.ops.travel.forecast_pictures import say_coverage
from canyu.ops.travel.forecasts import find_forecasts, foresee_curve, get_predictor, list_alarms
from canyu.spread.prediction import Root, SeenCascade
from travel_lake import LAST

PAGES = ("/spread/forecast/", "/spread/forecast/one/?post=young", "/spread/forecast/file/forecasts.csv")
LATER = "at=2025-03-10T13:00"  # an hour after the largest cascade of the large lake began


@pytest.fixture
def analyst(travel_lake: Path, sign_in: Callable[..., Client]) -> Client:
    return sign_in(Role.DATA_ANALYST)


@pytest.fixture
def of_large(large_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]) -> Client:
    use_lake(large_path)
    return sign_in(Role.DATA_ANALYST)


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return html.unescape(response.content.decode())


def read_csv(client: Client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(address).content.decode("utf-8-sig"))))


@pytest.mark.parametrize("address", PAGES)
def test_nobody_and_the_wrong_role_see_nothing(address: str, travel_lake: Path, sign_in: Callable[..., Client]) -> None:
    assert Client().get(address)["Location"].startswith("/account/login/")
    refused = sign_in(Role.CARE_AGENT).get(address)
    assert (refused.status_code, "新品上市" in refused.content.decode()) == (403, False)


@pytest.mark.parametrize("address", PAGES)
def test_nothing_can_be_sent_to_them(address: str, analyst: Client) -> None:
    assert analyst.post(address).status_code == 405


def test_what_is_foreseen_is_what_the_predictor_says_of_what_was_seen(analyst: Client, travel_path: Path) -> None:
    begin = LAST - timedelta(hours=1)
    seen = SeenCascade(Root(begin, followers=50_000, verified=True, text_length=4, id="young"))
    moments = [begin + timedelta(seconds=90 * number + 90) for number in range(40)]
    seen.add(moments, [f"y{number}" for number in range(40)], ["young"] * 40)
    expected = get_predictor().predict(seen, timedelta(hours=1), 100)
    (row,) = read_csv(analyst, "/spread/forecast/file/forecasts.csv")
    assert (row["id"], row["seen"], row["model"]) == ("young", "40", expected.version)
    assert [int(row[name]) for name in ("day", "day_low", "day_high", "end", "end_low", "end_high")] == [
        *(expected.day.size, expected.day.low, expected.day.high),
        *(expected.final.size, expected.final.low, expected.final.high),
    ]
    assert float(row["chance"]) == pytest.approx(expected.final.pass_probability)
    assert (row["day_actual"], row["end_actual"]) == ("", "")  # not over yet


def test_the_page_counts_what_is_young_and_leaves_out_what_is_too_small(analyst: Client) -> None:
    page = read(analyst, "/spread/forecast/")
    assert '<dd class="value" title="1">' in page
    assert '<dd class="value" title="40">' in page
    assert ("新品上市" in page, "几乎没人看" in page) == (True, False)


def test_a_past_moment_is_read_as_it_stood_with_what_came_beside_it(of_large: Client) -> None:
    (row,) = read_csv(of_large, f"/spread/forecast/file/forecasts.csv?{LATER}")
    assert (row["id"], int(row["seen"]) < int(row["day_actual"])) == ("large", True)
    page = read(of_large, f"/spread/forecast/?{LATER}")
    assert "A past moment: only what was known at" in page
    assert "Came in 24 h" in page


def test_where_nothing_can_be_foreseen_the_page_says_why_and_offers_past_moments(of_large: Client) -> None:
    page = read(of_large, "/spread/forecast/")
    assert "Nothing can be foreseen at this moment" in page
    assert "/spread/forecast/?at=2025-03-10T05%3A00%3A00%2B00%3A00&passes=100" in page


def test_an_offered_moment_leads_to_a_forecast(of_large: Client) -> None:
    rows = read_csv(of_large, "/spread/forecast/file/forecasts.csv?at=2025-03-10T05%3A00%3A00%2B00%3A00")
    assert [row["id"] for row in rows] == ["large"]


def test_a_moment_after_the_data_is_their_last(analyst: Client) -> None:
    page = read(analyst, "/spread/forecast/?at=2031-01-01T00:00")
    assert "新品上市" in page
    assert "A past moment" not in page


def test_the_band_of_one_post_begins_at_what_was_seen_and_ends_at_the_day(of_large: Client) -> None:
    rows = read_csv(of_large, "/spread/forecast/one/file/forecast.csv?post=large&age=1")
    band = [row for row in rows if row["middle"] and row["is_end"] == "False"]
    seen = [float(row["seen"]) for row in rows if row["seen"]]
    assert float(band[0]["middle"]) == float(band[0]["low"]) == seen[-1]
    assert (seen[0], float(band[0]["hours"]), float(band[-1]["hours"])) == (0.0, 1.0, 24.0)
    assert seen == sorted(seen)
    came = [float(row["actual"]) for row in rows if row["actual"] and row["is_end"] == "False"]
    assert (came[0], came == sorted(came)) == (seen[-1], True)
    (end,) = [row for row in rows if row["is_end"] == "True"]
    assert float(end["low"]) <= float(end["middle"]) <= float(end["high"])


def test_one_post_is_judged_by_what_came(of_large: Client) -> None:
    page = read(of_large, "/spread/forecast/one/?post=large&age=6")
    assert "what came lies outside the interval" in page
    assert "nothing measured stands behind it" in page
    for age in ("0.5", "1", "2", "6"):
        assert f"age={age}" in page


def test_a_young_post_is_known_no_longer_than_the_data(analyst: Client) -> None:
    page = read(analyst, "/spread/forecast/one/?post=young")
    assert "known after 30 min" in page
    assert "known after 1 h" in page
    assert "known after 2 h" not in page


def test_too_few_reactions_are_said(analyst: Client) -> None:
    few = read(analyst, "/spread/forecast/one/?post=few&age=1")
    assert "Within 1 h there were 5 reactions; a forecast needs 10." in few
    assert "It did not come to that within twelve hours." in few


def test_the_proof_tells_model_and_measured_coverage(analyst: Client) -> None:
    page = read(analyst, "/spread/forecast/proof/size/?again=1")
    assert get_predictor().version in page
    assert "80% intervals held in" in page
    assert "Every digit is the same." in page
    one = read(analyst, "/spread/forecast/proof/size/?post=young&age=0.5&again=1")
    assert "Every digit is the same." in one
    assert "the band is the model's own" in one


def test_coverage_is_read_from_the_figures_beside_the_weights() -> None:
    (told,) = say_coverage(get_predictor().version, 0.9)
    assert "338 cascades never fitted on, 1 h after the post" in told.en
    assert say_coverage("no-such-model-1+00", 1.0)[0].en == "Model no-such-model-1+00."


def test_the_curve_goes_from_what_was_seen_to_the_day_and_never_falls(travel_path: Path) -> None:
    forecasts = find_forecasts(open_lake(travel_path), None, 50)
    assert forecasts is not None
    one = forecasts.rows[0]
    found = one.found
    curve = foresee_curve(one, [found.age / timedelta(hours=1), 2.0, 5.0, 12.0, 24.0])
    assert (curve[0].low, curve[0].size, curve[0].high) == (found.seen, found.seen, found.seen)
    assert (curve[-1].low, curve[-1].size, curve[-1].high) == (found.day.low, found.day.size, found.day.high)
    assert all(earlier.size <= later.size for earlier, later in pairwise(curve))


def test_alarms_are_the_posts_that_likely_pass(travel_path: Path) -> None:
    lake = open_lake(travel_path)
    few, many = find_forecasts(lake, None, 50), find_forecasts(lake, None, 5_000_000)
    assert few is not None
    assert many is not None
    assert [one.reactions.root.id for one in list_alarms(few.rows)] == ["young"]
    assert list_alarms(many.rows) == []
    assert [one.reactions.root.id for one in list_alarms(many.rows, least=0.0)] == ["young"]


def test_who_may_not_see_posts_sees_numbers(travel_lake: Path, accounts: Callable[..., Person]) -> None:
    person = accounts(name="figures-only")
    person.user_permissions.add(Permission.objects.get(codename="view_pulse"))
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    page = read(client, "/spread/forecast/")
    assert ("post 1" in page, "新品上市" in page) == (True, False)
    assert "新品上市" not in read(client, "/spread/forecast/one/?post=young")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/spread/forecast/?at=yesterday", 400),
        ("/spread/forecast/?at=9999-12-31T23:59:59-14:00", 400),
        ("/spread/forecast/?at=0001-01-01", 400),
        ("/spread/forecast/?at=1970-01-01T00:00", 200),
        ("/spread/forecast/?passes=0", 400),
        ("/spread/forecast/?passes=many", 400),
        ("/spread/forecast/one/", 404),
        ("/spread/forecast/one/?post=nobody", 404),
        ("/spread/forecast/one/?post=post-alone", 404),
        ("/spread/forecast/one/?post=young&age=13", 400),
        ("/spread/forecast/one/?post=young&age=nan", 400),
        ("/spread/forecast/one/?post=young&age=x", 400),
        ("/spread/forecast/proof/nothing/", 404),
        ("/spread/forecast/proof/size/?post=few", 404),
        ("/spread/forecast/file/forecasts.exe", 404),
        ("/spread/forecast/file/forecasts.png?at=2025-03-01", 404),
        ("/spread/forecast/one/file/forecast.csv?post=few", 404),
    ],
)
def test_what_cannot_be_used_is_refused(address: str, status: int, analyst: Client) -> None:
    assert analyst.get(address).status_code == status


def test_pictures_can_be_taken_along(analyst: Client) -> None:
    for stem in ("/spread/forecast/file/forecasts.{}", "/spread/forecast/one/file/forecast.{}?post=young"):
        assert analyst.get(stem.format("svg")).content.startswith(b"<svg")
        assert analyst.get(stem.format("png")).content.startswith(b"\x89PNG")


def test_lakes_without_posts_say_what_to_do(
    tmp_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]
) -> None:
    client = sign_in(Role.PR_OFFICER)
    use_lake(tmp_path / "none.lake")
    assert "canyu import posts.csv" in read(client, "/spread/forecast/")
    assert client.get("/spread/forecast/file/forecasts.csv").status_code == 404
    fill_brand_lake(tmp_path / "brand.lake")
    use_lake(tmp_path / "brand.lake")
    assert "Nothing can be foreseen at this moment" in read(client, "/spread/forecast/")


def test_moments_are_the_brand_s_own(analyst: Client) -> None:
    assert 'value="2025-03-20T12:00"' in read(analyst, "/spread/forecast/")  # 04:00 UTC
