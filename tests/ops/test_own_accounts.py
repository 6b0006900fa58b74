"""What brands' own accounts post: left out where the viewer asks, told where it counts, and listed in one click."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client

from canyu.events.catalogue import Account
from canyu.ops.hotlists import queries as hotlists
from canyu.ops.insight import queries
from canyu.ops.people.rules import Role

DAYS = {"from": "2025-03-01", "to": "2025-04-29"}


@pytest.fixture
def analyst(brand_lake: Path, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """Somebody who looks at ``brand_lake``, where person-1 and person-2 are accounts of Xiaomi."""
    own = tuple(Account("xiaomi", actor=name) for name in ("person-1", "person-2"))
    catalogue = replace(queries.get_catalogue(), accounts=own)
    monkeypatch.setattr(queries, "get_catalogue", lambda: catalogue)
    hotlists.forget_voices()
    yield sign_in(Role.SOCIAL_ANALYST)
    hotlists.forget_voices()


def count(client: Client, **params: str) -> int:
    response = client.get("/posts/", {**DAYS, **params})
    assert response.status_code == 200
    total: int = response.context["page"].total
    return total


def test_posts_narrow_to_own_accounts_and_to_everybody_else(analyst: Client) -> None:
    every, own, others = (count(analyst, link="xiaomi", accounts=name) for name in ("", "only", "without"))
    assert (every, own, others) == (244, 13, 231)
    page = analyst.get("/posts/", {**DAYS, "accounts": "only"}).content.decode()
    assert "the brands&#x27; own accounts only" in page
    assert '<input type="hidden" name="accounts" value="only">' in page


def test_another_word_is_refused(analyst: Client) -> None:
    assert analyst.get("/posts/", {"accounts": "mine"}).status_code == 400
    assert analyst.get("/share-of-voice/", {"accounts": "only"}).status_code == 400


def test_without_a_registered_account_nothing_is_left_out_and_nothing_asked(
    brand_lake: Path, sign_in: Callable[..., Client]
) -> None:
    client = sign_in(Role.SOCIAL_ANALYST)
    assert (count(client, accounts="only"), count(client, accounts="without"), count(client)) == (0, 365, 365)
    assert 'name="accounts"' not in client.get("/share-of-voice/", {**DAYS, "brand": "xiaomi"}).content.decode()


def test_the_share_of_voice_leaves_own_accounts_out_and_says_so(analyst: Client) -> None:
    asked = {**DAYS, "brand": "xiaomi", "accounts": "without"}
    every, found = (analyst.get("/share-of-voice/", one) for one in ({**asked, "accounts": ""}, asked))
    assert (every.context["raw"].mentions, found.context["raw"].mentions) == (244, 231)
    page = html.unescape(found.content.decode())
    assert '<option value="without" selected>without the brands\' 2 own accounts</option>' in page
    links = set(re.findall(r'href="/posts/\?([^"]+link=xiaomi[^"]*)"', page))
    assert links
    assert all("accounts=without" in one for one in links)
    strip = page.split('<dl class="strip">')[1].split("</dl>")[0]
    address = re.findall(r'href="(/posts/[^"]+)"[^>]*>231<', strip)[0]
    assert analyst.get(address).context["page"].total == 231


def test_the_definition_says_whose_posts_count(analyst: Client) -> None:
    asked = {**DAYS, "brand": "xiaomi"}
    every, found = (
        html.unescape(analyst.get("/share-of-voice/proof/", {**asked, **more}).content.decode())
        for more in ({}, {"accounts": "without", "again": "1"})
    )
    assert "Posts of the brands' own accounts count too." in every
    assert "Posts of the brands' own accounts that the catalogue registers (2) are left out." in found
    assert "Every digit is the same." in found


def test_the_file_of_the_weeks_is_of_the_same_posts(analyst: Client) -> None:
    asked = {**DAYS, "brand": "xiaomi"}
    bodies = [
        analyst.get("/hot-lists/file/field.csv", {**asked, **more}).content.decode("utf-8-sig")
        for more in ({}, {"accounts": "without"})
    ]
    sums = [sum(int(line.split(",")[7]) for line in body.splitlines()[1:]) for body in bodies]
    assert sums[0] > sums[1]
