"""The fixtures of the tests of WeChat's room; texts are matched in English."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils.translation import override

from canyu.care.assistant import load_articles
from canyu.kit.clock import get_now
from canyu.ops.config import load_config
from canyu.ops.knowledge.actions import import_articles
from canyu.ops.people.models import Person
from wechat_fixtures import vendor, vendor_server

__all__ = ["vendor", "vendor_server"]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CANYU_LANGUAGE", "en")
    load_config.cache_clear()
    with override("en"):
        yield
    monkeypatch.undo()
    load_config.cache_clear()


@pytest.fixture
def assistant(db: None) -> None:
    """Publish the shipped example's articles: what the assistant answers from."""
    viewer = Person.objects.get_or_create(username="keeper")[0]
    import_articles(viewer, load_articles(), get_now())
