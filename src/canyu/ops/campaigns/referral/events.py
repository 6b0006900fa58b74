"""What referral tells the lake: share, click, visit, join, order, refund, claim, each with its campaign and parent."""

from __future__ import annotations

from datetime import datetime

from canyu.events import Event, Verb, make_event_id
from canyu.kit.jsonio import dump_json
from canyu.ops.campaigns.models import Campaign, Member, Reward, Sale
from canyu.ops.outbox.actions import add_event

SOURCE = "campaign"
"""What happened on a campaign's public page and in its rewards."""


def name_event(kind: str, *key: str) -> str:
    """Return the id of an event: the same thing has the same id, so a repeat is counted once."""
    return make_event_id(SOURCE, kind, *key)


def name_share(member: Member) -> str:
    """Return the id of the event of a member's share code."""
    return name_event("share", member.code)


def name_poster(member: Member) -> str:
    """Return the id of the event of a member sharing by poster."""
    return name_event("poster", member.code)


def tell_poster(campaign: Campaign, member: Member, now: datetime) -> None:
    """Tell that a member shares by poster; scans of its code name this event as their parent."""
    place = {"actor": member.person, "object": f"campaign:{campaign.slug}"}
    props = {"via": "poster", "code": member.code}
    _tell(campaign, Verb.SHARE, name_poster(member), now, parent=name_event("join", member.code), props=props, **place)


def tell_joined(campaign: Campaign, member: Member, inviter: Member | None) -> None:
    """Tell that a person joined, through whose share, and that they have a share code of their own."""
    parent = name_share(inviter) if inviter else None
    place = {"actor": member.person, "object": f"campaign:{campaign.slug}"}
    props = {"generation": member.generation}
    _tell(campaign, Verb.JOIN, name_event("join", member.code), member.joined_at, parent=parent, props=props, **place)
    joined = name_event("join", member.code)
    _tell(campaign, Verb.SHARE, name_share(member), member.joined_at, parent=joined, **place)


def tell_clicked(campaign: Campaign, member: Member, visitor: str, is_visit: bool, now: datetime) -> None:
    """Tell that a share link was opened and, the first time on a day, that somebody came; nobody is named."""
    click = name_event("click", member.code, visitor, now.isoformat())
    place = {"object": f"campaign:{campaign.slug}"}
    _tell(campaign, Verb.CLICK, click, now, parent=name_share(member), **place)
    if is_visit:
        visit = name_event("visit", member.code, visitor)
        _tell(campaign, Verb.VISIT, visit, now, parent=click, **place)


def tell_sale(campaign: Campaign, sale: Sale) -> None:
    """Tell of an order that the lake does not have yet."""
    member = sale.member
    _tell(
        campaign,
        Verb.ORDER,
        name_event("order", campaign.slug, sale.order),
        sale.ordered_at,
        actor=member.person,
        object=f"order:{sale.order}",
        parent=name_event("join", member.code),
        value=sale.amount_minor or 0,
        currency=sale.currency,
    )


def tell_refund(campaign: Campaign, sale: Sale, refund: str, amount_minor: int, now: datetime) -> None:
    """Tell of a refund that the lake does not have yet."""
    _tell(
        campaign,
        Verb.REFUND,
        name_event("refund", campaign.slug, sale.order, refund),
        now,
        actor=sale.member.person,
        object=f"order:{sale.order}",
        parent=name_event("order", campaign.slug, sale.order),
        value=amount_minor,
        currency=sale.currency,
    )


def tell_paid(campaign: Campaign, reward: Reward, now: datetime) -> None:
    """Tell that a reward became somebody's own."""
    _tell(
        campaign,
        Verb.CLAIM,
        name_event("claim", reward.key, str(reward.attempt)),
        now,
        actor=reward.member.person,
        object=f"reward:{reward.key}",
        parent=name_share(reward.edge.inviter),
        value=reward.amount_minor,
        currency=reward.currency,
        props={"side": reward.side, "level": reward.level},
    )


def tell_returned(campaign: Campaign, reward: Reward, minor: int, now: datetime) -> None:
    """Tell that a reward, or so much of it, was taken back: a measured fact beside the claim, which stays."""
    is_whole = minor == reward.amount_minor and not reward.returned_minor
    part = () if is_whole else (str(reward.amount_minor - minor),)  # what is kept after it: each part once
    _tell(
        campaign,
        Verb.OBSERVE,
        name_event("returned", reward.key, str(reward.attempt), *part),
        now,
        actor=reward.member.person,
        object=f"reward:{reward.key}",
        parent=name_event("claim", reward.key, str(reward.attempt)),
        value=minor,
        currency=reward.currency,
        props={"metric": "reward_returned"},
    )


def _tell(campaign: Campaign, verb: Verb, event_id: str, at: datetime, **fields: object) -> None:
    props = fields.pop("props", None)
    event = Event(
        id=event_id,
        type=str(verb),
        time=at,
        received=at,
        source=SOURCE,
        campaign=campaign.slug,
        channel="site",
        props=dump_json(props) if props else None,
        **fields,  # type: ignore[arg-type]
    )
    add_event(event, at)
