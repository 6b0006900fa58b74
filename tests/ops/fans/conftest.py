"""The fixtures of the tests of fans; texts are matched in English."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role
from fan_fixtures import fan_lake

__all__ = ["english", "fan_lake", "staff"]


@pytest.fixture
def staff(fan_lake: Path, empty_ledger: None, accounts: Callable[..., Person]) -> tuple[Person, Person]:
    """Who writes plans and who releases them."""
    return accounts(Role.CAMPAIGN_MANAGER, name="mei"), accounts(Role.MARKETING_LEAD, name="lin")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield
