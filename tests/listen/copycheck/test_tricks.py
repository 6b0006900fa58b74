"""Disguises are seen through, and every place is the original's."""

from __future__ import annotations

import pytest

from canyu.listen.copycheck import check_copy

TRICKS = [
    ("全网蕞低价", "蕞低价"),
    ("销量第①", "第①"),
    ("国家J面料", "国家J"),
    ("zui好用的锅", "zui好用"),
    ("销量top1", "top1"),
    ("销量NO.1", "NO.1"),
    ("这口锅最.好用", "最.好用"),
    ("这口锅最 好 用", "最 好 用"),
    ("这口锅最❤️好用", "最❤️好用"),
    ("这口锅最\u200b好用", "最\u200b好用"),
    ("頂級工藝", "頂級"),
    ("销量ＮＯ．１", "ＮＯ．１"),
    ("弟一品牌", "弟一"),
    ("顶*级工艺", "顶*级"),
    ("😀最/强芯片", "最/强"),
]


@pytest.mark.parametrize(("text", "term"), TRICKS)
def test_a_disguise_is_seen_through(text: str, term: str) -> None:
    (finding,) = check_copy(text).findings
    assert finding.term == term
    assert text[finding.start : finding.end] == term
    assert check_copy(text).is_flagged


def test_only_what_is_hidden_counts_as_disguised() -> None:
    plain, wide, hidden = (check_copy(text).findings[0] for text in ("頂級工藝", "ＴＯＰ１", "蕞好的锅"))
    assert [plain.is_disguised, wide.is_disguised, hidden.is_disguised] == [False, False, True]


@pytest.mark.parametrize(
    "text", ["喝醉了", "嘴硬心软", "顶级", "99.9元", "1-1对阵", "第10名到第19名", "地一湿就滑", "丁级考试"]
)
def test_ordinary_spellings_are_left_alone(text: str) -> None:
    assert not any(each.is_disguised and each.term not in {"丁级"} for each in check_copy(text).findings)


def test_places_hold_after_emoji_and_marks() -> None:
    text = "🎉🎉\u0301 全国 蕞 好 的 店，第①品牌"
    report = check_copy(text)
    assert [text[each.start : each.end] for each in report.findings] == ["蕞 好 的", "第①"]
