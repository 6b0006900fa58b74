"""From events of a lake to the table of reposts: each repost and comment is led up to the post that it spreads."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events import Verb
from canyu.events.traces import ERASED
from canyu.spread.cascades.fields import REPOST_SCHEMA, take_strings, to_codes
from canyu.spread.kernels.cascades import find_roots

SPREADING = (Verb.POST, Verb.REPOST, Verb.COMMENT)


def read_reposts(events: pa.Table) -> pa.Table:
    """Return the posts, reposts and comments of ``events`` (columns id, type, parent, actor, text, time) as reposts.

    A post is its own root. A repost's root is found along ``parent``; where that leads out of the table, the id it
    ends with is the root. Events that answer each other in a circle belong to the first of them in the table, and one
    that answers nothing is its own root. What hung on an erased post hangs on nothing: else the reposts of all erased
    posts would be one cascade. Other verbs are left out. ``name`` is null: events name no one.
    """
    kept = events.filter(pc.is_in(events["type"], pa.array([str(verb) for verb in SPREADING])))
    ids, parents = take_strings(kept, "id"), take_strings(kept, "parent")
    parents = pc.if_else(pc.equal(parents, ERASED), pa.scalar(None, parents.type), parents)
    is_post = np.array(pc.equal(kept["type"], str(Verb.POST)), np.bool_)
    above = to_codes(pc.index_in(parents, ids), -1)
    above[is_post] = -1
    top = find_roots(above)
    is_outside = np.array(pc.is_valid(parents), np.bool_) & (above < 0) & ~is_post
    roots = pc.if_else(pa.array(is_outside[top]), parents.take(pa.array(top)), ids.take(pa.array(top)))
    parents = pc.if_else(pa.array(is_post), pa.scalar(None, pa.large_string()), parents)
    nothing = pa.nulls(len(kept), pa.string())
    columns = [roots, ids, parents, kept["actor"], nothing, kept["text"], kept["time"]]
    return pa.table(columns, names=REPOST_SCHEMA.names).cast(REPOST_SCHEMA)
