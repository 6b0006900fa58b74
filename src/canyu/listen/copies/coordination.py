"""Groups of accounts that post as one: shared rare traces, closer in time than shuffled times allow.

"Coordinated" tells what was seen. It is no accusation: who arranged it, and whether anybody did, the posts do not say.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.copies.background import Background, CoordinationRules, build_background
from canyu.listen.copies.groups import Group, describe_group
from canyu.listen.copies.index import TIME, assign_clusters
from canyu.listen.copies.ties import Ties, find_ties
from canyu.listen.copies.traces import build_traces
from canyu.listen.kernels.copies import join_pairs

REQUIRED = ("event_id", "time", "text")
OPTIONAL = ("actor", "channel", "type", "parent", "props", "cluster_id")


def find_coordination(posts: pa.Table, *, seed: int, rules: CoordinationRules | None = None) -> list[Group]:
    """Return the groups of accounts whose shared traces are closer in time or more regular than chance, largest first.

    ``posts``: ``event_id``, ``time`` (aware), ``text``, and where known ``actor``, ``channel``, ``type``, ``parent``,
    ``props`` and ``cluster_id`` (computed here where absent). Give all posts of the days, not only suspect ones: the
    times are shuffled among them. A post without an actor counts as an account of its own. The same rows and seed give
    the same groups. Raises BadInput where a column is missing, an id or a time is null, or times have no zone.
    """
    rules = rules or CoordinationRules()
    table = prepare_posts(posts)
    if not table.num_rows:
        return []
    background = build_background(table, rules)
    traces = build_traces(table, background.actors, rules.fewest_accounts)
    if not traces.kinds:
        return []
    ties = find_ties(background, traces, rules, seed)
    groups = [
        describe_group(table, background, (traces, ties), members, (rules, seed))
        for members in _gather_groups(background, ties, rules)
    ]
    return sorted(groups, key=lambda group: (-group.posts, group.group_id))


def _gather_groups(background: Background, ties: Ties, rules: CoordinationRules) -> list[NDArray[np.int64]]:
    """Return the ties of each group: the accounts that they tie together, directly or through others."""
    accounts = background.actors[ties.pairs]
    roots = join_pairs(int(background.actors.max()) + 1, np.ascontiguousarray(accounts))[accounts[:, 0]]
    order = np.argsort(roots, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(roots[order])) + 1) if len(order) else []
    return [chosen for chosen in groups if len(np.unique(accounts[chosen])) >= rules.fewest_accounts]


def prepare_posts(posts: pa.Table) -> pa.Table:
    """Return the posts by time with every column, clusters computed where absent; raises BadInput as stated above."""
    missing = [name for name in REQUIRED if name not in posts.column_names]
    if missing:
        raise BadInput(
            Words(f"表里缺少这些列：{'、'.join(missing)}。", f"The table lacks these columns: {', '.join(missing)}."),
            mend=Words("请补上它们。", "Add them."),
        )
    if not pa.types.is_timestamp(posts.schema.field("time").type) or posts.schema.field("time").type.tz is None:
        raise BadInput(
            Words("time 列没有时区。", "The column time has no time zone."),
            mend=Words("请使用带时区的时间。", "Give aware times."),
        )
    columns = {"event_id": posts["event_id"].cast(pa.string()), "time": posts["time"].cast(TIME, safe=False)}
    columns["text"] = posts["text"].cast(pa.large_string())
    for name in OPTIONAL:
        known = name in posts.column_names
        columns[name] = posts[name].cast(pa.string()) if known else pa.nulls(len(posts), pa.string())
    table = pa.table(columns)
    clusters = table["cluster_id"] if "cluster_id" in posts.column_names else assign_clusters(table).rows["cluster_id"]
    table = table.set_column(table.column_names.index("cluster_id"), "cluster_id", clusters)
    return table.sort_by([("time", "ascending"), ("event_id", "ascending")]).combine_chunks()
