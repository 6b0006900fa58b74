"""The live picture of a run: what the lake says of the claim hour by hour, and how far its posts will go.

Where there is nothing to say, it says so, and why: a crisis is no time for a curve that was made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from canyu.events import Verb
from canyu.kit.shares import compute_share_interval
from canyu.kit.words import Words
from canyu.measure.facts import identify_lake
from canyu.measure.kept import Kept
from canyu.ops.care.models import CaseMention
from canyu.ops.crisis.models import Run
from canyu.ops.insight.posts import Reading
from canyu.ops.insight.queries import get_own_actors
from canyu.ops.lakes import find_lake
from canyu.ops.people.models import Person
from canyu.ops.travel.forecasts import Forecast, find_last, find_reactions, foresee
from canyu.ops.travel.rules import LEAST_AGE_H, MOST_AGE_H, USUAL_PASSES
from canyu.spread.prediction.horizon import LEAST_SEEN

BEFORE = timedelta(hours=24)
"""Shown before the start of a run, so that a rise can be seen as one."""
MOST_HOURS = 96
MOST_POSTS = 200
MOST_FORESEEN = 5
HOUR_US = 3_600_000_000
SPOKEN = (str(Verb.POST), str(Verb.REPOST), str(Verb.COMMENT))
SENTIMENTS = ("negative", "neutral", "positive")
CAVEAT = Words(
    "只数收集到的帖子，不含品牌自己的账号；情绪由模型判断，未判断的不计入占比。",
    "Posts that were collected, without the brand's own accounts; a model judges the sentiment, and what it did not"
    " judge counts for no share.",
)


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour: posts, and how many were judged negative, neutral and positive."""

    at: datetime
    posts: int
    negative: int
    neutral: int
    positive: int
    length: float
    """Of its bar, the fullest hour being 100."""

    @property
    def judged(self) -> int:
        """Posts with a sentiment."""
        return self.negative + self.neutral + self.positive

    @property
    def share(self) -> float | None:
        """Negative ones among those judged, in per cent; None where none was."""
        return 100 * self.negative / self.judged if self.judged else None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A post of the claim: what was seen of it, and what is foreseen; ``forecast`` is None where nothing can be."""

    post: str
    seen: int
    forecast: Forecast | None
    reason: Words | None


@dataclass(frozen=True, slots=True)
class Live:
    """What is seen of a claim. ``basis``: which posts are counted; ``why_not``: why there is no picture."""

    basis: Words
    why_not: Words | None
    hours: tuple[Hour, ...] = ()
    begin: datetime | None = None
    end: datetime | None = None
    version: int | None = None
    foreseen: tuple[Foreseen, ...] = ()
    unforeseen: Words | None = None
    caveat: Words = CAVEAT

    @property
    def posts(self) -> int:
        """Posts in all."""
        return sum(hour.posts for hour in self.hours)

    @property
    def negative(self) -> int:
        """Posts judged negative."""
        return sum(hour.negative for hour in self.hours)

    @property
    def judged(self) -> int:
        """Posts with a sentiment."""
        return sum(hour.judged for hour in self.hours)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the negative share, in per cent (Wilson)."""
        low, high = compute_share_interval(self.negative, self.judged)
        return 100 * low, 100 * high


@dataclass(frozen=True, slots=True)
class Claim:
    """Which posts speak of a claim: those of the case with their copies, else by words, else by the product."""

    posts: tuple[str, ...]
    words: tuple[str, ...]
    product: str

    @property
    def basis(self) -> Words:
        """Which posts are counted, in words."""
        many = len(self.posts)
        if self.words:
            told = " + ".join(self.words)
            rest = (f"，以及工单里的 {many} 条帖子和它们的转抄", f", and the case's {many} posts with their copies")
            zh, en = rest if many else ("", "")
            return Words(f"含有“{told}”的帖子{zh}", f"posts that hold “{told}”{en}")
        if many:
            return Words(f"工单里的 {many} 条帖子和它们的转抄", f"the case's {many} posts and their copies")
        return Words(f"提到 {self.product} 的全部帖子", f"every post that names {self.product}")


