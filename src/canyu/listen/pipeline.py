"""Listening on a lake: scores what is new, day by day, and keeps what follows from it up to date."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from filelock import FileLock, Timeout

from canyu.events import Lake, Verb
from canyu.events.listenings import find_listening
from canyu.events.tables import MENTIONS_SCHEMA, SCORES_SCHEMA
from canyu.kit.errors import Conflict
from canyu.kit.words import Words
from canyu.listen.batch import Scorer, score_texts
from canyu.listen.clustering import cluster_posts
from canyu.listen.derive import build_board, build_engagement
from canyu.listen.opinions import build_opinions
from canyu.listen.parts import Part, cut, pack_days
from canyu.listen.update import DEFAULT_ZONE, update_findings

SCORED = (Verb.POST, Verb.REPOST, Verb.COMMENT, Verb.COMPLAIN, Verb.RATE, Verb.SUBMIT)
"""What people say. A ``reply`` is the brand's own voice, an ``observe`` a measurement: neither is word of mouth."""

ROWS_PER_COMMIT = 500_000
CHARACTERS_PER_COMMIT = 24_000_000  # with their scores about 600 MB of memory (measured 2026-11 on real posts)
ROWS_PER_BATCH = 16_384
KEPT = ("event_id", "day", "time", "type", "market", "channel", "actor")

FORGOTTEN = (
    *("listenings", "findings", "rumours", "coordination", "topics"),
    *("scores", "mentions", "opinions", "clusters"),
)
"""In the reverse of the order they are written in."""

Report = Callable[[int, int], None]
"""Is told how many of how many events with text were looked at."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a listening goes: at most about ``limit`` events (0: all), by days and weeks of ``zone``."""

    limit: int = 0
    zone: str = DEFAULT_ZONE


@dataclass(frozen=True, slots=True)
class Heard:
    """What one listening did."""

    model_version: str
    scored: int
    mentions: int
    remaining: int
    engagement: int
    board: int
    events_version: int
    seconds: float
    found: dict[str, int] = field(default_factory=dict)
    """Days and weeks whose topics, groups of accounts or claims were found again, by table."""


def listen(
    lake: Lake,
    scorer: Scorer,
    *,
    now: datetime,
    extent: Extent | None = None,
    report: Report | None = None,
) -> Heard:
    """Score every event with text that this model version has not scored, then bring up to date what follows from it.

    Safe to stop at any moment and to repeat: each event is scored once per model version, and of topics, groups of
    accounts and claims only days and weeks are found again whose posts have changed. A reader sees the new model
    version when all is done; stopped at a limit, the old version stays in sight.
    """
    extent = extent or Extent()
    began = time.perf_counter()
    with hold_lake(lake):
        events_version = lake.version("events")
        before = find_listening(lake)
        known = (before.model_version, before.events_version) if before else None
        if events_version is None or known == (scorer.version, events_version):
            found = update_findings(lake, scorer.version, extent.zone) if known else {}
            return Heard(scorer.version, 0, 0, 0, 0, 0, events_version or 0, time.perf_counter() - began, found)
        scored, mentions, remaining = score_new(lake, scorer, extent.limit, report)
        present = before.model_version if before else ""
        posts, titles = build_engagement(lake, scorer.version), iter([build_board(lake, scorer.linker, scorer.version)])
        engagement = replace_rows(lake, "engagement", posts, present, scorer.version)
        board = replace_rows(lake, "board", titles, present, scorer.version)
        found = {}
        if not remaining:
            found = update_findings(lake, scorer.version, extent.zone, present)
            number = before.number + 1 if before else 1
            row = {"number": number, "time": now, "model_version": scorer.version}
            row |= {"events_version": events_version, "scored": scored}
            lake.write_derived("listenings", pa.Table.from_pylist([row]))
        seconds = time.perf_counter() - began
        return Heard(scorer.version, scored, mentions, remaining, engagement, board, events_version, seconds, found)


def forget(lake: Lake) -> None:
    """Empty what was heard before, of all model versions, so that the next listening scores everything again."""
    with hold_lake(lake):
        for name in FORGOTTEN:
            if lake.version(name) is not None:
                lake.write_derived(name, lake.engine.run(lake.scan(name).limit(0)), mode="overwrite")


@contextmanager
def hold_lake(lake: Lake) -> Iterator[None]:
    """Hold the lake for one listening (a folder's lock ends with its process). Raises Conflict where another runs."""
    if not lake.store.is_local:
        yield
        return
    lock = FileLock(f"{lake.store.address}/.listen.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise Conflict(
            Words(f"另一个程序正在为 {lake.path} 评分。", f"Another program is listening on {lake.path}."),
            mend=Words("请等它完成；不会丢失任何数据。", "Wait until it is done; nothing is lost."),
        ) from None
    try:
        yield
    finally:
        lock.release()


def score_new(lake: Lake, scorer: Scorer, limit: int, report: Report | None) -> tuple[int, int, int]:
    """Score what is new, part by part; return the events scored, the mentions found, and the events left over."""
    parts = plan_parts(lake)
    total = sum(part.rows for part in parts)
    looked_at = scored = mentions = 0
    with ThreadPoolExecutor(2) as workers:
        for number, part in enumerate(parts):
            fresh = read_part(lake, scorer.version, part)
            if limit:
                fresh = fresh.slice(0, max(limit - scored, 0))
            if fresh.num_rows:
                mentions += write_part(lake, scorer, fresh, workers)
            scored += fresh.num_rows
            looked_at += part.rows
            if report is not None:
                report(looked_at, total)
            if limit and scored >= limit:
                return scored, mentions, sum(count_fresh(lake, scorer.version, later) for later in parts[number:])
    return scored, mentions, 0


