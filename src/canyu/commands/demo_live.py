"""The demo's founder session: the rehearsed launch livestream, planned, run and closed as people would have done it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import click

from canyu.kit.clock import get_now
from canyu.kit.words import say
from canyu.ops.campaigns import actions as campaigns
from canyu.ops.campaigns.charity.actions import save_pledge
from canyu.ops.campaigns.charity.rules import Basis, PledgeDraft
from canyu.ops.campaigns.lives import actions as lives
from canyu.ops.campaigns.lives.actions import MarkDraft
from canyu.ops.campaigns.lives.rules import Host, MarkKind, Scope, SessionDraft
from canyu.ops.campaigns.models import Campaign
from canyu.ops.campaigns.rules import CampaignDraft, Goal, Market
from canyu.ops.people.models import Person
from canyu.rehearse.settings import load_settings

ZONE = "Asia/Shanghai"
SHOW = timedelta(hours=3)
TEXTS = {
    "strategy_hit": "SU7 Ultra 上市。",
    "strategy_fans": "先请老车主提问。",
    "strategy_media": "创始人在自己的账号上讲。",
    "tactic_node": "直播间提问，按问题决定演示什么。",
    "tactic_interaction": "看、问、下单，都在同一页。",
    "tactic_spread": "直播片段由观众转发。",
    "title_zh": "SU7 Ultra 上市直播",
    "title_en": "SU7 Ultra launch livestream",
    "copy_zh": "创始人直播，20:00 开放下单。",
    "copy_en": "The founder goes live; orders open at 20:00.",
}


def stage_live(year: int) -> None:
    """Keep the rehearsed launch as a campaign with its session and its pledge, unless it is kept already."""
    settings = load_settings("campaigns")["livestream"]
    slug = str(settings["id"])
    if Campaign.objects.filter(slug=slug).exists():
        return
    writer, second = Person(username="canyu serve --demo"), Person(username="rehearsal")
    now, start = get_now(), _read_start(year, str(settings["start"]))
    campaign = _plan_campaign(writer, slug, start, now)
    campaigns.send_to_review(writer, campaign.pk, now)
    campaign = campaigns.release(second, campaign.pk, now)
    session = lives.plan_session(writer, campaign, _draft_session(settings, start), now)
    session = lives.start_session(writer, session, start, now)
    opened = start + timedelta(minutes=int(settings["orders_open_after_minutes"]))
    marks = ((MarkKind.PRICE, opened - timedelta(minutes=4)), (MarkKind.OPEN, opened))
    for kind, at in marks:
        lives.set_mark(writer, session, MarkDraft(kind, at), now)
    lives.end_session(writer, session, start + SHOW, now)
    campaigns.close_campaign(writer, campaign.pk, "", now)
    click.echo(say("  创始人直播一场（模拟）", "  one founder session (simulated)"))


def _plan_campaign(writer: Person, slug: str, start: datetime, now: datetime) -> Campaign:
    begins, ends = start - timedelta(days=2), start + timedelta(days=30)
    draft = CampaignDraft(
        slug=slug,
        name=TEXTS["title_zh"],
        owner=writer.username,
        texts=TEXTS,
        goals={Goal.ORDERS: 5_000.0},
        markets=[Market("cn", "zh", "CNY", ZONE)],
        channels=["weibo"],
        starts_at=begins,
        ends_at=ends,
    )
    campaign = campaigns.create_campaign(writer, draft, now)
    pledge = PledgeDraft(
        basis=Basis.ORDER,
        amount_minor=100,
        cap_minor=None,
        starts_at=begins,
        ends_at=ends,
        recipient="模拟基金会 (simulated foundation)",
        recipient_number="",
        note_zh="模拟：每单捐出一元。",
        note_en="Simulated: one yuan of each order is given.",
    )
    save_pledge(writer, campaign.pk, pledge, now)
    return campaign


def _draft_session(settings: dict[str, object], start: datetime) -> SessionDraft:
    return SessionDraft(
        title_zh=TEXTS["title_zh"],
        title_en=TEXTS["title_en"],
        host=Host.FOUNDER,
        host_name="模拟创始人 (simulated founder)",
        kol=None,
        platforms=(str(settings["channel"]),),
        zone=ZONE,
        planned_start=start,
        planned_end=start + SHOW,
        window_minutes=10,
        tail_minutes=30,
        scope=Scope.CAMPAIGN,
        baseline_days=56,
        products=(str(settings["product"]),),
        lake_object=f"livestream/{settings['id']}",
    )


def _read_start(year: int, said: str) -> datetime:
    return datetime.fromisoformat(f"{year}-{said.replace(' ', 'T')}").replace(tzinfo=ZoneInfo(ZONE))
