"""A founder's session of a released campaign on two platforms, and a lake that viewers and orders come to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from campaign_fixtures import NOW, SLUG, release
from canyu.events import Event, Lake, build_event_table
from canyu.ops.campaigns.lives import actions
from canyu.ops.campaigns.lives.actions import MarkDraft
from canyu.ops.campaigns.lives.models import Session
from canyu.ops.campaigns.lives.rules import MINUTE, Host, MarkKind, Scope, SessionDraft
from canyu.ops.people.models import Person

START = NOW + timedelta(hours=8)  # 20:00 in Shanghai
OPENS = START + timedelta(minutes=2)
END = START + timedelta(minutes=4)
LATER = START + timedelta(days=2)
PRODUCT = "brand/t7"


def session_draft(**changes: Any) -> SessionDraft:
    values: dict[str, Any] = {
        "title_zh": "创始人聊 T7",
        "title_en": "The founder on the T7",
        "host": Host.FOUNDER,
        "host_name": "Chen Lu",
        "kol": None,
        "platforms": ("douyin",),
        "zone": "Asia/Shanghai",
        "planned_start": START,
        "planned_end": END,
        "window_minutes": 10,
        "tail_minutes": 30,
        "scope": Scope.CAMPAIGN,
        "baseline_days": 28,
        "products": (PRODUCT,),
        "lake_object": "livestream/launch",
    }
    return SessionDraft(**{**values, **changes})


def plan(staff: tuple[Person, Person], **changes: Any) -> Session:
    return actions.plan_session(staff[0], release(*staff), session_draft(**changes), NOW)


def run(staff: tuple[Person, Person], **changes: Any) -> Session:
    """A session that ran as planned, orders opened two minutes in."""
    session = plan(staff, **changes)
    session = actions.start_session(staff[0], session, START, LATER)
    actions.set_mark(staff[0], session, MarkDraft(MarkKind.OPEN, OPENS), LATER)
    return actions.end_session(staff[0], session, END, LATER)


def watch(minute: int, value: int, channel: str = "douyin", **props: Any) -> Event:
    from canyu.kit.jsonio import dump_json

    at = START + minute * MINUTE + timedelta(seconds=20)
    told = dump_json({"metric": "viewers", **props})
    name = f"w-{channel}-{minute}-{value}-{len(told)}"
    return Event(name, "observe", at, at, "feed", channel=channel, object="livestream/launch", value=value, props=told)


def sell(name: str, at: datetime, **more: Any) -> Event:
    fields = {"actor": f"buyer-{name}", "object": PRODUCT, "value": 10_000, "currency": "CNY", "campaign": SLUG}
    return Event(name, "order", at, at, "shop", **{**fields, **more})


def give_back(name: str, order: str) -> Event:
    at = LATER - timedelta(hours=1)
    return Event(name, "refund", at, at, "shop", object=PRODUCT, parent=order, value=10_000, currency="CNY")


def tell(lake: Lake, *events: Event) -> None:
    lake.append(build_event_table(list(events)))
