"""The only place that makes entries of posts in the lake, and counts what people did with them there.

Each look reads the files that the lake got since the last one. A post is one entry however often it is read. Likes,
reposts and comments are counted anew for the posts that got some, by the ids of their events, so that nothing that a
compaction moves is counted twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import ibis
import ibis.expr.types as ir
from django.db import transaction

from canyu.events import Lake, Verb
from canyu.kit.jsonio import parse_json
from canyu.ops.campaigns.challenges import queries
from canyu.ops.campaigns.challenges.actions import find_place
from canyu.ops.campaigns.challenges.models import Challenge, Entry
from canyu.ops.campaigns.challenges.rules import EntryState, Part, Way, clean_text, find_day, has_tag, to_us
from canyu.ops.campaigns.challenges.scoring.actions import lock_challenge, save_counts
from canyu.ops.campaigns.reading.actions import keep_place
from canyu.ops.campaigns.reading.queries import Stretch, find_stretch
from canyu.ops.campaigns.referral.events import SOURCE
from canyu.ops.lakes import find_lake

READER = "challenge"
REACTIONS = {Part.LIKES: Verb.LIKE, Part.REPOSTS: Verb.REPOST, Part.COMMENTS: Verb.COMMENT}
AT_ONCE = 400
MOST_LETTERS = 2000
MOST_STATED = 10**12
"""Reactions to one post: more are no count, and times a weight they would not fit into a row."""
logger = logging.getLogger("canyu.challenges")


@dataclass(frozen=True, slots=True)
class Collected:
    """What one look brought: posts made entries, posts beyond their author's limit of a day, entries counted anew."""

    entries: int
    beyond: int
    counted: int


def collect_posts(now: datetime) -> Collected:
    """Bring every challenge that takes posts up to the lake's version; without a lake nothing. Safe to repeat."""
    lake = find_lake()
    entries = beyond = counted = 0
    if lake is None:
        return Collected(entries, beyond, counted)
    for challenge in queries.list_collecting(now):
        stretch = find_stretch(lake, challenge.campaign, READER)
        if stretch is not None:
            found = _collect(lake, challenge, stretch, now)
            entries, beyond, counted = entries + found.entries, beyond + found.beyond, counted + found.counted
            keep_place(stretch, now)
    return Collected(entries, beyond, counted)


def _collect(lake: Lake, challenge: Challenge, stretch: Stretch, now: datetime) -> Collected:
    fresh = lake.scan_news(stretch.since, stretch.until)
    fresh = fresh.filter(fresh.day >= ibis.literal(challenge.opens_at.astimezone(UTC).date()))
    made: set[int] = set()
    beyond = 0
    for rows in _read_posts(lake, challenge, fresh):
        with transaction.atomic():
            locked = lock_challenge(challenge.pk)
            for row in rows:
                entry = _make_entry(locked, row, now)
                if entry is None:
                    beyond += 1
                else:
                    made.add(entry.pk)
    touched = set(made)
    for part in _read_touched(lake, fresh):
        touched |= set(Entry.objects.filter(challenge=challenge, post__in=part).values_list("pk", flat=True))
    wanted = sorted(touched)
    for start in range(0, len(wanted), AT_ONCE):
        posts = Entry.objects.filter(pk__in=wanted[start : start + AT_ONCE]).values_list("post", flat=True)
        _count(lake, challenge, sorted(posts))
    if made or beyond:
        logger.info(
            "challenge %s: %s posts became entries, %s were beyond a day's limit", challenge.pk, len(made), beyond
        )
    return Collected(len(made), beyond, len(touched))


def _read_posts(lake: Lake, challenge: Challenge, fresh: ir.Table) -> Iterator[list[dict[str, Any]]]:
    """Yield the new posts with one of the hashtags, made between opening and closing, that are no entries yet.

    Oldest first and few at a time: a first look at years of posts, or a tag that everybody uses, fits into memory.
    """
    begins, ends = (ibis.literal(moment.astimezone(UTC)) for moment in (challenge.opens_at, challenge.closes_at))
    lower = fresh.text.lower()
    carries = ibis.or_(*(lower.contains(tag.lower()) for tag in challenge.hashtags))
    posts = fresh.filter(
        fresh.type == str(Verb.POST), fresh.source != SOURCE, fresh.time >= begins, fresh.time < ends, carries
    )
    posts = posts.filter(posts.actor.notnull()).select("id", "time", "day", "actor", "channel", "text")
    for day in _list_days(lake, posts):
        of_day, last = posts.filter(posts.day == ibis.literal(day)), None
        while True:
            rows = _read_after(lake, of_day, last)
            found = {row["id"]: row for row in rows if row["actor"] and has_tag(row["text"], challenge.hashtags)}
            known = Entry.objects.filter(challenge=challenge, key__in=list(found)).values_list("key", flat=True)
            for post in known:
                del found[post]
            if found:
                yield list(found.values())
            if len(rows) < AT_ONCE:
                break
            last = rows[-1]


