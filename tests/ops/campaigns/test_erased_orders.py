"""After an erasure orders are counted on, lead to nobody, and a refund of one still finds what it is of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

import canyu
from campaign_fixtures import NOW, draft, join
from canyu.events import Lake
from canyu.kit.errors import NotFound
from canyu.ledger import prove
from canyu.ops.campaigns import actions as campaigns
from canyu.ops.campaigns.charity import actions as charity
from canyu.ops.campaigns.charity.following import Counted, follow_gifts
from canyu.ops.campaigns.charity.gifts.actions import end_hidden as end_hidden_gifts
from canyu.ops.campaigns.charity.models import Gift, GiftRefund, Pledge
from canyu.ops.campaigns.charity.queries import measure_pledge
from canyu.ops.campaigns.charity.rules import name_gift
from canyu.ops.campaigns.models import Campaign, Refund, Reward, Sale
from canyu.ops.campaigns.referral.actions import end_hidden as end_hidden_sales
from canyu.ops.campaigns.referral.actions import forget_person
from canyu.ops.campaigns.referral.following import Followed, follow_lake
from canyu.ops.campaigns.referral.rules import RewardRule
from canyu.ops.fans.erasing.search import search_tables
from canyu.ops.forgetting import forget_erased
from canyu.ops.ledger.queries import open_books
from canyu.ops.offers.models import Redemption
from canyu.ops.offers.redeeming.actions import reverse
from canyu.ops.order_names import HIDDEN, NAMELESS, hide
from canyu.ops.people.models import Person
from charity_fixtures import HOUR, make_order, make_refund, pledge_draft, tell

Staff = tuple[Person, Person]
LATER = NOW + timedelta(days=1)
NUMBER, EVENT, REFUND, REST = "SHOP-2026-000077", "event-of-order-77", "refund-of-order-77", "rest-of-order-77"
OTHER = "SHOP-2026-000078"
PROPS = f'{{"order_id": "{NUMBER}"}}'


@pytest.fixture
def shop(staff: Staff, use_lake: Callable[[Path], None], tmp_path: Path) -> Lake:
    """A campaign that gives with each order and rewards a tenth of it; two people have ordered."""
    lake = canyu.open(tmp_path / "shop.lake", create=True)
    use_lake(tmp_path / "shop.lake")
    writer, second = staff
    campaign = campaigns.create_campaign(writer, draft(), NOW)
    charity.save_pledge(writer, campaign.pk, pledge_draft(), NOW)
    campaigns.save_referral(writer, campaign.pk, RewardRule((1_000,), is_percent=True), "", NOW)
    campaigns.send_to_review(writer, campaign.pk, NOW)
    campaigns.release(second, campaign.pk, NOW)
    seed = join("p-seed")
    for person in ("p-mei", "p-neighbour"):
        join(person, seed.member.code)
    tell(lake, make_order(EVENT, actor="p-mei", props=PROPS))
    tell(lake, make_order("event-78", actor="p-neighbour", props=f'{{"order_id": "{OTHER}"}}'))
    money = {"currency": "CNY", "total_minor": 1, "discount_minor": 1, "made_at": NOW, "changed_at": NOW}
    Redemption.objects.create(order=NUMBER, digest="x", answer="{}", state="redeemed", person="shop-mei", **money)
    assert (follow_lake(LATER), follow_gifts(LATER)) == (Followed(2), Counted(2))
    return lake


def erase(lake: Lake) -> int:
    lake.erase("p-mei")
    return forget_erased().orders


def find_rows(*names: str) -> tuple[str, ...]:
    return search_tables(names, with_own=True).places


def test_no_row_names_an_erased_persons_order_and_totals_stay(shop: Lake) -> None:
    assert set(find_rows(NUMBER)) == {"campaigns_sale.order", "charity_gift.order", "offers_redemption.order"}
    assert set(find_rows(EVENT)) == {"campaigns_sale.event", "charity_gift.event"}
    pledge = Pledge.objects.get()
    assert erase(shop) == 3
    assert find_rows(NUMBER, EVENT, "p-mei") == ()
    assert len(find_rows(OTHER)) == 2
    assert erase(shop) == 0
    assert measure_pledge(pledge).pledged == 200
    assert sorted(Reward.objects.values_list("amount_minor", "state")) == [(1_000, "pending")] * 2
    with open_books() as reader:
        assert prove(reader).is_sound


def test_the_ledger_names_nothing_by_a_number_that_one_could_try_out(shop: Lake) -> None:
    campaign = Campaign.objects.get()
    with open_books() as reader:
        assert reader.get_row(name_gift(campaign.pk, hide(NUMBER))).row.amount == 100
        with pytest.raises(NotFound):
            reader.get_row(name_gift(campaign.pk, NUMBER))


def test_refunds_of_an_erased_persons_order_are_taken_back_once(shop: Lake) -> None:
    erase(shop)
    for _time in range(2):
        tell(shop, make_refund(REFUND, None, 3_333, props=PROPS))
        follow_lake(LATER)
        follow_gifts(LATER)
    assert sorted(Reward.objects.values_list("amount_minor", "returned_minor")) == [(666, 334), (1_000, 0)]
    tell(shop, make_refund(REST, EVENT, None))
    assert (follow_lake(LATER), follow_gifts(LATER)) == (Followed(0, 1), Counted(0, 1))
    assert sorted(Reward.objects.values_list("amount_minor", "state")) == [(1_000, "pending"), (1_000, "void")]
    assert measure_pledge(Pledge.objects.get()).pledged == 100
    assert find_rows(NUMBER, EVENT, REFUND, REST) == ()
    row = reverse(NUMBER, LATER)
    assert row is not None
    assert Redemption.objects.get().order.startswith(NAMELESS)


def test_once_no_refund_can_follow_the_hash_goes_too(shop: Lake) -> None:
    erase(shop)
    tell(shop, make_refund(REFUND, None, 10, props=PROPS))
    follow_lake(LATER)
    follow_gifts(LATER)
    assert (end_hidden_sales(LATER), end_hidden_gifts(LATER)) == (0, 0)
    Campaign.objects.update(state="closed", state_at=NOW)
    assert (end_hidden_sales(NOW + timedelta(days=59)), end_hidden_gifts(NOW + timedelta(days=59))) == (0, 0)
    late = NOW + timedelta(days=61)
    assert [(end_hidden_sales(late), end_hidden_gifts(late)) for _ in range(2)] == [(1, 1), (0, 0)]
    names = [*Sale.objects.values_list("order", "event"), *Gift.objects.values_list("order", "event")]
    names += [*Refund.objects.values_list("refund"), *GiftRefund.objects.values_list("refund")]
    assert not [name for row in names for name in row if name.startswith(HIDDEN)]
    assert Sale.objects.filter(order=OTHER).exists()


def test_who_leaves_takes_the_numbers_of_their_orders_out_of_the_campaign(shop: Lake) -> None:
    forget_person("p-mei", LATER)
    assert find_rows(NUMBER) == ("offers_redemption.order",)
    assert find_rows(EVENT) == ()
    tell(shop, make_refund(REFUND, EVENT, None), make_order("again", NOW + HOUR, actor="p-x", props=PROPS))
    assert (follow_lake(LATER), follow_gifts(LATER)) == (Followed(0, 1), Counted(0, 1))
