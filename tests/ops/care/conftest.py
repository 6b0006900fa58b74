"""The fixtures of the tests of cases; texts are matched in English."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.utils.translation import override

from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role


@pytest.fixture
def agent(accounts: Callable[..., Person]) -> Person:
    """A care agent."""
    return accounts(Role.CARE_AGENT, name="xiaomei")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield
