"""Linking: hard cases by hand, boundaries, contexts, overlaps, and the automaton against a naive reference."""

from __future__ import annotations

import pickle
from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from canyu.events.catalogue import Catalogue, get_brand, load_catalogue
from canyu.events.catalogue_file import parse_catalogue
from canyu.listen import pack_texts
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
