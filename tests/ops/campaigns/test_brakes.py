"""The brakes of public pages: a network that came too often stays braked, however many others come meanwhile."""

from __future__ import annotations

import threading
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from canyu.ops.campaigns.models import BrakeCount
from canyu.ops.campaigns.public import actions
from canyu.ops.campaigns.public.brakes import is_first_today, is_within
from racing import run_together

NOW = datetime(2025, 4, 1, 12, 30, tzinfo=UTC)
OTHERS = 320  # more than Django's cache keeps of itself


def test_a_network_is_braked_for_the_hour_alone(db: None) -> None:
    assert [is_within("tries", "10.0.0.1", 2, NOW) for _ in range(3)] == [True, True, False]
    assert is_within("tries", "10.0.0.2", 2, NOW)
    assert is_within("tries", "10.0.0.1", 2, NOW.replace(hour=13))


def test_a_crowd_does_not_wash_the_brakes_away(db: None) -> None:
    braked = [f"10.0.0.{number}" for number in range(8)]
    for network in braked:
        assert is_within("tries", network, 1, NOW)
        assert is_first_today(network, "code")
    for number in range(OTHERS):
        is_within("tries", f"10.1.{number // 250}.{number % 250}", 1, NOW)
    assert [is_within("tries", network, 1, NOW) for network in braked] == [False] * len(braked)
    assert not any(is_first_today(network, "code") for network in braked)


def come_at_once() -> int:
    """Eight come four times each, from threads with connections of their own; return how many were counted."""

    def come() -> None:
        for _time in range(4):
            is_within("tries", "10.0.0.1", 100, NOW)

    run_together(*[come] * 8)
    return BrakeCount.objects.get().count


@pytest.mark.django_db(transaction=True)
def test_of_those_who_come_at_once_each_counts() -> None:
    assert come_at_once() == 32


@pytest.mark.django_db(transaction=True)
def test_reading_adding_and_writing_back_loses_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test above: the same crowd, with the database's own addition taken away."""
    seen = threading.Barrier(8)

    def write_back(name: str) -> None:
        count = BrakeCount.objects.values_list("count", flat=True).get(name=name)
        with suppress(threading.BrokenBarrierError):
            seen.wait(timeout=0.2)  # all have read before any writes
        BrakeCount.objects.filter(name=name).update(count=count + 1)

    monkeypatch.setattr(actions, "_add_one", write_back)
    monkeypatch.setattr(actions, "transaction", SimpleNamespace(atomic=nullcontext))
    assert come_at_once() < 32


def test_counts_of_hours_that_are_over_are_dropped(db: None) -> None:
    is_within("tries", "10.0.0.1", 1, NOW)
    is_within("tries", "10.0.0.2", 1, NOW.replace(hour=14))
    assert BrakeCount.objects.count() == 1
