"""The cascades of a view, rebuilt and measured once per data version and kept, with who carried them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.events import Lake
from canyu.measure.facts import Answer, identify_lake
from canyu.measure.period import make_period
from canyu.ops.evidence.once import Once
from canyu.ops.insight.posts import Reading, match_scores
from canyu.ops.insight.rules import PostsQuery
from canyu.ops.travel.gathering import Gathered, Window, gather
from canyu.ops.travel.rules import Order, TravelQuery
from canyu.spread.cascades import Cascades, build_cascades, measure_cascades
from canyu.spread.cascades.how import CONFIDENCES
from canyu.spread.cascades.report import CascadeReport
from canyu.spread.kernels.cascades import NO_TIME

TABLES_READ = ("events", "scores", "listenings")
TOP = 10
DRAWS, MOST_DRAWN = 1_000, 20_000_000


@dataclass(frozen=True)
class Travel:
    """The cascades of a view: their trees, shapes (a row each), carriers (a row per cascade and account), and posts."""

    query: TravelQuery
    cascades: Cascades
    shapes: pa.Table
    carriers: pa.Table
    roots: pa.Table
    campaigns: tuple[str, ...]
    answer: Answer
    engine: str

    @property
    def report(self) -> CascadeReport:
        """What was odd about the reposts."""
        return self.cascades.report

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each cascade by the id of its post."""
        return {root: place for place, root in enumerate(self.shapes["root"].to_pylist())}

    @cached_property
    def totals(self) -> pa.Table:
        """One row per account that carried or joined anything, who carried most first.

        Columns: author, posts (cascades it reposted in), reposts, direct, carried, joined, bridging (joined of all
        pairs of its cascades), share (carried of all reposts, in per cent).
        """
        return sum_carriers(self.carriers, self.shapes)

    @cached_property
    def sure(self) -> float | None:
        """The share of edges that the source states, in per cent; None without reposts."""
        below = self.cascades.below
        return float(100 * (CONFIDENCES[self.cascades.how[below]] == 1).mean()) if len(below) else None

    @cached_property
    def joint(self) -> Joint:
        """What the first ``TOP`` accounts carried together."""
        return measure_joint(self.cascades, self.totals["author"][:TOP])

    @cached_property
    def carried(self) -> dict[str, int]:
        """What each account carried, by its key."""
        return dict(zip(self.totals["author"].to_pylist(), self.totals["carried"].to_pylist(), strict=True))

    def count_days(self) -> list[tuple[date, int]]:
        """Return the reposts per day, in the brand's zone, from the period's first day to that of the last repost."""
        below = np.ones(len(self.cascades.times), np.bool_)
        below[self.cascades.starts[:-1]] = False
        times = self.cascades.times[below & (self.cascades.times != NO_TIME)]
        moments = pa.array(times, pa.int64()).cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us", self.query.zone))
        counts = {row["values"]: row["counts"] for row in pc.value_counts(_to_days(moments)).to_pylist()}
        last = max([self.query.end, *counts])
        many = (last - self.query.start).days + 1
        days = [self.query.start + timedelta(days=number) for number in range(many)]
        return [(day, counts.get(day, 0)) for day in days]

    def take(self, places: Sequence[int]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the shapes and the posts of the cascades at these places."""
        chosen = pa.array(list(places), pa.int64())
        return self.shapes.take(chosen).to_pylist(), self.roots.take(chosen).to_pylist()

    def rank_cascades(self) -> list[int]:
        """Return the places of the cascades, the largest first, then the earlier."""
        sizes = np.array(self.shapes["reposts"], np.int64)
        return [int(place) for place in np.argsort(-sizes, kind="stable")]

    def order_carriers(self, order: Order) -> pa.Table:
        """Return the totals by what was carried, or by what was bridged."""
        if order is Order.CARRIED:
            return self.totals
        return self.totals.sort_by([("bridging", "descending"), ("carried", "descending"), ("author", "ascending")])


@dataclass(frozen=True, slots=True)
class Joint:
    """Reposts that hang below a repost of at least one of some accounts, others' only: in all and in per cent."""

    carried: int
    share: float | None
    interval: tuple[float, float] | None
    """Between the 2.5 and 97.5 % quantile of a thousand draws of the cascades, with replacement."""


_TRAVELS, _GATHERED = Once(6), Once(1)  # the reposts of a view hold all texts: a million take 200 MB


def get_travel(lake: Lake, query: TravelQuery) -> Travel:
    """Return the cascades of a view; computed once per data version and kept."""
    return _TRAVELS.get(_make_key(lake, query), lambda: build_travel(lake, query, _get_gathered(lake, query)))


def find_kept(lake: Lake, query: TravelQuery) -> Travel | None:
    """Return the cascades of a view where they were computed already."""
    found: Travel | None = _TRAVELS.find(_make_key(lake, query))
    return found


def forget_travels() -> None:
    """Forget what is kept, so that the next view is computed anew."""
    _TRAVELS.clear()
    _GATHERED.clear()


def build_travel(lake: Lake, query: TravelQuery, gathered: Gathered) -> Travel:
    """Rebuild and measure the cascades of a view from the reposts of its days."""
    campaigns = tuple(sorted({name for name in gathered.roots["campaign"].unique().to_pylist() if name}))
    roots = _keep_roots(lake, query, gathered.roots)
    reposts = gathered.reposts
    if len(roots) < len(gathered.roots):
        reposts = reposts.filter(pc.is_in(reposts["root"], roots["root"].combine_chunks()))
    cascades = build_cascades(reposts)
    measures = measure_cascades(cascades)
    # the texts were needed for the names quoted in them: without them the trees of a million reposts are small
    slim = replace(cascades, fields=replace(cascades.fields, names=None, texts=None))
    order = pc.index_in(measures.cascades["root"], roots["root"].combine_chunks())
    told = roots.take(order)
    versions = gathered.answer.versions | _list_versions(lake, query)
    answer = replace(gathered.answer, table=gathered.answer.table.slice(0, 0), versions=versions)
    return Travel(query, slim, measures.cascades, measures.accounts, told, campaigns, answer, gathered.engine)


def sum_carriers(carriers: pa.Table, shapes: pa.Table) -> pa.Table:
    """Return one row per account over all cascades, who carried most first; accounts that joined nobody are left out.

    ``bridging``: the pairs of other nodes whose way leads through the account, of all such pairs of its cascades.
    """
    did = carriers.filter(pc.greater(pc.add(carriers["carried"], carriers["joined"]), 0))["author"].unique()
    kept = carriers.filter(pc.is_in(carriers["author"], did))
    sizes = shapes["size"].take(pc.index_in(kept["root"], shapes["root"].combine_chunks()))
    others = np.array(sizes, np.int64) - np.array(kept["reposts"], np.int64)
    kept = kept.append_column("pairs", pa.array(others * (others - 1) // 2))
    names = ("reposts", "direct", "carried", "joined", "pairs")
    wanted: list[tuple[str, str]] = [("root", "count"), *((name, "sum") for name in names)]
    found = kept.group_by("author", use_threads=False).aggregate(wanted)
    found = found.select(["author", "root_count", *(f"{name}_sum" for name in names)])
    found = found.rename_columns(["author", "posts", *names])
    whole = int(pc.sum(shapes["reposts"]).as_py() or 0)
    bridging = np.array(found["joined"], np.float64) / np.maximum(np.array(found["pairs"], np.float64), 1)
    share = 100 * np.array(found["carried"], np.float64) / max(whole, 1)
    found = found.drop_columns("pairs").append_column("bridging", pa.array(bridging))
    found = found.append_column("share", pa.array(share))
    return found.sort_by([("carried", "descending"), ("author", "ascending")])


def measure_joint(cascades: Cascades, authors: pa.ChunkedArray) -> Joint:
    """Return what some accounts carried together: each repost by others once, however many of them it hangs on."""
    many = len(cascades.parent)
    reposts = many - len(cascades.fields.roots)
    if not reposts:
        return Joint(0, None, None)
    codes = pc.index_in(authors.combine_chunks(), cascades.fields.accounts.cast(pa.string()))
    is_below = np.ones(many, np.bool_)
    is_below[cascades.starts[:-1]] = False
    is_carried = np.zeros(many, np.bool_)
    for code in codes.to_pylist():
        own = np.flatnonzero((cascades.authors == code) & is_below)
        depth = np.zeros(many + 1, np.int64)
        np.add.at(depth, cascades.enter[own] + 1, 1)
        np.add.at(depth, cascades.enter[own] + cascades.size[own], -1)
        is_carried |= (np.cumsum(depth)[cascades.enter] > 0) & (cascades.authors != code)
    carried = np.add.reduceat(is_carried, cascades.starts[:-1], dtype=np.int64)
    sizes = np.diff(cascades.starts) - 1
    share = float(100 * carried.sum() / reposts)
    return Joint(int(carried.sum()), share, _draw_share(carried, sizes))


def _draw_share(carried: NDArray[np.int64], sizes: NDArray[np.int64]) -> tuple[float, float] | None:
    if len(sizes) < 2:
        return None
    random = np.random.default_rng(7)
    shares = []
    for _ in range(min(DRAWS, max(MOST_DRAWN // len(sizes), 100))):
        chosen = random.integers(0, len(sizes), len(sizes))
        shares.append(100 * carried[chosen].sum() / max(int(sizes[chosen].sum()), 1))
    low, high = np.quantile(shares, [0.025, 0.975])
    return float(low), float(high)


def _to_days(moments: pa.TimestampArray) -> pa.Array:
    return pc.local_timestamp(moments).cast(pa.date32(), safe=False)


def _make_key(lake: Lake, query: TravelQuery) -> tuple[Any, ...]:
    versions = tuple((name, lake.version(name)) for name in (TABLES_READ if query.link else TABLES_READ[:1]))
    return identify_lake(lake), versions, query


def _get_gathered(lake: Lake, query: TravelQuery) -> Gathered:
    period = make_period(query.start, query.end, query.zone)
    window = Window(period.start, period.end, query.with_answers)
    return _GATHERED.get((identify_lake(lake), lake.version("events"), window), lambda: gather(lake, window))


def _list_versions(lake: Lake, query: TravelQuery) -> dict[str, int]:
    names = TABLES_READ[1:] if query.link else ()
    return {name: version for name in names if (version := lake.version(name)) is not None}


def _keep_roots(lake: Lake, query: TravelQuery, roots: pa.Table) -> pa.Table:
    for name in ("channel", "market", "campaign"):
        if wanted := getattr(query, name):
            roots = roots.filter(pc.equal(roots[name], wanted).combine_chunks().fill_null(False))
    if query.link:
        reading = Reading(lake)
        asked = PostsQuery(query.start, query.end, query.zone, link=query.link)
        rows = match_scores(reading, asked, make_period(query.start, query.end, query.zone))
        ids = lake.engine.run(rows.select("event_id"))["event_id"]
        roots = roots.filter(pc.is_in(roots["root"], ids.combine_chunks()))
    return roots
