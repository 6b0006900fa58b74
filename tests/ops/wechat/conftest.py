"""The fixtures of the tests of WeChat's room; texts are matched in English."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils.translation import override

from canyu.ops.config import load_config
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
