"""The fixtures of the tests of crises; texts are matched in English."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.utils.translation import override

from canyu.ops.people.models import Person
from canyu.ops.people.rules import Role


@pytest.fixture
def officer(accounts: Callable[..., Person]) -> Person:
    """A PR officer, who works on crises."""
    return accounts(Role.PR_OFFICER, name="gongguan")


@pytest.fixture
def lead(accounts: Callable[..., Person]) -> Person:
    """The marketing lead, the second pair of eyes."""
    return accounts(Role.MARKETING_LEAD, name="zongjian")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield
