"""The ledger in the console's own database: rows of rooms, of the ledger and of the outbox commit together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from canyu.events import Event
from canyu.ledger import GroupWriter, Hold, Ledger, OpenAccount, Refused, Side, Transfer
from canyu.ops.ledger.actions import expire_holds, use_ledger
from canyu.ops.ledger.door import DjangoDoor
from canyu.ops.outbox.actions import add_event
from canyu.ops.outbox.models import WaitingEvent

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ACCOUNTS = [OpenAccount("made", "piece"), OpenAccount("free", "piece", Side.CREDIT), OpenAccount("sold", "piece")]
STOCK = Transfer("stock", "made", "free", 3, "piece")
pytestmark = pytest.mark.usefixtures("empty_ledger")


def fill() -> None:
    with transaction.atomic():
        use_ledger().require([*ACCOUNTS, STOCK], NOW)


def count_sold() -> int:
    with transaction.atomic():
        found = use_ledger().find_balance("sold")
    return found.credits if found else 0


def sell(ledger: Ledger, name: str) -> str:
    add_event(Event(name, "order", NOW, NOW, "console", actor="k"), NOW)
    ledger.require([Transfer(name, "free", "sold", 1, "piece")], NOW)
    return name


def test_the_ledger_asks_for_the_transaction_of_the_change() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        use_ledger()


@transaction.atomic
def sell_four() -> None:
    add_event(Event("e", "order", NOW, NOW, "console"), NOW)
    use_ledger().require([Transfer("t", "free", "sold", 4, "piece")], NOW)


def test_a_refusal_takes_the_event_with_it() -> None:
    fill()
    with pytest.raises(Refused):
        sell_four()
    assert (WaitingEvent.objects.count(), count_sold()) == (0, 0)


def test_many_works_of_one_group_keep_their_events_beside_their_rows() -> None:
    fill()
    with GroupWriter(DjangoDoor) as writer:
        futures = [writer.submit(lambda ledger, at=at: sell(ledger, f"o{at}")) for at in range(5)]
        told = [type(future.exception()).__name__ if future.exception() else future.result() for future in futures]
    assert told == ["o0", "o1", "o2", "Refused", "Refused"]
    assert sorted(WaitingEvent.objects.values_list("event_id", flat=True)) == ["o0", "o1", "o2"]
    assert count_sold() == 3


def test_a_sweep_frees_every_hold_whose_time_is_over() -> None:
    fill()
    with transaction.atomic():
        holds = [Hold(f"h{at}", "free", "sold", 1, "piece", NOW + timedelta(minutes=at + 1)) for at in range(3)]
        use_ledger().require(holds, NOW)
    assert (expire_holds(NOW + timedelta(minutes=2)), expire_holds(NOW + timedelta(minutes=2))) == (2, 0)
