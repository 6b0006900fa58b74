"""What is computed from scored events: what each post set off, and the time of brands on hot lists."""

from __future__ import annotations

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.events import Lake, Verb
from canyu.events.tables import BOARD_SCHEMA, LONGEST_GAP_MINUTES
from canyu.listen.batch import TextLinker
from canyu.listen.parts import cut, pack_days
from canyu.listen.text import pack_texts

OWN_WORDS = (Verb.POST, Verb.COMPLAIN, Verb.SUBMIT, Verb.RATE)
"""What a person publishes; each is a root that others answer."""

CHILDREN = {Verb.REPOST: "reposts", Verb.COMMENT: "comments", Verb.LIKE: "likes"}
POSTS_PER_PART = 250_000
MAX_SPELL_MINUTES = 366 * 24 * 60
BOARD_COLUMNS = tuple(name for name in BOARD_SCHEMA.names if name != "model_version")
MAX_DOUBLINGS = 24  # chains of up to 2**24 reposts; what has not ended then is a loop

Hashes = NDArray[np.int64]


def build_engagement(lake: Lake, model_version: str) -> Iterator[pa.Table]:
    """Yield one row per post, by time: the larger of what was seen and what the source states, per kind.

    A repost, comment or like counts for the post at the root of its chain of parents, whatever the depth; where that
    root is not in the lake it counts for nothing.
    """
    events, scores = lake.scan("events"), lake.scan("scores")
    scores = scores.filter(scores.model_version == model_version)
    seen = count_descendants(lake, events)
    posts = events.filter(events.type.isin(list(OWN_WORDS)))
    days = lake.engine.run(posts.group_by("day").aggregate(rows=posts.count()).order_by("day")).to_pylist()
    for part in pack_days((day["day"], day["rows"], day["rows"] / POSTS_PER_PART) for day in days):
        of_part = cut(scores, part, scores.event_id).select("event_id", "links")
        rows = measure_posts(lake, cut(posts, part, posts.id), of_part, seen)
        yield rows.append_column("model_version", pa.repeat(pa.scalar(model_version), rows.num_rows))


def measure_posts(lake: Lake, posts: ir.Table, scores: ir.Table, seen: pa.Table) -> pa.Table:
    """Return the engagement of some posts: their links and brands, and per kind the larger of seen and stated."""
    posts = posts.select("id", "time", "market", "channel", "props", key=posts.id.hash())
    counted = ibis.memtable(seen)
    rows = posts.left_join(scores, posts.id == scores.event_id).drop("event_id")
    rows = rows.left_join(counted, rows.key == counted.root)
    stated = rows.props.try_cast("json")
    counts = {
        name: ibis.greatest(rows[name].fill_null(0), stated[name].unwrap_as("int64").fill_null(0))
        for name in CHILDREN.values()
    }
    rows = rows.select("time", "market", "channel", "links", event_id=rows.id, **counts)
    table = lake.engine.run(rows.order_by("time", "event_id"))
    total = pc.add(pc.add(table["reposts"], table["comments"]), table["likes"])
    return table.append_column("brands", keep_brands(table["links"])).append_column("total", total)


def count_descendants(lake: Lake, events: ir.Table) -> pa.Table:
    """Return, per root that has any, the hash of its id and its reposts, comments and likes."""
    roots = events.filter(events.type.isin(list(OWN_WORDS)))
    keys = np.unique(lake.engine.run(roots.select(key=roots.id.hash()))["key"].to_numpy())
    kids = events.filter(events.type.isin(list(CHILDREN)), events.parent.notnull())
    kind = ibis.cases(*((kids.type == verb, place) for place, verb in enumerate(CHILDREN)))
    table = lake.engine.run(kids.select(key=kids.id.hash(), above=kids.parent.hash(), kind=kind.cast("int8")))
    root = find_roots(keys, table["key"].to_numpy(), table["above"].to_numpy())
    kinds = table["kind"].to_numpy()
    counts = [np.bincount(root[(kinds == place) & (root >= 0)], minlength=len(keys)) for place in range(len(CHILDREN))]
    found = np.flatnonzero(np.sum(counts, axis=0))
    columns = {name: count[found].astype(np.int64) for name, count in zip(CHILDREN.values(), counts, strict=True)}
    return pa.table({"root": keys[found], **columns})


