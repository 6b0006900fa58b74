"""Near copies: posts a second on one core, recall of planted edits and precision, against rensa and datasketch."""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import sys
import time
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from canyu.listen.copies import Clusters, compute_signatures, find_clusters
from canyu.listen.text import pack_texts

SHARED = Path(os.environ.get("CANYU_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
SOURCES = (
    ("online_shopping_10_cats/reviews.parquet", "review"),
    ("weibo2018_sentiment/posts.parquet", "text"),
    ("smp2020_ewect/posts.parquet", "text"),
    ("weibo_topics_2026/posts.parquet", "text"),
)
POSTS, EDITED, SMALL_POSTS, SMALL_EDITED = 80_000, 5_000, 12_000, 1_500
MARKS, INSERTS = "，。！？、；,.!? ~…", ("😂", "👍", "[doge]", "#好物分享#", "❤️", "#今日话题#")
TRUE = 0.4  # Jaccard index of 3-grams from which two posts of different origin count as copies
ROUNDS = 3


def load_posts() -> list[str]:
    columns = (pq.read_table(SHARED / file)[column].to_pylist() for file, column in SOURCES)
    found = [(text or "").strip() for column in columns for text in column]
    return [text for text in found if 15 <= len(text) <= 200][:POSTS]


def list_edits(posts: list[str], rng: random.Random) -> dict[str, Callable[[str], str]]:
    """Return the seven edits of research section 3.2; replaced characters are drawn from real posts."""
    letters = "".join(posts[:2000])

    def replace(text: str, share: float) -> str:
        return "".join(rng.choice(letters) if rng.random() < share else letter for letter in text)

    def mark(text: str) -> str:
        changed = (rng.choice(MARKS) if letter in MARKS else letter for letter in text)
        return "".join(letter + (rng.choice(MARKS) if rng.random() < 0.1 else "") for letter in changed)

    def insert(text: str) -> str:
        for _ in range(3):
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice(INSERTS) + text[at:]
        return text

    def shuffle(text: str) -> str:
        clauses = [clause for clause in re.split(r"(?<=[，。！？、；,.!?])", text) if clause]
        rng.shuffle(clauses)
        return "".join(clauses)

    return {
        "punctuation": mark,
        "emoji and hashtags": insert,
        "10 % replaced": lambda text: replace(text, 0.1),
        "20 % replaced": lambda text: replace(text, 0.2),
        "12 % deleted": lambda text: "".join(letter for letter in text if rng.random() >= 0.12),
        "clauses shuffled": shuffle,
        "25 % prefix": lambda text: rng.choice(posts)[: max(1, len(text) // 4)] + text,
    }


def build_set(posts: list[str], edited: int, seed: int) -> tuple[list[str], NDArray[np.int64], dict[str, slice]]:
    """Return the texts, the number of each one's original, and where the variants of each edit lie."""
    texts, origins, places = list(posts), list(range(len(posts))), {}
    for name, edit in list_edits(posts, random.Random(seed)).items():
        places[name] = slice(len(texts), len(texts) + edited)
        texts += [edit(text) for text in posts[:edited]]
        origins += range(edited)
    return texts, np.array(origins), places


def judge(
    groups: NDArray[np.int64], origins: NDArray[np.int64], places: dict[str, slice], grams: list[frozenset[str]]
) -> dict[str, object]:
    """Return recall per edit, and precision over all pairs in one group and over those of different origin."""
    recall = {name: float((groups[place] == groups[origins[place]]).mean()) for name, place in places.items()}
    order = np.argsort(groups, kind="stable")
    bounds = np.flatnonzero(np.diff(groups[order], prepend=-1, append=-1))
    same = other = right = 0
    for low, high in pairwise(bounds):
        for left, second in combinations(order[low:high].tolist(), 2):
            if origins[left] == origins[second]:
                same += 1
                continue
            other += 1
            both = len(grams[left] & grams[second])
            right += both >= TRUE * max(len(grams[left]) + len(grams[second]) - both, 1)
    return {
        "recall": round(float(np.mean(list(recall.values()))), 4),
        "precision": round((same + right) / max(same + other, 1), 4),
        "precision_of_different_origin": round(right / max(other, 1), 4),
        "recall_by_edit": {name: round(value, 3) for name, value in recall.items()},
    }


def judge_rewritten(found: Clusters, origins: NDArray[np.int64], grams: list[frozenset[str]]) -> dict[str, object]:
    """Return how many first texts of clusters were joined to a family, and how many of them rightly."""
    joined = np.flatnonzero(found.kinds == 3)
    right = 0
    for text in joined.tolist():
        one, first = grams[text], grams[found.families[text]]
        both = len(one & first)
        right += origins[text] == origins[found.families[text]] or both >= TRUE * (len(one) + len(first) - both)
    return {"joined": len(joined), "right": round(right / max(len(joined), 1), 4)}


def shingle(texts: list[str]) -> list[list[str]]:
    """Return the 3-grams a peer is given: punctuation, blanks and emoji are left out."""
    kept = [re.sub(r"[^\w]|_", "", text) for text in texts]
    return [[text[at : at + 3] for at in range(max(len(text) - 2, 1))] for text in kept]


def list_grams(texts: list[str]) -> list[frozenset[str]]:
    """Return the 3-grams by which all are judged: the peers', in which topics, emoji names and quotes count too."""
    return [frozenset(grams) for grams in shingle(texts)]


def run_rensa(texts: list[str]) -> list[list[int]]:
    from rensa import RMinHash, RMinHashLSH

    index = RMinHashLSH(threshold=TRUE, num_perm=128, num_bands=32)
    signatures = []
    for number, grams in enumerate(shingle(texts)):
        signature = RMinHash(num_perm=128, seed=42)
        signature.update(grams)
        index.insert(number, signature)
        signatures.append(signature)
    return [
        [other for other in index.query(one) if other < number and one.jaccard(signatures[other]) >= TRUE]
        for number, one in enumerate(signatures)
    ]


def run_datasketch(texts: list[str]) -> list[list[int]]:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=TRUE, num_perm=128)
    found = []
    for number, grams in enumerate(shingle(texts)):
        signature = MinHash(num_perm=128)
        signature.update_batch([gram.encode() for gram in grams])
        found.append(list(index.query(signature)))
        index.insert(number, signature)
    return found


def judge_pairs(
    pairs: list[list[int]], origins: NDArray[np.int64], places: dict[str, slice], grams: list[frozenset[str]]
) -> dict[str, object]:
    """Return a peer's recall and precision over the pairs that it names (joined into clusters it would do worse)."""
    sets = [set(found) for found in pairs]
    recall = {
        name: float(np.mean([int(origins[at]) in sets[at] for at in range(place.start, place.stop)]))
        for name, place in places.items()
    }
    total = right = 0
    for text, found in enumerate(pairs):
        for other in found:
            total += 1
            both = len(grams[text] & grams[other])
            union = len(grams[text]) + len(grams[other]) - both
            right += bool(origins[text] == origins[other]) or both >= TRUE * max(union, 1)
    return {
        "recall": round(float(np.mean(list(recall.values()))), 4),
        "precision": round(right / max(total, 1), 4),
        "recall_by_edit": {name: round(value, 3) for name, value in recall.items()},
    }


def time_own(column: pa.Array) -> tuple[dict[str, float], Clusters]:
    """Return microseconds of CPU time per post by stage (medians), and what was found."""
    runs = []
    for _ in range(ROUNDS):
        marks = [time.process_time()]
        packed = pack_texts(column)
        marks.append(time.process_time())
        signatures = compute_signatures(packed)
        marks.append(time.process_time())
        found = find_clusters(signatures)
        marks.append(time.process_time())
        runs.append(np.diff(marks) / len(column) * 1e6)
    stages = np.median(runs, axis=0)
    return dict(zip(("pack", "signatures", "clusters"), stages.round(2).tolist(), strict=True)), found


def time_peer(run: Callable[[list[str]], list[list[int]]], texts: list[str]) -> tuple[int, list[list[int]]]:
    began = time.process_time()
    found = run(texts)
    return round(len(texts) / (time.process_time() - began)), found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--edited-from", type=int, default=0, help="the first post that is edited")
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--without-peers", action="store_true")
    given = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core, for all
    pa.set_cpu_count(1)
    began = time.perf_counter()
    posts = load_posts()
    posts = posts[given.edited_from :] + posts[: given.edited_from]
    texts, origins, places = build_set(posts, EDITED, given.seed)
    column = pa.array(texts, pa.string())
    find_clusters(compute_signatures(pack_texts(column[:1000])))
    stages, found = time_own(column)
    peak_mb = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    grams = list_grams(texts)
    value = round(1e6 / sum(stages.values()))
    line: dict[str, object] = {
        "name": "neardup",
        "value": value,
        "unit": "posts per CPU second of one core, text to cluster",
        "microseconds_per_post": stages,
        "rows": len(texts),
        "peak_mb": peak_mb,
        "families": judge(found.families, origins, places, grams),
        "clusters": judge(found.clusters, origins, places, grams),
        "rewritten": judge_rewritten(found, origins, grams),
    }
    if not given.without_peers:
        speed, pairs = time_peer(run_rensa, texts)
        line |= {"peer": speed, "peer_name": "rensa RMinHash + LSH, 128 permutations, 32 bands"}
        line |= {"ratio": round(value / speed, 1), "peer_quality": judge_pairs(pairs, origins, places, grams)}
        texts, origins, places = build_set(posts[:SMALL_POSTS], SMALL_EDITED, given.seed)
        grams = list_grams(texts)
        speed, pairs = time_peer(run_datasketch, texts)
        line["datasketch"] = {"posts_per_s": speed, "rows": len(texts), **judge_pairs(pairs, origins, places, grams)}
    line["seconds"] = round(time.perf_counter() - began, 1)
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
