"""Reads the posts on the claim of a run and on everything else by the hour, and judges them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil

import ibis
import ibis.expr.types as ir
import numpy as np
from numpy.typing import NDArray

from canyu.care.crisis import Run as RunState
from canyu.care.crisis.turning import (
    BEFORE_H,
    LEAST_HOURS,
    CloseReport,
    HourlyOpinions,
    TurnReport,
    TurnRule,
    judge_closing,
    judge_turn,
)
from canyu.kit.words import Words
from canyu.measure.facts import identify_lake
from canyu.measure.kept import Kept
from canyu.ops.crisis.models import Run
from canyu.ops.insight.posts import Reading
from canyu.ops.lakes import find_lake

HOUR_S = 3600
BAND = timedelta(days=28)
BEFORE = timedelta(hours=72)
MOST_HOURS = 24 * 90
NO_TOPIC = Words(
    "这次危机没有写明话题词，找不到有关的帖子。", "The run names no words of its topic, by which posts are found."
)
NO_LAKE = Words("还没有数据。", "There is no data yet.")
NO_STATEMENT = Words(
    "还没有发布声明：发布之后才能比较前后。", "No statement is released yet: before and after begin with the first one."
)
_COUNTED = Kept(32)


@dataclass(frozen=True, slots=True)
class OpinionView:
    """What is known of opinion in a run; ``missing`` says why there is no answer, and the others are None then.

    ``turn`` is None before the first statement. ``version``: that of the lake's table of scores.
    """

    missing: Words | None
    opinions: HourlyOpinions | None
    turn: TurnReport | None
    closing: CloseReport | None
    statement_at: datetime | None
    until: datetime
    version: int | None


def read_opinion(row: Run, state: RunState, now: datetime) -> OpinionView:
    """Return whether opinion turned since the first statement of a run, by whole hours until now or its end.

    Posts on the topic hold all of its words, as in the live picture; the controls are all other posts that were
    listened to and do not speak of the product, which the crisis would touch as well.
    """
    stated = state.first_released_at
    until = min(now, row.closed_at) if row.closed_at is not None else now
    lake, words = find_lake(), [word.lower() for word in row.topic.split()]
    if not words or lake is None or lake.version() is None:
        return OpinionView(NO_LAKE if words else NO_TOPIC, None, None, None, stated, until, None)
    from_hour = stated or row.started_at
    begin = min(row.started_at - BAND, from_hour - BEFORE)
    reading = Reading(lake)
    opinions = _count(reading, row, (begin, from_hour, until))
    closing = judge_closing(opinions, max(0, opinions.at - ceil((from_hour - row.started_at) / timedelta(hours=1))))
    turn = judge_turn(opinions, _make_rule(from_hour - row.started_at)) if stated is not None else None
    missing = None if stated is not None else NO_STATEMENT
    return OpinionView(missing, opinions, turn, closing, stated, until, reading.versions.get("scores"))


def _make_rule(burnt: timedelta) -> TurnRule:
    # before is the crisis before the statement; ordinary times would make it look milder, and scatter more
    return TurnRule(before_h=min(BEFORE_H, max(LEAST_HOURS, burnt // timedelta(hours=1))))


def _count(reading: Reading, run: Run, moments: tuple[datetime, datetime, datetime]) -> HourlyOpinions:
    begin, middle, until = moments
    before = min(MOST_HOURS, int((middle - begin) // timedelta(hours=1)))
    after = max(0, int((until - middle) // timedelta(hours=1)))
    key = (identify_lake(reading.lake), tuple(sorted(reading.versions.items())), run.topic, run.product, middle, after)
    known: HourlyOpinions | None = _COUNTED.find((*key, before))
    if known is not None:
        return known
    counts = _read_counts(reading, run, (middle, before, after))
    found = HourlyOpinions(middle, before, counts[0], counts[1], counts[2], counts[3], ())
    _COUNTED.keep((*key, before), found)
    return found


def _read_counts(reading: Reading, run: Run, hours: tuple[datetime, int, int]) -> NDArray[np.int64]:
    """Return posts and negative ones of the topic, then of the controls, int64, (4, hours)."""
    middle, before, after = hours
    start, end = middle - timedelta(hours=before), middle + timedelta(hours=after)
    scores = _keep(reading.scan_model("scores"), start, end)
    events = _keep(reading.scan("events"), start, end)
    words = [word.lower() for word in run.topic.split()]
    text = events.text.lower()
    speaks = text.contains(words[0])
    for word in words[1:]:
        speaks = speaks & text.contains(word)
    topical = events.filter(events.text.notnull(), speaks).select(on_id="id", is_topic=ibis.literal(True))
    rows = scores.left_join(topical, scores.event_id == topical.on_id)
    is_topic = rows.is_topic.fill_null(False)
    if run.product:
        rows = rows.filter(is_topic | ~rows.links.contains(run.product).fill_null(False))
    origin = int(start.timestamp())
    counted = rows.group_by(
        hour=(rows.time.epoch_seconds() - origin) // HOUR_S, is_topic=rows.is_topic.fill_null(False)
    ).aggregate(posts=rows.count(), negative=(rows.sentiment == "negative").sum())
    found = np.zeros((4, before + after), np.int64)
    for row in reading.lake.engine.run(counted).to_pylist():
        hour = int(row["hour"])
        if 0 <= hour < before + after:
            place = 0 if row["is_topic"] else 2
            found[place, hour] += row["posts"]
            found[place + 1, hour] += row["negative"] or 0
    return found


def _keep(rows: ir.Table, start: datetime, end: datetime) -> ir.Table:
    # the day is the partition: other days' files are not opened
    days = (start.astimezone(UTC).date(), end.astimezone(UTC).date())
    rows = rows.filter(rows.day >= days[0], rows.day <= days[1])
    return rows.filter(rows.time >= ibis.literal(start), rows.time < ibis.literal(end))
