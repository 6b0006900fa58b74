"""Linking: hard cases by hand, boundaries, contexts, overlaps, and the automaton against a naive reference."""

from __future__ import annotations

import pickle
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from canyu.events.catalogue import Alias, Catalogue, get_brand, load_catalogue
from canyu.events.catalogue_file import parse_catalogue
from canyu.listen import PackedTexts, pack_texts
from canyu.listen.linking import Linker, Span

CASES = yaml.safe_load((Path(__file__).parent.parent / "data" / "linking_cases.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker(load_catalogue())


def link(linker: Linker, *texts: str) -> list[list[str]]:
    column = pa.array(texts, pa.string())
    return linker.link(pack_texts(column), column).to_pylist()


@pytest.mark.parametrize("group", CASES)
def test_hard_cases_are_linked_as_written_by_hand(linker: Linker, group: str) -> None:
    texts = [text for text, _ in CASES[group]]
    expected = [sorted({*ids, *map(get_brand, ids)}) for _, ids in CASES[group]]
    found = link(linker, *texts)
    wrong = [(text, ids, wanted) for text, ids, wanted in zip(texts, found, expected, strict=True) if ids != wanted]
    assert wrong == []


def test_there_are_more_than_a_hundred_hard_cases() -> None:
    assert sum(len(group) for group in CASES.values()) > 100


def make_catalogue(entries: str) -> Catalogue:
    return parse_catalogue(f"format: 1\nversion: t\nhome: a\nname: test\nentries:\n{entries}")


PLAIN = """
  - {id: a, kind: brand, name: a, aliases: [小米]}
  - {id: a/15, kind: product, name: a15, aliases: [小米15]}
  - {id: a/15-pro, kind: product, name: a15p, aliases: [小米15 Pro]}
  - {id: b, kind: brand, name: b, aliases: [{text: mi, case: exact}, {text: iphone, boundary: start}]}
  - {id: c, kind: brand, name: c, aliases: [{text: 理想, needs: [汽车, "~L9"], unless: ["~的", 梦], window: 4}]}
"""


@pytest.fixture(scope="module")
def plain() -> Linker:
    return Linker(make_catalogue(PLAIN))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("小米15 pro", ["a", "a/15-pro"]),
        ("小米15Pro", ["a", "a/15-pro"]),
        ("小米 - 15_pro", ["a", "a/15-pro"]),
        ("小米    15", ["a"]),  # four separators are a gap in the sentence
        ("小米15 project", ["a", "a/15"]),
        ("小米150", ["a"]),
        ("小米15.5", ["a"]),
        ("小 米", []),  # no separator inside a word
        ("mi 10", ["b"]),
        ("MI 10", []),
        ("iphones", ["b"]),
        ("xiphone", []),
        ("理想汽车", ["c"]),
        ("理想和五汽车", ["c"]),
        ("理想和五六汽车", []),
        ("理想的汽车", []),
        ("梦里的理想汽车", []),  # 梦 stands within four characters: undone
        ("梦里的那些理想汽车", ["c"]),
        ("理想L9", ["c"]),
    ],
)
def test_boundaries_gaps_case_and_contexts(plain: Linker, text: str, ids: list[str]) -> None:
    assert link(plain, text) == [ids]


def test_an_exact_alias_needs_the_text_as_it_was_written(plain: Linker) -> None:
    column = pa.array(["mi 10"])
    assert plain.link(pack_texts(column)).to_pylist() == [[]]
    assert plain.link(pack_texts(column), column).to_pylist() == [["b"]]


def test_spans_point_into_the_text_as_it_was_written(linker: Linker) -> None:
    text = "🎉ＳＵ７ Ultra比Model-Y快"
    assert linker.find_spans(text) == [Span(1, 10, "xiaomi/su7-ultra"), Span(11, 18, "tesla/model-y")]
    assert [text[span.start : span.end] for span in linker.find_spans(text)] == ["ＳＵ７ Ultra", "Model-Y"]


def test_one_span_may_name_two_entries_told_apart_by_context() -> None:
    both = "  - {id: a, kind: brand, name: a, aliases: [{text: x9, needs: [小鹏]}]}\n"
    both += "  - {id: b, kind: brand, name: b, aliases: [{text: x9, needs: [相机]}]}\n"
    linker = Linker(make_catalogue(both))
    assert link(linker, "小鹏x9", "x9相机", "小鹏x9相机", "x9") == [["a"], ["b"], ["a", "b"], []]


