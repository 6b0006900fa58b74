"""The word `canyu check-copy` from outside: what it reads, what it says, how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from canyu.commands.check_copy import command
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import speak


def run(*words: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(command, list(words), input=given, catch_exceptions=False)


def run_in(language: str, text: str) -> str:
    with speak(language):
        return run("-", given=text).stdout


@pytest.fixture
def copies(tmp_path: Path) -> str:
    path = tmp_path / "copies.txt"
    path.write_text("第一次做饭\n\n全网蕞低价\n续航700公里\n", "utf-8")
    return str(path)


def test_json_is_one_line_with_every_finding(copies: str) -> None:
    result = run(copies, "--industry", "car", "--json")
    told = json.loads(result.stdout)
    assert result.stdout.count("\n") == 1
    assert (told["texts"], told["verdict"]) == (3, "blocked")
    low, far = told["findings"]
    assert (low["line"], low["term"], low["start"], low["end"]) == (3, "蕞低价", 2, 5)
    assert (low["rule"], low["ground"], low["severity"]) == ("ad-law-9-3", "none", "block")
    assert (far["line"], far["severity"], far["proof"]) == (4, "needs proof", ["standard", "test_report"])
    assert set(far["hint"]) == {"zh", "en"}


@pytest.mark.parametrize(
    ("text", "status"),
    [("好用的锅", 0), ("致力于做最好的锅", 0), ("最好的锅", 1), ("全国销量第一", 1), ("极致体验", 0)],
)
def test_the_exit_code_tells_the_verdict(text: str, status: int) -> None:
    assert run("-", given=text).exit_code == status


def test_bad_input_is_refused(copies: str, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a,b\n1,2\n", "utf-8")
    (tmp_path / "empty.txt").write_bytes(b"\n \n")
    table = str(tmp_path / "table.csv")
    with pytest.raises(NotFound, match="no file"):
        run(str(tmp_path / "none.txt"))
    for words, told in [
        ((copies, "--industry", "rockets"), "no industry"),
        ((table,), "is a table"),
        ((table, "--text-column", "c"), "no column"),
        ((str(tmp_path / "empty.txt"),), "no copy"),
        ((copies, "--encoding", "klingon"), "not text in"),
        (("-", "--text-column", "a"), "standard input"),
        ((table, "--text-column", "a", "--whole"), "do not go together"),
    ]:
        with pytest.raises(BadInput, match=told):
            run(*words)


def test_tables_are_read_by_their_column(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,copy\n1,好用的锅\n2,最好的锅\n", "utf-8")
    (tmp_path / "a.jsonl").write_text('{"copy":"好用的锅"}\n{"copy":"最好的锅"}\n', "utf-8")
    book = Workbook()
    for row in (["id", "copy"], [1, "好用的锅"], [2, "最好的锅"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    for name in ("a.csv", "a.jsonl", "a.xlsx"):
        told = json.loads(run(str(tmp_path / name), "--text-column", "copy", "--json").stdout)
        assert (told["texts"], [each["line"] for each in told["findings"]]) == (2, [2])


def test_a_whole_file_is_one_copy(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("广告\n好用的锅\n", "utf-8")
    assert run(str(path), "--whole", "--paid").exit_code == 0
    assert run(str(path), "--paid").exit_code == 1  # the second line is a post of its own, without a mark


def test_other_encodings_are_found_out(tmp_path: Path) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes("最好的锅，全国销量第一，好评如潮，欢迎选购\r\n".encode("gb18030"))
    told = json.loads(run(str(path), "--json").stdout)
    assert [each["term"] for each in told["findings"]] == ["最好的", "第一"]


def test_the_report_speaks_the_reader_s_language(copies: str) -> None:
    with speak("en"):
        english = run(copies).stdout
    with speak("zh-hans"):
        chinese = run(copies).stdout
    assert "line 3, 2-5 [blocked] 蕞低价" in english
    assert "Advertising Law art. 9(3)" in english
    assert "3 copies: 1 blocked, 0 in need of proof, 0 notes, 0 exempt." in english
    assert "第 3 行 2–5【禁止】蕞低价" in chinese
    assert "依据：数据来源、统计时间、地域范围" in run_in("zh-hans", "全国销量第一")
    assert "Proof: source, period, region" in run_in("en", "全国销量第一")
    assert "3 篇文案：禁止 1 处" in chinese


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in run("-", given="最\x1b[31m好的锅，最\x1b好的锅").stdout
