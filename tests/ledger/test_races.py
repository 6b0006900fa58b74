"""Two at once: the last unit is sold once. Each race has a control that oversells, and a twin without chance in it."""

from __future__ import annotations

import sqlite3
import threading
from datetime import timedelta
from typing import Any

from canyu.ledger import (
    Expire,
    GroupWriter,
    Hold,
    Linked,
    OpenAccount,
    Settle,
    Side,
    Transfer,
    Verdict,
    Void,
    open_ledger,
    open_reader,
    prove,
)
from ledger_racing import (
    ALL,
    NONE,
    NOW,
    Guards,
    between,
    buy,
    count_sold,
    fill,
    make_meeting,
    open_guarded,
    race_processes,
    race_threads,
    sale,
)

LATER = NOW + timedelta(minutes=15)


def race_two_threads(address: str, guards: Guards) -> list[str]:
    with between(make_meeting(threading.Barrier(2)), guards):
        return race_threads([lambda name=name: buy(address, name, 1, guards) for name in "ab"])


def is_sound(address: str) -> bool:
    with open_reader(address) as reader:
        return prove(reader).is_sound


def test_row_50_and_i1_the_last_unit_is_sold_once_to_two_threads(address: str) -> None:
    fill(address, 1)
    assert sorted(race_two_threads(address, ALL)) == ["beyond_limit", "done"]
    assert (count_sold(address), is_sound(address)) == (1, True)


def test_row_50_control_with_the_guards_off_two_threads_buy_it(address: str) -> None:
    fill(address, 1)
    assert race_two_threads(address, NONE) == ["done", "done"]
    assert (count_sold(address), is_sound(address)) == (2, False)


def test_with_the_locks_off_the_database_still_refuses_the_second(address: str) -> None:
    fill(address, 1)
    told = race_two_threads(address, Guards(one_transaction=False))
    assert sorted(told)[1] == "done"
    assert sorted(told)[0] in {"CheckViolation", "IntegrityError"}
    assert (count_sold(address), is_sound(address)) == (1, True)


def test_row_50_the_last_unit_is_sold_once_to_two_processes(address: str) -> None:
    fill(address, 3)
    told = race_processes(address, 3, ALL)
    assert sorted(told) == ["beyond_limit"] * 3 + ["done"] * 3
    assert (count_sold(address), is_sound(address)) == (3, True)


def test_row_50_control_with_the_guards_off_two_processes_oversell(address: str) -> None:
    fill(address, 3)
    told = race_processes(address, 3, NONE)
    assert told.count("done") > 3
    assert count_sold(address) > 3


class Rival:
    """A second buyer who acts, whole, between the first one's judgement and its writing; nothing is left to chance."""

    def __init__(self, address: str, guards: Guards) -> None:
        self.door = open_guarded(address, guards)
        self.door._lock = None  # in one thread the file lock would wait for ever: the database's own lock answers
        is_sqlite = isinstance(self.door.connection, sqlite3.Connection)
        self.door.connection.execute("PRAGMA busy_timeout = 0" if is_sqlite else "SET lock_timeout = 50")
        self.told: list[str] = []

    def act(self, connection: Any) -> None:
        if connection is self.door.connection or self.told:
            return
        try:
            self.told.append(self.door.apply([sale("rival")], NOW)[0].verdict.value)
        except Exception as error:
            self.told.append(type(error).__name__)


def interleave(address: str, guards: Guards) -> tuple[str, str, str]:
    """Return what the first was told, what the rival was told in between, and what he is told afterwards."""
    rival = Rival(address, guards)
    with open_guarded(address, guards) as door, between(rival.act, guards):
        first = door.apply([sale("first")], NOW)[0].verdict.value
    (told,) = rival.told
    after = rival.door.apply([sale("rival")], NOW)[0].verdict.value
    rival.door.close()
    return first, told, after


def test_row_50_twin_a_rival_in_between_has_to_wait_and_finds_nothing_left(address: str) -> None:
    fill(address, 1)
    first, told, after = interleave(address, ALL)
    assert (first, after) == ("done", "beyond_limit")
    assert told in {"OperationalError", "LockNotAvailable"}
    assert count_sold(address) == 1


def test_row_50_control_of_the_twin_without_guards_both_buy(address: str) -> None:
    fill(address, 1)
    assert interleave(address, NONE) == ("done", "done", "exists")
    assert count_sold(address) == 2


def apply_in_thread(address: str, operations: list[Any]) -> list[str]:
    with open_ledger(address) as door:
        return [door.apply([one], NOW)[0].verdict.value for one in operations]


