"""Codes, budgets and entitlements used and given back: the answers of the scenarios, decided by the ledger."""

from __future__ import annotations

from datetime import timedelta

import pytest

from canyu.kit.errors import CanyuError
from canyu.kit.jsonio import dump_json
from canyu.ledger import prove
from canyu.ops.offers import actions, queries
from canyu.ops.offers.errors import OfferRefused, OrderReused, SecondPersonNeeded, TotalChanged
from canyu.ops.offers.models import Code, Offer, Redemption, RedemptionState
from canyu.ops.offers.quoting import CartLine, Reason
from canyu.ops.offers.redeeming.actions import hold, let_go, redeem, reverse
from canyu.ops.offers.redeeming.parts.actions import reverse_part
from canyu.ops.outbox.models import WaitingEvent
from offer_fixtures import NOW, TEN_PERCENT, add_code, at_order, check_out, get_person, release

pytestmark = pytest.mark.usefixtures("empty_ledger")
APPLIANCES = (CartLine("1", "ac", 1, 499_900, "appliance"), CartLine("2", "fridge", 1, 599_900, "appliance"))
ENTITLEMENT = {"amount_minor": 500_000, "categories": ["appliance"]}


def refuse(work: object, *args: object) -> Reason:
    with pytest.raises(OfferRefused) as refused:
        work(*args)  # type: ignore[operator]
    return refused.value.reason


def list_events() -> list[tuple[str, str, int | None]]:
    rows = [row.event for row in WaitingEvent.objects.order_by("pk")]
    return [(row["type"], row["object"], row["value"]) for row in rows]


def test_row_27_a_code_of_four_uses_refuses_the_fifth_session() -> None:
    code = add_code(release("four", TEN_PERCENT, uses=4))
    for at in range(4):
        hold(check_out(f"o{at}", code), NOW + timedelta(minutes=15), NOW)
    assert refuse(hold, check_out("o4", code), NOW + timedelta(minutes=15), NOW) is Reason.QUANTITY_EXCEEDED


def test_row_47_a_spend_budget_takes_one_of_two_uses() -> None:
    offer = release("spend", {"amount_minor": 10_000}, budget_minor=100_000)
    code = add_code(offer)
    for at in range(9):
        redeem(check_out(f"o{at}", code, unit_minor=20_000), NOW)
    redeem(check_out("o9", code, unit_minor=20_000), NOW)
    assert refuse(redeem, check_out("o10", code, unit_minor=20_000), NOW) is Reason.BUDGET_EXCEEDED
    view = queries.count_left(offer)
    assert (view.spent_minor, view.budget_left_minor, view.used) == (100_000, 0, 10)


def test_row_48_a_code_with_two_adjustments_is_used_once() -> None:
    offer = release("both", {"amount_minor": 3000}, uses=5)
    lines = (CartLine("1", "a", 1, 5000), CartLine("2", "b", 1, 15_000))
    answer = redeem(check_out("o1", add_code(offer), lines=lines), NOW)
    assert [line["discount_minor"] for line in answer["lines"]] == [750, 2250]
    assert queries.count_left(offer).used == 1


def test_row_49_a_budget_smaller_than_the_discount_takes_nothing() -> None:
    offer = release("small", {"percent": 100}, budget_minor=100_000)
    assert refuse(redeem, check_out("o1", add_code(offer), unit_minor=1_000_000), NOW) is Reason.BUDGET_EXCEEDED
    assert (queries.count_left(offer).budget_left_minor, Redemption.objects.count()) == (100_000, 0)


def test_row_59_the_same_checkout_completed_twice_is_one_use() -> None:
    offer = release("one", TEN_PERCENT, uses=1)
    checkout = check_out("o1", add_code(offer))
    first = redeem(checkout, NOW)
    assert redeem(checkout, NOW + timedelta(hours=1)) == first
    assert (queries.count_left(offer).used, Redemption.objects.count()) == (1, 1)
    assert list_events() == [("order", "order:o1", 9000), ("redeem", "offer:one", 1000)]


def test_row_62_the_same_order_with_something_else_is_refused() -> None:
    code = add_code(release("one", TEN_PERCENT))
    redeem(check_out("o1", code), NOW)
    with pytest.raises(OrderReused):
        redeem(check_out("o1", code, unit_minor=20_000), NOW)


def test_row_15_a_code_without_effect_stays_usable() -> None:
    release("all", {"percent": 100}, "promotion")
    once = release("once", {"amount_minor": 500}, uses=1)
    assert refuse(redeem, check_out("o1", add_code(once)), NOW) is Reason.NO_EFFECT
    assert queries.count_left(once).uses_left == 1


def test_row_52_of_two_expired_carts_one_gets_the_voucher() -> None:
    code = add_code(release("one", TEN_PERCENT, uses=1))
    hold(check_out("first", code), NOW + timedelta(minutes=15), NOW)
    later = NOW + timedelta(minutes=20)
    redeem(check_out("first", code), later)
    assert refuse(redeem, check_out("second", code), later) is Reason.QUANTITY_EXCEEDED
    assert list(Redemption.objects.values_list("order", "state")) == [("first", "redeemed")]


