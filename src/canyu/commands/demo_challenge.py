"""The demo's hashtag challenge: the rehearsed posts as entries, looked through, with a poster; open to who tries it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import click
from django.db import transaction

from canyu.commands.demo_campaigns import SECOND, WRITER, ZONE, Plan, read_start, release
from canyu.kit.clock import get_now
from canyu.kit.words import say
from canyu.ops.campaigns.challenges.actions import save_challenge
from canyu.ops.campaigns.challenges.collecting.actions import collect_posts
from canyu.ops.campaigns.challenges.models import Challenge, Entry
from canyu.ops.campaigns.challenges.moderation.actions import Decision, decide_entries
from canyu.ops.campaigns.challenges.rules import ScoreRule, Way
from canyu.ops.campaigns.challenges.schemas import ChallengeDraft
from canyu.ops.campaigns.posters.actions import save_design, switch_on
from canyu.ops.campaigns.posters.rules import Accent, Align, DesignDraft, Side
from canyu.ops.campaigns.rules import Goal
from canyu.rehearse.settings import load_settings

OPEN = timedelta(days=30)
"""How long it still takes entries after the demo was made."""
UNDECIDED = 12
"""Entries left in the queue, for who wants to decide."""
TEXTS = {
    "strategy_hit": "小米15 Ultra 的夜景。",
    "strategy_fans": "请爱拍照的人先上场。",
    "strategy_media": "作品墙就是自己的阵地。",
    "tactic_node": "一个话题，一张夜景，就能参加。",
    "tactic_interaction": "看作品、投票、自己再拍一张。",
    "tactic_spread": "海报带着二维码，一人传一人。",
    "title_zh": "夜景随手拍挑战（模拟）",
    "title_en": "Night shot challenge (simulated)",
    "copy_zh": "拍下今晚的城市，带上话题发出来。",
    "copy_en": "Show your city tonight, with the hashtag.",
}


@transaction.atomic
def stage_challenge(year: int) -> None:
    """Keep the rehearsed challenge with its entries and a poster, whole, unless it is kept already."""
    settings = load_settings("campaigns")["challenge"]
    now, start = get_now(), read_start(year, str(settings["start"]))
    plan = Plan(str(settings["id"]), TEXTS, ["douyin", "weibo"], start, now + OPEN, {Goal.PARTICIPANTS: 500.0})
    draft = _draft_challenge(settings, start, now)
    campaign = release(plan, lambda kept: save_challenge(WRITER, kept.pk, draft, now), now)
    if campaign is None:
        return
    design = save_design(WRITER, campaign.pk, _draft_design(), b"", now)
    switch_on(SECOND, campaign.pk, design.revision, now)
    collect_posts(now)
    challenge = Challenge.objects.get(campaign=campaign)
    found = Entry.objects.filter(challenge=challenge).order_by("submitted_at", "pk").values_list("pk", flat=True)
    decide_entries(SECOND, challenge, list(found)[:-UNDECIDED], Decision(is_shown=True), now)
    told = f"{len(found):,}"
    click.echo(say(f"  话题挑战一场，{told} 份作品（模拟）", f"  one challenge, {told} entries (simulated)"))


def _draft_challenge(settings: dict[str, Any], start: datetime, now: datetime) -> ChallengeDraft:
    return ChallengeDraft(
        hashtags=[str(tag).strip("#") for tag in settings["hashtag"].values()],
        rules_zh="拍一张夜景，写一句话，带上话题发出来。每人每天三份。",
        rules_en="Take one picture at night, write a line, post it with the hashtag. Three a day for each.",
        prizes_zh="模拟挑战，没有奖品。",
        prizes_en="A simulated challenge without prizes.",
        market="cn",
        zone=ZONE,
        opens_at=start,
        closes_at=now + OPEN,
        ways=[Way.UPLOAD, Way.POST],
        rule=ScoreRule(votes=1, likes=1, reposts=2, comments=1, jury=10),
    )


def _draft_design() -> DesignDraft:
    texts = {
        "headline_zh": "今晚的城市，等你来拍",
        "headline_en": "Show your city tonight",
        "subline_zh": "夜景随手拍挑战（模拟）",
        "subline_en": "Night shot challenge (simulated)",
    }
    return DesignDraft(layout="window", accent=Accent.BLUE, side=Side.RIGHT, align=Align.LEFT, texts=texts)
