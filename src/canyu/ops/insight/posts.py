"""Reads posts from the lake: a page of a search, and one post with all that is known of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import ibis
import ibis.expr.types as ir
from django.utils.translation import gettext as _

from canyu.events import Lake, Verb
from canyu.events.listenings import find_model_version
from canyu.kit.errors import NotFound
from canyu.measure.facts import identify_lake
from canyu.measure.kept import Kept
from canyu.measure.period import Period, make_period
from canyu.ops.insight.rules import ANY_FINDING, ANY_GROUP, ONLY, PostsQuery, Sort

# Facts from outside (hot-list titles, follower counts) are events with a text, but nobody's words.
NOT_SAID = "observe"
MOST_EXPORTED = 5_000
ANSWERS = (Verb.REPOST, Verb.COMMENT, Verb.REPLY)
TABLES_READ = frozenset({"events", "scores", "opinions", "engagement", "coordination", "listenings"})


@dataclass(frozen=True, slots=True)
class Post:
    """One post with its scores and what it set off; what is not known is None."""

    id: str
    time: datetime
    type: str
    text: str
    source: str
    channel: str | None = None
    market: str | None = None
    lang: str | None = None
    sentiment: str | None = None
    p_negative: float | None = None
    p_neutral: float | None = None
    p_positive: float | None = None
    emotion: str | None = None
    storylines: tuple[str, ...] = ()
    cluster_id: str | None = None
    is_copy: bool = False
    links: tuple[str, ...] = ()
    reposts: int | None = None
    comments: int | None = None
    likes: int | None = None
    model_version: str | None = None
    event: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PostsPage:
    """One page of a search: the rows, and how many there are in all."""

    query: PostsQuery
    rows: tuple[Post, ...]
    total: int
    page_rows: int
    versions: dict[str, int]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // self.page_rows))


def search_posts(lake: Lake, query: PostsQuery, page_rows: int, own: Collection[str] = ()) -> PostsPage:
    """Return one page of the posts that match; what is read is one version of each table, named in the answer.

    ``own``: the actors that are the brands' own accounts, where the query asks for them or to leave them out.
    """
    reading = Reading(lake, own)
    key = (identify_lake(lake), tuple(sorted(reading.versions.items())), query, page_rows, reading.own)
    page: PostsPage | None = _PAGES.find(key)
    if page is None:
        page = _search(reading, query, page_rows)
        _PAGES.keep(key, page)
    return page


def export_posts(lake: Lake, query: PostsQuery, own: Collection[str] = ()) -> PostsPage:
    """Return the first ``MOST_EXPORTED`` posts that match, in the order of the list."""
    return _search(Reading(lake, own), replace(query, page=1), MOST_EXPORTED)


def _search(reading: Reading, query: PostsQuery, page_rows: int) -> PostsPage:
    lake, matches = reading.lake, _match(reading, query)
    total = lake.engine.run(matches.aggregate(n=matches.count()))["n"][0].as_py()
    order = {
        Sort.NEWEST: (matches.time.desc(), matches.id),
        Sort.OLDEST: (matches.time, matches.id),
        Sort.SPREAD: (matches.total.desc(), matches.time.desc(), matches.id) if "total" in matches.columns else (),
    }[query.sort]
    chosen = matches.order_by(*order).limit(page_rows, offset=(query.page - 1) * page_rows).select("id", "time")
    places = [(row["id"], row["time"]) for row in lake.engine.run(chosen).to_pylist()]
    return PostsPage(query, tuple(_read_posts(reading, places)), total, page_rows, reading.versions)


def match_scores(reading: Reading, query: PostsQuery, period: Period) -> ir.Table:
    """Return the scored posts that match all but the words of the text, with all their columns."""
    rows = _keep_period(reading.scan_model("scores"), query, period)
    if query.link:
        rows = rows.filter(rows.links.contains(query.link))
    if query.sentiment:
        rows = rows.filter(rows.sentiment == query.sentiment)
    if query.cluster:
        rows = rows.filter(rows.cluster_id == query.cluster)
    if query.is_own:
        rows = rows.filter(~rows.type.isin([str(verb) for verb in ANSWERS]))
    return _match_findings(reading, rows, query, period)


def _match_findings(reading: Reading, rows: ir.Table, query: PostsQuery, period: Period) -> ir.Table:
    if query.storyline:
        rows = rows.filter(_carries(rows, query.storyline))
    if query.emotion:
        rows = rows.filter(rows.emotion == query.emotion)
    if query.accounts:
        is_own = rows.actor.isin(reading.own) if reading.own else ibis.literal(False)
        rows = rows.filter(is_own if query.accounts == ONLY else ~is_own.fill_null(False))
    if query.is_once:
        rows = rows.filter(~rows.is_copy.fill_null(False))
    if query.is_of_opinions:
        said = _keep_period(reading.scan_model("opinions"), query, period)
        said = said.filter(said.aspect == query.aspect) if query.aspect not in {"", ANY_FINDING} else said
        said = said.filter(said.polarity == int(query.polarity)) if query.polarity else said
        rows = rows.semi_join(said, "event_id")
    return rows


def _carries(rows: ir.Table, storyline: str) -> ir.BooleanValue:
    if storyline != ANY_FINDING:
        return rows.storylines.contains(storyline)
    # what is said against a message is kept beside it, below its id
    return rows.storylines.filter(lambda one: ~one.contains("/")).length() > 0


def get_post(lake: Lake, event_id: str) -> Post:
    """Return one post; raises NotFound for an id the lake does not have."""
    reading = Reading(lake)
    events = reading.scan("events")
    event_id = event_id.replace("\0", "")  # no id holds one, and no query can spell it
    found = lake.engine.run(events.filter(events.id == event_id).limit(1).select("id", "time")).to_pylist()
    if not found:
        raise NotFound(_("There is no such post."), mend=_("It may have been erased."))
    return next(iter(_read_posts(reading, [(found[0]["id"], found[0]["time"])])))


def count_answers(lake: Lake, event_id: str) -> dict[str, int]:
    """Return how many events of each type answer this one directly."""
    events = Reading(lake).scan("events")
    rows = events.filter(events.parent == event_id)
    table = lake.engine.run(rows.group_by("type").aggregate(n=rows.count()).order_by(ibis.desc("n"), "type"))
    return {row["type"]: row["n"] for row in table.to_pylist()}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a post says of one aspect: which words name it (None where none do), and -1, 0 or 1 for what is thought."""

    aspect: str
    polarity: int
    p: float | None
    start: int | None
    end: int | None


