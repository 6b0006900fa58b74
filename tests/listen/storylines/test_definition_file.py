"""Files of storylines: the shipped one is sound, and what is wrong with another is told by line, field and mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from canyu.kit.errors import BadInput, NotFound
from canyu.listen.storylines import check_storylines, open_storylines, parse_storylines

GOOD = """format: 1
version: t
name: test
storylines:
  - id: fast
    name: {zh: 快, en: Fast}
    brands: [a]
    phrases: [跑得*快]
    counters:
      - {id: slow, name: {zh: 慢, en: Slow}, examples: [比蜗牛还慢的手机]}
"""


def find_fields(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.field) for problem in check_storylines(text)]


def test_the_shipped_file_has_eight_storylines_each_with_a_counter_message() -> None:
    shipped = open_storylines()
    assert len(shipped.entries) == 8
    assert all(entry.counters and entry.examples and "xiaomi" in entry.brands for entry in shipped.entries)
    assert shipped.names["first-for-gaming/overheats"].en == "Overheats and drops frames in games"
    assert shipped.names["first-for-gaming/denied"].zh == "打游戏首选（否认）"


def test_a_good_file_is_read_as_it_is_written() -> None:
    entry = parse_storylines(GOOD).get("fast")
    assert (entry.phrases, entry.counters[0].id) == (("跑得*快",), "fast/slow")
    assert check_storylines(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("format: 1", "format: 9", (1, "format")),
        ("id: fast", "id: Fast Phone", (5, "id")),
        ("brands: [a]", "brands: []", (7, "brands")),
        ("brands: [a]", "brand: [a]", (7, "storylines.brand")),
        ("[跑得*快]", "[快]", (8, "phrases")),
        ("[跑得*快]", "[跑得**快]", (8, "phrases")),
        ("[跑得*快]", "跑得快", (8, "phrases")),
        ("id: slow", "id: denied", (10, "counters.id")),
        ("[比蜗牛还慢的手机]", "[慢]", (10, "counters.examples")),
        ("name: {zh: 快, en: Fast}", "name: {zh: 快}", (6, "name.en")),
    ],
)
def test_a_problem_is_told_with_its_line_and_field(old: str, new: str, place: tuple[int, str]) -> None:
    assert place in find_fields(GOOD.replace(old, new))


def test_a_second_storyline_of_the_same_id_is_refused() -> None:
    again = GOOD + "  - {id: fast, name: again, brands: [a], phrases: [飞快]}\n"
    with pytest.raises(BadInput, match="line 11, id: is there already"):
        parse_storylines(again)


@pytest.mark.parametrize("text", ["", "[", "- a", "a: &x [1]\nb: *x", "[" * 20, "storylines: 7", "\x00"])
def test_a_hostile_file_is_refused_and_never_crashes(text: str) -> None:
    assert check_storylines(text) != []


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        open_storylines(str(tmp_path / "none.yaml"))
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(BadInput, match="not UTF-8"):
        open_storylines(str(tmp_path / "bytes.yaml"))
