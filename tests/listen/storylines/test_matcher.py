"""Matching: phrases, examples, what turns a message, hostile texts, and the hand-written sentences."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from canyu.listen import pack_texts
from canyu.listen.storylines import StorylineMatcher, get_stance, get_storyline, open_storylines

FOLDER = Path(__file__).parent


@pytest.fixture(scope="module")
def matcher() -> StorylineMatcher:
    return StorylineMatcher(open_storylines())


def match(matcher: StorylineMatcher, *texts: str | None) -> list[list[str]]:
    return matcher.match(pack_texts(pa.array(texts, pa.string()))).to_pylist()


def count(matcher: StorylineMatcher, name: str, stance: str) -> tuple[int, int, int]:
    """Return right, found and true (storyline, stance) pairs of a file of sentences."""
    groups = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    rows = [row for group in groups.values() for row in group]
    right = found = true = 0
    for (_, ids), answer in zip(rows, match(matcher, *(text for text, _ in rows)), strict=True):
        wanted = {get_storyline(one) for one in ids if get_stance(one) == stance}
        got = {get_storyline(one) for one in answer if get_stance(one) == stance}
        right, found, true = right + len(wanted & got), found + len(got), true + len(wanted)
    return right, found, true


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("红米打游戏首选！", ["first-for-gaming"]),
        ("打游戏，首选还得是红米", ["first-for-gaming"]),
        ("打游戏。首选晚饭吃面", []),
        ("红米打游戏不是首选", ["first-for-gaming/denied"]),
        ("红米打游戏首选吗", ["first-for-gaming/asked"]),
        ("不得不说，打游戏首选红米", ["first-for-gaming"]),
        ("谁说打游戏首选红米", ["first-for-gaming/denied"]),
        ("谁说红米打游戏不是首选", ["first-for-gaming"]),
        ("玩游戏不发烫", []),
        ("ＴＥＣＨＮＯＬＯＧＹ for everyone", ["technology-for-everyone"]),
        ("自研晶片", []),
        ("自研芯片真牛。米家天天掉线", ["one-ecosystem/does-not-connect", "own-chip"]),
        ("这个价格能买到这样的配置太值了", ["honest-price"]),
    ],
)
def test_a_message_is_found_with_its_stance(matcher: StorylineMatcher, text: str, ids: list[str]) -> None:
    assert match(matcher, text) == [ids]


def test_carried_messages_of_the_held_out_sentences_are_found_with_high_precision(matcher: StorylineMatcher) -> None:
    right, found, true = count(matcher, "held_out.yaml", "carries")
    assert true == 39
    assert right / found >= 0.95
    assert right / true >= 0.8


def test_counters_of_the_held_out_sentences_are_found(matcher: StorylineMatcher) -> None:
    right, found, true = count(matcher, "held_out.yaml", "counters")
    assert right / found >= 0.9
    assert right / true >= 0.9


def test_there_are_more_than_120_sentences_and_no_sentence_is_in_both_halves() -> None:
    halves = [yaml.safe_load((FOLDER / name).read_text("utf-8")) for name in ("dev.yaml", "held_out.yaml")]
    first, second = ({text for group in half.values() for text, _ in group} for half in halves)
    assert len(first) + len(second) > 120
    assert first & second == set()


def test_any_split_into_batches_gives_the_same_rows(matcher: StorylineMatcher) -> None:
    texts = ["红米打游戏首选！", "", "徕卡太绝了", "早", "这个价格能买到这样的配置太值了"] * 7
    assert match(matcher, *texts) == [row for text in texts for row in match(matcher, text)]


def test_hostile_texts_get_a_row_each(matcher: StorylineMatcher) -> None:
    texts = [
        None,
        "",
        "\x00\x01",
        "😀" * 500,
        "打游戏首选" * 20_000,
        "好的" * 200_000,
        "z̸̢̛͓a",
        "。" * 1000,
        "打游戏*首选",
        "𠀀" * 50,
    ]
    rows = match(matcher, *texts)
    assert len(rows) == len(texts)
    assert rows[4] == ["first-for-gaming"]
    assert rows[5] == []


def test_no_texts_give_no_rows(matcher: StorylineMatcher) -> None:
    found = matcher.match(pack_texts(pa.array([], pa.string())))
    assert (len(found), found.type) == (0, pa.list_(pa.string()))


def test_bytes_that_are_no_texts_are_read_as_far_as_they_go(matcher: StorylineMatcher) -> None:
    broken = pa.Array.from_buffers(
        pa.string(),
        1,
        [None, pa.py_buffer(b"\x00\x00\x00\x00\x06\x00\x00\x00"), pa.py_buffer(b"\xed\xa0\x80\xff\xe6\x89")],
    )
    assert matcher.match(pack_texts(broken)).to_pylist() == [[]]


def test_a_changed_definition_is_another_version(matcher: StorylineMatcher) -> None:
    assert matcher.version == f"xiaomi-2025.1-{matcher.definitions.fingerprint}.1"
