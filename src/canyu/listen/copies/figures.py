"""What a cluster of copies amounts to: how many, by how many authors, how fast, and where."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

SUMMARY_SCHEMA = pa.schema(
    [
        pa.field("cluster_id", pa.string(), nullable=False),
        pa.field("copies", pa.int64(), nullable=False),
        pa.field("exact", pa.int64(), nullable=False),
        pa.field("near", pa.int64(), nullable=False),
        pa.field("rewritten", pa.int64(), nullable=False),
        pa.field("authors", pa.int64()),  # null where not one author is known
        pa.field("authors_unknown", pa.int64(), nullable=False),  # posts without an author
        pa.field("first_time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("last_time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("span_s", pa.float64(), nullable=False),
        pa.field("channels", pa.list_(pa.string()), nullable=False),
        pa.field("example_id", pa.string(), nullable=False),  # the earliest post of the cluster among these
    ]
)


def summarise_clusters(posts: pa.Table, assigned: pa.Table, *, by: str = "cluster_id", fewest: int = 2) -> pa.Table:
    """Return one row per cluster of at least ``fewest`` posts, the largest first, as ``SUMMARY_SCHEMA``.

    ``posts``: ``event_id``, ``time``, ``actor``, ``channel``. ``assigned``: rows of ``assign_clusters``. ``by``:
    ``cluster_id``, or ``family_id`` to count rewritten copies in. ``copies`` counts the first post too.
    """
    columns = ["event_id", "time", "actor", "channel"]
    rows = posts.select(columns).join(assigned.select(["event_id", by, "kind"]), "event_id", join_type="inner")
    rows = rows.sort_by([("time", "ascending"), ("event_id", "ascending")])
    for kind in ("exact", "near", "rewritten"):
        rows = rows.append_column(kind, pc.fill_null(pc.equal(rows["kind"], kind), False).cast(pa.int64()))
    valid = pc.CountOptions(mode="only_valid")
    grouped = rows.group_by(by, use_threads=False).aggregate(
        [
            ("event_id", "count"),
            ("exact", "sum"),
            ("near", "sum"),
            ("rewritten", "sum"),
            ("actor", "count_distinct", valid),
            ("actor", "count", valid),
            ("time", "min"),
            ("time", "max"),
            ("channel", "distinct"),
            ("event_id", "first"),
        ]
    )
    grouped = grouped.filter(pc.greater_equal(grouped["event_id_count"], fewest))
    known, copies = grouped["actor_count"], grouped["event_id_count"]
    span_us = pc.subtract(grouped["time_max"].cast(pa.timestamp("us", "UTC")).cast(pa.int64()),
                          grouped["time_min"].cast(pa.timestamp("us", "UTC")).cast(pa.int64()))  # fmt: skip
    names = [sorted(name for name in found if name is not None) for found in grouped["channel_distinct"].to_pylist()]
    found = {
        "cluster_id": grouped[by],
        "copies": copies,
        "exact": grouped["exact_sum"],
        "near": grouped["near_sum"],
        "rewritten": grouped["rewritten_sum"],
        "authors": pc.if_else(pc.greater(known, 0), grouped["actor_count_distinct"], pa.scalar(None, pa.int64())),
        "authors_unknown": pc.subtract(copies, known),
        "first_time": grouped["time_min"],
        "last_time": grouped["time_max"],
        "span_s": pc.divide(span_us.cast(pa.float64()), 1e6),
        "channels": pa.array(names, pa.list_(pa.string())),
        "example_id": grouped["event_id_first"],
    }
    return pa.table(found).cast(SUMMARY_SCHEMA).sort_by([("copies", "descending"), ("cluster_id", "ascending")])
