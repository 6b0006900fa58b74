"""The words of click, the library of the command line, in Chinese: complete, in step, in straight columns."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

import canyu
from brand_lake import fill_brand_lake
from canyu.cli import canyu as program
from canyu.commands.chinese_click import WideFormatter
from canyu.kit.words import speak
from waiting import LONGEST_S

ROOT = Path(__file__).parents[2]
PLACEHOLDER = re.compile(r"\{(\w+)|%\((\w+)\)")


def run_in_chinese(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CANYU_LANG": "zh"}
    command = [sys.executable, "-m", "canyu", *words]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=LONGEST_S)


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts" / "collect_click_messages.py"))


def test_every_word_of_click_is_written_in_chinese_and_compiled(script: dict[str, Any]) -> None:
    catalogue = script["update_catalogue"](script["collect_messages"]())
    assert len(catalogue) > 60
    assert script["list_missing"](catalogue) == []
    assert script["list_stale"](catalogue) == []


def test_the_chinese_of_click_names_only_what_click_gives(script: dict[str, Any]) -> None:
    for message in script["update_catalogue"](script["collect_messages"]()):
        asked = " ".join(script["list_forms"](message.id)) if message.id else ""
        for said in script["list_forms"](message.string) if asked else ():
            assert set(PLACEHOLDER.findall(said)) <= set(PLACEHOLDER.findall(asked)), asked


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["train"], "错误：缺少选项 '--data'"),
        (["foo"], "错误：没有命令 'foo'。"),
        (["serve", "--port", "99999"], "'--port' 的值不可用：99999 不在范围 0<=x<=65535 之内。"),
        (["lake", "pin", "x", "--lake", "y", "--reason", "z"], "'版本' 的值不可用：'x' 不是有效的整数。"),
        (["lake", "export", "out.x", "--lake", "y"], "要哪种格式？"),
    ],
)
def test_a_mistyped_command_is_told_in_chinese(words: list[str], told: str, tmp_path: Path) -> None:
    done = run_in_chinese(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "用法：" in done.stderr


def test_help_keeps_its_columns_with_wide_characters() -> None:
    formatter = WideFormatter(width=60)
    rows = [("--a 文字", "甲" * 60), ("--long 路径", "乙"), ("--json", "JSON " * 20)]
    with formatter.section("选项"):
        formatter.write_dl(rows)
    lines = formatter.getvalue().splitlines()
    starts = {cell_len(line[: re.search(r"[甲乙J]", line).start()]) for line in lines[1:]}  # type: ignore[union-attr]
    assert (lines[0], starts) == ("选项：", {15})
    assert max(cell_len(line) for line in lines) <= 61  # half a character more; click leaves two cells free


def test_a_damaged_lake_ends_the_program_with_one(tmp_path: Path) -> None:
    fill_brand_lake(tmp_path / "brand.lake")
    assert "文件齐全" in run_in_chinese("lake", "check", "--lake", "brand.lake", cwd=tmp_path).stdout
    next((tmp_path / "brand.lake").glob("events/day=*/*.parquet")).write_bytes(b"PAR1")
    assert run_in_chinese("lake", "check", "--lake", "brand.lake", cwd=tmp_path).returncode == 1


def test_what_a_command_did_is_told_in_chinese(tmp_path: Path) -> None:
    address = str(tmp_path / "my.lake")
    canyu.open(address, create=True)
    source = tmp_path / "posts.csv"
    source.write_text("time,text\n2025-03-01T08:00:00Z,快\nsoon,慢\n", "utf-8")
    stated = ["--channel", "weibo", "--verb", "post"]
    with speak("zh-hans"):
        report = CliRunner().invoke(program, ["import", str(source), "--lake", address, *stated])
        tidy = CliRunner().invoke(program, ["lake", "compact", "--lake", address])
    assert "2 行，收下 1 行（新增 1 行），拒收 1 行" in report.output
    assert tidy.output == "没有需要压实的。\n"


def test_the_root_tells_its_version_and_purpose_in_both_languages() -> None:
    assert "what people say" in CliRunner().invoke(program, ["--help"]).output
    with speak("zh-hans"):
        assert "大家说什么" in CliRunner().invoke(program, ["--help"]).output
        assert CliRunner().invoke(program, ["--version"]).output == f"canyu，版本 {canyu.__version__}\n"
    assert CliRunner().invoke(program, ["--version"]).output == f"canyu, version {canyu.__version__}\n"