def list_opinions(lake: Lake, post: Post) -> list[Opinion]:
    """Return what a post says of each aspect, in the order of the text."""
    rows = Reading(lake).scan_model("opinions")
    rows = rows.filter(rows.day == post.time.astimezone(UTC).date(), rows.event_id == post.id, rows.is_first_of_aspect)
    found = lake.engine.run(rows.select("aspect", "polarity", "p", "start", "end")).to_pylist()
    return sorted((Opinion(**row) for row in found), key=lambda one: (one.start is None, one.start, one.aspect))


def count_copies(lake: Lake, post: Post) -> int:
    """Return how many scored posts say the same as this one, or nearly, itself included; 0 where that is not known."""
    if not post.cluster_id:
        return 0
    scores = Reading(lake).scan_model("scores")
    same = scores.filter(scores.cluster_id == post.cluster_id)
    return int(lake.engine.run(same.aggregate(n=same.count()))["n"][0].as_py())


def list_by_ids(lake: Lake, ids: Sequence[str], first: date, last: date) -> list[Post]:
    """Return the posts of these ids in their order, of files of these UTC days; ids that are not there are left out."""
    reading = Reading(lake)
    events = reading.scan("events")
    events = events.filter(events.day.between(ibis.literal(first), ibis.literal(last)), events.id.isin(list(ids)))
    times = {row["id"]: row["time"] for row in lake.engine.run(events.select("id", "time")).to_pylist()}
    return _read_posts(reading, [(event_id, times[event_id]) for event_id in ids if event_id in times])


class Reading:
    """Reads one lake at the versions found when it was made, and only rows of the model whose listening counts."""

    def __init__(self, lake: Lake, own: Collection[str] = ()) -> None:
        self.lake = lake
        self.own = tuple(sorted(own))
        self.versions = {name: version for name, version in lake.versions().items() if name in TABLES_READ}

    def scan(self, name: str) -> ir.Table:
        """Return the table as it was when the reading began."""
        return self.lake.scan(name, version=self.versions.get(name))

    def scan_model(self, name: str) -> ir.Table:
        """Return the rows of a derived table that the listening which counts has made."""
        rows = self.scan(name)
        return rows.filter(rows.model_version == self.find_model())

    def find_model(self) -> str:
        """Return the model version whose listening counts, empty before the first."""
        key = (identify_lake(self.lake), self.versions.get("listenings"), self.versions.get("scores"))
        found: str | None = _MODELS.find(key)
        if found is None:
            found = find_model_version(self.lake, self.versions)
            _MODELS.keep(key, found)
        return found


# A page of one data version never changes, and neither does the model that counts.
_PAGES = Kept(64)
_MODELS = Kept(64)