def find_claim(run: Run) -> Claim:
    """Return which posts speak of what a run is about."""
    keys = CaseMention.objects.filter(case=run.case_id, is_post=True).order_by("pk").values_list("key", flat=True)
    return Claim(tuple(keys[:MOST_POSTS]), tuple(run.topic.lower().split()), run.product)


def look_at_run(viewer: Person, run: Run, now: datetime) -> Live:  # noqa: ARG001 - reads take the viewer first
    """Return the live picture of a run; kept per version of the lake, so that many viewers cost one look."""
    claim, lake = find_claim(run), find_lake()
    nothing = Words("", "")
    if lake is None or lake.version() is None:
        return Live(nothing, Words("数据湖是空的。", "The lake is empty."))
    if not (claim.posts or claim.words or claim.product):
        return Live(
            nothing,
            Words(
                "工单没有帖子和产品，也没有填关键词，不知道该数哪些帖子。请在下面填关键词。",
                "The case has no post and no product, and no words were given: nothing tells which posts to count."
                " Give words below.",
            ),
        )
    last = find_last(lake)
    end = min(run.closed_at or now, now)
    begin = max(run.started_at - BEFORE, end - timedelta(hours=MOST_HOURS)).replace(minute=0, second=0, microsecond=0)
    if last is None or last < begin:
        told = "—" if last is None else f"{last:%Y-%m-%d %H:%M} UTC"
        return Live(
            claim.basis,
            Words(
                f"数据湖里最新的帖子是 {told}，早于这次危机，所以没有曲线。",
                f"The newest post of the lake is of {told}, before this crisis: there is no curve to show.",
            ),
        )
    minute = end.replace(second=0, microsecond=0)
    key = (identify_lake(lake), lake.version("events"), lake.version("scores"), claim, begin, minute)
    found: Live | None = _LOOKS.find(key)
    if found is None:
        hours = _count_hours(Reading(lake, get_own_actors()), claim, begin, min(end, last + timedelta(seconds=1)))
        foreseen, why = _foresee(lake, claim, min(end, last))
        empty = (
            None if any(hour.posts for hour in hours) else Words("这段时间没有这样的帖子。", "No such post came then.")
        )
        found = Live(claim.basis, empty, hours, begin, min(end, last), lake.version(), foreseen, why)
        _LOOKS.keep(key, found)
    return found


def match_claim(reading: Reading, claim: Claim, begin: datetime, end: datetime) -> ir.Table:
    """Return id, time and sentiment (null where none was judged) of the posts that speak of a claim."""
    days = (ibis.literal(begin.astimezone(UTC).date()), ibis.literal(end.astimezone(UTC).date()))
    events = reading.scan("events")
    events = events.filter(events.day.between(*days), events.time >= begin, events.time < end)
    events = events.filter(events.type.isin(list(SPOKEN)), events.text.notnull(), events.text != "")
    if reading.own:
        events = events.filter(events.actor.isnull() | ~events.actor.isin(list(reading.own)))
    scores = reading.scan_model("scores")
    if not claim.words and not claim.posts:
        mentions = reading.scan_model("mentions")
        named = mentions.filter(mentions.day.between(*days), mentions.link == claim.product)
        events = events.semi_join(named.select(named="event_id"), [("id", "named")])
    judged = scores.filter(scores.day.between(*days)).select("event_id", "sentiment", "cluster_id")
    rows = events.left_join(judged, [("id", "event_id")]).select("id", "time", "text", "sentiment", "cluster_id")
    tests = []
    if claim.posts:
        ids = list(claim.posts)
        clusters = scores.filter(scores.event_id.isin(ids), scores.cluster_id.notnull(), scores.cluster_id != "")
        found = reading.lake.engine.run(clusters.select("cluster_id").distinct())["cluster_id"].to_pylist()
        tests.append(rows.id.isin(ids))
        if found:
            tests.append(rows.cluster_id.isin(sorted(found)))
    if claim.words:
        test = rows.text.lower().contains(claim.words[0])
        for word in claim.words[1:]:
            test &= rows.text.lower().contains(word)
        tests.append(test)
    if tests:
        chosen = tests[0]
        for test in tests[1:]:
            chosen = chosen | test.fill_null(False)
        rows = rows.filter(chosen)
    return rows.select("id", "time", "sentiment")


