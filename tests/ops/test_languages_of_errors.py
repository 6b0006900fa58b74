"""Errors from below the pages reach a reader of Chinese in Chinese: through the API and on a page."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from canyu.events import open_lake
from canyu.kit.errors import NotFound
from canyu.kit.words import Words, speak
from canyu.ops.people.actions import reset_password_by_name
from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role

CHINESE, ENGLISH = {"accept-language": "zh"}, {"accept-language": "en"}
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def newer_lake(brand_lake_path: Path, tmp_path: Path, use_lake: Callable[[Path], None]) -> Path:
    """The console shows a lake that a newer Canyu made."""
    path = tmp_path / "newer.lake"
    shutil.copytree(brand_lake_path, path)
    events = open_lake(path).store.create("events")
    events.alter.set_table_properties({"canyu.format": "99"}, raise_if_not_exists=False)
    use_lake(path)
    return path


@pytest.mark.parametrize(
    ("address", "status", "chinese", "english"),
    [
        ("/api/overview?from=2025-03-09&to=2025-03-01", 400, "早于", "before it begins"),
        ("/api/overview?from=soon", 400, "from：应为日期", "from: Input should be a valid date"),
        ("/api/posts?page=0", 400, "page：不能小于 1", "greater than or equal to 1"),
        ("/api/posts/one?id=none", 404, "帖子", "no such post"),
    ],
)
def test_the_api_refuses_in_the_language_that_is_asked_for(
    sign_in: Callable[..., Client], brand_lake: Path, address: str, status: int, chinese: str, english: str
) -> None:
    client = sign_in(Role.MARKETING_LEAD)
    for headers, words in ((CHINESE, chinese), (ENGLISH, english)):
        answer = client.get(address, headers=headers)
        assert answer.status_code == status
        assert words in answer.json()["message"]
        assert bool(HAN.search(answer.json()["mend"])) == (headers is CHINESE)


def test_an_error_below_the_pages_is_chinese_in_the_api(
    sign_in: Callable[..., Client], brand_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise NotFound(Words("湖里没有这张表。", "The lake has no such table."), mend=Words("检查名称。", "Check it."))

    monkeypatch.setattr("canyu.ops.insight.api.queries.get_overview", fail)
    client = sign_in(Role.MARKETING_LEAD)
    told = {"code": "not_found", "message": "湖里没有这张表。", "mend": "检查名称。"}
    assert client.get("/api/overview", headers=CHINESE).json() == told
    assert client.get("/api/overview", headers=ENGLISH).json()["mend"] == "Check it."


def test_nobody_is_told_to_sign_in_in_both_languages(db: None, brand_lake: Path) -> None:
    assert Client().get("/api/overview", headers=CHINESE).json()["message"] == "没有登录。"
    assert Client().get("/api/overview", headers=ENGLISH).json()["message"] == "Nobody is signed in."


def test_a_lake_that_is_not_there_is_told_in_chinese(
    sign_in: Callable[..., Client], tmp_path: Path, use_lake: Callable[[Path], None]
) -> None:
    use_lake(tmp_path / "none.lake")
    client = sign_in(Role.MARKETING_LEAD)
    page = client.get("/pulse/", headers=CHINESE)
    assert page.status_code == 200
    assert "none.lake" in page.content.decode()
    answer = client.get("/api/overview", headers=CHINESE).json()
    assert HAN.search(answer["message"])


def test_a_lake_of_a_newer_version_is_told_in_the_pages_language(
    sign_in: Callable[..., Client], newer_lake: Path
) -> None:
    client = sign_in(Role.MARKETING_LEAD)
    for address in ("/pulse/", "/posts/"):
        page = client.get(address, headers=CHINESE)
        told = _read_paragraphs(page.content.decode())
        assert (page.status_code, len(told)) == (422, 2)
        assert str(newer_lake) in told[0]
        assert all(HAN.search(text) for text in told), told
    answer = client.get("/api/overview", headers=CHINESE)
    assert answer.status_code == 422
    assert [answer.json()["message"], answer.json()["mend"]] == told
    assert "this build reads up to" in client.get("/pulse/", headers=ENGLISH).content.decode()


def test_a_page_that_needs_no_lake_is_shown_although_the_lake_cannot_be_read(
    sign_in: Callable[..., Client], newer_lake: Path
) -> None:
    assert Client().get("/account/login/").status_code == 200
    assert sign_in(administrator=True).get("/people/").status_code == 200


def test_an_account_that_is_not_there_is_told_in_chinese(accounts: Callable[..., Person]) -> None:
    with pytest.raises(NotFound) as refused:
        reset_password_by_name("lin")
    with speak("zh-hans"):
        assert str(refused.value) == "没有账号 'lin'。 现有账号：无。"


def _read_paragraphs(page: str) -> list[str]:
    body = page.split('<section class="narrow">')[1].split("</section>")[0]
    return re.findall(r"<p>([^<]+)</p>", body)
