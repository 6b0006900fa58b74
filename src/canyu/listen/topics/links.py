"""How topics go on from one period to the next: what each becomes of, by the likeness of centroids."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from canyu.listen.topics.grouping import Rows, find_near, renumber

NO_ROWS = Rows(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))


@dataclass(frozen=True, slots=True)
class State:
    """The topics of the last period: what the next one is linked to."""

    ids: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    centroids: Rows = NO_ROWS


@dataclass(frozen=True, slots=True)
class Lineage:
    """Per topic its id, its status and the ids it comes from; and which topics before ended."""

    ids: tuple[str, ...]
    statuses: tuple[str, ...]
    parents: tuple[tuple[str, ...], ...]
    ended: tuple[int, ...]


def link_topics(before: State, centroids: Rows, own_ids: Sequence[str], goes_on: float) -> Lineage:
    """Return how the topics of ``centroids`` come from those before; an id stays with the likeliest heir.

    ``own_ids``: what each topic is called where it is no heir.
    """
    (new, old), _ = renumber(centroids, before.centroids)
    back, back_cosine = find_near(new, old)
    on, on_cosine = find_near(old, new)
    back[back_cosine < goes_on] = -1
    on[on_cosine < goes_on] = -1
    ids, statuses, parents = [], [], []
    for topic, own_id in enumerate(own_ids):
        coming = np.flatnonzero(on == topic)
        origin = int(back[topic])
        is_heir = origin >= 0 and on[origin] == topic
        found = sorted({*coming.tolist(), *([origin] if origin >= 0 else [])})
        ids.append(before.ids[origin] if is_heir else own_id)
        statuses.append("new" if not found else "merged" if len(coming) > 1 else "continued" if is_heir else "split")
        parents.append(tuple(before.ids[number] for number in found))
    has_child = {*back[back >= 0].tolist()}
    ended = [number for number in range(len(before.ids)) if on[number] < 0 and number not in has_child]
    return Lineage(tuple(ids), tuple(statuses), tuple(parents), tuple(ended))


def make_id(seed: str) -> str:
    """Return an id for a new topic, the same for the same seed."""
    return hashlib.blake2b(seed.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
