"""Checking copy on a page: who may, what is marked, and that a pasted text stays a text."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from canyu.listen.copycheck import check_copy
from canyu.ops.evidence.copy_check import MOST_LETTERS
from canyu.ops.evidence.marks import mark_findings
from canyu.ops.people.rules import Role

COPY = "全网蕞低价！致力于做最好的电动车，续航700公里"
SCRIPT = "最好的车<script>alert(1)</script>"


@pytest.fixture
def lead(sign_in: Callable[..., Client], brand_lake: Path) -> Client:
    return sign_in(Role.MARKETING_LEAD)


def check(client: Client, text: str, **fields: str) -> str:
    response = client.post("/copy-check/", {"text": text, **fields})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CARE_AGENT])
def test_the_right_roles_open_it(role: Role, brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    assert sign_in(role).get("/copy-check/").status_code == 200


def test_nobody_and_the_wrong_role_check_nothing(brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    assert Client().post("/copy-check/", {"text": COPY})["Location"].startswith("/account/login/")
    refused = sign_in(Role.CARE_AGENT).post("/copy-check/", {"text": COPY})
    assert refused.status_code == 403
    assert "蕞低价" not in refused.content.decode()


def test_a_form_from_elsewhere_is_refused(brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = sign_in(Role.PR_OFFICER).cookies
    assert client.post("/copy-check/", {"text": COPY}).status_code == 403


def test_findings_are_marked_and_explained(lead: Client) -> None:
    page = check(lead, COPY, industry="car")
    assert '<a class="sign block" href="#found-1">蕞低价<sup>1</sup></a>' in page
    assert '<a class="sign exempt" href="#found-2">最好的<sup>2</sup></a>' in page
    assert '<a class="sign unproven" href="#found-3">续航700公里<sup>3</sup></a>' in page
    assert "Rewrite before you publish" in page
    assert "disguised spelling" in page
    assert "a goal (guideline 5(2))" in page
    assert page.count("<dt>Rewrite</dt>") == 2


def test_paid_copy_is_asked_for_its_mark(lead: Client) -> None:
    assert "The whole post" in check(lead, "这款洗碗机我用了三个月", paid="1")
    assert "The whole post" not in check(lead, "这款洗碗机我用了三个月")


def test_clean_copy_is_told_with_the_limits(lead: Client) -> None:
    page = check(lead, "第一次买也放心")
    assert "Nothing found that blocks or needs proof" in page
    assert "four in five breaches" in page


def test_a_pasted_text_stays_a_text(lead: Client) -> None:
    page = check(lead, SCRIPT)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"text": " \r\n "}, "There is no text"),
        ({"text": "好" * (MOST_LETTERS + 1)}, "10,001 characters; 10,000 can be checked"),
        ({"text": COPY, "industry": "<b>"}, "There is no such industry"),
    ],
)
def test_what_cannot_be_checked_is_told_and_the_text_is_kept(fields: dict[str, str], told: str, lead: Client) -> None:
    response = lead.post("/copy-check/", fields)
    page = html.unescape(response.content.decode())
    assert (response.status_code, told in page) == (400, True)
    assert fields["text"].strip() in page
    assert "<b>" not in response.content.decode()


def test_line_ends_of_a_browser_move_no_mark(lead: Client) -> None:
    assert '">最好的<sup>1</sup></a>车' in check(lead, "甲\r\n乙\r\n最好的车")


def test_a_check_asks_the_database_for_the_viewer_only(
    lead: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with django_assert_max_num_queries(5):  # type: ignore[attr-defined]
        check(lead, COPY)


def test_parts_joined_are_the_text() -> None:
    text = "最最最好的第一品牌，全网蕞低价" * 50
    parts = mark_findings(text, check_copy(text, is_paid=True).findings)
    assert "".join(part.text for part in parts) == text