def test_a_batch_gives_what_each_text_gives_alone(linker: Linker) -> None:
    texts = [text for group in CASES.values() for text, _ in group]
    assert link(linker, *texts) == [link(linker, text)[0] for text in texts]


def test_a_pickled_linker_links_the_same(linker: Linker) -> None:
    again = pickle.loads(pickle.dumps(linker))  # noqa: S301 - our own bytes; how it travels to a worker
    assert link(again, "小米SU7 Ultra") == link(linker, "小米SU7 Ultra") == [["xiaomi", "xiaomi/su7-ultra"]]


def test_the_version_changes_with_any_alias(plain: Linker) -> None:
    assert plain.version == Linker(make_catalogue(PLAIN)).version
    assert plain.version != Linker(make_catalogue(PLAIN.replace("小米15]", "小米十五]"))).version


def test_codes_that_are_no_characters_find_nothing(plain: Linker) -> None:
    codes = np.array([0x1FFFFF, ord("小"), ord("米"), 0x7FFFFFFF, -1], np.int32)
    assert plain.link(PackedTexts(codes, np.array([0, 5], np.int64))).to_pylist() == [["a"]]


def test_a_million_overlapping_words_are_linked_in_linear_time(linker: Linker) -> None:
    text = "小米玉米" * 250_000
    assert link(linker, text) == [[]]
    assert link(linker, "小米su7" * 100_000) == [["xiaomi", "xiaomi/su7"]]


WORDS = st.sampled_from(
    ["小米", "15", "pro", "理想", "汽车", "的", "梦", "mi", "iphone", " ", "-", "x", "L9", "。", "7", "."]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=14).map("".join))
def test_the_automaton_finds_what_a_naive_search_finds(text: str) -> None:
    assert link(NAIVE_LINKER, text) == [link_naively(NAIVE_LINKER.catalogue, text)]


def link_naively(catalogue: Catalogue, text: str) -> list[str]:
    """Every alias as a regular expression, every rule as it is told in the documentation."""
    found = [
        (start, end, len(re.sub(r"\W", "", alias.text)), entry.id)
        for entry in catalogue.entries
        for alias in entry.aliases
        for start, end in find_naively(alias.text, text, alias.boundary, alias.case)
        if stands_right(alias, text, start, end)
    ]
    kept: list[tuple[int, int, int, str]] = []
    for hit in sorted(found, key=lambda hit: (-hit[2], hit[1], hit[0])):
        if all(hit[1] <= other[0] or hit[0] >= other[1] or hit[:2] == other[:2] for other in kept):
            kept.append(hit)
    return sorted({entry for *_, entry in kept} | {get_brand(entry) for *_, entry in kept})


def find_naively(word: str, text: str, boundary: str = "both", case: str = "any") -> list[tuple[int, int]]:
    signs = [sign for sign in word if sign not in " -"]
    kinds = ["digit" if sign.isdigit() else "letter" if sign.isascii() else "han" for sign in signs]
    splits = [a != b for a, b in pairwise(kinds)]
    split_after = {len(re.sub("[ -]", "", word[: gap.start()])) for gap in re.finditer("[ -]", word)}
    pattern = re.escape(signs[0])
    for place, sign in enumerate(signs[1:], 1):
        pattern += ("[ -]{0,3}" if splits[place - 1] or place in split_after else "") + re.escape(sign)
    if boundary in {"both", "start"} and kinds[0] != "han":
        pattern = r"(?<![a-zA-Z0-9])" + (r"(?<![0-9]\.)" if kinds[0] == "digit" else "") + pattern
    if boundary in {"both", "end"} and kinds[-1] != "han":
        pattern += r"(?![a-zA-Z0-9])" + (r"(?!\.[0-9])" if kinds[-1] == "digit" else "")
    flags = 0 if case == "exact" else re.IGNORECASE
    starts = range(len(text))
    return [found.span() for at in starts if (found := re.compile(pattern, flags).match(text, at))]


def stands_right(alias: Alias, text: str, start: int, end: int) -> bool:
    def holds(word: str) -> bool:
        if "~" in word:
            spans = find_naively(word.replace("~", alias.text), text, alias.boundary)
            return any(low <= start and end <= high for low, high in spans)
        near = [(low, high) for low, high in find_naively(word, text) if high <= start or low >= end]
        return any(low >= start - alias.window and high <= end + alias.window for low, high in near)

    if any(holds(word) for word in alias.unless):
        return False
    return not alias.needs or any(holds(word) for word in alias.needs)


NAIVE_LINKER = Linker(make_catalogue(PLAIN))
