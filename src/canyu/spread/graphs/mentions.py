"""Who names whom in public, as a graph of influence: from the texts of events, or from a table of pairs."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs.graph import Graph, build_graph

NAME = re.compile(r"(?<![A-Za-z0-9_.\-])@([\w\-]{1,30})")
QUOTED = "//@"  # what follows are the words of others: a chain of reposts, see cascades
MENTION_SCHEMA = pa.schema([("src", pa.string()), ("dst", pa.string()), ("weight", pa.int64())])
"""One row per pair: ``src`` names ``dst`` in ``weight`` texts."""


def find_mentions(events: pa.Table, names: pa.Table | None = None) -> pa.Table:
    """Return who names whom in the texts of events (columns actor and text), MENTION_SCHEMA, by actor and name.

    A mention is ``@`` and up to 30 letters, digits, ``_`` or ``-``, not within a word (an address is none), in the
    writer's own words: what stands after ``//@`` is quoted. A text that names somebody twice counts once; who names
    himself is left out. ``names``: columns name and actor; a name that is there is that account, the first of several,
    any other stays as ``@name``. Raises BadInput where a column is missing.
    """
    _check(events, ("actor", "text"))
    known: dict[str, str] = {}
    if names is not None:
        _check(names, ("name", "actor"))
        rows = zip(names["name"].to_pylist(), names["actor"].to_pylist(), strict=True)
        for name, actor in rows:
            if name is not None and actor is not None:
                known.setdefault(name, actor)
    spoken = events.filter(
        pc.and_(pc.is_valid(events["actor"]), pc.fill_null(pc.match_substring(events["text"], "@"), False))
    )
    counts: dict[tuple[str, str], int] = {}
    for actor, text in zip(spoken["actor"].to_pylist(), spoken["text"].to_pylist(), strict=True):
        for name in set(NAME.findall(text.split(QUOTED, 1)[0])):
            named = known.get(name, f"@{name}")
            if named != actor:
                counts[actor, named] = counts.get((actor, named), 0) + 1
    listed = sorted(counts.items())
    columns = [[pair[0] for pair, _ in listed], [pair[1] for pair, _ in listed], [count for _, count in listed]]
    return pa.table(columns, schema=MENTION_SCHEMA)


def build_mention_graph(table: pa.Table, names: pa.Table | None = None, chance: float = 0.0) -> Graph:
    """Build the graph in which influence flows from who is named to who names.

    ``table``: events (columns actor and text, see ``find_mentions``), or pairs: ``src`` names ``dst``, ``weight``
    times (once where there is no such column). With a ``chance`` above 0 an arc of weight w works with probability
    ``1 - (1 - chance) ** w``, as if each mention were one trial; without, the arcs have none, for the model that
    weighs arcs by in-degree. Raises BadInput where columns are missing, a weight is below 1 or the chance is not
    below 1.

    >>> graph = build_mention_graph(pa.table({"actor": ["u1", "u2"], "text": ["问 @小明", "@小明 @u3"]}))
    >>> graph.ids.to_pylist(), graph.arcs
    (['@小明', '@u3', 'u1', 'u2'], 3)
    """
    if not 0.0 <= chance < 1.0:
        raise BadInput(
            Words(f"概率 {chance:g} 不能使用。", f"the chance {chance:g} cannot be used."),
            mend=Words("请用 0 到 1 之间的数。", "Give a number from 0 to below 1."),
        )
    pairs = find_mentions(table, names) if "text" in table.column_names else table
    _check(pairs, ("src", "dst"))
    if not chance:
        return build_graph(pairs, "dst", "src")
    weight = np.ones(len(pairs)) if "weight" not in pairs.column_names else pairs["weight"].to_numpy().astype(float)
    if len(weight) and not weight.min() >= 1:
        row = int(np.argmin(weight >= 1)) + 1
        raise BadInput(
            Words(f"第 {row} 行的 weight 小于 1。", f"row {row}: weight is below 1."),
            mend=Words("weight 是提及的次数。", "weight is the number of mentions."),
        )
    worked = pa.array(-np.expm1(weight * np.log1p(-chance)))
    return build_graph(pairs.select(["src", "dst"]).append_column("chance", worked), "dst", "src", probability="chance")


def _check(table: pa.Table, columns: tuple[str, str]) -> None:
    for name in columns:
        if name not in table.column_names:
            raise BadInput(
                Words(f"缺少列“{name}”。", f"column {name} is missing."),
                mend=Words(
                    "事件需要 actor 与 text；成对的表需要 src 与 dst。",
                    "Events need actor and text; pairs need src and dst.",
                ),
            )
