"""The outbox: an event goes out with its change or not at all, and reaches the lake once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import transaction

from canyu.events import open_lake
from canyu.ops.lakes import find_facts
from canyu.ops.outbox.actions import Relayed, add_event, relay
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.outbox.rules import CONSOLE
from kol_fixtures import NOW, post


def list_ids(path: Path) -> list[str]:
    return sorted(open_lake(path).scan("events").id.to_pyarrow().to_pylist())


def test_an_event_is_kept_with_its_change_or_not_at_all(db: None) -> None:
    with transaction.atomic():
        add_event(post("e1", "a"), NOW)
        transaction.set_rollback(True)
    assert WaitingEvent.objects.count() == 0
    with transaction.atomic():
        add_event(post("e1", "a"), NOW)
        add_event(post("e1", "a"), NOW)
    assert WaitingEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_event_needs_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        add_event(post("e1", "a"), NOW)


def test_waiting_events_reach_the_lake_once(db: None, kol_lake: Path) -> None:
    before = list_ids(kol_lake)
    sent = post("e1", "a", text="a\u2028b", props='{"a":1}')
    for _round in range(2):
        with transaction.atomic():
            add_event(sent, NOW)
        relay()
    assert list_ids(kol_lake) == sorted([*before, "e1"])
    assert relay() == Relayed(0, 0, 0)
    rows = open_lake(kol_lake).scan("events")
    kept = rows.filter(rows.id == "e1").to_pyarrow().to_pylist()[0]
    assert (kept["text"], kept["props"], kept["time"]) == (sent.text, sent.props, sent.time)


def test_without_a_lake_events_wait(db: None, use_lake: Callable[[Path], None], tmp_path: Path) -> None:
    use_lake(tmp_path / "nowhere.lake")
    with transaction.atomic():
        add_event(post("e1", "a"), NOW)
    assert relay() == Relayed(0, 0, 1)
    assert WaitingEvent.objects.count() == 1


def test_what_the_console_did_is_no_day_of_the_data(db: None, kol_lake: Path) -> None:
    before = find_facts()
    with transaction.atomic():
        add_event(replace(post("e1", "a", hours=7200, channel="elsewhere"), source=CONSOLE), NOW)
    assert relay().added == 1
    after = find_facts()
    assert before is not None
    assert after is not None
    assert (after.last_day, after.rows, after.channels) == (before.last_day, before.rows, before.channels)
