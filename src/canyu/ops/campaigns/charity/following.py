"""Orders, entries and refunds of a campaign as the lake has them, told to its pledge; reading again changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from canyu.events import Lake, Verb
from canyu.ops.campaigns.charity.gifts.actions import give, take_back
from canyu.ops.campaigns.charity.models import Pledge
from canyu.ops.campaigns.charity.rules import Basis
from canyu.ops.campaigns.models import Campaign
from canyu.ops.campaigns.reading.actions import keep_place
from canyu.ops.campaigns.reading.queries import Reader, Told, list_followed, read_news
from canyu.ops.lakes import find_lake

READER = "charity"
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Counted:
    """What one look at the lake brought to pledges: gifts, and gifts taken back."""

    given: int = 0
    returned: int = 0


def follow_gifts(now: datetime) -> Counted:
    """Tell every pledge of the new orders or entries, and refunds, that the lake has; without a lake nothing.

    What names the campaign and falls into the pledge's period gives. Each group is one transaction, and the bookmark
    moves after the last: killed in between, the next sweep reads the same again and gives nothing twice.
    """
    lake = find_lake()
    given = returned = 0
    for campaign in list_followed(now) if lake is not None else ():
        pledge = Pledge.objects.filter(campaign=campaign).first()
        if pledge is not None and lake is not None:
            counted = _follow(lake, campaign, pledge, now)
            given, returned = given + counted.given, returned + counted.returned
    return Counted(given, returned)


def _follow(lake: Lake, campaign: Campaign, pledge: Pledge, now: datetime) -> Counted:
    verb = Verb.ORDER if pledge.basis == Basis.ORDER else Verb.SUBMIT
    news = read_news(lake, campaign, Reader(READER, verb, lambda told: _is_ours(told, campaign.slug, pledge)))
    if news is None:
        return Counted()
    orders = [one for one in news.rows if one.type == verb]
    refunds = [one for one in news.rows if one.type == Verb.REFUND]
    given = sum(give(pledge, orders[at : at + AT_ONCE], now) for at in range(0, len(orders), AT_ONCE))
    returned = sum(take_back(pledge, refunds[at : at + AT_ONCE], now) for at in range(0, len(refunds), AT_ONCE))
    keep_place(news.stretch, now)
    return Counted(given, returned)


def _is_ours(told: Told, slug: str, pledge: Pledge) -> bool:
    return told.campaign == slug and pledge.starts_at <= told.time < pledge.ends_at
