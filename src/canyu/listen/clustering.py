"""Copies on a lake: each post joins the cluster of an earlier copy, over a window of days that fits into memory."""

from __future__ import annotations

from datetime import timedelta

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events import Lake
from canyu.events.tables import CLUSTERS_SCHEMA
from canyu.listen.copies import INDEX_SCHEMA, assign_clusters

WINDOW_DAYS = 30
"""A copy is known by a first text of the last so many days; a text that comes again later is news again."""
WINDOW_ROWS = 1_500_000  # about half a kilobyte each


def cluster_posts(lake: Lake, posts: pa.Table) -> pa.Table:
    """Return ``cluster_id``, ``family_id`` and ``is_copy`` of each post, in order; first texts are committed.

    ``posts``: columns ``event_id``, ``time``, ``day``, ``actor`` and ``text``. A post that is clustered again, after
    a program was killed, gets its cluster again.
    """
    assigned = assign_clusters(posts, read_window(lake, posts))
    fresh = assigned.index
    if fresh.num_rows:
        places = pc.index_in(fresh["event_id"], posts["event_id"].combine_chunks())
        fresh = fresh.append_column("day", posts["day"].take(places)).append_column(
            "actor", posts["actor"].take(places)
        )
        letters = fresh["letters"].cast(pa.binary())
        fresh = fresh.set_column(fresh.column_names.index("letters"), "letters", letters)
        fresh = fresh.set_column(fresh.column_names.index("keys"), "keys", fresh["keys"].cast(pa.binary()))
        lake.write_derived("clusters", fresh.select(CLUSTERS_SCHEMA.names))
    rows = assigned.rows
    return pa.table(
        {
            "cluster_id": rows["cluster_id"],
            "family_id": rows["family_id"],
            "is_copy": pc.invert(rows["is_first"]),
        }
    )


def read_window(lake: Lake, posts: pa.Table) -> pa.Table:
    """Return the first texts that the posts may be copies of, the newest where they are too many."""
    ends = pc.min_max(posts["day"]).as_py()
    rows = lake.scan("clusters")
    rows = rows.filter(
        rows.day.between(ibis.literal(ends["min"] - timedelta(days=WINDOW_DAYS)), ibis.literal(ends["max"]))
    )
    newest = rows.order_by([rows.time.desc(), rows.event_id]).limit(WINDOW_ROWS)
    return lake.engine.run(newest.select(INDEX_SCHEMA.names)).cast(INDEX_SCHEMA)
