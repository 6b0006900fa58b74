"""Whatever is given, there is a report or a refusal, in time."""

from __future__ import annotations

import re._parser as parser  # type: ignore[import-not-found]
import time
from collections.abc import Iterable
from typing import Any

import pytest

from canyu.listen.copycheck import check_copies, check_copy
from canyu.listen.copycheck.lexicon import load_lexicon
from canyu.listen.copycheck.plain import TRICKY

HOSTILE = [
    "",
    " " * 10_000,
    "\x00\x01\x1b[31m最好",
    "\ud800最好\udfff",
    "最" + "\u0301" * 500 + "好的锅",
    "👨‍👩‍👧‍👦" * 500,
    "\u202e最好的锅\u202c",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_odd_input_gets_a_report_with_true_places(text: str) -> None:
    report = check_copy(text, industry="car", is_paid=True)
    assert all(text[each.start : each.end] == each.term for each in report.findings)


@pytest.mark.parametrize(
    "piece", ["最", "首个", "1", "第一", "。", "1.", "「唯一", "不是最好", "续航1", "%", "zui", "(["]
)
def test_a_megabyte_of_anything_is_read_in_seconds(piece: str) -> None:
    began = time.process_time()
    check_copy(piece * (1_000_000 // len(piece)), industry="car")
    assert time.process_time() - began < 10


def test_findings_of_one_copy_are_bounded() -> None:
    assert len(check_copy("最好。" * 100_000).findings) == 1000


def test_many_copies_of_one_text_get_one_report_each() -> None:
    reports = check_copies(["最好的锅"] * 20_000)
    assert len(reports) == 20_000
    assert len(set(reports)) == 1


def is_anchored(nodes: Iterable[Any], anchor: frozenset[str]) -> bool:
    """Say whether every match of a parsed pattern holds an anchor character."""
    return any(holds_anchor(str(name), found, anchor) for name, found in nodes)


def holds_anchor(name: str, found: Any, anchor: frozenset[str]) -> bool:
    if name == "LITERAL":
        return chr(found) in anchor
    if name == "IN":
        ranges = [(each, each) if str(kind) == "LITERAL" else each for kind, each in found]
        return all(chr(code) in anchor for first, last in ranges for code in range(first, last + 1))
    if name == "BRANCH":
        return all(is_anchored(branch, anchor) for branch in found[1])
    if name == "SUBPATTERN":
        return is_anchored(found[3], anchor)
    return name in {"MAX_REPEAT", "MIN_REPEAT"} and found[0] > 0 and is_anchored(found[2], anchor)


def test_no_pattern_matches_a_text_without_its_anchor() -> None:
    lexicon = load_lexicon()
    entries = (*lexicon.families, *lexicon.claims)
    assert [each.name for each in entries if not is_anchored(parser.parse(each.pattern.pattern), each.anchor)] == []


def test_no_disguise_hides_from_the_quick_look() -> None:
    tricks = load_lexicon().tricks.values()
    assert [pattern for pattern in tricks if not is_anchored(parser.parse(pattern), TRICKY)] == []


def test_every_rule_named_is_explained() -> None:
    lexicon = load_lexicon()
    assert {claim.rule for claim in lexicon.claims} <= set(lexicon.articles)
