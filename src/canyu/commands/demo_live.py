"""The demo's founder session: the rehearsed launch livestream, planned, run and closed as people would have done it."""

from __future__ import annotations

from datetime import datetime, timedelta

import click
from django.db import transaction

from canyu.commands.demo_campaigns import WRITER, ZONE, Plan, read_start, release
from canyu.kit.clock import get_now
from canyu.kit.words import say
from canyu.ops.campaigns.actions import close_campaign
from canyu.ops.campaigns.charity.actions import save_pledge
from canyu.ops.campaigns.charity.following import follow_gifts
from canyu.ops.campaigns.charity.rules import Basis, PledgeDraft
from canyu.ops.campaigns.lives import actions as lives
from canyu.ops.campaigns.lives.actions import MarkDraft
from canyu.ops.campaigns.lives.rules import Host, MarkKind, Scope, SessionDraft
from canyu.ops.campaigns.rules import Goal
from canyu.rehearse.settings import load_settings

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


@transaction.atomic
def stage_live(year: int) -> None:
    """Keep the rehearsed launch as a campaign with its session and its pledge, whole, unless it is kept already."""
    settings = load_settings("campaigns")["livestream"]
    now, start = get_now(), read_start(year, str(settings["start"]))
    begins, ends = start - timedelta(days=2), start + timedelta(days=30)
    plan = Plan(str(settings["id"]), TEXTS, ["weibo"], begins, ends, {Goal.ORDERS: 5_000.0})
    pledge = _draft_pledge(begins, ends)
    campaign = release(plan, lambda draft: save_pledge(WRITER, draft.pk, pledge, now), now)
    if campaign is None:
        return
    session = lives.plan_session(WRITER, campaign, _draft_session(settings, start), now)
    session = lives.start_session(WRITER, session, start, now)
    opened = start + timedelta(minutes=int(settings["orders_open_after_minutes"]))
    marks = ((MarkKind.PRICE, opened - timedelta(minutes=4)), (MarkKind.OPEN, opened))
    for kind, at in marks:
        lives.set_mark(WRITER, session, MarkDraft(kind, at), now)
    lives.end_session(WRITER, session, start + SHOW, now)
    close_campaign(WRITER, campaign.pk, "", now)
    follow_gifts(now)
    click.echo(say("  创始人直播一场（模拟）", "  one founder session (simulated)"))


def _draft_pledge(begins: datetime, ends: datetime) -> PledgeDraft:
    return PledgeDraft(
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
