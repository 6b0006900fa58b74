"""The posts that show a burst: one per copy cluster, the loudest first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.bursts.alerts import Alert

MOST_POSTS = 10


def choose_evidence(posts: pa.Table, *, most: int = MOST_POSTS) -> tuple[str, ...]:
    """Return the ids of the posts that show best what is talked about.

    Parameters
    ----------
    posts
        Posts of the window: ``post_id`` (string), ``at`` (timestamp), ``cluster_id`` (string or integer; null: the
        post has no copy) and ``engagement`` (number; null: zero).
    most
        How many posts at most.

    Of each cluster stands its most engaged post, the earliest among equals. Clusters come by their voice,
    log(1 + copies) + log(1 + engagement of all), then by time. Raises ``BadInput`` for a missing column.

    """
    for name in ("post_id", "at", "cluster_id", "engagement"):
        if name not in posts.column_names:
            raise BadInput(Words(f"缺少“{name}”列。", f"the column “{name}” is missing."))
    if not len(posts):
        return ()
    ids = [str(value) for value in posts["post_id"].to_pylist()]
    at = posts["at"].cast(pa.timestamp("us", posts["at"].type.tz), safe=False).cast(pa.int64()).to_numpy()
    engaged = np.maximum(0.0, np.nan_to_num(pc.fill_null(posts["engagement"].cast(pa.float64()), 0.0).to_numpy()))
    names = [
        ("", place) if name is None else (str(name), -1) for place, name in enumerate(posts["cluster_id"].to_pylist())
    ]
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    clusters = np.array([places[name] for name in names])
    copies = np.bincount(clusters)
    voice = np.log1p(copies) + np.log1p(np.bincount(clusters, weights=engaged))
    best: dict[int, int] = {}
    for row in sorted(range(len(ids)), key=lambda row: (-engaged[row], at[row], ids[row])):
        best.setdefault(int(clusters[row]), row)
    ordered = sorted(best, key=lambda cluster: (-voice[cluster], at[best[cluster]], ids[best[cluster]]))
    return tuple(ids[best[cluster]] for cluster in ordered[:most])


def attach_evidence(alert: Alert, posts: pa.Table, *, most: int = MOST_POSTS) -> Alert:
    """Return the alert with its evidence, of the posts from its begin to its end; posts of other times are left out."""
    at = posts["at"]
    inside = pc.greater_equal(at, pa.scalar(alert.begin, at.type))
    if alert.ended is not None:
        inside = pc.and_(inside, pc.less(at, pa.scalar(alert.ended, at.type)))
    return replace(alert, evidence=choose_evidence(posts.filter(inside), most=most))
