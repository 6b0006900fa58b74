"""Allowances: counted on disk, refused before they are overrun, whole again when the source says so."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from canyu.events.sources import Allowance, Ledger, Notebook, Period, QuotaSpent

NOW = datetime(2026, 8, 12, 6, 30, tzinfo=UTC)
PACIFIC = Allowance("youtube.search", 3, Period.DAY, "America/Los_Angeles")


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    return Notebook(tmp_path, "quota")


def test_an_allowance_is_refused_before_it_is_overrun_and_survives_a_restart(notebook: Notebook) -> None:
    Ledger(notebook).charge(PACIFIC, 2, now=NOW)
    with pytest.raises(QuotaSpent, match="2 of 3 are used; it begins anew at 2026-08-12 07:00 UTC") as told:
        Ledger(notebook).charge(PACIFIC, 2, now=NOW)
    assert told.value.resets == datetime(2026, 8, 12, 7, tzinfo=UTC)
    assert Ledger(notebook).read_used(PACIFIC, now=NOW) == 2
    Ledger(notebook).charge(PACIFIC, 3, now=NOW + timedelta(minutes=30))
    assert Ledger(notebook).read_used(PACIFIC, now=NOW + timedelta(minutes=30)) == 3


@pytest.mark.parametrize(
    ("period", "zone", "moment", "resets"),
    [
        (Period.DAY, "Asia/Shanghai", "2026-08-12T15:59:59+00:00", "2026-08-12T16:00:00+00:00"),
        (Period.DAY, "America/Los_Angeles", "2026-11-01T12:00:00+00:00", "2026-11-02T08:00:00+00:00"),
        (Period.DAY, "America/Los_Angeles", "2026-03-08T12:00:00+00:00", "2026-03-09T07:00:00+00:00"),
        (Period.MONTH, "UTC", "2026-12-31T23:59:59+00:00", "2027-01-01T00:00:00+00:00"),
        (Period.MONTH, "UTC", "2027-01-31T00:00:00+00:00", "2027-02-01T00:00:00+00:00"),
        (Period.TEN_MINUTES, "UTC", "2026-08-12T06:39:59+00:00", "2026-08-12T06:40:00+00:00"),
    ],
)
def test_periods_end_by_the_clock_of_the_source(period: Period, zone: str, moment: str, resets: str) -> None:
    found = Allowance("a", 1, period, zone).find_reset(datetime.fromisoformat(moment))
    assert found == datetime.fromisoformat(resets)


def test_what_was_not_used_is_given_back(notebook: Notebook) -> None:
    ledger = Ledger(notebook)
    ledger.charge(PACIFIC, 3, now=NOW)
    ledger.refund(PACIFIC, 2, now=NOW)
    assert ledger.read_used(PACIFIC, now=NOW) == 1


def test_many_at_once_never_use_more_than_there_is(notebook: Notebook) -> None:
    allowance = Allowance("a", 20, Period.DAY)
    refused: list[QuotaSpent] = []

    def work() -> None:
        ledger = Ledger(Notebook(notebook.path.parent, "quota"))
        for _ in range(5):
            try:
                ledger.charge(allowance, 1, now=NOW)
            except QuotaSpent as error:
                refused.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Ledger(notebook).read_used(allowance, now=NOW), len(refused)) == (20, 10)
