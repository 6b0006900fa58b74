"""The brakes of public pages: a network that came too often stays braked, however many others come meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime

from canyu.ops.campaigns.public.brakes import is_first_today, is_within

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
