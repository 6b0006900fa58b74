"""The fixtures of the tests of campaigns; texts are matched in English."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils.translation import override

from campaign_fixtures import staff

__all__ = ["english", "staff"]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield
