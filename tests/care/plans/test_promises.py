"""Promises at a day: due, kept, broken and mended, with the case that a breach opens."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canyu.care.plans import Asking, Promise, Rhythm, Standing, judge_promise, list_openings
from canyu.care.severity import CaseKind, Harm
from canyu.kit.words import Words

WORDS = Words("五年更新", "five years of updates")
FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
DAYS = st.dates(date(2024, 12, 1), date(2026, 2, 1))


def every_quarter(*done: date) -> Promise:
    return Promise("updates", WORDS, Rhythm.EVERY, FIRST, LAST, 3, done=done, harm=Harm.SAFETY, owners=5_000)


@pytest.mark.parametrize(
    ("day", "standing", "next_due"),
    [
        (date(2024, 12, 31), Standing.AHEAD, date(2025, 12, 31)),
        (date(2025, 3, 31), Standing.DUE, date(2025, 3, 31)),
        (date(2025, 4, 1), Standing.BROKEN, date(2025, 6, 30)),
    ],
)
def test_a_due_day_breaks_nothing_before_it_has_ended(day: date, standing: Standing, next_due: date) -> None:
    found = judge_promise(every_quarter(), day)
    assert found.standing is standing
    assert found.next_due == next_due or standing is Standing.AHEAD


def test_two_updates_in_one_quarter_are_none_of_the_next() -> None:
    found = judge_promise(every_quarter(date(2025, 1, 5), date(2025, 2, 5)), date(2025, 7, 1))
    assert [breach.due for breach in found.breaches] == [date(2025, 6, 30)]


def test_a_late_update_mends_and_the_breach_stays_on_record() -> None:
    done = (date(2025, 4, 2), date(2025, 7, 1), date(2025, 10, 1))
    found = judge_promise(every_quarter(*done), date(2026, 1, 1))
    assert (found.standing, found.next_due) == (Standing.KEPT, None)
    assert [(one.due, one.mended) for one in found.breaches] == [(date(2025, 3, 31), date(2025, 4, 2))]


def test_what_happens_later_is_not_known_yet() -> None:
    found = judge_promise(every_quarter(date(2025, 4, 2)), date(2025, 4, 1))
    assert (found.standing, found.breaches[0].mended) == (Standing.BROKEN, None)


def test_half_price_that_was_asked_for_and_given_late() -> None:
    askings = (Asking(date(2025, 5, 1), date(2025, 5, 3)), Asking(date(2025, 6, 1), date(2025, 6, 20)))
    cover = Promise("cover", WORDS, Rhythm.ON_REQUEST, FIRST, LAST, within_days=7, askings=askings)
    stands = [judge_promise(cover, day).standing for day in (date(2025, 6, 8), date(2025, 6, 9), date(2025, 6, 20))]
    assert stands == [Standing.DUE, Standing.BROKEN, Standing.DUE]
    assert judge_promise(cover, date(2026, 1, 1)).standing is Standing.KEPT


def test_an_asking_after_the_promise_ended_breaks_nothing() -> None:
    cover = Promise("cover", WORDS, Rhythm.ON_REQUEST, FIRST, LAST, within_days=7, askings=(Asking(date(2026, 1, 1)),))
    assert judge_promise(cover, date(2026, 3, 1)).standing is Standing.KEPT


def test_a_breach_opens_one_case_by_the_same_key_each_day() -> None:
    now, product = datetime(2025, 4, 1, tzinfo=UTC), "brand/phone"
    days = (date(2025, 4, 1), date(2025, 6, 30))
    first, later = (list(list_openings([judge_promise(every_quarter(), day)], product, now)) for day in days)
    keys = [[key for key, _, _ in found] for found in (first, later)]
    assert keys == [["promise:brand/phone:updates:2025-03-31"]] * 2
    event = first[0][1]
    assert (event.kind, event.harm, event.reach) == (CaseKind.COMPLAINT, Harm.SAFETY, 5_000)
    assert (event.product, event.at) == (product, now)


@given(st.lists(DAYS, max_size=6), DAYS, DAYS)
def test_one_more_update_never_breaks_a_promise(done: list[date], more: date, day: date) -> None:
    before, after = (judge_promise(every_quarter(*dates), day) for dates in (done, [*done, more]))
    assert {one.due for one in after.breaches} <= {one.due for one in before.breaches}
    assert before.standing is Standing.BROKEN or after.standing is not Standing.BROKEN