def plan_parts(lake: Lake) -> list[Part]:
    """Return the days that hold texts, packed into parts that fit into memory; a huge day is cut into slices."""
    texts = find_texts(lake.scan("events"))
    found = texts.group_by("day").aggregate(rows=texts.count(), characters=texts.text.length().sum())
    days = lake.engine.run(found.order_by("day")).to_pylist()
    return pack_days(
        (day["day"], day["rows"], max(day["rows"] / ROWS_PER_COMMIT, day["characters"] / CHARACTERS_PER_COMMIT))
        for day in days
    )


def find_texts(events: ir.Table) -> ir.Table:
    """Return the events that say something."""
    return events.filter(events.type.isin(list(SCORED)), events.text.length() > 0)


def read_part(lake: Lake, model_version: str, part: Part) -> pa.Table:
    """Return the events of a part that are not scored yet, and which of them have opinions and mentions already.

    These are committed before scores: where a process was killed in between, they are there and scores are not.
    """
    fresh = find_fresh(lake, model_version, part)
    columns = [fresh[name] for name in KEPT if name != "event_id"]
    has = {
        f"has_{name}": fresh.id.isin(_find_done(lake.scan(name), model_version, part).event_id)
        for name in ("opinions", "mentions")
    }
    return lake.engine.run(fresh.select(*columns, fresh.text, event_id=fresh.id, **has))


def count_fresh(lake: Lake, model_version: str, part: Part) -> int:
    """Return how many events of a part are not scored yet."""
    return int(lake.engine.run(find_fresh(lake, model_version, part).count().as_table())[0][0].as_py())


def find_fresh(lake: Lake, model_version: str, part: Part) -> ir.Table:
    """Return the events of a part with text that this model version has not scored."""
    texts = find_texts(lake.scan("events"))
    texts = cut(texts, part, texts.id)
    done = _find_done(lake.scan("scores"), model_version, part)
    return texts.anti_join(done, texts.id == done.event_id)


def write_part(lake: Lake, scorer: Scorer, fresh: pa.Table, workers: ThreadPoolExecutor) -> int:
    """Score the rows and commit clusters, opinions, mentions, then scores; return the mentions added."""
    rows = pa.concat_tables(workers.map(partial(score_rows, scorer=scorer), cut_batches(fresh)))
    clustered = cluster_posts(lake, fresh)
    for name in clustered.column_names:
        rows = rows.append_column(name, clustered[name])
    opinions = build_opinions(rows.filter(pc.invert(fresh["has_opinions"])))
    if opinions.num_rows:
        lake.write_derived("opinions", opinions)
    mentions = build_mentions(rows.filter(pc.invert(fresh["has_mentions"])))
    if mentions.num_rows:
        lake.write_derived("mentions", mentions)
    lake.write_derived("scores", rows.select(SCORES_SCHEMA.names))
    return int(mentions.num_rows)


def cut_batches(fresh: pa.Table) -> list[pa.Table]:
    """Return the rows in batches of a size that a thread scores at once."""
    whole = fresh.combine_chunks()
    return [whole.slice(start, ROWS_PER_BATCH) for start in range(0, whole.num_rows, ROWS_PER_BATCH)]


def score_rows(rows: pa.Table, *, scorer: Scorer) -> pa.Table:
    """Return the columns of the rows that derived tables keep, with their scores."""
    scored = score_texts(rows["text"], scorer=scorer, channels=rows["channel"])
    kept = rows.select(KEPT)
    for name, column in zip(scored.schema.names, scored.columns, strict=True):
        kept = kept.append_column(name, column)
    return kept


def build_mentions(scores: pa.Table) -> pa.Table:
    """Return one row per scored event and catalogue id; the brand's own id is the first row of its brand."""
    links = scores["links"].combine_chunks()
    flat = links.flatten().dictionary_encode()
    brands = pc.replace_substring_regex(flat.dictionary, "/.*", "").take(flat.indices)
    rows = scores.take(pc.list_parent_indices(links))
    link = flat.dictionary.take(flat.indices)
    columns = {name: rows[name] for name in rows.column_names}
    columns |= {"brand": brands, "link": link, "is_first_of_brand": pc.equal(link, brands)}
    return pa.table([columns[name] for name in MENTIONS_SCHEMA.names], schema=MENTIONS_SCHEMA)


def replace_rows(lake: Lake, name: str, parts: Iterator[pa.Table], present: str, version: str) -> int:
    """Put the rows in place of a table's, in one commit; return how many.

    Rows of the ``present`` model version stay beside those of a new one: readers need them until it takes over.
    """
    count = 0

    def stream() -> Iterator[pa.Table]:
        nonlocal count
        for part in parts:
            count += part.num_rows
            yield part
        if present and present != version:
            old = lake.scan(name)
            yield lake.engine.run(old.filter(old.model_version == present))

    lake.replace_derived(name, stream())
    return count


def _find_done(rows: ir.Table, model_version: str, part: Part) -> ir.Table:
    rows = cut(rows, part, rows.event_id)
    return rows.filter(rows.model_version == model_version).select("event_id")
