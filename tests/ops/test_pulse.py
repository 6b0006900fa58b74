"""The overview page: figures with their proofs, pictures with their files, the way on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from django.test import Client

from canyu.ops.people.rules import Role

PERIOD = "from=2025-03-01&to=2025-04-29"


@pytest.fixture
def lead(sign_in: Callable[..., Client], brand_lake: Path) -> Client:
    return sign_in(Role.MARKETING_LEAD)


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.content.decode()


def test_each_figure_and_picture_opens(lead: Client) -> None:
    page = read(lead, f"/pulse/?{PERIOD}")
    overview = lead.get(f"/api/overview?{PERIOD}").json()
    for figure in overview["figures"]:
        assert f"/pulse/proof/figure/{figure['name']}/?{PERIOD.replace('&', '&amp;')}" in page
        assert figure["proof"]["sql"] in _unescape(read(lead, f"/pulse/proof/figure/{figure['name']}/?{PERIOD}"))
    for picture in overview["pictures"]:
        has_own_place = picture["name"] != "sentiment_by_day"  # it takes the main place when asked for
        assert (f"/pulse/proof/picture/{picture['name']}/" in page) == has_own_place
        assert "@" in read(lead, f"/pulse/proof/picture/{picture['name']}/?{PERIOD}")


def test_the_figures_are_the_lakes(lead: Client) -> None:
    figures = {figure["name"]: figure for figure in lead.get(f"/api/overview?{PERIOD}").json()["figures"]}
    assert figures["volume"]["value"] == 244
    assert figures["share_of_voice"]["value"] == pytest.approx(100 * 244 / 304)
    assert figures["board_minutes"]["value"] == 650


def test_run_again_gives_every_digit_again(lead: Client) -> None:
    page = read(lead, f"/pulse/proof/figure/volume/?{PERIOD}&again=1")
    assert "Every digit is the same." in page


def test_the_drawer_is_a_fragment_and_the_link_a_page(lead: Client) -> None:
    address = f"/pulse/proof/figure/volume/?{PERIOD}"
    assert "<html" in read(lead, address)
    fragment = lead.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "Query" in fragment


@pytest.mark.parametrize("form", ["csv", "svg", "png"])
def test_a_picture_can_be_taken_along(form: str, lead: Client) -> None:
    response = lead.get(f"/pulse/picture/volume_by_day.{form}?{PERIOD}")
    assert response["Content-Disposition"] == (
        f'attachment; filename="canyu-volume_by_day-2025-03-01-2025-04-29.{form}"'
    )
    body = response.content
    if form == "csv":
        lines = body.decode("utf-8-sig").splitlines()
        assert (lines[0], lines[1], len(lines)) == ("day,posts", "2025-03-01,3", 61)
    elif form == "svg":
        assert ElementTree.fromstring(body).tag.endswith("svg")  # noqa: S314 - our own picture
        assert b"var(--" not in body
    else:
        assert body.startswith(b"\x89PNG")


@pytest.mark.parametrize(("form", "start"), [("html", b"<!doctype html>"), ("pdf", b"%PDF-")])
def test_the_report_can_be_taken_along(form: str, start: bytes, lead: Client) -> None:
    response = lead.get(f"/pulse/report.{form}?{PERIOD}")
    assert response["Content-Disposition"] == f'attachment; filename="canyu-report-2025-03-01-2025-04-29.{form}"'
    assert response.content.lower().startswith(start.lower())
    assert lead.get("/pulse/report.exe").status_code == 404


def test_hostile_texts_in_the_csv_are_disarmed(lead: Client) -> None:
    text = lead.get("/pulse/picture/posts.csv?from=2025-04-29&to=2025-04-29").content.decode("utf-8-sig")
    assert "'=HYPERLINK" in text


@pytest.mark.parametrize(
    "address", ["picture/volume_by_day.exe", "picture/nope.csv", "proof/figure/nope/", "proof/x/y/"]
)
def test_what_is_not_there_is_404(address: str, lead: Client) -> None:
    assert lead.get(f"/pulse/{address}").status_code == 404


def test_filters_in_the_address_reach_the_figures(lead: Client) -> None:
    volumes = {}
    for brand in ("xiaomi", "tesla", "all"):
        figures = lead.get(f"/api/overview?{PERIOD}&brand={brand}").json()["figures"]
        volumes[brand] = figures[0]["value"]
    assert volumes == {"xiaomi": 244, "tesla": 60, "all": 365}


def test_the_way_on_leads_to_the_same_posts(lead: Client) -> None:
    page = read(lead, f"/pulse/?{PERIOD}")
    steps = page.split('class="next"')[1]
    link = _unescape(steps.split('href="')[1].split('"')[0])
    asked = parse_qs(urlsplit(link).query)
    assert asked == {
        "from": ["2025-03-01"], "to": ["2025-04-29"], "link": ["xiaomi"], "sentiment": ["negative"], "sort": ["spread"]
    }  # fmt: skip
    assert "Read the 121 negative posts" in steps
    assert "121 posts" in read(lead, link)


@pytest.mark.parametrize(("figure", "posts"), [("Volume", "244 posts"), ("Net sentiment", "244 posts")])
def test_a_figure_leads_to_its_posts_in_one_click(figure: str, posts: str, lead: Client) -> None:
    page = read(lead, f"/pulse/?{PERIOD}")
    value = page.split(f"<dt>{figure}<")[1].split('<dd class="value"')[1]
    assert posts in read(lead, _unescape(value.split('href="')[1].split('"')[0]))


def test_the_days_under_the_picture_lead_to_as_many_posts_as_they_say(lead: Client) -> None:
    page = read(lead, f"/pulse/?{PERIOD}&picture=sentiment_by_day")
    days = page.split("Most negative posts:")[1].split("</p>")[0].split("<a ")[1:]
    assert len(days) == 3
    for day in days:
        link, words = _unescape(day.split('href="')[1].split('"')[0]), day.split(">")[1].split("<")[0]
        assert parse_qs(urlsplit(link).query)["sentiment"] == ["negative"]
        assert words.split(" ", 1)[1].strip() in read(lead, link)


def test_the_menu_names_the_room_that_has_no_entry_of_its_own(lead: Client) -> None:
    assert '<summary class="rank-3">' in read(lead, "/copy-check/")
    assert 'data-letter="o" aria-current="page"' in read(lead, "/posts/")


def test_an_empty_lake_shows_the_one_action(
    tmp_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]
) -> None:
    use_lake(tmp_path / "new.lake")
    client = sign_in(Role.MARKETING_LEAD)
    for address in ("/pulse/", "/posts/"):
        assert f"canyu import posts.csv --lake {tmp_path / 'new.lake'}" in read(client, address)
    assert client.get("/api/overview").status_code == 404
    assert "canyu import" in client.get("/api/overview").json()["mend"]


@pytest.mark.parametrize(
    ("address", "most"), [("/pulse/", 4), ("/posts/", 4), ("/people/", 6), ("/pulse/proof/figure/volume/", 4)]
)
def test_the_number_of_database_queries_of_a_page(
    address: str, most: int, brand_lake: Path, sign_in: Callable[..., Client], django_assert_max_num_queries: Callable
) -> None:
    client = sign_in(Role.MARKETING_LEAD, administrator=address == "/people/")
    with django_assert_max_num_queries(most):
        assert client.get(address).status_code == 200


def test_the_api_describes_itself_with_examples(lead: Client) -> None:
    described = lead.get("/api/openapi.json").json()
    spread = ["/api/spread/cascade", "/api/spread/cascades", "/api/spread/forecast", "/api/spread/forecasts"]
    offers = ["drops/paid", "hold", "let-go", "orders", "quote", "redeem", "refunds"]
    lives = ["/api/lives", "/api/lives/{session_id}"]
    told = [
        "/api/care/cases",
        "/api/care/cases/{case_id}/messages",
        *lives,
        *(f"/api/metrics{name}" for name in ("", "/index/{name}", "/{name}")),
        *(f"/api/offers/{name}" for name in offers),
        "/api/overview",
        "/api/posts",
        "/api/posts/one",
        "/api/scorecard",
        *spread,
    ]
    assert sorted(described["paths"]) == told
    figure = described["components"]["schemas"]["FigureOut"]["properties"]
    assert figure["name"]["examples"] == ["volume"]


def _unescape(text: str) -> str:
    import html

    return html.unescape(text)


def test_the_first_page_is_made_ready(brand_lake: Path, tmp_path: Path, use_lake: Callable[[Path], None]) -> None:
    from canyu.ops.insight.warm import warm

    assert warm()
    use_lake(tmp_path / "new.lake")
    assert not warm()