def _count_hours(reading: Reading, claim: Claim, begin: datetime, end: datetime) -> tuple[Hour, ...]:
    engine = reading.lake.engine
    rows = match_claim(reading, claim, begin, end)
    rows = rows.mutate(hour=engine.count_micros(rows.time) // HOUR_US)
    counts = {name: (rows.sentiment == name).sum() for name in SENTIMENTS}
    found = engine.run(rows.group_by("hour").aggregate(posts=rows.count(), **counts)).to_pylist()
    by_hour: dict[int, dict[str, Any]] = {row["hour"]: row for row in found}
    most = max((row["posts"] for row in found), default=1)
    first = int(begin.timestamp()) // 3600
    hours = []
    for number in range(first, int(end.timestamp()) // 3600 + 1):
        row = by_hour.get(number, {})
        posts = row.get("posts", 0)
        negative, neutral, positive = (int(row.get(name) or 0) for name in SENTIMENTS)
        at = datetime.fromtimestamp(number * 3600, UTC)
        hours.append(Hour(at, posts, negative, neutral, positive, 100 * posts / most))
    return tuple(hours)


def _foresee(lake: Any, claim: Claim, moment: datetime) -> tuple[tuple[Foreseen, ...], Words | None]:
    """Return what is foreseen of the case's posts that people reacted to; or why nothing is."""
    if not claim.posts:
        return (), Words(
            "工单里没有数据湖的帖子，无法预测传播规模。",
            "The case has no post of the lake: how far it will go cannot be foreseen.",
        )
    times = _find_times(lake, claim.posts)
    found = [one for post, at in times if (one := _foresee_one(lake, post, at, moment)) is not None]
    found.sort(key=lambda one: (-one.seen, one.post))
    if not found:
        return (), Words(
            "工单里的帖子还没有人转发或评论，没有级联，无法预测。",
            "Nobody passed the case's posts on or answered them: there is no cascade, and nothing to foresee.",
        )
    return tuple(found[:MOST_FORESEEN]), None


def _find_times(lake: Any, posts: Sequence[str]) -> list[tuple[str, datetime]]:
    events = lake.scan("events")
    rows = lake.engine.run(events.filter(events.id.isin(list(posts))).select("id", "time")).to_pylist()
    return sorted(((row["id"], row["time"]) for row in rows), key=lambda pair: pair[1], reverse=True)[:20]


def _foresee_one(lake: Any, post: str, at: datetime, moment: datetime) -> Foreseen | None:
    reactions = find_reactions(lake, post, at)
    if reactions is None:
        return None
    seen, age_h = reactions.count(moment), (moment - at) / timedelta(hours=1)
    forecast = foresee(reactions, moment, USUAL_PASSES)
    if forecast is not None:
        return Foreseen(post, seen, forecast, None)
    if seen < LEAST_SEEN:
        reason = Words(
            f"只有 {seen} 个反应，少于预测所需的 {LEAST_SEEN} 个。",
            f"{seen} reactions: a forecast needs {LEAST_SEEN}.",
        )
    else:
        reason = Words(
            f"帖子已发 {age_h:.1f} 小时，预测只适用于 {LEAST_AGE_H:g} 到 {MOST_AGE_H:g} 小时。",
            f"The post is {age_h:.1f} h old: a forecast is for {LEAST_AGE_H:g} to {MOST_AGE_H:g} h.",
        )
    return Foreseen(post, seen, None, reason)


_LOOKS = Kept(32)
