"""Fills a console with a founder's session and a campaign that gives: ``live_site.py LAKE``, a program of its own."""

from __future__ import annotations

import io
import math
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

SLUG = "launch-night"
MINUTES = 60
OPENS_AT = 22
GAP = (31, 36)


def fill(path: Path) -> None:
    """Make the campaign, its session two days ago, its lake, its gifts and one story with a picture."""
    from canyu.kit.clock import get_now

    start = get_now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=2)
    _tell_lake(path, start)
    mei, lin = _make_people()
    pledge = _make_campaign(mei, lin, start)
    _run_session(mei, pledge.campaign, start)
    _tell_story(mei, lin, pledge)


def _tell_lake(path: Path, start: datetime) -> None:
    import canyu
    from canyu.events import Event, build_event_table
    from canyu.kit.jsonio import dump_json

    events: list[Event] = []
    for minute in range(MINUTES):
        at = start + timedelta(minutes=minute)
        if not GAP[0] <= minute < GAP[1]:
            for channel, size in (("douyin", 9_000), ("weibo", 4_000)):
                value = round(size * (0.4 + math.sin(math.pi * (minute + 4) / (MINUTES + 10))))
                props = dump_json({"metric": "viewers", "simulated": True})
                named: dict[str, Any] = {"object": "livestream/launch-night", "value": value, "channel": channel}
                events.append(Event(f"v-{channel}-{minute}", "observe", at, at, "feed", props=props, **named))
    money: dict[str, Any] = {"object": "xiaomi/su7-ultra", "value": 52_990_000, "currency": "CNY"}
    for number in range(420):
        at = start + timedelta(minutes=OPENS_AT, seconds=round(1.4 * number))
        events.append(Event(f"o{number}", "order", at, at, "shop", actor=f"b{number}", campaign=SLUG, **money))
    for week in range(1, 5):
        for number in range(30 + 2 * week):
            at = start - timedelta(weeks=week) + timedelta(minutes=2 * number)
            events.append(Event(f"w{week}-{number}", "order", at, at, "shop", actor=f"w{number}", **money))
    back = start + timedelta(hours=20)
    events += [Event(f"r{n}", "refund", back, back, "shop", parent=f"o{n}", **money) for n in range(9)]
    canyu.open(path, create=True).append(build_event_table(events))


def _make_people() -> tuple[Any, Any]:
    from canyu.ops.people.models import Person

    return tuple(Person.objects.create(username=name, is_superuser=True) for name in ("mei", "lin"))  # type: ignore[return-value]


def _make_campaign(mei: Any, lin: Any, start: datetime) -> Any:
    from campaign_fixtures import draft
    from canyu.ops.campaigns import actions
    from canyu.ops.campaigns.charity.actions import save_pledge
    from charity_fixtures import pledge_draft

    planned, end = start - timedelta(days=1), start + timedelta(days=60)
    texts = {"title_zh": "上市之夜", "title_en": "Launch night", "copy_zh": "一起看上市。", "copy_en": "Watch with us."}
    told = draft(slug=SLUG, name="上市之夜", starts_at=planned, ends_at=end, texts={**draft().texts, **texts})
    campaign = actions.create_campaign(mei, told, planned)
    pledge = save_pledge(mei, campaign.pk, pledge_draft(starts_at=planned, ends_at=end, cap_minor=50_000), planned)
    actions.send_to_review(mei, campaign.pk, planned)
    actions.release(lin, campaign.pk, planned)
    pledge.refresh_from_db()
    return pledge


def _run_session(mei: Any, campaign: Any, start: datetime) -> None:
    from canyu.kit.clock import get_now
    from canyu.ops.campaigns.lives import actions
    from canyu.ops.campaigns.lives.actions import ClipDraft, MarkDraft
    from canyu.ops.campaigns.lives.intake.reading import MinuteLine, PlayLine
    from canyu.ops.campaigns.lives.rules import MarkKind, Metric, Source
    from live_fixtures import session_draft

    now, end = get_now(), start + timedelta(minutes=MINUTES)
    planned = {"planned_start": start, "planned_end": end, "products": ("xiaomi/su7-ultra",), "baseline_days": 56}
    told = session_draft(**planned, platforms=("douyin", "weibo"), lake_object="livestream/launch-night")
    session = actions.plan_session(mei, campaign, told, start)
    session = actions.start_session(mei, session, start, now)
    marks = ((MarkKind.PRICE, 20, "售价公布"), (MarkKind.OPEN, OPENS_AT, ""), (MarkKind.OTHER, 50, "Questions <b>"))
    for kind, minute, label in marks:
        actions.set_mark(mei, session, MarkDraft(kind, start + timedelta(minutes=minute), label), now)
    session = actions.end_session(mei, session, end, now)
    line = MinuteLine(start, "douyin", Metric.TOTAL, 181_000)
    actions.keep_minutes(mei, session, [line], Source.HAND, now)
    actions.add_clip(mei, session, ClipDraft("价格公布 90 秒", "douyin", "https://v.example.com/1", False, end), now)
    plays = [PlayLine(end + timedelta(hours=hours), "douyin", "价格公布 90 秒", 4_000 * hours) for hours in (2, 8)]
    actions.keep_plays(mei, session, plays, Source.CSV, now)
    actions.plan_session(mei, campaign, session_draft(planned_start=now, planned_end=now + timedelta(hours=1)), now)


def _tell_story(mei: Any, lin: Any, pledge: Any) -> None:
    from PIL import Image, ImageDraw

    from canyu.kit.clock import get_now
    from canyu.ops.campaigns.charity import actions
    from canyu.ops.campaigns.charity.following import follow_gifts
    from canyu.ops.campaigns.charity.pictures.actions import add_picture
    from canyu.ops.campaigns.charity.queries import mark_story
    from canyu.ops.campaigns.charity.rules import PayoutDraft, PictureDraft, StoryDraft

    now = get_now()
    follow_gifts(now)
    paid = actions.pay_out(lin, pledge, PayoutDraft(30_000, date(2026, 12, 1), "转账凭证.pdf", b"%PDF receipt"), now)
    told = StoryDraft(
        "四十张新书桌", "Forty new desks", "四十个孩子\n有了新书桌。", "Forty children have new desks.", (paid.pk,)
    )
    story = actions.write_story(mei, pledge, None, told, now)
    image = Image.new("RGB", (1_200, 800), (214, 226, 214))
    ImageDraw.Draw(image).rectangle((200, 420, 1_000, 700), fill=(120, 84, 52))
    kept = io.BytesIO()
    image.save(kept, "PNG")
    add_picture(mei, story, PictureDraft(kept.getvalue(), "一张书桌", "A desk"), now)
    actions.show_story(lin, story, mark_story(story), now)


if __name__ == "__main__":
    from canyu.commands.alerts import prepare_database
    from canyu.commands.serve import configure

    configure(sys.argv[1], "127.0.0.1")
    prepare_database()
    fill(Path(sys.argv[1]))
