"""Clusters over time: new posts join the clusters of earlier ones, whose ids never change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.copies.clusters import ClusterRules, Clusters, Kind, Known, find_clusters
from canyu.listen.copies.signatures import SIGNATURE_SCHEMA, Signatures, compute_signatures, join_signatures
from canyu.listen.text import pack_texts

TIME = pa.timestamp("us", tz="UTC")
ASSIGNED_SCHEMA = pa.schema(
    [
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("cluster_id", pa.string(), nullable=False),  # the event id of the cluster's first post
        pa.field("family_id", pa.string(), nullable=False),  # the same with rewritten copies taken in
        pa.field("kind", pa.string()),  # exact | near | rewritten; null where a post is the first of all
        pa.field("similarity", pa.float32()),  # to that first post; null with kind
        pa.field("is_first", pa.bool_(), nullable=False),  # of its cluster: count these for de-duplicated voice
    ]
)
INDEX_SCHEMA = pa.schema(
    [
        pa.field("event_id", pa.string(), nullable=False),  # a cluster's first post, and so its cluster's id
        pa.field("time", TIME, nullable=False),
        pa.field("family_id", pa.string(), nullable=False),
        *SIGNATURE_SCHEMA,
    ]
)
KIND_NAMES = pa.array([None, *(kind.name.lower() for kind in Kind if kind)], pa.string())


@dataclass(frozen=True, slots=True)
class Assigned:
    """``rows``: one per new post, in order (``ASSIGNED_SCHEMA``). ``index``: what to add to it (``INDEX_SCHEMA``)."""

    rows: pa.Table
    index: pa.Table


def assign_clusters(new: pa.Table, known: pa.Table | None = None, *, rules: ClusterRules | None = None) -> Assigned:
    """Put each new post into the cluster of an earlier one or a cluster of its own, in the order of time.

    ``new``: columns ``event_id``, ``time`` (aware) and ``text``. ``known``: index rows of earlier calls, any window
    of them. A cluster's id is the id of its first post; known clusters never merge or change, so what was counted
    yesterday stands. The same rows give the same answer in whatever order they come. A post that is in the index
    already gets its own cluster again. Raises BadInput where a column is missing or an id or time is null.
    """
    _check(new, ("event_id", "time", "text"), ("event_id", "time"))
    new = new.select(["event_id", "time", "text"]).cast(
        pa.schema([("event_id", pa.string()), ("time", TIME), ("text", pa.large_string())])
    )
    earlier = INDEX_SCHEMA.empty_table() if known is None else known
    _check(earlier, INDEX_SCHEMA.names, INDEX_SCHEMA.names)
    earlier = earlier.sort_by([("time", "ascending"), ("event_id", "ascending")])
    order = pc.sort_indices(new, [("time", "ascending"), ("event_id", "ascending")])
    posts = new.take(order)
    signatures = compute_signatures(pack_texts(posts["text"]))
    families = pc.fill_null(pc.index_in(earlier["family_id"], earlier["event_id"].combine_chunks()), -1).to_numpy()
    families = np.where(families < 0, np.arange(len(families)), families).astype(np.int64)
    whole = join_signatures([Signatures.from_arrow(earlier.select(SIGNATURE_SCHEMA.names)), signatures])
    found = find_clusters(whole, rules=rules, known=Known(families))
    ids = pa.concat_arrays([*earlier["event_id"].cast(pa.string()).chunks, *posts["event_id"].chunks])
    stated = pa.concat_arrays([*earlier["family_id"].cast(pa.string()).chunks, *posts["event_id"].chunks])
    return _write(posts, signatures, found, (ids, stated), np.argsort(order.to_numpy(), kind="stable"))


def _write(
    posts: pa.Table, signatures: Signatures, found: Clusters, ids: tuple[pa.Array, pa.Array], back: pa.Array
) -> Assigned:
    first_new = len(found.clusters) - len(posts)
    clusters, kinds = found.clusters[first_new:], found.kinds[first_new:]
    cluster_ids = ids[0].take(pa.array(clusters))
    family_ids = ids[1].take(pa.array(found.families[first_new:]))
    is_first = pc.equal(cluster_ids, posts["event_id"].combine_chunks())
    kind = pa.array(np.where(is_first.to_numpy(False) & (kinds != Kind.REWRITTEN), 0, kinds), pa.int8())
    columns = [
        posts["event_id"].combine_chunks(),
        cluster_ids,
        family_ids,
        KIND_NAMES.take(kind),
        pc.if_else(pc.equal(kind, 0), pa.scalar(None, pa.float32()), pa.array(found.similarities[first_new:])),
        is_first,
    ]
    rows = pa.Table.from_arrays(columns, schema=ASSIGNED_SCHEMA)
    has_text = np.diff(signatures.letters.offsets) > 0
    fresh = pa.array(np.flatnonzero((clusters == np.arange(first_new, len(found.clusters))) & has_text))
    index = pa.table({"event_id": posts["event_id"], "time": posts["time"], "family_id": family_ids})
    for name, column in zip(SIGNATURE_SCHEMA.names, signatures.to_arrow().columns, strict=True):
        index = index.append_column(name, column)
    return Assigned(rows.take(pa.array(back)), index.take(fresh).cast(INDEX_SCHEMA))


def _check(table: pa.Table, names: tuple[str, ...] | list[str], filled: tuple[str, ...] | list[str]) -> None:
    missing = [name for name in names if name not in table.column_names]
    if missing:
        raise BadInput(
            Words(f"表里缺少这些列：{'、'.join(missing)}。", f"The table lacks these columns: {', '.join(missing)}."),
            mend=Words("请补上它们。", "Add them."),
        )
    empty = [name for name in filled if table[name].null_count]
    if empty:
        raise BadInput(
            Words(f"这些列里有空值：{'、'.join(empty)}。", f"These columns hold nulls: {', '.join(empty)}."),
            mend=Words("每一行都要有编号和时间。", "Every row needs an id and a time."),
        )
