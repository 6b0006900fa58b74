"""Giving with each order: exact in the ledger, once per order however often it is told, taken back with a refund."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

import canyu
from campaign_fixtures import NOW
from canyu.events import Lake
from canyu.ledger import prove
from canyu.ops.campaigns import actions as campaigns
from canyu.ops.campaigns.charity import actions, queries
from canyu.ops.campaigns.charity.errors import PayoutRefused, PledgeUnusable, StoryUnfit
from canyu.ops.campaigns.charity.following import Counted, follow_gifts
from canyu.ops.campaigns.charity.models import Gift, Payout, Pledge, Story
from canyu.ops.campaigns.charity.queries import GiftCounts
from canyu.ops.campaigns.charity.rules import Basis, PayoutDraft, StoryDraft, StoryState
from canyu.ops.campaigns.errors import SecondPersonNeeded, WrongStep
from canyu.ops.ledger.queries import open_books
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.people.models import Person
from charity_fixtures import HOUR, make_order, make_refund, plan_pledge, pledge_draft, release_pledge, tell

Staff = tuple[Person, Person]
LATER = NOW + timedelta(days=1)


@pytest.fixture
def shop(staff: Staff, use_lake: Callable[[Path], None], tmp_path: Path) -> Lake:
    lake = canyu.open(tmp_path / "shop.lake", create=True)
    use_lake(tmp_path / "shop.lake")
    return lake


def pay(viewer: Person, pledge: Pledge, minor: int, receipt: bytes) -> Payout:
    return actions.pay_out(viewer, pledge, PayoutDraft(minor, date(2026, 12, 1), "receipt.pdf", receipt), LATER)


def write(viewer: Person, pledge: Pledge, *payouts: Payout) -> Story:
    told = StoryDraft("新书桌", "New desks", "文", "text", tuple(one.pk for one in payouts))
    return actions.write_story(viewer, pledge, None, told, LATER)


def test_d21_ten_thousand_orders_of_which_37_go_back_give_9963_yuan(staff: Staff, shop: Lake) -> None:
    pledge = release_pledge(staff)
    orders = [make_order(f"o{number}") for number in range(10_000)]
    refunds = [make_refund(f"r{number}-{time}", f"o{number}") for number in range(37) for time in range(3)]
    tell(shop, *orders)
    assert follow_gifts(LATER) == Counted(10_000, 0)
    tell(shop, *refunds, *refunds)
    assert [follow_gifts(LATER) for _ in range(2)] == [Counted(0, 37), Counted()]

    paid = [pay(staff[0], pledge, minor, f"receipt {minor}".encode()) for minor in (500_000, 496_300)]
    stories = [write(staff[0], pledge, one) for one in paid]

    sums = queries.measure_pledge(pledge)
    assert (sums.pledged, sums.owed, sums.paid) == (996_300, 0, 996_300)
    assert queries.count_gifts(pledge) == GiftCounts(9_963, 37, 0, 0)
    told = {one.story.pk: one for one in queries.list_stories(pledge, is_public=False)}
    with open_books() as reader:
        rows = [reader.get_row(payout.entry).row for story in stories for payout in told[story.pk].payouts]
        assert [told[story.pk].amount_minor for story in stories] == [row.amount for row in rows] == [500_000, 496_300]
        gifts = Gift.objects.filter(state="given").values_list("entry", flat=True)
        assert sum(reader.get_row(entry).row.amount for entry in gifts[:50]) == 5_000
        assert prove(reader).is_sound


def test_an_order_told_twice_gives_once_by_the_shops_number(staff: Staff, shop: Lake) -> None:
    pledge = release_pledge(staff)
    number = '{"order_id": "A-77"}'
    tell(
        shop, make_order("m1", props=number), make_order("m2", props=number), make_order("m3", props='{"order_id":78}')
    )
    assert follow_gifts(LATER) == Counted(2, 0)
    tell(shop, make_order("m4", props=number), make_refund("r1", None, props='{"order_id":"A-77"}'))
    assert follow_gifts(LATER) == Counted(0, 1)
    assert queries.measure_pledge(pledge).pledged == 100
    assert sorted(Gift.objects.values_list("order", "state")) == [("78", "given"), ("A-77", "returned")]


def test_what_names_another_campaign_or_comes_outside_the_period_gives_nothing(staff: Staff, shop: Lake) -> None:
    pledge = release_pledge(staff, ends_at=NOW + HOUR)
    instants = {"early": NOW - timedelta(microseconds=1), "first": NOW, "end": NOW + HOUR}
    tell(shop, *(make_order(name, at) for name, at in instants.items()))
    tell(shop, make_order("other", NOW, campaign="other"), make_order("none", NOW, campaign=None))
    assert follow_gifts(LATER) == Counted(1, 0)
    assert [gift.order for gift in pledge.gifts.all()] == ["first"]


def test_a_part_given_back_takes_nothing_back_until_the_whole_is(staff: Staff, shop: Lake) -> None:
    pledge = release_pledge(staff)
    tell(shop, make_order("o1"), make_refund("r1", "o1", 4_000))
    assert follow_gifts(LATER) == Counted(1, 0)
    tell(shop, make_refund("r1-again", "o1", 5_999))
    assert follow_gifts(LATER) == Counted()
    tell(shop, make_refund("r2", "o1", 1))
    assert follow_gifts(LATER) == Counted(0, 1)
    assert queries.measure_pledge(pledge).pledged == 0


def test_a_refund_that_came_before_its_order_is_not_lost(staff: Staff, shop: Lake) -> None:
    pledge = release_pledge(staff)
    tell(shop, make_refund("r1", "o1"), make_refund("r2", None, props='{"order_id":"B-2"}'))
    follow_gifts(LATER)
    tell(shop, make_order("o1"), make_order("o2", props='{"order_id":"B-2"}'))
    assert follow_gifts(LATER) == Counted(2, 2)
    assert queries.measure_pledge(pledge).pledged == 0


def test_killed_before_the_bookmark_moved_nothing_is_given_twice(
    staff: Staff, shop: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    pledge = release_pledge(staff)
    tell(shop, *(make_order(f"o{number}") for number in range(700)))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("canyu.ops.campaigns.charity.following.keep_place", die)
        with pytest.raises(KeyboardInterrupt):
            follow_gifts(LATER)
    assert follow_gifts(LATER) == Counted(0, 0)
    assert queries.measure_pledge(pledge).pledged == 70_000


def test_under_a_cap_the_ledger_gives_no_more_and_what_comes_back_is_free_again(staff: Staff, shop: Lake) -> None:
    pledge = release_pledge(staff, cap_minor=250)
    tell(shop, *(make_order(f"o{number}", NOW + number * HOUR) for number in range(3)))
    assert follow_gifts(LATER) == Counted(3, 0)
    assert queries.count_gifts(pledge) == GiftCounts(2, 0, 1, 0)
    tell(shop, make_refund("r0", "o0"), make_order("o9"))
    follow_gifts(LATER)
    assert queries.measure_pledge(pledge).pledged == 100
    tell(shop, make_order("o10"))
    assert follow_gifts(LATER) == Counted(1, 0)
    assert queries.measure_pledge(pledge).pledged == 200


def test_entries_give_where_the_pledge_says_so(staff: Staff, shop: Lake) -> None:
    pledge = release_pledge(staff, basis=Basis.ENTRY)
    tell(shop, make_order("o1"), *(_make_entry(name) for name in ("e1", "e2")))
    assert follow_gifts(LATER) == Counted(2, 0)
    assert queries.measure_pledge(pledge).pledged == 200


def test_no_more_is_paid_than_is_owed_and_a_receipt_pays_once(staff: Staff, shop: Lake) -> None:
    pledge = release_pledge(staff)
    tell(shop, make_order("o1"), make_order("o2"))
    follow_gifts(LATER)
    pay(staff[0], pledge, 150, b"one")
    for minor, receipt in ((51, b"two"), (10, b"one")):
        with pytest.raises(PayoutRefused):
            pay(staff[0], pledge, minor, receipt)
    tell(shop, make_refund("r1", "o1"), make_refund("r2", "o2"))
    assert follow_gifts(LATER) == Counted(0, 0)
    assert queries.count_gifts(pledge) == GiftCounts(0, 0, 0, 2)
    assert queries.measure_pledge(pledge).pledged == 200
    assert [one.event["props"] for one in WaitingEvent.objects.all() if "paid_out" in str(one.event)] != []


def test_a_pledge_is_set_in_the_draft_and_released_by_a_second_person(staff: Staff, shop: Lake) -> None:
    writer, second = staff
    pledge = plan_pledge(second)
    campaigns.send_to_review(writer, pledge.campaign_id, NOW)
    with pytest.raises(SecondPersonNeeded):
        campaigns.release(second, pledge.campaign_id, NOW)
    with pytest.raises(WrongStep):
        actions.save_pledge(writer, pledge.campaign_id, pledge_draft(amount_minor=1), NOW)
    with pytest.raises(WrongStep):
        pay(writer, pledge, 1, b"x")
    assert Pledge.objects.get().amount_minor == 100


@pytest.mark.parametrize("wrong", [{"amount_minor": 0}, {"ends_at": NOW}, {"cap_minor": 99}])
def test_a_pledge_that_gives_nothing_is_refused(staff: Staff, wrong: dict[str, object]) -> None:
    with pytest.raises(PledgeUnusable):
        plan_pledge(staff[0], **wrong)


def test_a_story_is_shown_by_a_second_person_and_a_payout_is_told_once(staff: Staff, shop: Lake) -> None:
    pledge = release_pledge(staff)
    tell(shop, make_order("o1"))
    follow_gifts(LATER)
    paid = pay(staff[0], pledge, 100, b"one")
    story = write(staff[0], pledge, paid)
    with pytest.raises(StoryUnfit):
        write(staff[0], pledge, paid)
    with pytest.raises(SecondPersonNeeded):
        actions.show_story(staff[0], story, queries.mark_story(story), LATER)
    assert queries.list_stories(pledge, is_public=True) == []
    seen = queries.mark_story(story)
    actions.show_story(staff[1], story, seen, LATER)
    assert [one.amount_minor for one in queries.list_stories(pledge, is_public=True)] == [100]
    changed = actions.write_story(staff[0], pledge, story.pk, StoryDraft("新", "new", "文", "text"), LATER + HOUR)
    assert queries.list_stories(pledge, is_public=True) == []
    with pytest.raises(WrongStep):
        actions.hide_story(staff[1], story, LATER)
    with pytest.raises(StoryUnfit):
        actions.show_story(staff[1], story, seen, LATER)
    assert Story.objects.get().state == StoryState.DRAFT
    actions.show_story(staff[1], story, queries.mark_story(changed), LATER)


def _make_entry(name: str) -> canyu.events.Event:
    from dataclasses import replace

    return replace(make_order(name), type="submit", value=None, currency=None)
