"""The answers an overview is made of: each query is asked once, and keeps its SQL for the proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events import Lake
from canyu.measure import expressions as ask
from canyu.measure.figure import OverviewQuery
from canyu.measure.kept import Kept
from canyu.measure.period import find_previous, make_period, to_day_number

SOURCES = ("events", "scores", "mentions", "engagement", "board")


@dataclass(frozen=True, slots=True)
class Answer:
    """One query's rows, its SQL and the versions of the tables it read."""

    table: pa.Table
    sql: str
    versions: dict[str, int]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything asked of the lake for one overview, in whole numbers."""

    query: OverviewQuery
    scope: ask.Scope
    versions: dict[str, int]
    models: dict[str, str]
    mentions: Answer
    scored: Answer
    links: Answer
    authors: Answer
    engagement: Answer
    top: Answer
    texts: Answer
    sentiments: Answer
    board: Answer
    board_before: Answer
    is_simulated: bool

    @property
    def start_number(self) -> int:
        """The period's first day, as days since 1970."""
        return to_day_number(self.scope.period.first)


class Reader:
    """Asks one lake, at the versions found when it was made."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.identity = identify_lake(lake)
        self.versions = {name: version for name, version in lake.versions().items() if name in SOURCES}

    def scan(self, name: str) -> ir.Table:
        """Return a table as it was when the reader was made."""
        kept = _TABLES.setdefault(self.lake.engine, Kept(128))
        key = (self.identity, name, self.versions.get(name))
        found: ir.Table | None = kept.find(key)
        if found is None:
            found = self.lake.scan(name, version=self.versions.get(name))
            kept.keep(key, found)
        return found

    def ask(self, expr: ir.Table, *names: str) -> Answer:
        """Compute an expression over the named tables."""
        plan = self.lake.engine.prepare(expr)
        table = self.lake.engine.run_plan(plan)
        return Answer(table, plan.sql, {name: self.versions[name] for name in names if name in self.versions})

    def find_model(self, name: str) -> str:
        """Return the newest model version of a derived table; its older rows do not count. Empty where none."""
        return str(self._remember("model", name, lambda: self._read_model(name)))

    def is_simulated(self) -> bool:
        """Tell whether any event of the lake comes from a rehearsal: the mark is permanent."""
        found = self._remember("simulated", "events", self._read_simulated)
        return bool(found)

    def _remember(self, what: str, name: str, read: Callable[[], Any]) -> Any:
        if name not in self.versions:
            return ""
        key = (what, self.identity, name, self.versions[name], self.lake.engine.name)
        found = _REMEMBERED.find(key)
        if found is None:
            found = read()
            _REMEMBERED.keep(key, found)
        return found

    def _read_model(self, name: str) -> str:
        rows = self.scan(name)
        found = self.ask(rows.aggregate(model=rows.model_version.max()), name).table["model"][0].as_py()
        return found or ""

    def _read_simulated(self) -> bool:
        return bool(self.ask(ask.find_simulated(self.scan("events")), "events").table.num_rows)


def gather_facts(reader: Reader, query: OverviewQuery) -> Facts:
    """Ask the lake everything that the overview of ``query`` needs."""
    period = make_period(query.start, query.end, query.zone)
    models = {name: reader.find_model(name) for name in SOURCES if name != "events"}

    def scope_of(name: str) -> ask.Scope:
        model = models[name]
        return ask.Scope(
            period, find_previous(period), query.brand, query.channel, query.market, model, reader.lake.engine
        )

    scope = scope_of("scores")
    scores, mentions = reader.scan("scores"), reader.scan("mentions")
    engagement, board = reader.scan("engagement"), reader.scan("board")
    people = (mentions, "mentions") if query.brand else (scores, "scores")
    count = ask.count_days if query.brand else ask.count_scored
    top = reader.ask(ask.list_top_posts(engagement, scope_of("engagement")), "engagement")
    ids, days = _locate(top.table)
    return Facts(
        query=query,
        scope=scope,
        versions=reader.versions,
        models=models,
        mentions=reader.ask(ask.count_mentions(mentions, scope_of("mentions")), "mentions"),
        scored=reader.ask(count(scores, scope), "scores"),
        links=reader.ask(ask.count_links(mentions, scope_of("mentions")), "mentions"),
        authors=reader.ask(ask.count_authors(people[0], scope_of(people[1])), people[1]),
        engagement=reader.ask(ask.sum_engagement(engagement, scope_of("engagement")), "engagement"),
        top=top,
        texts=reader.ask(ask.read_texts(reader.scan("events"), ids, days), "events"),
        sentiments=reader.ask(ask.read_sentiments(scores, ids, days, models["scores"]), "scores"),
        board=reader.ask(ask.sum_board_time(board, scope_of("board"), period), "board"),
        board_before=reader.ask(ask.sum_board_time(board, scope_of("board"), scope.previous), "board"),
        is_simulated=reader.is_simulated(),
    )


def sum_by(table: pa.Table, keys: tuple[str, ...], mask: Any = None) -> dict[tuple[Any, ...], int]:
    """Return the sum of ``posts`` by the key columns, over the rows of the mask."""
    kept = table if mask is None else table.filter(mask)
    if not keys:
        return {(): pc.sum(kept["posts"]).as_py() or 0}
    grouped = kept.group_by(list(keys)).aggregate([("posts", "sum")])
    columns = [grouped[key].to_pylist() for key in keys]
    return dict(zip(zip(*columns, strict=True), grouped["posts_sum"].to_pylist(), strict=True))


def _locate(top: pa.Table) -> tuple[tuple[str, ...], tuple[date, ...]]:
    times: list[datetime] = top["time"].to_pylist()
    days = sorted({moment.astimezone(UTC).date() for moment in times})
    return tuple(top["event_id"].to_pylist()), tuple(days)


def identify_lake(lake: Lake) -> tuple[str, int]:
    """Return what tells this lake from another that stood at the same place before."""
    if "://" in lake.path:
        return lake.path, 0
    folder = Path(lake.path).absolute()
    first = folder / "events" / "_delta_log" / f"{0:020d}.json"
    return str(folder), first.stat().st_mtime_ns if first.exists() else 0


_TABLES: WeakKeyDictionary[Any, Kept] = WeakKeyDictionary()
_REMEMBERED = Kept(128)
