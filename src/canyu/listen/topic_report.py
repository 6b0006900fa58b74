"""What the posts of a lake talk about, day by day or week by week, read from its scores and texts."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events import Lake
from canyu.listen.slices import Slice, SliceReader, count_rows
from canyu.listen.topics import Topics, TopicSettings, find_topics

MOST_UNIQUE = 100_000
"""Posts, copies counted once, that one report reads at most; of more a draw is read that is the same every time."""
DRAW_LETTERS = 12
COLUMNS = ("event_id", "time", "actor", "cluster_id", "sentiment")


@dataclass(frozen=True, slots=True)
class TopicReport:
    """The topics with the texts of the posts that stand for them, and what they were read from.

    ``unique`` posts were there without copies; where ``is_drawn``, a draw of ``MOST_UNIQUE`` of them was read.
    """

    found: Topics
    texts: dict[str, str]
    posts: int
    unique: int
    is_drawn: bool
    sql: str
    versions: dict[str, int]
    engine: str


def report_topics(lake: Lake, part: Slice, settings: TopicSettings, brand: str = "") -> TopicReport:
    """Return the topics of the posts of a slice that name a brand (empty: of all)."""
    reader = SliceReader.open(lake)

    def choose(rows: ir.Table) -> ir.Table:
        rows = part.keep(rows)
        return rows.filter(rows.links.contains(brand)) if brand else rows

    unique = count_rows(reader, lambda rows: _leave_out_copies(choose(rows)))
    is_drawn = unique > MOST_UNIQUE
    chosen = choose(reader.scan("scores"))
    if is_drawn:
        chosen = chosen.semi_join(_draw(chosen), [("cluster_id", "drawn")])
    texts = part.keep(reader.scan("events")).select(text_id="id", text="text")
    texts = texts.filter(texts.text.notnull(), texts.text != "")
    rows = chosen.select(*COLUMNS).inner_join(texts, [("event_id", "text_id")]).select(*COLUMNS, "text")
    posts = lake.engine.run(rows)
    found = find_topics(posts, settings)
    return TopicReport(
        found=found,
        texts=_list_texts(posts, found),
        posts=len(posts),
        unique=unique,
        is_drawn=is_drawn,
        sql=reader.tell_sql(lambda rows: choose(rows).select(*COLUMNS), "scores"),
        versions=reader.list_versions("events", "scores", "listenings"),
        engine=lake.engine.name,
    )


def _leave_out_copies(rows: ir.Table) -> ir.Table:
    return rows.filter(~rows.is_copy.fill_null(False))


def _draw(rows: ir.Table) -> ir.Table:
    """Choose clusters by the end of their ids, which are hashes: the same ones every time, and like any others."""
    first = _leave_out_copies(rows).filter(ibis._.cluster_id.notnull()).select("cluster_id").distinct()
    drawn = first.order_by(first.cluster_id.right(DRAW_LETTERS), first.cluster_id).limit(MOST_UNIQUE)
    return drawn.select(drawn="cluster_id")


def _list_texts(posts: pa.Table, found: Topics) -> dict[str, str]:
    standing = {one for ids in found.topics["standing"].to_pylist() for one in ids}
    rows = posts.filter(pc.is_in(posts["event_id"], pa.array(sorted(standing), pa.string())))
    return dict(zip(rows["event_id"].to_pylist(), rows["text"].to_pylist(), strict=True))
