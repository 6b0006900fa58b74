"""The figures above aspects, topics and storylines: exact with copies and without, with a proof, and one click away."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client

from canyu.events.catalogue import Account
from canyu.ops.insight import queries
from canyu.ops.people.rules import Role
from canyu.ops.voices.queries import forget_reports
from voices_lake import ALL_DAYS

PAGES = ("aspects", "topics", "storylines")


@pytest.fixture
def analyst(sign_in: Callable[..., Client], voices_lake: Path) -> Iterator[Client]:
    forget_reports()
    yield sign_in(Role.SOCIAL_ANALYST)
    forget_reports()


@pytest.fixture
def own_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """The author praise-0, with six posts of 28 days, is an account of Xiaomi."""
    catalogue = replace(queries.get_catalogue(), accounts=(Account("xiaomi", actor="praise-0"),))
    monkeypatch.setattr(queries, "get_catalogue", lambda: catalogue)


def read_strip(client: Client, page: str, **params: str) -> dict[str, tuple[str, str, str]]:
    """Return each figure of the strip: its value with all digits, what is said below, and where it leads."""
    response = client.get(f"/{page}/", {**ALL_DAYS, **params})
    assert response.status_code == 200, response.content
    strip = html.unescape(response.content.decode()).split('<dl class="strip">')[1].split("</dl>")[0]
    found = {}
    for cell in strip.split('<div class="figure">')[1:]:
        label = re.findall(r"<dt>([^<]+)<", cell)[0]
        value = re.findall(r'<dd class="value"(?: title="([^"]*)")?>(?:<a href="([^"]+)">)?([^<]+)<', cell)[0]
        more = re.sub(r"<[^>]+>", " ", cell.split('<dd class="more">')[1].split("</dd>")[0])
        found[label] = (value[0] or value[2], " ".join(more.split()), value[1])
    return found


def count(client: Client, address: str) -> int:
    response = client.get(address)
    assert response.status_code == 200
    total: int = response.context["page"].total
    return total


def test_aspects_tell_how_many_posts_speak_of_one(analyst: Client) -> None:
    found = read_strip(analyst, "aspects")
    assert found["Posts"][:2] == ("68", "63 without copies")
    assert found["Speak of an aspect, without copies"][:2] == ("100", "94 to 100 100% with copies")
    assert found["Period"][:2] == ("28", "2025-04-07 – 2025-05-04")
    assert (count(analyst, found["Posts"][2]), count(analyst, found["Speak of an aspect, without copies"][2])) == (
        68,
        63,
    )


def test_topics_tell_how_many_posts_belong_to_one(analyst: Client) -> None:
    found = read_strip(analyst, "topics")
    assert found["Posts"][:2] == ("68", "63 without copies")
    share = found["In a topic, without copies"]
    assert (share[0], share[2]) == ("100", "#topics")
    assert share[1] == "94 to 100 100% with copies"
    assert count(analyst, found["Posts"][2]) == 68
    assert "By the brands' own accounts" not in found


def test_storylines_tell_how_many_posts_carry_any(analyst: Client) -> None:
    found = read_strip(analyst, "storylines")
    assert found["Posts"][:2] == ("68", "63 without copies")
    share = found["Carry a message, without copies"]
    assert (share[0], share[1]) == ("22.2222", "14 to 34 21% with copies")  # 14 of 63, 14 of 68
    assert (count(analyst, found["Posts"][2]), count(analyst, share[2])) == (68, 14)


@pytest.mark.usefixtures("own_account")
def test_own_accounts_are_told_on_topics_and_left_out_of_storylines(analyst: Client) -> None:
    topics = read_strip(analyst, "topics")
    assert topics["Posts"][0] == "68"
    assert topics["By the brands' own accounts"][:2] == ("6", "topics count them too")
    assert count(analyst, topics["By the brands' own accounts"][2]) == 6
    stories = read_strip(analyst, "storylines")
    assert stories["Posts"][:2] == ("62", "57 without copies")
    assert count(analyst, stories["Posts"][2]) == 62
    assert count(analyst, stories["Carry a message, without copies"][2]) == 11  # three of the fourteen are its own


@pytest.mark.usefixtures("own_account")
def test_each_topic_tells_how_many_of_its_posts_are_of_own_accounts(analyst: Client) -> None:
    page = html.unescape(analyst.get("/topics/", {**ALL_DAYS, "period": "2025-04-21"}).content.decode())
    assert re.findall(r">(\d+) by own accounts<", page) == ["2"]  # of days 15 and 20
    address = re.findall(r'href="(/topics/posts/[^"]+accounts=only[^"]*)"', page)[0]
    listed = analyst.get(address)
    assert listed.context["total"] == 2
    assert "the brands&#x27; own accounts only" in listed.content.decode()
    body = analyst.get("/topics.csv", ALL_DAYS).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert sum(int(row["own_posts"]) for row in rows) == 6
    assert "By the brands&#x27; own accounts: posts" in analyst.get("/topics/proof/", ALL_DAYS).content.decode()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", ["posts", "share"])
def test_each_figure_has_a_proof_that_can_be_run_again(analyst: Client, page: str, name: str) -> None:
    proof = analyst.get(f"/{page}/proof/", {**ALL_DAYS, "figure": name, "again": "1"}).content.decode()
    assert "Every digit is the same." in proof
    assert "scores@" in proof
    assert ("Wilson" in proof) == (name == "share")


@pytest.mark.parametrize("page", PAGES)
def test_a_figure_that_is_not_there_is_not_found(analyst: Client, page: str) -> None:
    assert analyst.get(f"/{page}/proof/", {**ALL_DAYS, "figure": "<b>"}).status_code == 404


def test_a_period_without_posts_has_no_share(analyst: Client) -> None:
    found = read_strip(analyst, "aspects", **{"from": "2025-01-01", "to": "2025-01-07"})
    assert found["Posts"][0] == "0"
    assert found["Speak of an aspect, without copies"][:2] == ("—", "No post in the period.")
