"""One rumour's cascade as a case: who took it up when and from whom, and who was known to read whom before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import Words
from canyu.spread.cascades import Cascades
from canyu.spread.influence import Cascades as Actions
from canyu.spread.kernels.cascades import NO_TIME

HOUR_US = 3_600_000_000
TIE_SCHEMA = pa.schema([("source", pa.string()), ("target", pa.string()), ("time", pa.timestamp("us", "UTC"))])
"""``target`` took something up from ``source``, for the first time at ``time``."""


@dataclass(frozen=True, slots=True)
class Case:
    """A cascade from its post on; node n is one reaction, in order of time.

    ``accounts``: ids; ``people``: the account of each node, int32, (nodes,), and ``author`` that of the post, -1 where
    nobody knows. ``times_h``: hours since the post, float64, (nodes,). ``parents``: the node that each hangs on, -1 for
    the post, int32, (nodes,).
    """

    root: str
    posted: datetime
    accounts: pa.Array
    author: int
    people: NDArray[np.int32]
    times_h: NDArray[np.float64]
    parents: NDArray[np.int32]

    def count_seen(self, age_h: float) -> int:
        """Return how many reactions there were by an age."""
        return int(np.searchsorted(self.times_h, age_h, side="right"))

    def find_first(self) -> NDArray[np.bool_]:
        """Return which nodes are the first of their account, the author's left out, (nodes,)."""
        found = np.zeros(len(self.people), np.bool_)
        found[np.unique(self.people, return_index=True)[1]] = True
        return np.asarray(found & (self.people != self.author))


def read_case(cascades: Cascades, root: str) -> Case:
    """Return the cascade of one post; raises NotFound where it is not there, BadInput where it has no time.

    Reactions without a time are left out; one that is earlier than what it answers hangs on the post; a reaction whose
    account is not stated is a person of its own.
    """
    at = pc.index(cascades.fields.roots.cast(pa.string()), root).as_py()
    if at < 0:
        raise NotFound(
            Words(f"没有帖子 {root}。", f"there is no post {root}."),
            mend=Words("请检查根帖编号。", "Check the id of the post."),
        )
    begin, end = int(cascades.starts[at]), int(cascades.starts[at + 1])
    times, authors = cascades.times[begin:end], cascades.authors[begin:end].astype(np.int64)
    timed = np.flatnonzero(times[1:] != NO_TIME) + 1
    if not len(timed):
        raise BadInput(
            Words(f"帖子 {root} 的转发都没有时间。", f"no reaction to {root} has a time."),
            mend=Words("请给出每条转发的时间。", "State when each was made."),
        )
    start = int(times[0]) if times[0] != NO_TIME else int(times[timed].min())
    place = np.full(end - begin, -1, np.int64)
    place[timed] = np.arange(len(timed))
    above = np.where(cascades.parent[begin:end] >= 0, cascades.parent[begin:end] - begin, 0)[timed]
    parents = np.where(place[above] < np.arange(len(timed)), place[above], -1)
    nameless = np.flatnonzero(authors < 0)
    known = cascades.fields.accounts.cast(pa.string())
    authors[nameless] = len(known) + nameless
    own, numbers = np.unique(authors, return_inverse=True)
    names = pa.array([f"\x00{code}" for code in nameless.tolist()], pa.string())
    accounts = pa.concat_arrays([known, names]).take(
        pa.array(np.where(own < len(known), own, len(known) + np.searchsorted(nameless, own - len(known))))
    )
    return Case(
        root,
        datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=start),
        accounts,
        int(numbers[0]),
        numbers[timed].astype(np.int32),
        np.maximum((times[timed] - start) / HOUR_US, 0.0),
        parents.astype(np.int32),
    )


def learn_ties(actions: Actions) -> pa.Table:
    """Return TIE_SCHEMA from stated parents, each pair once, in order of time; ids as texts."""
    rows = np.flatnonzero(actions.parents >= 0)
    rows = rows[np.argsort(actions.times[rows], kind="stable")]
    pairs = actions.parents[rows] * np.int64(len(actions.ids)) + actions.users[rows]
    rows = rows[np.sort(np.unique(pairs, return_index=True)[1])]
    ids = actions.ids.cast(pa.string())
    columns = [ids.take(pa.array(ends[rows])) for ends in (actions.parents, actions.users)]
    return pa.table([*columns, pa.array(actions.times[rows], pa.timestamp("us", "UTC"))], schema=TIE_SCHEMA)
