"""Referral in the database: the scenarios with known answers, and the ledger after each."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from django.db import transaction

from campaign_fixtures import NOW, SLUG, join, order, refund, release
from canyu.kit.errors import NotFound
from canyu.kit.jsonio import parse_json
from canyu.ops.campaigns.errors import ConsentMissing, NotOpen, OrderDiffers, ReasonMissing, WrongStep
from canyu.ops.campaigns.models import Campaign, Edge, Member, Reward, Sale, Signal
from canyu.ops.campaigns.referral import actions, queries
from canyu.ops.campaigns.referral.rewards.actions import settle_due
from canyu.ops.campaigns.referral.rules import EdgeState, Reason, RewardRule, RewardState, SignalKind, Touch
from canyu.ops.campaigns.referral.schemas import Click, Joining
from canyu.ops.campaigns.rules import name_budget
from canyu.ops.ledger.actions import use_ledger
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.people.models import Person

Staff = tuple[Person, Person]
DEVICE, PAYMENT = SignalKind.DEVICE, SignalKind.PAYMENT
BOTH = RewardRule((500,), invitee=300)


def read_balance(account: str) -> tuple[int, int]:
    """What an account has, and what of it is held."""
    with transaction.atomic():
        row = use_ledger().find_balance(account)
    assert row is not None
    return row.credits - row.debits, row.debits_held


def list_states(campaign: Campaign) -> list[tuple[str, int, str]]:
    rows = Reward.objects.filter(campaign=campaign).order_by("pk")
    return [(reward.side, reward.amount_minor, reward.state) for reward in rows]


def count_events() -> dict[str, int]:
    found: dict[str, int] = {}
    for row in WaitingEvent.objects.all():
        found[row.event["type"]] = found.get(row.event["type"], 0) + 1
    return found


def test_a_reward_goes_from_the_hold_to_the_claw_back_once_i7(staff: Staff) -> None:
    campaign = release(*staff, BOTH)
    a = join("a").member
    b = join("b", a.code).member
    order("b", "o-1")
    assert list_states(campaign) == [("invitee", 300, "pending"), ("inviter", 500, "pending")]
    assert read_balance(name_budget(campaign.pk)) == (100_000, 800)
    assert settle_due(NOW + timedelta(days=13)) == 0
    assert settle_due(NOW + timedelta(days=14)) == 2
    assert settle_due(NOW + timedelta(days=15)) == 0
    assert read_balance(f"campaign:{campaign.pk}:member:{a.pk}") == (500, 0)
    for _ in range(3):  # the shop tells it three times
        refund("o-1", "r-1", at=NOW + timedelta(days=20))
    assert list_states(campaign) == [("invitee", 300, "returned"), ("inviter", 500, "returned")]
    assert read_balance(f"campaign:{campaign.pk}:member:{a.pk}") == (0, 0)
    assert read_balance(f"campaign:{campaign.pk}:member:{b.pk}") == (0, 0)
    assert read_balance(name_budget(campaign.pk)) == (100_000, 0)
    assert {"join": 2, "share": 2, "order": 1, "refund": 1, "claim": 2, "observe": 2}.items() <= count_events().items()


def test_a_refund_within_the_waiting_frees_the_hold(staff: Staff) -> None:
    campaign = release(*staff, RewardRule((500,)))
    join("b", join("a").member.code)
    order("b", "o-1")
    refund("o-1", "r-1", 4_000)
    assert list_states(campaign) == [("inviter", 500, "pending")]  # a part given back is no order given back
    refund("o-1", "r-2", 6_000)
    assert list_states(campaign) == [("inviter", 500, "void")]
    assert read_balance(name_budget(campaign.pk)) == (100_000, 0)
    assert settle_due(NOW + timedelta(days=30)) == 0


def test_row_62_the_same_order_twice_is_one_sale(staff: Staff) -> None:
    campaign = release(*staff, BOTH)
    join("b", join("a").member.code)
    first, again = order("b", "o-1"), order("b", "o-1")
    assert (first.pk, first.amount_minor, Sale.objects.count()) == (again.pk, again.amount_minor, 1)
    assert len(list_states(campaign)) == 2
    with pytest.raises(OrderDiffers):
        order("b", "o-1", 10_001)
    assert Sale.objects.get().amount_minor == 10_000
    assert read_balance(name_budget(campaign.pk)) == (100_000, 800)


def test_row_63_a_percentage_without_an_amount_rewards_nothing(staff: Staff) -> None:
    campaign = release(*staff, RewardRule((1_000,), is_percent=True, is_every_order=True))
    join("b", join("a").member.code)
    order("b", "o-1", None)
    assert list_states(campaign) == []
    order("b", "o-2", 12_345)
    assert list_states(campaign) == [("inviter", 1_234, "pending")]


@pytest.mark.parametrize("is_paid", [False, True])
def test_a_part_given_back_takes_back_that_part_of_a_percentage(staff: Staff, is_paid: bool) -> None:
    campaign = release(*staff, RewardRule((999,), is_percent=True))
    join("b", join("a").member.code)
    order("b", "o-1", 10_000)
    if is_paid:
        assert settle_due(NOW + timedelta(days=15)) == 1
    budget, state = name_budget(campaign.pk), "paid" if is_paid else "pending"
    for _time in range(2):
        refund("o-1", "r-1", 3_333)
    assert list_states(campaign) == [("inviter", 666, state)]  # 999 x 6,667 / 10,000, rounded down
    assert read_balance(budget) == ((99_334, 0) if is_paid else (100_000, 666))
    refund("o-1", "r-2", 99_999)
    refund("o-1", "r-3")
    assert list_states(campaign) == [("inviter", 999, "returned" if is_paid else "void")]
    assert read_balance(budget) == (100_000, 0)
    assert Sale.objects.get().refunded_minor == 10_000


def test_a_part_given_back_leaves_a_flat_reward(staff: Staff) -> None:
    campaign = release(*staff, RewardRule((500,)))
    join("b", join("a").member.code)
    order("b", "o-1", 10_000)
    refund("o-1", "r-1", 9_999)
    assert list_states(campaign) == [("inviter", 500, "pending")]
    refund("o-1", "r-2", 1)
    assert list_states(campaign) == [("inviter", 500, "void")]


def test_d14_circle_and_second_account_earn_nothing_and_are_kept(staff: Staff) -> None:
    campaign = release(*staff, BOTH)
    a = join("a", signals={DEVICE: "d1", PAYMENT: "p1"}).member
    b = join("b", a.code, signals={DEVICE: "d2"}).member
    circle = join("a", b.code).edge
    second = join("a2", a.code, signals={DEVICE: "d1", PAYMENT: "p1"}).edge
    own = join("a", a.code).edge
    assert circle
    assert second
    assert own
    assert (circle.state, circle.reasons, circle.is_tree) == ("refused", [Reason.CYCLE], False)
    assert (second.state, second.reasons) == ("held", [Reason.SELF_DEVICE, Reason.SELF_PAYMENT])
    assert (own.state, own.reasons) == ("refused", [Reason.SELF_PERSON])
    order("a2", "o-1")
    order("a", "o-2")
    assert list_states(campaign) == [("invitee", 300, "held"), ("inviter", 500, "held")]
    assert read_balance(name_budget(campaign.pk)) == (100_000, 0)
    assert Edge.objects.count() == 4
    assert [one.parent_id for one in Member.objects.order_by("pk")] == [None, a.pk, a.pk]


def test_i6_the_same_payment_seen_later_holds_what_was_pending(staff: Staff) -> None:
    campaign = release(*staff, RewardRule((500,), is_every_order=True))
    join("b", join("a", signals={PAYMENT: "p1"}).member.code)
    order("b", "o-1")
    assert list_states(campaign) == [("inviter", 500, "pending")]
    order("b", "o-2", signals={PAYMENT: "p1"})
    assert Edge.objects.get().reasons == [Reason.SELF_PAYMENT]
    assert list_states(campaign) == [("inviter", 500, "held")] * 2
    assert read_balance(name_budget(campaign.pk)) == (100_000, 0)


def test_staff_release_or_refuse_with_a_reason_once(staff: Staff) -> None:
    viewer, _ = staff
    campaign = release(*staff, RewardRule((500,)))
    a = join("a", signals={DEVICE: "d"}).member
    first, second = (join(name, a.code, signals={DEVICE: "d"}).edge for name in ("b", "c"))
    assert first
    assert second
    order("b", "o-1")
    order("c", "o-2")
    with pytest.raises(ReasonMissing):
        actions.decide_edge(viewer, first, True, " ", NOW)
    actions.decide_edge(viewer, first, True, "mother and daughter share a tablet", NOW)
    actions.decide_edge(viewer, second, False, "third account on one telephone", NOW)
    assert list_states(campaign) == [("inviter", 500, "pending"), ("inviter", 500, "refused")]
    with pytest.raises(WrongStep):
        actions.decide_edge(viewer, first, False, "again", NOW)
    first.refresh_from_db()
    assert (first.state, first.decided_by, first.note) == ("released", "mei", "mother and daughter share a tablet")
    assert settle_due(NOW + timedelta(days=14)) == 1
    assert read_balance(f"campaign:{campaign.pk}:member:{a.pk}") == (500, 0)


def test_what_was_held_after_it_was_pending_can_be_paid_after_all(staff: Staff) -> None:
    campaign = release(*staff, RewardRule((500,), is_every_order=True))
    join("b", join("a", signals={PAYMENT: "p1"}).member.code)
    order("b", "o-1")
    order("b", "o-2", signals={PAYMENT: "p1"})
    actions.decide_edge(staff[0], Edge.objects.get(), True, "a company card", NOW)
    assert settle_due(NOW + timedelta(days=14)) == 2
    assert read_balance(name_budget(campaign.pk)) == (99_000, 0)


def test_depth_is_measured_whole_and_rewarded_to_the_setting(staff: Staff) -> None:
    campaign = release(*staff, RewardRule((500, 200)))
    code = ""
    for number in range(6):
        code = join(f"p{number}", code).member.code
    order("p5", "o-1")
    rows = Reward.objects.order_by("level").values_list("level", "amount_minor", "member__person")
    assert list(rows) == [(1, 500, "p4"), (2, 200, "p3")]
    tree = queries.measure_tree(staff[0], campaign)
    assert [one.members for one in tree.generations] == [1] * 6


def test_a_held_edge_above_holds_the_second_generation_too(staff: Staff) -> None:
    campaign = release(*staff, RewardRule((500, 200)))
    a = join("a", signals={DEVICE: "d"}).member
    b = join("b", a.code, signals={DEVICE: "d"}).member
    join("c", b.code)
    order("c", "o-1")
    assert list_states(campaign) == [("inviter", 500, "pending"), ("inviter", 200, "held")]
    actions.decide_edge(staff[0], Edge.objects.get(state=EdgeState.HELD), True, "a family", NOW)
    assert list_states(campaign) == [("inviter", 500, "pending"), ("inviter", 200, "pending")]


def test_i5_the_budget_is_never_exceeded(staff: Staff) -> None:
    campaign = release(*staff, RewardRule((400,)), budget_minor=1_000)
    a = join("a").member
    for number in range(3):
        join(f"b{number}", a.code)
        order(f"b{number}", f"o-{number}")
    assert [state for _, _, state in list_states(campaign)] == ["pending", "pending", "unfunded"]
    assert read_balance(name_budget(campaign.pk)) == (1_000, 800)


@pytest.mark.parametrize(("touch", "expected"), [(Touch.FIRST, "a"), (Touch.LAST, "b")])
def test_first_or_last_touch_brings_a_person(staff: Staff, touch: Touch, expected: str) -> None:
    release(*staff, RewardRule((500,), touch=touch))
    a, b = join("a").member, join("b").member
    edge = join("c", a.code, last=b.code).edge
    assert edge
    assert (edge.inviter.person, edge.first_touch, edge.last_touch) == (expected, a, b)


def test_tiers_count_who_was_brought(staff: Staff) -> None:
    campaign = release(*staff, RewardRule((100,), tiers=((2, 150), (3, 300)), cause="join"))
    a = join("a").member
    for name in ("b", "c", "d"):
        join(name, a.code)
    assert [amount for _, amount, _ in list_states(campaign)] == [100, 150, 300]


def test_too_many_within_an_hour_are_held(staff: Staff) -> None:
    release(*staff, RewardRule((100,), most_joins_an_hour=2))
    a = join("a").member
    edges = [join(f"b{number}", a.code).edge for number in range(3)]
    later = join("late", a.code, at=NOW + timedelta(hours=2)).edge
    assert [edge.reasons for edge in [*edges, later] if edge] == [[], [], [Reason.VELOCITY], []]


def test_who_joins_twice_stays_where_they_are(staff: Staff) -> None:
    release(*staff, BOTH)
    a, c = join("a").member, join("c").member
    b = join("b", a.code)
    again = join("b", c.code)
    assert (again.is_new, again.member.pk, again.member.parent_id) == (False, b.member.pk, a.pk)
    assert again.edge
    assert (again.edge.state, again.edge.reasons) == ("refused", [Reason.ALREADY_IN])
    assert join("b", a.code).edge == b.edge


def test_nobody_joins_without_consent_or_out_of_time(staff: Staff) -> None:
    campaign = release(*staff, BOTH)
    with pytest.raises(ConsentMissing):
        actions.join(Joining(SLUG, "a", ""), NOW)
    with pytest.raises(NotOpen):
        join("a", at=NOW + timedelta(days=91))
    with pytest.raises(NotFound):
        order("nobody", "o-1")
    assert not Member.objects.filter(campaign=campaign).exists()
    assert join("a").member.consents.get().text == "c0ffee"


def test_clicks_and_visits_are_counted_and_nobody_is_named(staff: Staff) -> None:
    release(*staff, BOTH)
    a = join("a").member
    assert actions.count_click(Click(SLUG, a.code, "v1", True), NOW)
    assert actions.count_click(Click(SLUG, a.code, "v1", False), NOW + timedelta(minutes=1))
    assert not actions.count_click(Click(SLUG, "nobodys", "v1", True), NOW)
    a.refresh_from_db()
    assert (a.clicks, a.visits) == (2, 1)
    clicks = [row.event for row in WaitingEvent.objects.all() if row.event["type"] in {"click", "visit"}]
    assert [(one["type"], one["actor"], one["campaign"]) for one in clicks] == [
        ("click", None, SLUG),
        ("visit", None, SLUG),
        ("click", None, SLUG),
    ]
    share = next(row.event for row in WaitingEvent.objects.all() if row.event["type"] == "share")
    assert clicks[0]["parent"] == share["id"]
    assert clicks[1]["parent"] == clicks[0]["id"]


def test_neither_events_nor_ledger_hold_what_a_fingerprint_was_made_of(staff: Staff) -> None:
    release(*staff, BOTH)
    join("b", join("a").member.code, signals={SignalKind.CONTACT: "fingerprint-of-contact"})
    order("b", "o-1", signals={PAYMENT: "fingerprint-of-card"})
    told = " ".join(str(row.event) for row in WaitingEvent.objects.all())
    assert "fingerprint" not in told
    assert parse_json(next(r.event["props"] for r in WaitingEvent.objects.all() if r.event["type"] == "join")) == {
        "generation": 0
    }


def test_a_forgotten_person_leaves_a_nameless_place_in_the_tree(staff: Staff) -> None:
    campaign = release(*staff, BOTH)
    a = join("a", signals={DEVICE: "d"}).member
    join("b", a.code)
    order("b", "o-1")
    assert actions.forget_person("a", NOW) == 1
    a.refresh_from_db()
    assert a.person.startswith("erased:")
    assert not Signal.objects.filter(member=a).exists()
    assert a.consents.get().withdrawn_at == NOW
    assert not any(row.event["actor"] == "a" for row in WaitingEvent.objects.all())
    assert [one.members for one in queries.measure_tree(staff[0], campaign).generations] == [1, 1]
    assert RewardState.PENDING in {reward.state for reward in Reward.objects.all()}


@pytest.mark.parametrize("seed", range(3))
def test_whoever_clicks_whose_code_the_tree_has_no_circle_and_adds_up(staff: Staff, seed: int) -> None:
    campaign, chance = release(*staff, RewardRule((500, 200), cause="join")), Random(seed)
    codes = {join(name).member.person: name for name in "ab"}
    for _ in range(60):
        code = chance.choice(list(Member.objects.values_list("code", flat=True)))
        codes[join(f"p{chance.randrange(25)}", code).member.person] = code
    tree = queries.measure_tree(staff[0], campaign)  # raises where there is a circle
    assert sum(one.members for one in tree.generations) == Member.objects.count() == len(codes)
    counts = [Member.objects.filter(generation=one.number).count() for one in tree.generations]
    assert counts == [one.members for one in tree.generations]
    assert read_balance(name_budget(campaign.pk))[1] <= 100_000
