from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from canyu.listen.copies import assign_clusters, compute_signatures, find_clusters, find_coordination
from canyu.listen.text import pack_texts

pytestmark = pytest.mark.real


def read_weibo(folder: Path) -> pa.Table:
    posts = pq.read_table(folder / "weibo_topics_2026" / "posts.parquet")
    ids, times = pc.cast(posts["post_no"], pa.string()), posts["created_at"].cast(pa.timestamp("us", "UTC"))
    return pa.table({"event_id": ids, "time": times, "actor": posts["user_key"], "text": posts["text"]})


def test_edited_reviews_are_found_and_other_reviews_are_not(shared_data: Path) -> None:
    rng = random.Random(4)
    reviews = pq.read_table(shared_data / "online_shopping_10_cats" / "reviews.parquet")["review"].to_pylist()
    texts = list(dict.fromkeys(text.strip() for text in reviews if 15 <= len(text.strip()) <= 200))[:20_000]
    pool = "".join(texts[:500])
    edited = ["".join(rng.choice(pool) if rng.random() < 0.1 else c for c in text) for text in texts[:3_000]]
    found = find_clusters(compute_signatures(pack_texts(pa.array(texts + edited))))
    assert np.mean(found.families[20_000:] == found.families[:3_000]) > 0.9
    assert np.mean(found.families[:20_000] != np.arange(20_000)) < 0.02


def test_clusters_of_three_days_are_those_of_one_batch(shared_data: Path) -> None:
    posts = read_weibo(shared_data).sort_by("time").slice(40_000, 15_000)
    whole, index, parts = assign_clusters(posts).rows, None, []
    for start in range(0, 15_000, 5_000):
        found = assign_clusters(posts.slice(start, 5_000), index)
        index = found.index if index is None else pa.concat_tables([index, found.index])
        parts.append(found.rows)
    again = pa.concat_tables(parts)
    assert pc.mean(pc.equal(again["cluster_id"], whole["cluster_id"]).cast(pa.float64())).as_py() > 0.995


def test_shuffled_times_leave_no_coordination_on_weibo(shared_data: Path) -> None:
    posts = read_weibo(shared_data)
    times = posts["time"].cast(pa.int64()).to_numpy()
    day = (times + 8 * 3_600 * 10**6) // (86_400 * 10**6)
    shuffled = times.copy()
    shuffled[np.argsort(day, kind="stable")] = times[np.lexsort((np.random.default_rng(2).random(len(times)), day))]
    at_random = posts.set_column(1, "time", pa.array(shuffled, pa.timestamp("us", "UTC")))
    assert len(find_coordination(posts, seed=1)) > 100
    assert len(find_coordination(at_random, seed=1)) <= 1
