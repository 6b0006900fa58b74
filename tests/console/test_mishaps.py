"""Pages for when something went wrong: in the reader's language, with the mend, and the last one without a database."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from canyu.ops.people.rules import Role

WORDS = {
    "en": ("The fault is ours", "Your data is untouched", "To the first page"),
    "zh-hans": ("我们出错了", "你的数据没有受影响", "回到首页"),
}


def refuse(*_args: Any) -> None:
    raise OperationalError("the database is gone")


@pytest.mark.parametrize("language", WORDS)
def test_a_failure_is_told_without_the_database(
    brand_lake: Path, sign_in: Callable[..., Client], language: str
) -> None:
    client = sign_in(Role.SOCIAL_ANALYST)
    client.raise_request_exception = False
    client.cookies["django_language"] = language
    client.cookies["canyu_theme"] = "dark"
    with connection.execute_wrapper(refuse):
        response = client.get("/pulse/")
    page = response.content.decode()
    assert response.status_code == 500
    assert f'<html lang="{language}" data-theme="dark">' in page
    for words in WORDS[language]:
        assert words in page
    assert re.search(r"<code>[0-9a-f]{8}</code>", page)
    assert "the database is gone" not in page
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_the_number_on_the_page_is_in_the_log(
    brand_lake: Path, sign_in: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> None:
    client = sign_in(Role.SOCIAL_ANALYST)
    client.raise_request_exception = False
    with connection.execute_wrapper(refuse):
        page = client.get("/pulse/").content.decode()
    number = re.findall(r"<code>([0-9a-f]{8})</code>", page)[0]
    assert f"failure {number} at /pulse/" in caplog.messages


@pytest.mark.parametrize(
    ("address", "status", "told"), [("/nothing/<b>/", 404, "There is nothing at this address."), ("/people/", 403, "")]
)
def test_what_is_not_there_or_not_allowed_says_what_to_do(
    brand_lake: Path, sign_in: Callable[..., Client], address: str, status: int, told: str
) -> None:
    response = sign_in(Role.SOCIAL_ANALYST).get(address)
    page = response.content.decode()
    assert response.status_code == status
    assert (told or "Ask an administrator for the role that you need.") in page
    assert "To the first page" in page
    assert "<b>" not in page
