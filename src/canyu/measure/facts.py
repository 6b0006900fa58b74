"""The answers an overview is made of: each query is asked once, and keeps its SQL for the proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from canyu.engine import Plan
from canyu.events import TABLES, Lake
from canyu.events.listenings import find_model_version
from canyu.measure import expressions as ask
from canyu.measure.figure import OverviewQuery
from canyu.measure.kept import Kept
from canyu.measure.period import Period, find_previous, make_period, to_day_number

DERIVED = ("scores", "mentions", "engagement", "board")
SOURCES = ("events", "listenings", *DERIVED, "opinions")
PLACE = "canyu_place_of_"  # stands for a table in a compiled plan until its present view is put there


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
    period: Period
    engine: str
    models: dict[str, str]
    mentions: Answer
    scored: Answer
    observed: frozenset[int]
    links: Answer
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
        return to_day_number(self.period.first)


class Reader:
    """Asks one lake, at the versions found when it was made, or at earlier ones that it is given."""

    def __init__(self, lake: Lake, versions: Mapping[str, int] | None = None) -> None:
        self.lake = lake
        self.identity = identify_lake(lake)
        found = {name: lake.version(name) if versions is None else versions.get(name) for name in SOURCES}
        self.versions = {name: version for name, version in found.items() if version is not None}

    def scan(self, name: str) -> ir.Table:
        """Return a table as it was when the reader was made."""
        kept = _TABLES.setdefault(self.lake.engine, Kept(128))
        key = (self.identity, name, self.versions.get(name))
        found: ir.Table | None = kept.find(key)
        if found is None:
            found = self.lake.scan(name, version=self.versions.get(name))
            kept.keep(key, found)
        return found

    def ask(self, build: Callable[..., ir.Table], name: str, *given: Any) -> Answer:
        """Compute one expression over a table; it is built and compiled once for all versions of the table."""
        engine = self.lake.engine
        key = (build.__name__, name, given)
        plans = _PLANS.setdefault(engine, Kept(1024))
        plan: Plan | None = plans.find(key)
        if plan is None:
            place = ibis.table(ibis.Schema.from_pyarrow(TABLES[name].schema), name=f"{PLACE}{name}")
            plan = engine.prepare(build(place, *given))
            plans.keep(key, plan)
        present = Plan(plan.sql.replace(f"{PLACE}{name}", self.scan(name).get_name()), plan.schema)
        read = (name,) if name == "events" else (name, "listenings")  # listenings say which model's rows count
        versions = {table: self.versions[table] for table in read if table in self.versions}
        return Answer(engine.run_plan(present), plan.sql.replace(PLACE, ""), versions)

    def find_model(self) -> str:
        """Return the model version whose rows count; empty where nobody listened yet."""
        key = ("model", self.identity, self.versions.get("listenings"), self.versions.get("scores"))
        found: str | None = _REMEMBERED.find(key)
        if found is None:
            found = find_model_version(self.lake, self.versions)
            _REMEMBERED.keep(key, found)
        return found

    def list_models(self, name: str) -> tuple[str, ...]:
        """Return every model version that has rows in a derived table."""
        found = self._remember("models", name, lambda: self.ask(ask.list_models, name).table["model"].to_pylist())
        return tuple(found)

    def is_simulated(self) -> bool:
        """Tell whether any event of the lake comes from a rehearsal: the mark is permanent."""
        return bool(self._remember("simulated", "events", self._read_simulated))

    def _remember(self, what: str, name: str, read: Callable[[], Any]) -> Any:
        if name not in self.versions:
            return ()
        key = (what, self.identity, name, self.versions[name])
        found = _REMEMBERED.find(key)
        if found is None:
            found = read()
            _REMEMBERED.keep(key, found)
        return found

    def _read_simulated(self) -> bool:
        return bool(self.ask(ask.find_simulated, "events").table.num_rows)


def gather_facts(reader: Reader, query: OverviewQuery) -> Facts:
    """Ask the lake everything that the overview of ``query`` needs."""
    period = make_period(query.start, query.end, query.zone)
    model = reader.find_model()
    models = {name: reader.list_models(name) for name in DERIVED}

    def scope_of(name: str) -> ask.Scope:
        """Rows of other models are left out by a comparison, where there are any."""
        compared = "" if set(models[name]) <= {model} else model
        filters = (query.brand, query.channel, query.market)
        engine = reader.lake.engine
        return ask.Scope(period, find_previous(period), *filters, compared, engine.count_micros, engine.count_days)

    def put(build: Callable[..., ir.Table], name: str, *rest: Any) -> Answer:
        return reader.ask(build, name, scope_of(name), *rest)

    mentions = put(ask.count_mentions, "mentions")
    if query.brand:
        # Days on which any brand was spoken of are known from the mentions: only the others are looked up.
        silent = _find_silent_days(mentions.table, period)
        scored = put(ask.count_days, "scores", silent)
        observed = _list_days(mentions.table) | _list_days(scored.table)
    else:
        scored = put(ask.count_scored, "scores")
        observed = _list_days(scored.table)
    top = put(ask.list_top_posts, "engagement")
    ids, days = _locate(top.table)
    return Facts(
        query=query,
        period=period,
        engine=reader.lake.engine.name,
        models={name: model if model in found else "" for name, found in models.items()},
        mentions=mentions,
        scored=scored,
        observed=observed,
        links=put(ask.count_links, "mentions"),
        engagement=put(ask.sum_engagement, "engagement"),
        top=top,
        texts=reader.ask(ask.read_texts, "events", ids, days),
        sentiments=reader.ask(ask.read_sentiments, "scores", ids, days, scope_of("scores").model),
        board=put(ask.sum_board_time, "board", period),
        board_before=put(ask.sum_board_time, "board", find_previous(period)),
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


def leave_out_copies(counts: pa.Table) -> pa.Table:
    """Return the counts with each text counted once: ``posts`` are those that copy no earlier one."""
    return counts.drop_columns("posts").rename_columns({"voices": "posts"})


def _list_days(counts: pa.Table) -> frozenset[int]:
    return frozenset(counts["day_number"].unique().to_pylist())


def _find_silent_days(mentions: pa.Table, period: Period) -> tuple[date, ...]:
    """Return the UTC days that a local day without mentions may lie on, of both periods."""
    known = _list_days(mentions)
    both = (*find_previous(period).days, *period.days)
    silent = [day for day in both if to_day_number(day) not in known]
    return tuple(sorted({day + timedelta(days=shift) for day in silent for shift in (-1, 0, 1)}))


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
_PLANS: WeakKeyDictionary[Any, Kept] = WeakKeyDictionary()
_REMEMBERED = Kept(128)
