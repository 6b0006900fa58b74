"""The fixtures of the tests of live sessions; texts are matched in English."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

import canyu
from campaign_fixtures import staff
from canyu.events import Lake
from canyu.ops.people.models import Person

__all__ = ["staff"]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def shop(staff: tuple[Person, Person], use_lake: Callable[[Path], None], tmp_path: Path) -> Lake:
    """A lake that the console uses and the shop and the feeds write to."""
    lake = canyu.open(tmp_path / "shop.lake", create=True)
    use_lake(tmp_path / "shop.lake")
    return lake