def _read_after(lake: Lake, posts: ir.Table, last: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return the next posts of a day after one, by time and then id."""
    if last is not None:
        time, same = ibis.literal(last["time"]), ibis.literal(last["id"])
        posts = posts.filter((posts.time > time) | ((posts.time == time) & (posts.id > same)))
    found: list[dict[str, Any]] = lake.engine.run(posts.order_by("time", "id").limit(AT_ONCE)).to_pylist()
    return found


def _list_days(lake: Lake, events: ir.Table) -> list[date]:
    days: list[date] = lake.engine.run(events.select("day").distinct().order_by("day"))["day"].to_pylist()
    return days


def _make_entry(challenge: Challenge, row: Mapping[str, Any], now: datetime) -> Entry | None:
    """Keep a post as an entry that waits for a decision, since nobody asked its author; None beyond a day's limit."""
    at = row["time"].astimezone(UTC)
    entrant = find_place(challenge, row["actor"], "", now)
    day = find_day(at, challenge.zone)
    if queries.count_entries_of_day(entrant, day) >= challenge.most_entries_a_day:
        return None
    entry, _is_new = Entry.objects.get_or_create(
        challenge=challenge,
        key=row["id"],
        defaults={
            "entrant": entrant,
            "way": Way.POST,
            "text": clean_text(row["text"], MOST_LETTERS),
            "post": row["id"],
            "channel": row["channel"] or "",
            "state": EntryState.PENDING,
            "day": day,
            "submitted_at": at,
            "reached_us": to_us(at),
        },
    )
    return entry


def _read_touched(lake: Lake, fresh: ir.Table) -> Iterator[list[str]]:
    """Yield what was reacted to, day by day; most of it is no entry."""
    kinds = [str(verb) for verb in REACTIONS.values()]
    reactions = fresh.filter(fresh.type.isin(kinds), fresh.parent.notnull()).select("day", "parent")
    for day in _list_days(lake, reactions):
        parents = reactions.filter(reactions.day == ibis.literal(day)).select("parent").distinct()
        found = lake.engine.run(parents)["parent"]
        for start in range(0, len(found), AT_ONCE):
            yield found.slice(start, AT_ONCE).to_pylist()


def _count(lake: Lake, challenge: Challenge, posts: list[str]) -> None:
    """Count what people did with these posts until the closing; a count was reached at the newest of it.

    Where the source states a larger number with the post than the lake has events, that number counts.
    """
    events = lake.scan("events")
    events = events.filter(events.day >= ibis.literal(challenge.opens_at.astimezone(UTC).date()))
    kinds = [str(verb) for verb in REACTIONS.values()]
    ends = ibis.literal(challenge.closes_at.astimezone(UTC))
    mine = events.filter(events.type.isin(kinds), events.parent.isin(posts), events.time < ends)
    rows = lake.engine.run(
        mine.group_by("parent", "type").aggregate(total=mine.id.nunique(), last=mine.time.max())
    ).to_pylist()
    stated = lake.engine.run(events.filter(events.id.isin(posts)).select("id", "props")).to_pylist()
    claims = {row["id"]: _read_claims(row["props"]) for row in stated}
    with transaction.atomic():
        locked = lock_challenge(challenge.pk)
        entries = list(Entry.objects.filter(challenge=locked, post__in=posts))
        reached = {entry.pk: entry.submitted_at for entry in entries}
        for entry in entries:
            seen = {row["type"]: row for row in rows if row["parent"] == entry.post}
            for part, verb in REACTIONS.items():
                row = seen.get(str(verb))
                setattr(entry, part, max(row["total"] if row else 0, claims.get(entry.post, {}).get(part, 0)))
                if row:
                    reached[entry.pk] = max(reached[entry.pk], row["last"].astimezone(UTC))
        save_counts(locked, entries, reached)


def _read_claims(props: str | None) -> dict[Part, int]:
    """Return the numbers that a source stated with a post; what is no number, or one beyond belief, is left out."""
    try:
        told = parse_json(props) if props else {}
    except ValueError:
        return {}
    stated = {part: told.get(part) for part in REACTIONS} if isinstance(told, dict) else {}
    return {part: value for part, value in stated.items() if type(value) is int and 0 < value <= MOST_STATED}
