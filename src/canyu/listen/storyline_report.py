"""What a lake says of a brand's storylines: this period and the one before, by week and place, and who began."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from canyu.events import TABLES, Lake
from canyu.listen.slices import Slice, SliceReader, count_rows
from canyu.listen.storylines import (
    PullThroughSettings,
    Storylines,
    compute_carrying,
    compute_growth,
    compute_own,
    compute_pull_through,
    find_first_carriers,
)

MOST_POSTS = 1_000_000
"""Posts that one report reads at most; of a longer period only how many there are is told."""
COLUMNS = ("event_id", "time", "market", "channel", "actor", "links", "storylines", "cluster_id")
NO_POSTS = TABLES["scores"].schema.empty_table().select(list(COLUMNS))


@dataclass(frozen=True, slots=True)
class StorylineReport:
    """Pull-through now and before, growth by week and first carriers, with the query and the versions it was read at.

    ``carrying``: how many posts carry any of the storylines, as one row of ``pull``; None without a post.
    ``own``: what the brand's own accounts say, of which ``official`` are registered and left out of all the others.

    Where a period holds more than ``MOST_POSTS`` posts, ``is_too_much`` is true and the tables are empty.
    """

    posts: int
    posts_before: int
    pull: pa.Table
    before: pa.Table
    growth: pa.Table
    carriers: pa.Table
    own: pa.Table
    carrying: dict[str, Any] | None
    official: int
    sql: str
    versions: dict[str, int]
    engine: str
    is_too_much: bool = False


def report_storylines(
    lake: Lake, definitions: Storylines, settings: PullThroughSettings, now: Slice, before: Slice
) -> StorylineReport:
    """Return the report of two slices of a lake; posts that name none of the storylines' brands are not read."""
    reader = SliceReader.open(lake)
    brands = sorted({brand for entry in definitions.entries for brand in entry.brands})

    def choose(rows: ir.Table, part: Slice = now) -> ir.Table:
        named = reduce(or_, [rows.links.contains(brand) for brand in brands])
        return part.keep(rows).filter(named).select(*COLUMNS)

    def choose_before(rows: ir.Table) -> ir.Table:
        return choose(rows, before)

    count, count_before = count_rows(reader, choose), count_rows(reader, choose_before)
    is_too_much = max(count, count_before) > MOST_POSTS
    posts = NO_POSTS if is_too_much else reader.run(choose, "scores")
    earlier = NO_POSTS if is_too_much else reader.run(choose_before, "scores")
    return StorylineReport(
        posts=count,
        posts_before=count_before,
        pull=compute_pull_through(posts, definitions, settings),
        before=compute_pull_through(earlier, definitions, settings),
        growth=compute_growth(posts, definitions, settings),
        carriers=find_first_carriers(posts, definitions, settings),
        own=compute_own(posts, definitions, settings),
        carrying=compute_carrying(posts, definitions, settings),
        official=len(settings.official_actors),
        sql=reader.tell_sql(choose, "scores"),
        versions=reader.list_versions("scores", "listenings"),
        engine=lake.engine.name,
        is_too_much=is_too_much,
    )
