"""Limited editions: sold out exactly, serials without gap, holds that lapse, late payments, waiting rooms and draws."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import transaction

from canyu.cli import canyu
from canyu.kit.errors import CanyuError
from canyu.kit.jsonio import dump_json, parse_json
from canyu.ledger import Side
from canyu.ops.ledger.actions import use_ledger
from canyu.ops.offers.drops import accounts, actions, queries
from canyu.ops.offers.drops.claiming.actions import expire_claims, pay_claim, return_claim, serve_waiting
from canyu.ops.offers.drops.claiming.rules import Answered, Ask
from canyu.ops.offers.drops.door import judge_group
from canyu.ops.offers.drops.models import Claim, Drop, Entrant, LatePayment
from canyu.ops.offers.drops.verify import verify_draw
from canyu.ops.outbox.models import WaitingEvent
from drop_fixtures import NOW, OPENS, ask, count_stand, list_serials, release_drop
from offer_fixtures import get_person

pytestmark = pytest.mark.usefixtures("empty_ledger")
LATE = NOW + timedelta(minutes=16)


def test_row_d5_one_person_clicks_1000_times_before_and_after_winning() -> None:
    drop = release_drop(units=3)
    answers = [told for _round in range(5) for told in ask(drop, *["p1"] * 200)]
    assert {(told.state, told.serial) for told in answers} == {(Answered.HELD, 1)}
    assert count_stand(drop) == (0, 1, 2)
    pay_claim(answers[0].token, "pay-1", NOW)
    assert {(told.state, told.serial) for told in ask(drop, *["p1"] * 5)} == {(Answered.SOLD, 1)}
    assert count_stand(drop) == (1, 0, 2)


def test_row_d4_a_claim_before_the_opening_second_changes_nothing() -> None:
    drop = release_drop(units=1)
    (early,) = ask(drop, "p1", now=OPENS - timedelta(milliseconds=1))
    assert (early.state, early.opens_at) == (Answered.NOT_OPEN, OPENS)
    assert (count_stand(drop), Claim.objects.count(), WaitingEvent.objects.count()) == ((0, 0, 1), 0, 0)
    assert ask(drop, "p1", now=OPENS)[0].serial == 1


def test_row_50_the_last_unit_goes_to_one_of_two_and_the_other_is_told() -> None:
    drop = release_drop(units=1)
    told = ask(drop, "p1", "p2", "p1", "p2")
    assert [one.state for one in told] == [Answered.HELD, Answered.SOLD_OUT] * 2
    assert count_stand(drop) == (0, 1, 0)


def test_row_50_control_without_the_guard_both_would_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "LIMITED", Side.NONE)
    drop = release_drop(units=1)
    with pytest.raises(ValueError, match="shorter"):  # the pool of serials is the second guard: two holds, one serial
        ask(drop, "p1", "p2")


def test_row_58_five_of_a_thousand_leave_995() -> None:
    drop = release_drop(units=1000)
    assert [told.serial for told in ask(drop, *(f"p{at}" for at in range(5)))] == [1, 2, 3, 4, 5]
    assert count_stand(drop) == (0, 5, 995)


def test_i10_units_go_in_the_order_of_arrival_and_repeats_gain_nothing() -> None:
    drop = release_drop(units=3)
    told = ask(drop, "p1", "p1", "p2", "p1", "p3", "p4")
    assert [one.serial for one in told] == [1, 1, 2, 1, 3, None]


def test_row_d3_unpaid_units_come_back_once_with_their_serials() -> None:
    drop = release_drop(units=20)
    first = ask(drop, *(f"p{at}" for at in range(20)))
    for at, told in enumerate(first[:15]):
        pay_claim(told.token, f"pay-{at}", NOW)
    assert (expire_claims(LATE), expire_claims(LATE)) == (5, 0)
    assert count_stand(drop) == (15, 0, 5)
    second = ask(drop, *(f"q{at}" for at in range(8)), now=LATE)
    assert [told.serial for told in second] == [16, 17, 18, 19, 20, None, None, None]
    for at, told in enumerate(second[:5]):
        pay_claim(told.token, f"late-{at}", LATE)
    assert (count_stand(drop), list_serials(drop)) == ((20, 0, 0), list(range(1, 21)))


@pytest.mark.parametrize("is_swept", [True, False])
def test_row_d3_a_payment_after_expiry_is_to_be_given_back_and_no_unit_more(is_swept: bool) -> None:
    drop = release_drop(units=1, price_minor=529_900)
    (told,) = ask(drop, "p1")
    if is_swept:
        expire_claims(LATE)
        ask(drop, "p2", now=LATE)
    for _time in range(3):
        claim = pay_claim(told.token, "bank-7", LATE)
    assert claim.state == ("expired" if is_swept else "held")
    late = LatePayment.objects.get()
    assert (late.reference, late.amount_minor, late.currency) == ("bank-7", 529_900, "CNY")
    assert count_stand(drop) == (0, 1, 0)


def test_a_second_payment_for_a_sold_unit_is_to_be_given_back() -> None:
    drop = release_drop(units=1)
    (told,) = ask(drop, "p1")
    for reference in ("a", "a", "b"):
        pay_claim(told.token, reference, NOW)
    assert (count_stand(drop), [late.reference for late in LatePayment.objects.all()]) == ((1, 0, 0), ["b"])


def test_a_returned_unit_is_sold_again_under_its_serial() -> None:
    drop = release_drop(units=2)
    one, _two = ask(drop, "p1", "p2")
    pay_claim(one.token, "a", NOW)
    return_claim(one.token, NOW)
    return_claim(one.token, NOW)
    assert count_stand(drop) == (0, 1, 1)
    assert ask(drop, "p3")[0].serial == 1
    assert [row.event["type"] for row in WaitingEvent.objects.order_by("pk")] == [
        "claim", "claim", "order", "refund", "claim",
    ]  # fmt: skip


def test_markets_have_their_own_units_and_others_share_the_rest() -> None:
    drop = release_drop(units=5, quotas={"cn": 2, "de": 1})
    assert [told.serial for told in ask(drop, "c1", "c2", "c3", market="cn")] == [1, 2, None]
    assert [told.serial for told in ask(drop, "d1", "d2", market="de")] == [3, None]
    assert [told.serial for told in ask(drop, "f1", "f2", "f3", market="fr")] == [4, 5, None]
    assert count_stand(drop) == (0, 5, 0)


def test_a_person_may_have_as_many_as_the_drop_says() -> None:
    drop = release_drop(units=5, per_person=2)
    told = [ask(drop, "p1", key=key)[0] for key in ("a", "a", "b", "c")]
    assert [(one.state, one.serial) for one in told] == [
        (Answered.HELD, 1), (Answered.HELD, 1), (Answered.HELD, 2), (Answered.PERSON_LIMIT, None),
    ]  # fmt: skip


def test_row_56_the_waiting_list_holds_the_unit_and_the_public_gets_none() -> None:
    drop = release_drop(units=1, entry="queue")
    assert ask(drop, "p1", now=OPENS - timedelta(hours=1))[0].state is Answered.ENTERED
    actions.sweep_drops(OPENS)
    assert ask(drop, "p2", now=NOW)[0].state is Answered.ENTERED
    actions.sweep_drops(NOW)
    assert list(Claim.objects.values_list("person", "state")) == [("p1", "held")]
    assert ask(drop, "p1", now=NOW)[0].serial == 1
    actions.sweep_drops(LATE)
    standing = Claim.objects.filter(state="held")
    assert list(standing.values_list("person", "serial")) == [("p2", 1)]


def test_row_55_units_set_aside_for_one_group_are_not_free_for_another() -> None:
    drop = release_drop(units=5, quotas={"vip": 3})
    assert [told.serial for told in ask(drop, "a", "b", "c")] == [1, 2, None]
    assert [told.serial for told in ask(drop, "v1", "v2", "v3", "v4", market="vip")] == [3, 4, 5, None]


def draw_lottery(tmp_path: Path, units: int = 3, people: int = 40) -> tuple[Drop, Path]:
    drop = release_drop(units=units, entry="lottery", closes_at=OPENS + timedelta(hours=1), quotas={"cn": 1})
    for at in range(people):
        ask(drop, f"p{at}", market="cn" if at % 2 else "de")
    drawn = actions.draw_places(get_person("reviewer"), drop.pk, "index 3421.07", OPENS + timedelta(hours=1))
    path = tmp_path / "draw.json"
    path.write_text(dump_json(queries.describe_draw(drawn)), "utf-8")
    return drawn, path


def test_a_draw_is_recomputed_and_the_winners_are_those_who_get_units(tmp_path: Path) -> None:
    drop, path = draw_lottery(tmp_path)
    done = CliRunner().invoke(canyu, ["draw", "verify", str(path), "--json"])
    told = parse_json(done.output)
    assert (done.exit_code, told["is_right"], told["entrants"], len(told["winners"])) == (0, True, 40, 3)
    serve_waiting(drop, OPENS + timedelta(hours=1))
    assert list(Claim.objects.order_by("serial").values_list("person", flat=True)) == told["winners"]
    assert Entrant.objects.filter(is_served=True).count() == 3


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("seed", "0" * 64, "The seed is not the one that was committed to."),
        ("beacon", "index 3500.00", "The published order is not the one that is recomputed."),
    ],
)
def test_a_draw_that_was_tampered_with_is_found_out(tmp_path: Path, name: str, value: str, fault: str) -> None:
    _drop, path = draw_lottery(tmp_path)
    told = parse_json(path.read_text("utf-8"))
    assert verify_draw(dump_json({**told, name: value}))["fault"] == fault
    for ranked in (told["ranked"][:-1], [*told["ranked"], told["ranked"][0]], told["ranked"][::-1]):
        assert not verify_draw(dump_json({**told, "ranked": ranked}))["is_right"]


def test_the_seed_is_not_published_before_the_draw() -> None:
    drop = release_drop(entry="lottery", closes_at=OPENS + timedelta(hours=1))
    told = queries.describe_draw(drop)
    assert drop.seed not in dump_json(told)
    assert told["commitment"] == drop.commitment
    with pytest.raises(CanyuError):
        actions.draw_places(get_person("reviewer"), drop.pk, "", NOW)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"algorithm": "mine"}'])
def test_a_file_that_is_no_draw_is_refused(text: str) -> None:
    with pytest.raises(CanyuError):
        verify_draw(text)


def test_who_wrote_a_drop_does_not_release_it() -> None:
    drop = actions.save_drop(get_person("writer"), actions.DropDraft("d", "甲", "A", 3, OPENS), OPENS)
    with pytest.raises(CanyuError):
        actions.release_drop(get_person("writer"), drop.pk, NOW)
    assert ask(drop, "p1")[0].state is Answered.CLOSED


@pytest.mark.parametrize(
    "given", [{"units": 0}, {"quotas": {"cn": 11}}, {"closes_at": OPENS}, {"entry": "lottery"}], ids=str
)
def test_an_unfit_definition_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(CanyuError):
        release_drop(**given)  # type: ignore[arg-type]
    assert Drop.objects.count() == 0


def test_the_door_frees_unpaid_units_before_it_judges() -> None:
    drop = release_drop(units=1, opens_at=OPENS - timedelta(days=400))
    ask(drop, "p1", now=OPENS - timedelta(days=300))
    with transaction.atomic():
        (told,) = judge_group(drop.code, [Ask("p2")], use_ledger(), sweeps=True)
    assert (told.state, told.serial) == (Answered.HELD, 1)


def test_erased_persons_are_forgotten_and_units_stay() -> None:
    drop = release_drop(units=2)
    (told,) = ask(drop, "p1")
    assert actions.forget_persons(["p1"]) == 1
    assert (Claim.objects.get(token=told.token).person.startswith("erased-"), count_stand(drop)) == (True, (0, 1, 1))
