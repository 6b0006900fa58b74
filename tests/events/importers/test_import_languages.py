"""What an import tells a person is in the reader's language; what it keeps is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from canyu.events import validate
from canyu.events.importers import (
    FileReport,
    ImportReport,
    block,
    find_mend,
    list_presets,
    parse_mapping,
    plan_import,
    render_table,
    times,
    translate,
)
from canyu.kit.errors import BadInput
from canyu.kit.words import Words, speak

Write = Callable[..., Path]
Bring = Callable[..., FileReport]
Read = Callable[..., list[dict[str, Any]]]

BAD = "正文,正文,时间\n缺时间,,\n少一格,2025-01-01\n好,,2025-01-01\n将来,,2099-01-01\n"


def test_a_report_is_read_in_the_readers_language(write: Write, bring: Bring) -> None:
    report = bring(write("a.csv", BAD))
    with speak("zh-hans"):
        assert {reason.reason: str(reason.mend) for reason in report.reasons} == {
            "ragged": "补齐或删去多出的单元格，使列数与表头一致。",
            "no_time": "补上时间。",
            "time_in_future": "检查来源的时钟和时区。",
        }
        assert [str(note) for note in report.notes] == ["表头里“正文”出现多次，第 2 列读作“正文_2”。"]
    assert "Fill in the time." in {str(reason.mend) for reason in report.reasons}


def test_the_quarantine_keeps_one_language_and_both_are_found_again(write: Write, bring: Bring, read: Read) -> None:
    bring(write("a.csv", BAD))
    with speak("zh-hans"):
        bring(write("b.csv", BAD))
    kept = {row["mend"] for row in read("quarantine")}
    assert "Fill in the time." in kept
    assert len(kept) == 3
    assert all(isinstance(find_mend(mend), Words) for mend in kept)
    assert find_mend("Ask Li Lei.") == "Ask Li Lei."


def test_every_mend_has_both_languages() -> None:
    for table in (block.MENDS, times.MENDS, translate.MENDS, validate.MENDS):
        assert all(isinstance(mend, Words) for mend in table.values())
    rules = [rule.mend for preset in list_presets() for rule in preset.mapping.refuse]
    assert len(rules) == 6
    assert all(isinstance(mend, Words) for mend in rules)


def test_a_rule_says_its_mend_in_one_language_or_in_both() -> None:
    rule = {"when": "true", "field": "a", "reason": "r"}
    document = {"refuse": [rule | {"mend": "x"}, rule | {"mend": {"zh": "甲", "en": "A"}}]}
    assert [rule.mend for rule in parse_mapping(document).refuse] == ["x", Words("甲", "A")]
    with pytest.raises(BadInput, match="one each under zh and en"):
        parse_mapping({"refuse": [rule | {"mend": {"zh": "甲"}}]})


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "a.csv 是空的。 请给有表头和数据行的文件。"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1", "a.xls 的格式读不了：旧版 Excel（.xls）。"),
        ("a.csv", b"a,b\n1,2\n", "这些列里认不出哪一列是时间：a、b。"),
        ("a.parquet", b"PAR1 cut", "a.parquet 不是完整的 Parquet 文件（"),
        ("a.xlsx", b"PK\x03\x04 cut", "a.xlsx 不是完整的 Excel 工作簿（"),
        ("a.jsonl", b"[1", "a.jsonl 不是完整的 JSON："),
    ],
)
def test_a_file_that_cannot_be_used_says_why_in_chinese(write: Write, name: str, content: bytes, said: str) -> None:
    with pytest.raises(BadInput) as error, speak("en"):
        plan_import(write(name, content))
    with speak("zh-hans"):
        assert str(error.value).startswith(said)


def test_a_wrong_mapping_says_so_in_chinese() -> None:
    with speak("zh-hans"), pytest.raises(BadInput, match=r"^映射：“time”要写成一个词或一张表。 参见参考文档"):
        parse_mapping({"time": ["a"]})


def test_the_table_of_counts_speaks_both_languages() -> None:
    report = ImportReport([FileReport("a.csv", rows=3, kept=2, refused=1, added=2)])
    assert "| file | rows | kept |" in render_table(report)
    with speak("zh-hans"):
        table = render_table(report)
    assert "| 文件 | 行数 | 保留 | 拒收 | 新增 | 拒收原因 |" in table
    assert "| **合计** | 3 | 2 | 1 | 2 | |" in table
