"""Many at once: limits hold to the last unit. Each race has its deterministic twin, and a control without the guard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from canyu.kit.errors import CanyuError
from canyu.ledger import Side, prove
from canyu.ops.offers import accounts, actions, queries
from canyu.ops.offers.models import Code, Redemption
from canyu.ops.offers.quoting import Checkout
from canyu.ops.offers.redeeming import actions as redeeming
from canyu.ops.outbox.models import WaitingEvent
from offer_fixtures import NOW, TEN_PERCENT, add_code, check_out, get_person, release
from racing import run_together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_ledger")]


def use_after_quote(checkout: Checkout) -> Callable[[], object]:
    """Quote now and use later: what every shop does while somebody pays."""
    ready = queries.prepare_quote(checkout, NOW)
    return lambda: redeeming._keep(checkout, ready, None, NOW)


def make_single_use_code() -> str:
    offer = release("once", TEN_PERCENT)
    batch = actions.make_personal_codes(get_person("writer"), offer.pk, 1, NOW)
    ((_serial, text, _person, _state),) = queries.iterate_codes(get_person("writer"), offer, batch)
    return text


def test_row_57_a_single_use_voucher_and_five_orders_at_once() -> None:
    text = make_single_use_code()
    faults = run_together(*[use_after_quote(check_out(f"o{at}", text)) for at in range(5)])
    assert faults == ["quantity_exceeded"] * 4
    assert (Redemption.objects.count(), Code.objects.get().lines.count()) == (1, 1)
    assert WaitingEvent.objects.count() == 2


def test_row_57_twin_two_orders_quoted_before_either_is_used() -> None:
    text = make_single_use_code()
    first, second = (use_after_quote(check_out(order, text)) for order in ("o1", "o2"))
    first()
    with pytest.raises(CanyuError):
        second()
    assert Redemption.objects.count() == 1


def test_row_57_control_without_the_guard_both_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "LIMITED", Side.NONE)
    text = make_single_use_code()
    first, second = (use_after_quote(check_out(order, text)) for order in ("o1", "o2"))
    first()
    second()
    assert Redemption.objects.count() == 2


def test_row_47_a_budget_for_three_and_eight_orders_at_once() -> None:
    offer = release("spend", {"amount_minor": 10_000}, budget_minor=30_000)
    code = add_code(offer)
    works = [use_after_quote(check_out(f"o{at}", code, unit_minor=20_000)) for at in range(8)]
    assert run_together(*works) == ["budget_exceeded"] * 5
    view = queries.count_left(offer)
    assert (view.budget_left_minor, view.spent_minor, Redemption.objects.count()) == (0, 30_000, 3)
    assert prove(queries._open_reader()).is_sound


def test_row_47_control_without_the_guard_the_budget_is_overspent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "LIMITED", Side.NONE)
    offer = release("spend", {"amount_minor": 10_000}, budget_minor=10_000)
    code = add_code(offer)
    for work in [use_after_quote(check_out(f"o{at}", code, unit_minor=20_000)) for at in range(2)]:
        work()
    assert queries.count_left(offer).spent_minor == 20_000


def test_row_59_one_order_sent_five_times_at_once_is_one_use_and_one_answer() -> None:
    offer = release("one", TEN_PERCENT, uses=1)
    checkout, answers = check_out("o1", add_code(offer)), []
    ready = queries.prepare_quote(checkout, NOW)
    faults = run_together(*[lambda: answers.append(redeeming._keep(checkout, ready, None, NOW))] * 5)
    assert (faults, len(answers)) == ([], 5)
    assert all(answer == answers[0] for answer in answers)
    assert (queries.count_left(offer).used, WaitingEvent.objects.count()) == (1, 2)


def test_row_52_two_expired_carts_checked_out_at_once_are_one_order() -> None:
    text = make_single_use_code()
    first, second = check_out("o1", text), check_out("o2", text)
    redeeming.hold(first, NOW + timedelta(minutes=1), NOW)
    later = NOW + timedelta(minutes=5)
    faults = run_together(lambda: redeeming.redeem(first, later), lambda: redeeming.redeem(second, later))
    assert len(faults) == 1
    assert Redemption.objects.filter(state="redeemed").count() == 1


def test_row_d10_three_refunds_at_once_claim_back_once() -> None:
    offer = release("car", {"amount_minor": 5000}, "entitlement", triggers=("su7",))
    ((code, text),) = actions.issue_entitlements("car-1", "p1", ["su7"], NOW)
    redeeming.redeem(check_out("o1", text, person="p1"), NOW)
    assert run_together(*[lambda: redeeming.reverse("car-1", NOW)] * 3) == []
    code.refresh_from_db()
    claimed = queries._open_reader().get_account(f"offer-{offer.pk}:clawback")
    assert (code.clawed_minor, claimed.balance) == (5000, 5000)
    assert WaitingEvent.objects.filter(event__type="refund").count() == 1