def find_roots(roots: Hashes, nodes: Hashes, parents: Hashes) -> NDArray[np.int64]:
    """Return for each node the place of its root in ``roots``, or -1 where its chain ends elsewhere or in a loop.

    Pointer doubling: after k rounds every node points 2**k steps up. Hashes are 64 bits wide; at 10 million ids the
    chance that any two meet is 3 in a million.

    >>> find_roots(np.array([10, 20]), np.array([1, 2, 3, 4]), np.array([20, 1, 99, 4])).tolist()
    [1, 1, -1, -1]
    """
    known = np.concatenate([roots, nodes])
    order = np.argsort(known, kind="stable")
    place = np.searchsorted(known[order], parents) if len(known) else np.zeros(len(parents), np.int64)
    nowhere = len(known)
    above = np.append(order, nowhere)[np.minimum(place, nowhere)]
    above[np.append(known, 0)[above] != parents] = nowhere
    jump = np.concatenate([np.arange(len(roots)), above, [nowhere]])
    for _ in range(MAX_DOUBLINGS):
        further = jump[jump]
        if np.array_equal(further, jump):
            break
        jump = further
    found = jump[len(roots) : nowhere]
    return np.where(found < len(roots), found, -1)


def keep_brands(links: pa.ChunkedArray) -> pa.Array:
    """Return per row only the links that are brands; null stays null."""
    column = links.combine_chunks() if isinstance(links, pa.ChunkedArray) else links
    flat = column.flatten()
    is_brand = pc.invert(pc.match_substring(flat, "/"))
    before = np.concatenate([[0], np.cumsum(is_brand.to_numpy(zero_copy_only=False))]).astype(np.int32)
    ends = np.cumsum(np.concatenate([[0], pc.fill_null(pc.list_value_length(column), 0).to_numpy()]))
    return pa.ListArray.from_arrays(pa.array(before[ends]), flat.filter(is_brand), mask=pc.is_null(column))


def build_board(lake: Lake, linker: TextLinker, model_version: str) -> pa.Table:
    """Return the time on hot lists of every title that names a brand, one row per title, brand and spell.

    ``hot_rank`` facts are snapshots: a title is on the list until the list's next snapshot. Where that is more than
    two hours away, or there is none, the time on the list is unknown: the row ends where it starts. A list is a
    channel, a source and ``props.board``.
    ``hot_spell`` facts are whole spells: ``value`` minutes from ``time``.
    """
    events = lake.scan("events")
    facts = events.filter(events.type == Verb.OBSERVE)
    props = facts.props.try_cast("json")
    facts = facts.mutate(
        metric=props["metric"].unwrap_as("string"),
        stated_rank=props["top_rank"].unwrap_as("int64"),
        title=ibis.coalesce(facts.text, facts.object),
        board=ibis.coalesce(props["board"].unwrap_as("string"), ""),
        place=facts.channel.fill_null(""),
        heat=props["heat"].unwrap_as("int64"),
    )
    facts = facts.filter(facts.metric.isin(["hot_rank", "hot_spell"]), facts.title.notnull(), facts.title != "")
    titles = link_titles(lake, facts, linker)
    rows = ibis.union(place_snapshots(facts, titles), place_spells(facts, titles))
    table = lake.engine.run(rows.order_by("start", "event_id", "brand"))
    columns = {name: table[name] for name in table.column_names}
    columns["model_version"] = pa.repeat(pa.scalar(model_version), table.num_rows)
    return pa.table([columns[name] for name in BOARD_SCHEMA.names], names=BOARD_SCHEMA.names)


def link_titles(lake: Lake, facts: ir.Table, linker: TextLinker) -> ir.Table:
    """Return the titles that name a brand, one row per title and brand."""
    titles = lake.engine.run(facts.select("title").distinct())["title"].combine_chunks()
    brands = keep_brands(linker.link(pack_texts(titles), titles))
    return ibis.memtable(pa.table({"title": titles.take(pc.list_parent_indices(brands)), "brand": brands.flatten()}))


def place_snapshots(facts: ir.Table, titles: ir.Table) -> ir.Table:
    """Return the linked snapshots with the time each one stands for: none where the next is too far away."""
    ranks = facts.filter(facts.metric == "hot_rank")
    list_key = ["place", "source", "board"]  # two captures of one list, or two lists of one channel, are kept apart
    times = ranks.select(*list_key, "time").distinct()
    following = times.time.lead().over(group_by=list_key, order_by="time")
    is_known = following <= times.time + ibis.interval(minutes=LONGEST_GAP_MINUTES)
    times = times.mutate(end=ibis.ifelse(is_known, following, times.time))
    rows = ranks.inner_join(titles, "title").inner_join(times, [*list_key, "time"])
    rows = rows.mutate(event_id=rows.id, start=rows.time, top_rank=rows.value, is_spell=ibis.literal(False))
    return rows.select(*BOARD_COLUMNS)


def place_spells(facts: ir.Table, titles: ir.Table) -> ir.Table:
    """Return the linked spells; a length below zero or over a year is cut."""
    spells = facts.filter(facts.metric == "hot_spell")
    rows = spells.inner_join(titles, "title")
    minutes = rows.value.clip(0, MAX_SPELL_MINUTES).as_interval("m")
    ends = rows.time + minutes
    rows = rows.mutate(
        event_id=rows.id, start=rows.time, end=ends, top_rank=rows.stated_rank, is_spell=ibis.literal(True)
    )
    return rows.select(*BOARD_COLUMNS)
