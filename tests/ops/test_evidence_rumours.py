"""The queue of claims on a page: who may, what is shown of a candidate, and that it calls itself no verdict."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from canyu.ops.evidence.rumours import cut_claim
from canyu.ops.people.rules import Role
from evidence_lake import get_rumour_id

ALL_DAYS = {"from": "2025-03-01", "to": "2025-03-21", "precision": "0.8"}


@pytest.fixture
def officer(evidence_lake: Path, sign_in: Callable[..., Client]) -> Client:
    return sign_in(Role.PR_OFFICER)


def read(client: Client, **params: str) -> str:
    response = client.get("/rumours/", {**ALL_DAYS, **params})
    assert response.status_code == 200
    return response.content.decode()


def test_nobody_and_the_wrong_role_stay_out(brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    assert Client().get("/rumours/")["Location"].startswith("/account/login/")
    assert sign_in(Role.CARE_AGENT).get("/rumours/").status_code == 403


def test_a_candidate_is_shown_with_its_evidence(officer: Client) -> None:
    page = read(officer)
    assert "<mark>紧急扩散！网传小米SU7充电时爆炸" in page or "<mark>网传小米SU7充电时爆炸" in page
    assert "40 answers, 40 in the first hour, 0 in the last · 25% doubt, 25% deny" in page
    assert "2 posts say the same" in page
    assert "followers unknown" in page
    assert f"/posts/one/?id={get_rumour_id()}" in page
    assert "A queue, not a verdict" in page
    assert "2010 to 2014" in page
    assert "rumour-zh-1+" in page


def test_a_row_leads_to_exactly_its_posts(officer: Client) -> None:
    address = html.unescape(re.findall(r'href="(/posts/\?cluster=[^"]+)"', read(officer))[0])
    assert "2 posts" in officer.get(address).content.decode()


def test_texts_and_answers_stay_texts(officer: Client) -> None:
    page = read(officer)
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_nothing_listed_says_what_lists_more(officer: Client) -> None:
    assert "No claim reaches the threshold" in read(officer, brand="tesla")
    assert "Try all brands or a longer period" in read(officer, brand="none")


@pytest.mark.parametrize(("name", "value"), [("precision", "0.5"), ("share", "<b>"), ("from", "yesterday")])
def test_an_address_that_cannot_be_used_is_told(name: str, value: str, officer: Client) -> None:
    response = officer.get("/rumours/", {**ALL_DAYS, name: value})
    assert response.status_code == 400
    assert "<b>" not in response.content.decode()


def test_a_lake_whose_claims_are_not_judged_says_so(brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    page = sign_in(Role.MARKETING_LEAD).get("/rumours/?from=2025-03-01&to=2025-04-29&precision=0.95")
    assert page.status_code == 200
    assert "Not all claims are judged yet" in page.content.decode()


def test_the_database_is_asked_for_the_viewer_only(
    officer: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with django_assert_max_num_queries(5):  # type: ignore[attr-defined]
        read(officer)


def test_parts_joined_are_the_text() -> None:
    text = "甲" * 10 + "乙" * 700
    assert "".join(part for part, _ in cut_claim(text, 5, 12)) == text[:600]
    assert "".join(part for part, _ in cut_claim(text, 5, 650)) == text[:650]