def test_a_hold_is_settled_once_and_can_be_let_go() -> None:
    offer = release("two", TEN_PERCENT, uses=2)
    code, until = add_code(offer), NOW + timedelta(minutes=15)
    for order in ("paid", "left"):
        hold(check_out(order, code), until, NOW)
    redeem(check_out("paid", code), NOW)
    let_go("left", NOW)
    let_go("left", NOW)
    view = queries.count_left(offer)
    assert (view.used, view.uses_left, view.spent_minor) == (1, 1, 1000)


def test_row_d7_a_car_entitles_to_5000_off_appliances_beside_a_bundle() -> None:
    release("set", {"amount_minor": 300_000}, "bundle", bundle=[{"products": ["ac"]}, {"products": ["fridge"]}])
    release("car", ENTITLEMENT, "entitlement", triggers=("su7",))
    ((code, text),) = actions.issue_entitlements("car-1", "p1", ["su7", "mat"], NOW)
    assert actions.issue_entitlements("car-1", "p1", ["su7"], NOW) == [(code, text)]
    answer = redeem(check_out("o1", text, lines=APPLIANCES, person="p1"), NOW)
    assert [step["after_minor"] for step in answer["steps"]] == [799_800, 299_800]
    assert refuse(redeem, check_out("o2", text, lines=APPLIANCES, person="p1"), NOW) is Reason.QUANTITY_EXCEEDED
    assert refuse(redeem, check_out("o3", text, lines=APPLIANCES, person="p2"), NOW) is Reason.WRONG_PERSON


@pytest.mark.parametrize(("unused", "left"), [("forfeit", None), ("keep", 100_100)])
def test_row_d9_a_voucher_worth_more_than_the_goods(unused: str, left: int | None) -> None:
    release("car", ENTITLEMENT, "entitlement", triggers=("su7",), unused=unused)
    ((_code, text),) = actions.issue_entitlements("car-1", "p1", ["su7"], NOW)
    one = check_out("o1", text, lines=(CartLine("1", "ac", 1, 399_900, "appliance"),), person="p1")
    assert redeem(one, NOW)["total_minor"] == 0
    if left is None:
        assert refuse(redeem, at_order(one, "o2"), NOW) is Reason.QUANTITY_EXCEEDED
    else:
        assert redeem(at_order(one, "o2"), NOW)["discount_minor"] == left
        assert refuse(redeem, at_order(one, "o3"), NOW) is Reason.NO_EFFECT


def test_row_d10a_a_refunded_car_voids_the_unused_voucher() -> None:
    release("car", ENTITLEMENT, "entitlement", triggers=("su7",))
    ((code, text),) = actions.issue_entitlements("car-1", "p1", ["su7"], NOW)
    reverse("car-1", NOW)
    code.refresh_from_db()
    assert (code.state, code.clawed_minor) == ("void", 0)
    assert refuse(redeem, check_out("o1", text, lines=APPLIANCES, person="p1"), NOW) is Reason.VOID


def test_row_d10b_a_refunded_car_claims_a_used_voucher_back_once() -> None:
    offer = release("car", ENTITLEMENT, "entitlement", triggers=("su7",))
    ((code, text),) = actions.issue_entitlements("car-1", "p1", ["su7"], NOW)
    redeem(check_out("o1", text, lines=APPLIANCES, person="p1"), NOW)
    for _time in range(3):
        reverse("car-1", NOW)
    code.refresh_from_db()
    reader = queries._open_reader()
    assert (code.state, code.clawed_minor) == ("void", 500_000)
    assert reader.get_account(f"offer-{offer.pk}:clawback").balance == 500_000
    assert [kind for kind, *_ in list_events()] == ["claim", "order", "redeem", "refund"]
    reverse("o1", NOW)
    assert reader.get_account(f"offer-{offer.pk}:clawback").balance == 0


def test_i7_a_refund_returns_budget_and_uses_once() -> None:
    offer = release("back", {"amount_minor": 1000}, budget_minor=1000, uses=1)
    code = add_code(offer)
    redeem(check_out("o1", code), NOW)
    for _time in range(3):
        row = reverse("o1", NOW)
    assert row is not None
    assert row.state == RedemptionState.REVERSED
    view = queries.count_left(offer)
    assert (view.budget_left_minor, view.uses_left) == (1000, 1)
    redeem(check_out("o2", code), NOW)
    assert prove(queries._open_reader()).is_sound


def test_a_part_of_an_order_gives_back_its_share_of_the_discount_once() -> None:
    offer = release("part", {"amount_minor": 1000}, budget_minor=1000, uses=1)
    redeem(check_out("o1", add_code(offer)), NOW)  # 9,000 were paid
    for _time in range(2):
        reverse_part("o1", "r1", 3_000, NOW)
    view = queries.count_left(offer)
    assert (view.budget_left_minor, view.uses_left) == (334, 0)  # 1,000 x 6,000 / 9,000 stay, rounded down
    with pytest.raises(OrderReused):
        reverse_part("o1", "r1", 3_001, NOW)
    row = reverse_part("o1", "r2", 99_999, NOW)
    assert row is not None
    assert row.state == RedemptionState.REVERSED
    reverse("o1", NOW)
    view = queries.count_left(offer)
    assert (view.budget_left_minor, view.uses_left) == (1000, 1)
    refunds = [event["value"] for event in WaitingEvent.objects.values_list("event", flat=True)
               if event["type"] == "refund"]  # fmt: skip
    assert refunds == [3_000, 6_000]
    assert prove(queries._open_reader()).is_sound


