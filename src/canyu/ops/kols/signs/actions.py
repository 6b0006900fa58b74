"""The only place that changes what was measured of the roster: performance, signs of authenticity, actual reach."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from canyu.events import Lake
from canyu.ops.insight.posts import Reading
from canyu.ops.kols.bookings.actions import measure_booking
from canyu.ops.kols.bookings.queries import list_due
from canyu.ops.kols.candidates import get_today
from canyu.ops.kols.models import Account, FollowerCount, Signal
from canyu.ops.kols.signs import evidence as rows
from canyu.ops.kols.signs.evidence import Kept, keep_nothing, keep_signal
from canyu.ops.kols.signs.spread import (
    DAYS,
    Performance,
    count_posts,
    measure_performance,
    read_followers,
    read_spread,
)
from canyu.ops.lakes import find_facts, find_lake
from canyu.ops.outbox.rules import CONSOLE
from canyu.spread.influence.authenticity import (
    SignalKind,
    measure_copy_share,
    measure_engagement,
    measure_follower_jumps,
)

AT_ONCE = 500
OBSERVED = "lake"
logger = logging.getLogger("canyu.kols")
Counts = Sequence[tuple[date, int]]


@dataclass(frozen=True, slots=True)
class Checked:
    """What one check did: accounts looked at, signs measured, signs outside their band, bookings counted."""

    accounts: int
    measured: int
    outside: int
    bookings: int


@dataclass(frozen=True, slots=True)
class _Tables:
    """What all accounts are measured on, read once."""

    performance: dict[str, Performance]
    engagement: pa.Table
    copies: pa.Table | None
    peers: pa.Array | None
    versions: dict[str, Any]


def check_accounts(now: datetime) -> Checked:
    """Measure every account of the roster on the 90 days up to the newest data, and the reach of booked posts.

    Follower counts that the lake has observed join the history first; a day that has a count keeps it. Safe to repeat:
    the newest sign of each kind is kept. Without a lake only jumps in followers are measured.
    """
    accounts = list(Account.objects.order_by("pk"))
    _keep_observed(accounts)
    history: dict[int, list[tuple[date, int]]] = {}
    for key, day, followers in FollowerCount.objects.order_by("day").values_list("account", "day", "followers"):
        history.setdefault(key, []).append((day, followers))
    tables = _read_tables(accounts, history, now)
    signs: list[Signal] = []
    for account in accounts:
        kept = _measure(account, history.get(account.pk, []), tables)
        signs += [Signal(account=account, computed_at=now, versions=tables.versions, **asdict(sign)) for sign in kept]
        _note_performance(account, tables)
    Account.objects.bulk_update(accounts, ["performance", "posts_90d", "median_reposts"], batch_size=AT_ONCE)
    names = ["value", "low", "high", "is_outside", "missing", "evidence", "computed_at", "versions"]
    Signal.objects.bulk_create(
        signs, batch_size=AT_ONCE, update_conflicts=True, unique_fields=["account", "name"], update_fields=names
    )
    counted = sum(measure_booking(booking, now) is not None for booking in list_due())
    outside = sum(sign.is_outside for sign in signs)
    logger.info("%s accounts of the roster were measured, %s signs are outside", len(accounts), outside)
    return Checked(len(accounts), sum(sign.value is not None for sign in signs), outside, counted)


def _keep_observed(accounts: Sequence[Account]) -> None:
    keys = {account.actor: account.pk for account in accounts if account.actor}
    lake = find_lake()
    if lake is None or lake.version() is None or not keys:
        return
    counts = [
        FollowerCount(account_id=keys[actor], day=get_today(time), followers=followers, source=OBSERVED)
        for actor, time, followers in read_followers(lake, keys)
    ]
    FollowerCount.objects.bulk_create(counts, batch_size=AT_ONCE, ignore_conflicts=True)


def _read_tables(accounts: Sequence[Account], history: dict[int, list[tuple[date, int]]], now: datetime) -> _Tables:
    lake, facts = find_lake(), find_facts()
    actors = {account.actor for account in accounts if account.actor}
    if lake is None or facts is None or not actors:
        return _Tables({}, rows.build_engagement(_no_posts(), {}), None, None, {})
    newest = min(now, _find_newest(lake, now))
    spread = read_spread(lake, actors, newest - timedelta(days=DAYS))
    posts = count_posts(spread)
    followers: dict[str, Counts] = {
        account.actor: history.get(account.pk) or ([(now.date(), account.followers)] if account.followers else [])
        for account in accounts
        if account.actor
    }
    reading = Reading(lake)
    copies = rows.read_copies(reading, posts)
    versions: dict[str, Any] = {
        "events": spread.version,
        "since": spread.since.isoformat(),
        "until": newest.isoformat(),
    }
    if copies is not None:
        versions |= {"scores": reading.versions["scores"], "model": reading.find_model()}
    return _Tables(
        measure_performance(spread),
        rows.build_engagement(posts, followers),
        copies,
        None if copies is None else rows.choose_peers(copies),
        versions,
    )


def _measure(account: Account, counts: Counts, tables: _Tables) -> list[Kept]:
    jumps = keep_signal(measure_follower_jumps(rows.build_history(counts)), rows.FEW_COUNTS)
    others = (SignalKind.ENGAGEMENT, SignalKind.COPY_SHARE)
    if not account.actor:
        return [jumps, *(keep_nothing(kind, rows.NO_ACTOR) for kind in others)]
    if counts or account.followers:
        engagement = keep_signal(measure_engagement(tables.engagement, account.actor), rows.FEW_POSTS)
    else:
        engagement = keep_nothing(SignalKind.ENGAGEMENT, rows.NO_FOLLOWERS)
    performance = tables.performance.get(account.actor)
    if performance is None or not performance.posts:
        return [jumps, engagement, keep_nothing(SignalKind.COPY_SHARE, rows.FEW_POSTS)]
    if tables.copies is None or tables.peers is None:
        return [jumps, engagement, keep_nothing(SignalKind.COPY_SHARE, rows.NOT_LISTENED)]
    table = rows.cut_copies(tables.copies, account.actor, tables.peers)
    return [jumps, engagement, keep_signal(measure_copy_share(table, account.actor), rows.FEW_POSTS)]


def _note_performance(account: Account, tables: _Tables) -> None:
    found = tables.performance.get(account.actor) if account.actor else None
    account.performance = {**asdict(found), "versions": tables.versions} if found else {"versions": tables.versions}
    has_lake = bool(tables.versions) and bool(account.actor)
    account.posts_90d = found.posts if found else 0 if has_lake else None
    account.median_reposts = found.median_reposts if found else None


def _find_newest(lake: Lake, now: datetime) -> datetime:
    events = lake.scan("events")
    events = events.filter(events.source != CONSOLE)  # what we did ourselves is no newer data
    newest: datetime | None = lake.engine.run(events.aggregate(last=events.time.max()))["last"][0].as_py()
    return newest or now


def _no_posts() -> pa.Table:
    names = ("id", "actor", "time", "reposts", "likes", "comments")
    kinds = (pa.string(), pa.string(), pa.timestamp("us", "UTC"), pa.int64(), pa.int64(), pa.int64())
    return pa.schema(list(zip(names, kinds, strict=True))).empty_table()
