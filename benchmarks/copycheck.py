"""Checking copy: flags on ordinary reviews, breaches caught and lawful copies passed, beside a plain word list."""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from canyu.listen.copycheck import RULES_VERSION, Finding, Severity, check_copies, check_copy

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("CANYU_SHARED", ROOT.parent / "shared" / "data"))
SETS = ROOT / "tests" / "data" / "copycheck"
HALVES = ("dev", "held_out", "probe")
FLAGS = {Severity.BLOCK, Severity.NEEDS_PROOF}
ROUNDS = 3
# The words that published lists of forbidden words share; each occurrence is a flag.
# fmt: off
PEER_WORDS = (
    "最", "第一", "唯一", "绝对", "顶级", "顶尖", "极致", "极品", "国家级", "世界级",
    "宇宙级", "首个", "首家", "首款", "首选", "首发", "独家", "全网", "全国首", "冠军",
    "王牌", "领袖", "领导品牌", "遥遥领先", "万能", "永久", "完美", "史上", "史无前例",
    "前无古人", "绝无仅有", "独一无二", "无与伦比", "空前", "巅峰", "终极", "至尊", "无敌",
    "100%", "百分之百", "国家免检", "驰名商标", "特供", "专供", "NO.1", "TOP1",
    "根治", "治愈", "保本", "稳赚", "零风险", "无副作用", "保过", "包过", "无人驾驶",
    "零事故",
)
# fmt: on


def check_by_list(texts: list[str]) -> list[bool]:
    return [any(word in text for word in PEER_WORDS) for text in texts]


def load_set(name: str) -> list[list[Any]]:
    return yaml.safe_load((SETS / f"{name}.yaml").read_text("utf-8"))


def is_caught(findings: tuple[Finding, ...], text: str, term: str) -> bool:
    """Say whether a flag covers part of the term at fault; a missing disclosure is told by its rule."""
    if not term:
        return any(each.rule == "ad-measures-9" and each.severity in FLAGS for each in findings)
    at = text.index(term)
    return any(each.severity in FLAGS and each.start < at + len(term) and each.end > at for each in findings)


def measure_half(half: str) -> dict[str, Any]:
    breaches, lawful = load_set(f"violations_{half}"), load_set(f"lawful_{half}")
    reports = [check_copy(text, industry=industry, is_paid=kind == "paid") for text, _, industry, kind in breaches]
    passed = [check_copy(text, industry=industry) for text, _, industry in lawful]
    told = [
        (ground, {each.ground.value for each in report.findings})
        for (_, ground, _), report in zip(lawful, passed, strict=True)
    ]
    return {
        "violations": len(breaches),
        "caught": sum(is_caught(r.findings, row[0], row[1]) for r, row in zip(reports, breaches, strict=True)),
        "caught_by_list": sum(check_by_list([row[0] for row in breaches])),
        "lawful": len(lawful),
        "passed": sum(not report.is_flagged for report in passed),
        "passed_by_list": sum(not flag for flag in check_by_list([row[0] for row in lawful])),
        "with_ground": sum(ground != "none" for ground, _ in told),
        "ground_named": sum(ground in grounds for ground, grounds in told if ground != "none"),
    }


def time_call(call: Callable[[list[str]], object], texts: list[str]) -> float:
    busy = time.process_time()
    call(texts)
    return time.process_time() - busy


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core, for both
    pa.set_cpu_count(1)
    began = time.perf_counter()
    table = pq.read_table(SHARED / "online_shopping_10_cats" / "reviews.parquet", columns=["review"])
    reviews = [review or "" for review in table["review"].to_pylist()]
    check_copies(reviews[:1000])
    own = sum(report.is_flagged for report in check_copies(reviews)) / len(reviews)
    peer = sum(check_by_list(reviews)) / len(reviews)
    speed = {
        name: round(len(reviews) / statistics.median(time_call(call, reviews) for _ in range(ROUNDS)))
        for name, call in (("canyu", check_copies), ("peer", check_by_list))
    }
    line = {
        "name": "copycheck",
        "value": round(100 * own, 2),
        "unit": "% of ordinary reviews flagged (lower is better)",
        "peer": round(100 * peer, 2),
        "peer_name": f"plain list of {len(PEER_WORDS)} forbidden words",
        "ratio": round(peer / own, 1),
        "rows": len(reviews),
        "seconds": round(time.perf_counter() - began, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "texts_per_cpu_second": speed,
        "sets": {half: measure_half(half) for half in HALVES},
        "rules": RULES_VERSION,
    }
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