def _match(reading: Reading, query: PostsQuery) -> ir.Table:
    """Return (id, time[, total]) of all posts that match; joins only what the filters and the order need."""
    period = make_period(query.start, query.end, query.zone)
    is_scored = bool(query.link or query.sentiment or query.cluster or query.is_own or query.is_narrowed)
    rows = None if is_scored and not query.text else _match_events(reading, query, period)
    if is_scored:
        scored = _match_scores(reading, query, period)
        rows = scored if rows is None else rows.semi_join(scored, "id")
    if rows is None:
        raise AssertionError("one of the two is read")
    if query.group:
        rows = rows.semi_join(_list_grouped(reading, query, period), [("id", "grouped")])
    if query.sort is Sort.SPREAD:
        spread = reading.scan_model("engagement").select(id="event_id", total="total")
        rows = rows.left_join(spread, "id").select("id", "time", total=ibis._.total.fill_null(0))
    return rows


def _match_events(reading: Reading, query: PostsQuery, period: Period) -> ir.Table:
    rows = _keep_period(reading.scan("events"), query, period)
    rows = rows.filter(rows.type != NOT_SAID)
    if not query.group:  # a group may tie reposts without a word
        rows = rows.filter(rows.text.notnull(), rows.text != "")
    if query.text:
        rows = rows.filter(rows.text.lower().contains(query.text.lower()))
    return rows.select("id", "time")


def _list_grouped(reading: Reading, query: PostsQuery, period: Period) -> ir.Table:
    """Return the posts of one group of accounts, or of every group of the weeks that the period touches."""
    groups = reading.scan_model("coordination")
    if query.group == ANY_GROUP:
        touched = (groups.period_end > ibis.literal(period.start)) & (groups.period_start < ibis.literal(period.end))
        groups = groups.filter(touched)
    else:
        groups = groups.filter(groups.group_id == query.group)
    return groups.select(grouped=groups.event_ids.unnest())


def _match_scores(reading: Reading, query: PostsQuery, period: Period) -> ir.Table:
    rows = match_scores(reading, query, period)
    return rows.select(id="event_id", time="time")


def _keep_period(rows: ir.Table, query: PostsQuery, period: Period) -> ir.Table:
    # the day is the partition: other days' files are not opened
    rows = rows.filter(rows.day >= period.start.date(), rows.day <= period.end.date())
    rows = rows.filter(rows.time >= ibis.literal(period.start), rows.time < ibis.literal(period.end))
    if query.channel:
        rows = rows.filter(rows.channel == query.channel)
    if query.market:
        rows = rows.filter(rows.market == query.market)
    return rows


def _read_posts(reading: Reading, places: list[tuple[str, datetime]]) -> list[Post]:
    if not places:
        return []
    ids = [event_id for event_id, _ in places]
    days = sorted({moment.astimezone(UTC).date() for _, moment in places})
    run = reading.lake.engine.run
    events, scores = reading.scan("events"), reading.scan_model("scores")
    engagement = reading.scan_model("engagement")
    found = run(events.filter(events.day.isin(days), events.id.isin(ids)))
    judged = run(scores.filter(scores.day.isin(days), scores.event_id.isin(ids)))
    caused = run(engagement.filter(engagement.event_id.isin(ids)))
    by_id = {row["id"]: row for row in found.to_pylist()}
    scores_by_id = {row["event_id"]: row for row in judged.to_pylist()}
    spread_by_id = {row["event_id"]: row for row in caused.to_pylist()}
    return [
        _join_post(by_id[name], scores_by_id.get(name, {}), spread_by_id.get(name, {})) for name in ids if name in by_id
    ]


def _join_post(event: dict[str, Any], scores: dict[str, Any], spread: dict[str, Any]) -> Post:
    return Post(
        id=event["id"],
        time=event["time"],
        type=event["type"],
        text=event["text"] or "",
        source=event["source"],
        channel=event["channel"],
        market=event["market"],
        lang=scores.get("lang") or event["lang"],
        sentiment=scores.get("sentiment"),
        p_negative=scores.get("p_negative"),
        p_neutral=scores.get("p_neutral"),
        p_positive=scores.get("p_positive"),
        emotion=scores.get("emotion"),
        storylines=tuple(scores.get("storylines") or ()),
        cluster_id=scores.get("cluster_id"),
        is_copy=bool(scores.get("is_copy")),
        links=tuple(scores.get("links") or ()),
        reposts=spread.get("reposts"),
        comments=spread.get("comments"),
        likes=spread.get("likes"),
        model_version=scores.get("model_version"),
        event={name: value for name, value in event.items() if value is not None},
    )
