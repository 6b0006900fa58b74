"""The fixtures of the tests of WeChat's room; texts are matched in English."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from canyu.care import assistant as engine
from canyu.care.assistant import ArticleIndex, Assistant, Library, load_articles
from canyu.ops.config import load_config
from canyu.ops.wechat import assisting
from wechat_fixtures import vendor, vendor_server

__all__ = ["vendor", "vendor_server"]
ARTICLES = Path(engine.__file__).with_name("example_articles.yaml")


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CANYU_LANGUAGE", "en")
    load_config.cache_clear()
    with override("en"):
        yield
    monkeypatch.undo()
    load_config.cache_clear()


@pytest.fixture(scope="session")
def articles() -> tuple[ArticleIndex, Library]:
    library = Library(load_articles(str(ARTICLES)))
    return ArticleIndex(library.list_articles()), library


@pytest.fixture
def assistant(articles: tuple[ArticleIndex, Library], monkeypatch: pytest.MonkeyPatch) -> Assistant:
    """Plug the assistant in where the room of articles will."""
    made = Assistant(articles[0], articles[1])
    monkeypatch.setattr(assisting, "open_assistant", lambda: made)
    return made