def test_a_claim_on_a_used_voucher_falls_with_what_of_its_use_went_back() -> None:
    offer = release("car", ENTITLEMENT, "entitlement", triggers=("su7",))
    ((code, text),) = actions.issue_entitlements("car-1", "p1", ["su7"], NOW)
    total = redeem(check_out("o1", text, lines=APPLIANCES, person="p1"), NOW)["total_minor"]
    reverse_part("o1", "r1", total // 2, NOW)
    code.refresh_from_db()
    assert code.state == "active"
    reverse("car-1", NOW)
    code.refresh_from_db()
    kept = 500_000 * (total - total // 2) // total
    assert code.clawed_minor == kept
    reverse_part("o1", "r2", total // 4, NOW)
    code.refresh_from_db()
    assert code.clawed_minor == 500_000 * (total - total // 2 - total // 4) // total
    reverse("o1", NOW)
    reader = queries._open_reader()
    assert reader.get_account(f"offer-{offer.pk}:clawback").balance == 0
    assert prove(reader).is_sound


def test_an_offer_that_keeps_its_use_gives_nothing_back() -> None:
    offer = release("kept", TEN_PERCENT, uses=1, keeps_on_refund=True)
    redeem(check_out("o1", add_code(offer)), NOW)
    reverse("o1", NOW)
    assert queries.count_left(offer).uses_left == 0


def test_a_person_has_so_many_uses_and_nobody_unknown_has_any() -> None:
    code = add_code(release("each", TEN_PERCENT, person_uses=2))
    for order in ("o1", "o2"):
        redeem(check_out(order, code, person="p1"), NOW)
    assert refuse(redeem, check_out("o3", code, person="p1"), NOW) is Reason.PERSON_LIMIT
    redeem(check_out("o4", code, person="p2"), NOW)
    assert refuse(redeem, check_out("o5", code), NOW) is Reason.PERSON_LIMIT


def test_personal_codes_cannot_be_guessed_are_kept_as_a_digest_and_downloaded_again() -> None:
    offer = release("mine", TEN_PERCENT)
    batch = actions.make_personal_codes(get_person("writer"), offer.pk, 3, NOW)
    made = [text for _serial, text, _person, _state in queries.iterate_codes(get_person("writer"), offer, batch)]
    assert len({*made}) == 3
    assert all(len(text.replace("-", "")) == 16 for text in made)
    kept = dump_json(list(Code.objects.values("digest", "batch", "serial", "person")))
    assert not any(text in kept or text.replace("-", "") in kept for text in made)
    redeem(check_out("o1", made[0].lower().replace("-", " ")), NOW)
    assert refuse(redeem, check_out("o2", made[0]), NOW) is Reason.QUANTITY_EXCEEDED
    assert refuse(redeem, check_out("o3", "ABCD-EFGH-JKLM-NPQR"), NOW) is Reason.NOT_FOUND


def test_who_wrote_an_offer_does_not_release_it() -> None:
    draft = actions.OfferDraft("mine", "甲", "A", {"kind": "code", "effect": TEN_PERCENT})
    offer = actions.save_offer(get_person("writer"), draft, NOW)
    with pytest.raises(SecondPersonNeeded):
        actions.release_offer(get_person("writer"), offer.pk, NOW)
    add_code(offer)
    assert refuse(redeem, check_out("o1", "code-mine"), NOW) is Reason.NOT_RELEASED
    assert Offer.objects.get().state == "draft"


def test_a_total_that_was_not_shown_is_refused() -> None:
    code = add_code(release("ten", TEN_PERCENT))
    with pytest.raises(TotalChanged):
        redeem(check_out("o1", code, total_minor=8999), NOW)
    assert redeem(check_out("o1", code, total_minor=9000), NOW)["total_minor"] == 9000


def test_a_faulty_definition_is_not_kept() -> None:
    draft = actions.OfferDraft("bad", "甲", "A", {"kind": "code", "effect": {"percent": 300}})
    with pytest.raises(CanyuError):
        actions.save_offer(get_person("writer"), draft, NOW)
    assert Offer.objects.count() == 0


def test_erased_persons_are_forgotten_and_amounts_stay() -> None:
    release("car", ENTITLEMENT, "entitlement", triggers=("su7",))
    ((_code, text),) = actions.issue_entitlements("car-1", "p1", ["su7"], NOW)
    redeem(check_out("o1", text, lines=APPLIANCES, person="p1"), NOW)
    assert actions.forget_persons(["p1"]) == 2
    row = Redemption.objects.get()
    assert (row.person, row.answer, row.discount_minor, Code.objects.get().person) == ("", "{}", 500_000, "erased")
