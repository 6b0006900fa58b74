"""The fixtures of the tests of fans; texts are matched in English."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils.translation import override

from campaign_fixtures import staff
from fan_fixtures import fan_lake

__all__ = ["english", "fan_lake", "staff"]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield
