"""One cascade: its tree of ten thousand within bounds, branches, pace, guessed places, files, what is refused."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from canyu.ops.travel.drawing import measure_letters
from travel_lake import MANY, ODD_ID, PERIOD

ONE = f"/spread/one/?post=post-a&{PERIOD}"
FILE = "/spread/one/file/{}?post=post-a&" + PERIOD


@pytest.fixture
def analyst(travel_lake: Path, sign_in: Callable[..., Client]) -> Client:
    return sign_in(Role.DATA_ANALYST)


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return html.unescape(response.content.decode())


def read_csv(client: Client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(address).content.decode("utf-8-sig"))))


def cut_trees(page: str) -> list[str]:
    return re.findall(r'<svg[^>]*class="tree".*?</svg>', page, re.DOTALL)


@pytest.mark.parametrize("address", [ONE, "/spread/one/proof/depth/", FILE.format("tree.csv")])
def test_nobody_and_the_wrong_role_see_nothing(address: str, travel_lake: Path, sign_in: Callable[..., Client]) -> None:
    assert Client().get(address)["Location"].startswith("/account/login/")
    refused = sign_in(Role.CARE_AGENT).get(address)
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", refused.content.decode())  # its letters are random
    assert (refused.status_code, "u1" in page) == (403, False)


def test_the_figures_and_the_carriers_are_those_of_the_planted_tree(analyst: Client) -> None:
    page = read(analyst, ONE)
    for value in ("7", "4", "2.5", "85.7143"):
        assert f'title="{value}">' in page
    assert "4 min" in page
    assert "u1 carried 60% of the reposts" in page
    assert "Half of the reposts came within 4 min" in page


def test_without_a_period_it_is_the_day_of_the_post(analyst: Client) -> None:
    assert "u1 carried 60% of the reposts" in read(analyst, "/spread/one/?post=post-a")


def test_a_branch_is_looked_at_from_its_repost_on_with_the_way_to_it(analyst: Client) -> None:
    page = read(analyst, f"{ONE}&at=a2")
    assert "2 reposts below u2" in page
    assert "The way from the post to here" in page
    rows = page.split('id="reposts"')[1]
    assert ("转发 a4" in rows, "转发 a5" in rows, "转发 a3" in rows) == (True, True, False)


def test_every_repost_is_in_the_file_with_how_its_place_is_known(analyst: Client) -> None:
    rows = read_csv(analyst, FILE.format("reposts.csv"))
    assert [(row["id"], row["depth"], row["below"]) for row in rows] == [
        ("a1", "1", "4"),
        ("a2", "2", "2"),
        ("a4", "3", "1"),
        ("a3", "2", "0"),
        ("a5", "4", "0"),
        (ODD_ID, "1", "0"),
        ("a6", "1", "0"),
    ]
    guessed = [row for row in rows if row["how"] != "stated"]
    assert [(row["id"], row["how"], row["confidence"]) for row in guessed] == [(ODD_ID, "orphan", "0.0")]


def test_guessed_places_are_dashed_and_spoken_of(analyst: Client) -> None:
    wide, slim = cut_trees(analyst.get(ONE).content.decode())
    for drawn in (wide, slim):
        assert drawn.count('stroke-dasharray="3 3"') == 1
        assert drawn.count("place guessed") >= 1
    assert "place guessed" not in cut_trees(analyst.get(f"{ONE}&at=a1").content.decode())[0]


def test_marks_lead_to_their_branches_and_leaves_to_their_posts(analyst: Client) -> None:
    tree = html.unescape(cut_trees(analyst.get(ONE).content.decode())[0])
    assert 'href="?post=post-a&from=2025-03-10&to=2025-03-11&at=a1&colour=time&scale=log#tree"' in tree
    assert f'href="/posts/one/?{urlencode({"id": ODD_ID})}"' in tree
    assert tree.count("<a ") == 7  # all but the post itself


def test_sentiment_colours_the_marks_with_a_sign_beside(analyst: Client) -> None:
    tree = cut_trees(analyst.get(f"{ONE}&colour=mood").content.decode())[0]
    assert 'fill="var(--good)"' in tree
    assert "7 +" in tree


def test_ten_thousand_reposts_are_a_page_that_can_be_read(
    large_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]
) -> None:
    use_lake(large_path)
    client = sign_in(Role.DATA_ANALYST)
    answer = client.get("/spread/one/?post=large")
    assert (answer.status_code, len(answer.content) < 300_000) == (200, True)
    page = html.unescape(answer.content.decode())
    assert f'title="{MANY:,}"' in page
    assert "10,000 reposts are in this drawing" in page
    for drawn in cut_trees(page):
        assert 10 < drawn.count("<a ") < 200
        assert "more branches, drawn as one" in drawn
    assert page.split('id="reposts"')[1].count("<tr>") == 21
    assert "1 / 500" in page


def test_pages_of_reposts_end_at_the_last(
    large_path: Path, use_lake: Callable[[Path], None], sign_in: Callable[..., Client]
) -> None:
    use_lake(large_path)
    client = sign_in(Role.DATA_ANALYST)
    assert "500 / 500" in read(client, "/spread/one/?post=large&page=500")
    assert client.get("/spread/one/?post=large&page=501")["Location"] == "/spread/one/?post=large&page=500"


def test_who_may_not_see_posts_sees_a_tree_of_numbers(travel_lake: Path, accounts: Callable[..., Person]) -> None:
    person = accounts(name="figures-only")
    person.user_permissions.add(Permission.objects.get(codename="view_pulse"))
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    page = read(client, ONE)
    body = page.split("<main")[1]
    assert ("account 1" in body, "u1" in body, "转发 a1" in body, "/posts/one/" in body) == (True, False, False, False)
    assert read_csv(client, FILE.format("reposts.csv"))[0]["account"] == "account 2"


def test_time_is_laid_out_by_logarithm_or_evenly(analyst: Client) -> None:
    even = read_csv(analyst, FILE.format("pace.csv") + "&scale=linear")
    log = read_csv(analyst, FILE.format("pace.csv"))
    assert sum(int(row["reposts"]) for row in log) == 7
    assert (log[-1]["together"], even[-1]["together"]) == ("7", "6")  # the straggler after 90 minutes is cut off
    widths = [float(row["until_s"]) - float(row["begin_s"]) for row in even]
    assert max(widths) == pytest.approx(min(widths))
    assert "even, until 86% of the reposts had come" in read(analyst, f"{ONE}&scale=linear")


@pytest.mark.parametrize("name", ["tree", "pace"])
def test_pictures_can_be_taken_along(name: str, analyst: Client) -> None:
    drawn = analyst.get(FILE.format(f"{name}.svg"))
    assert drawn["Content-Disposition"].startswith("attachment")
    assert (drawn.content.startswith(b"<svg"), b"var(--" in drawn.content, b"<a " in drawn.content) == (
        True,
        False,
        False,
    )
    assert analyst.get(FILE.format(f"{name}.png")).content.startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["reposts", "depth", "one_virality", "half_life", "sure", "carried"])
def test_every_figure_has_a_proof_that_can_be_run_again(name: str, analyst: Client) -> None:
    page = read(analyst, f"/spread/one/proof/{name}/?post=post-a&{PERIOD}&again=1")
    assert "Every digit is the same." in page
    assert "the rows of one post" in page


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/spread/one/", 404),
        ("/spread/one/?post=nobody", 404),
        (f"/spread/one/?post=post-alone&{PERIOD}", 404),
        (f"{ONE}&at=b1", 404),
        (f"{ONE}&colour=rainbow", 400),
        (f"{ONE}&scale=cubic", 400),
        (f"{ONE}&page=0", 400),
        (f"{ONE}&page=x", 400),
        (f"{ONE}&page=9", 302),
        (f"{ONE}&order=fame", 400),
        (f"{ONE}&at={'x' * 500}", 400),
        (f"/spread/one/?post=post-a%00&{PERIOD}", 200),
        (FILE.format("reposts.svg"), 404),
        (FILE.format("nothing.csv"), 404),
        ("/spread/one/proof/nothing/?post=post-a", 404),
    ],
)
def test_what_cannot_be_used_is_refused(address: str, status: int, analyst: Client) -> None:
    assert analyst.get(address).status_code == status


def test_an_odd_id_can_be_looked_at_and_linked_to(analyst: Client) -> None:
    page = analyst.get(f"{ONE}&{urlencode({'at': ODD_ID})}")
    assert page.status_code == 200
    assert "<b>" not in page.content.decode().split('id="reposts"')[1]
    assert "Nobody passed this one on." in html.unescape(page.content.decode())


def test_the_brand_s_answers_are_marked_where_its_accounts_are_known(
    analyst: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("canyu.ops.travel.queries.get_own_actors", lambda: frozenset({"u4"}))
    rows = read_csv(analyst, FILE.format("pace.csv"))
    marked = [row for row in rows if row["answers"] != "0"]
    assert [row["answers"] for row in marked] == ["1"]
    assert float(marked[0]["begin_s"]) <= 240 < float(marked[0]["until_s"])
    assert "triangles are the brand's answers" in read(analyst, ONE)


def test_labels_are_measured_too_wide_rather_than_too_narrow() -> None:
    assert measure_letters("账号1") == pytest.approx(31.44)