def test_i2_and_row_57_a_single_use_voucher_of_five_threads_is_used_once(address: str) -> None:
    fill(address, 1)
    told = race_threads([lambda at=at: apply_in_thread(address, [sale(f"order-{at}")]) for at in range(5)])
    assert sorted(told) == ["beyond_limit"] * 4 + ["done"]


def test_row_58_five_buyers_of_a_thousand_take_exactly_five(address: str) -> None:
    fill(address, 1000)
    told = race_threads([lambda at=at: apply_in_thread(address, [sale(f"order-{at}")]) for at in range(5)])
    assert told == ["done"] * 5
    assert count_sold(address) == 5


def test_i3_and_row_62_the_same_id_from_five_threads_is_kept_once(address: str) -> None:
    fill(address, 10)
    told = race_threads([lambda: apply_in_thread(address, [sale("invoice-7")]) for _ in range(5)])
    assert sorted(told) == ["done"] + ["exists"] * 4
    assert count_sold(address) == 1


def test_i8_a_hold_is_settled_voided_or_expired_once_whoever_comes_first(address: str) -> None:
    fill(address, 10)
    with open_ledger(address) as door:
        door.apply([Hold(f"h{at}", "free", "sold", 1, "piece", LATER) for at in range(10)], NOW)
    at_once = {"s": Settle, "v": Void}
    jobs = [
        lambda name=name, kind=kind: apply_in_thread(address, [kind(f"{name}{at}", f"h{at}") for at in range(10)])
        for name, kind in at_once.items()
    ]
    told = race_threads(jobs)
    assert told.count("done") == 10
    assert set(told) - {"done"} <= {"already_settled", "already_voided"}
    assert is_sound(address)


def test_i8_two_sweeps_at_once_free_each_hold_once(address: str) -> None:
    fill(address, 50)
    with open_ledger(address) as door:
        door.apply([Hold(f"h{at}", "free", "sold", 1, "piece", LATER) for at in range(50)], NOW)

    def sweep() -> list[str]:
        with open_ledger(address) as door, door.transaction() as ledger:
            return ledger.expire_due(LATER)

    told = race_threads([sweep, sweep])
    assert sorted(told) == sorted(f"h{at}" for at in range(50))
    with open_ledger(address) as door:
        assert door.apply([Expire("late", "h0"), Settle("paid", "h0")], LATER)[1].verdict is Verdict.ALREADY_EXPIRED
    assert is_sound(address)


def test_i12_several_items_in_opposite_order_do_not_wait_for_each_other_for_ever(address: str) -> None:
    names = [f"item-{at}" for at in range(6)]
    with open_ledger(address) as door:
        accounts = [OpenAccount(name, "piece", Side.CREDIT) for name in names]
        stock = [Transfer(f"stock-{name}", "made", name, 100, "piece") for name in names]
        door.apply([OpenAccount("made", "piece"), OpenAccount("sold", "piece"), *accounts, *stock], NOW)

    def order(buyer: int) -> list[str]:
        lines = names if buyer % 2 else names[::-1]
        with open_ledger(address) as door:
            orders = [
                Linked(tuple(Transfer(f"{buyer}-{at}-{name}", name, "sold", 1, "piece") for name in lines))
                for at in range(10)
            ]
            return [door.apply([each], NOW)[0].verdict.value for each in orders]

    assert race_threads([lambda at=at: order(at) for at in range(4)]) == ["done"] * 40
    assert is_sound(address)


def test_i10_units_go_in_the_order_of_coming_and_repeats_win_nothing(address: str) -> None:
    fill(address, 3)
    with GroupWriter(lambda: open_ledger(address)) as writer:
        clicks = ["ann", "ann", "bo", "ann", "cy", "di", "bo", "ed"]
        futures = [(name, writer.apply([sale(f"claim:{name}")], NOW)) for name in clicks]
        told = [(name, future.result(60)[0].verdict.value) for name, future in futures]
    assert told == [
        *(("ann", "done"), ("ann", "exists"), ("bo", "done"), ("ann", "exists"), ("cy", "done")),
        *(("di", "beyond_limit"), ("bo", "exists"), ("ed", "beyond_limit")),
    ]


def test_accounts_opened_by_two_at_once_are_opened_once(address: str) -> None:
    asked = [OpenAccount(f"person-{at}", "points", Side.CREDIT) for at in range(20)]
    told = race_threads([lambda: apply_in_thread(address, asked) for _ in range(3)])
    assert sorted(told) == ["done"] * 20 + ["exists"] * 40
