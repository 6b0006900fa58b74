"""Topics: speed on one core, and purity and normalised mutual information against a hot list's own topics."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from canyu.listen.topics import Topics, find_topics

SHARED = Path(os.environ.get("CANYU_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
DAYS = ("2026-08-19",)  # thresholds were chosen on 08-15 and 08-18
PEER_FEATURES = 20_000


def load_days() -> tuple[pa.Table, NDArray[np.int64]]:
    """Return the posts of the days, and the first topic that each stands under; the hold-out is not in the folder."""
    folder = SHARED / "weibo_topics_2026"
    first: dict[int, int] = {}
    for row in pq.read_table(folder / "post_topics.parquet").to_pylist():
        first.setdefault(row["post_no"], row["topic_no"])
    posts = pq.read_table(folder / "posts.parquet")
    day = pc.strftime(posts["created_at"], "%Y-%m-%d")
    known = pc.is_in(posts["post_no"], pa.array(sorted(first)))
    posts = posts.filter(pc.and_(pc.is_in(day, pa.array(DAYS)), known)).sort_by("created_at").combine_chunks()
    numbers = posts["post_no"].to_pylist()
    table = pa.table(
        {
            "event_id": posts["post_no"].cast(pa.string()),
            "time": posts["created_at"],
            "text": posts["text"],
            "day": pc.strftime(posts["created_at"], "%Y-%m-%d"),
        }
    )
    return table, np.array([first[number] for number in numbers])


def judge(truth: NDArray[np.int64], groups: NDArray[np.int64]) -> dict[str, float]:
    from sklearn.metrics import adjusted_mutual_info_score, normalized_mutual_info_score

    by_group: dict[int, Counter[int]] = defaultdict(Counter)
    for topic, group in zip(truth.tolist(), groups.tolist(), strict=True):
        by_group[group][topic] += 1
    purity = sum(found.most_common(1)[0][1] for found in by_group.values()) / len(truth)
    return {
        "purity": round(purity, 4),
        "nmi": round(float(normalized_mutual_info_score(truth, groups)), 4),
        "ami": round(float(adjusted_mutual_info_score(truth, groups)), 4),
    }


def run_own(days: Sequence[pa.Table]) -> tuple[list[Topics], float]:
    busy = time.process_time()
    found = [find_topics(day) for day in days]
    return found, time.process_time() - busy


def run_peer(days: Sequence[pa.Table], sizes: Sequence[int]) -> tuple[list[NDArray[np.int64]], float]:
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.feature_extraction.text import TfidfVectorizer

    busy = time.process_time()
    found = []
    for day, size in zip(days, sizes, strict=True):
        vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(2, 4), max_features=PEER_FEATURES, sublinear_tf=True)
        vectors = vectorizer.fit_transform(day["text"].to_pylist())
        found.append(MiniBatchKMeans(size, random_state=0, n_init=1, batch_size=2048).fit_predict(vectors))
    return found, time.process_time() - busy


def read_groups(day: pa.Table, found: Topics) -> NDArray[np.int64]:
    """Return a topic's number per post, -1 where a post is in none."""
    ids = {name: number for number, name in enumerate(sorted(set(found.members["topic_id"].to_pylist())))}
    members = found.members.select(["event_id", "topic_id"]).to_pylist()
    topic = {row["event_id"]: ids[row["topic_id"]] for row in members}
    return np.array([topic.get(event, -1) for event in day["event_id"].to_pylist()])


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core, for both
    pa.set_cpu_count(1)
    began = time.perf_counter()
    table, truth = load_days()
    places = [np.flatnonzero(np.array(table["day"].to_pylist()) == day) for day in DAYS]
    days = [table.take(pa.array(place)) for place in places]
    run_own(days[:1])  # loads compiled code
    own, own_seconds = run_own(days)
    groups = [read_groups(day, found) for day, found in zip(days, own, strict=True)]
    peers, peer_seconds = run_peer(days, [int(found.max()) + 1 for found in groups])
    mine = np.concatenate([np.where(found < 0, -1, found + 10_000 * at) for at, found in enumerate(groups)])
    theirs = np.concatenate([found + 10_000 * at for at, found in enumerate(peers)])
    real = np.concatenate([truth[place] + 100_000 * at for at, place in enumerate(places)])
    chosen = mine >= 0
    line = {
        "name": "topics",
        "value": round(len(mine) / own_seconds),
        "unit": "posts per CPU second of one core",
        "peer": round(len(mine) / peer_seconds),
        "peer_name": "scikit-learn TF-IDF (characters 2-4) + MiniBatchKMeans, as many topics",
        "ratio": round(peer_seconds / own_seconds, 1),
        "rows": len(mine),
        "covered": round(float(chosen.mean()), 4),
        "on_covered": {"canyu": judge(real[chosen], mine[chosen]), "peer": judge(real[chosen], theirs[chosen])},
        "on_all": {"canyu": judge(real, mine), "peer": judge(real, theirs)},
        "topics": sum(int(found.max()) + 1 for found in groups),
        "seconds": round(time.perf_counter() - began, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
