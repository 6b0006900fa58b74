"""Whatever is given, there is a report or a refusal, in time."""

from __future__ import annotations

import re
import time

import pytest

from canyu.listen.copycheck import check_copies, check_copy
from canyu.listen.copycheck.lexicon import load_lexicon

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


def test_every_anchor_is_in_what_its_pattern_finds() -> None:
    lexicon = load_lexicon()
    words = set(re.findall("[一-龥]{2,8}", " ".join(e.pattern.pattern for e in (*lexicon.families, *lexicon.claims))))
    for entry in (*lexicon.families, *lexicon.claims):
        found = [match[0] for word in words if (match := entry.pattern.search(word))]
        assert [word for word in found if entry.anchor.isdisjoint(word)] == []


def test_every_rule_named_is_explained() -> None:
    lexicon = load_lexicon()
    assert {claim.rule for claim in lexicon.claims} <= set(lexicon.articles)
