"""One cascade: its shape, the part of the tree that is looked at, its pace, its carriers, and its reposts by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.ops.travel.rules import name_account
from canyu.ops.travel.travels import Travel
from canyu.spread.cascades import How
from canyu.spread.cascades.how import CONFIDENCES, WAYS
from canyu.spread.cascades.layout import list_ancestors
from canyu.spread.kernels.cascades import NO_TIME

SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Repost:
    """One node of a tree as a page shows it; ``parent`` is the account it hangs on, ``below`` the reposts under it."""

    node: int
    id: str
    account: Words
    actor: str
    time: datetime | None
    age_s: float | None
    parent: Words
    how: How
    confidence: float
    depth: int
    below: int
    direct: int
    is_root: bool

    @property
    def is_sure(self) -> bool:
        """Whether the source states on what it hangs."""
        return self.is_root or self.confidence == 1.0


@dataclass(frozen=True)
class OneCascade:
    """One tree of a view, and the node from which on it is looked at."""

    travel: Travel
    place: int
    top: int
    may_see: bool

    @property
    def shape(self) -> dict[str, Any]:
        """What was measured of the tree."""
        row: dict[str, Any] = self.travel.shapes.slice(self.place, 1).to_pylist()[0]
        return row

    @property
    def post(self) -> dict[str, Any]:
        """What is known of the post: root, time, author, channel, campaign, is_known."""
        row: dict[str, Any] = self.travel.roots.slice(self.place, 1).to_pylist()[0]
        return row

    @property
    def start(self) -> int:
        """The node of the post."""
        return int(self.travel.cascades.starts[self.place])

    @property
    def end(self) -> int:
        """The node after the last."""
        return int(self.travel.cascades.starts[self.place + 1])

    @cached_property
    def begin(self) -> int:
        """The moment from which ages count, in microseconds since 1970."""
        return int(self.travel.roots["time"][self.place].cast(pa.int64()).as_py())

    @cached_property
    def ids(self) -> list[str]:
        """The id of each node, from the post on."""
        codes = self.travel.cascades.node_ids[self.start : self.end]
        found = self.travel.cascades.fields.vocabulary.take(pa.array(codes, mask=codes < 0))
        return [name or "" for name in found.to_pylist()]

    @cached_property
    def numbers(self) -> dict[int, int]:
        """The accounts, numbered in the order of their first repost."""
        authors = self.travel.cascades.authors[self.start : self.end]
        codes, first = np.unique(authors, return_index=True)
        order = np.argsort(first, kind="stable")
        known = [int(code) for code in codes[order] if code >= 0]
        return {code: number for number, code in enumerate(known, 1)}

    @property
    def ages(self) -> NDArray[np.float64]:
        """The seconds from the post to each timed repost, in order; a clock that runs behind counts as 0."""
        times = self.travel.cascades.times[self.start + 1 : self.end]
        times = times[times != NO_TIME]
        return np.asarray(np.maximum(np.sort(times) - self.begin, 0) / SECOND, np.float64)

    @property
    def sure(self) -> float:
        """The share of its edges that the source states, in per cent."""
        how = self.travel.cascades.how[self.start + 1 : self.end]
        return float(100 * (CONFIDENCES[how] == 1).mean()) if len(how) else 100.0

    @property
    def days(self) -> tuple[datetime, datetime]:
        """The first and last moment of it, for what is read beside it."""
        row = self.shape
        begin = datetime.fromtimestamp(self.begin // SECOND, UTC)
        return min(begin, row["first"] or begin), max(begin, row["last"] or begin) + timedelta(seconds=1)

    def tell(self, node: int) -> Repost:
        """Return one node as a page shows it."""
        trees = self.travel.cascades
        time = int(trees.times[node])
        is_root = node == self.start
        above = int(trees.parent[node])
        how = WAYS[int(trees.how[node])]
        return Repost(
            node=node,
            id=self.ids[node - self.start],
            account=self.name(node),
            actor=self.get_actor(node),
            time=None if time == NO_TIME else datetime.fromtimestamp(time / SECOND, UTC),
            age_s=None if time == NO_TIME else max(time - self.begin, 0) / SECOND,
            parent=self.name(above) if above >= 0 else Words("", ""),
            how=how,
            confidence=1.0 if is_root else float(CONFIDENCES[trees.how[node]]),
            depth=int(trees.depth[node]),
            below=int(trees.size[node]) - 1,
            direct=int(trees.child_starts[node + 1] - trees.child_starts[node]),
            is_root=is_root,
        )

    def name(self, node: int) -> Words:
        """Return what the account of a node is called."""
        code = int(self.travel.cascades.authors[node])
        if node == self.start and code < 0:
            return Words("原帖", "the post")
        return name_account(self.get_actor(node), self.numbers.get(code, 0), self.may_see)

    def get_actor(self, node: int) -> str:
        """Return the key of the account of a node; empty where it is not known."""
        code = int(self.travel.cascades.authors[node])
        return str(self.travel.cascades.fields.accounts[code].as_py()) if code >= 0 else ""

    def list_way(self) -> list[Repost]:
        """Return the way from the post to the node that is looked at, both included."""
        return [self.tell(node) for node in list_ancestors(self.travel.cascades, self.top)]

    def list_below(self, page: int, rows: int) -> list[Repost]:
        """Return one page of the reposts below the node that is looked at: who was passed on most, then the earlier."""
        trees = self.travel.cascades
        enter = trees.enter[self.start : self.end]
        first, last = int(trees.enter[self.top]), int(trees.enter[self.top] + trees.size[self.top])
        nodes = self.start + np.flatnonzero((enter > first) & (enter < last))
        order = np.lexsort((nodes, -trees.size[nodes]))
        return [self.tell(int(node)) for node in nodes[order][(page - 1) * rows : page * rows]]

    def list_carriers(self, by: str, most: int) -> list[dict[str, Any]]:
        """Return the accounts that carried most of it, or joined most; those that did neither are left out."""
        rows = self.travel.carriers
        rows = rows.filter(pc.equal(rows["root"], self.shape["root"]))
        rows = rows.filter(pc.greater(pc.add(rows["carried"], rows["joined"]), 0))
        second = "bridging" if by == "carried" else "carried"
        rows = rows.sort_by([(by, "descending"), (second, "descending"), ("author", "ascending")]).slice(0, most)
        accounts = self.travel.cascades.fields.accounts.cast(pa.string())
        codes = pc.index_in(rows["author"].combine_chunks(), accounts).to_pylist()
        found = []
        for row, code in zip(rows.to_pylist(), codes, strict=True):
            name = name_account(row["author"], self.numbers.get(code, 0), self.may_see)
            found.append({**row, "account": name, "node": self.find_first(code)})
        return found

    def find_first(self, code: int) -> str:
        """Return the id of the repost of an account that has most under it."""
        trees = self.travel.cascades
        nodes = self.start + 1 + np.flatnonzero(trees.authors[self.start + 1 : self.end] == code)
        return self.ids[int(nodes[np.argmax(trees.size[nodes])]) - self.start]


def find_one(travel: Travel, post: str, at: str, may_see: bool) -> OneCascade:
    """Return one cascade of a view, looked at from a repost on (empty: from the post); raises NotFound."""
    place = travel.places.get(post)
    if place is None:
        raise NotFound(_("There is no such cascade in this period."), mend=_("Open it from the list of cascades."))
    whole = OneCascade(travel, place, int(travel.cascades.starts[place]), may_see)
    if not at or at == post:
        return whole
    if at not in whole.ids:
        raise NotFound(_("There is no such repost in this cascade."), mend=_("Open the cascade from its post."))
    return OneCascade(travel, place, whole.start + whole.ids.index(at), may_see)
