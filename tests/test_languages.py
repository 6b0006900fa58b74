"""Every text that a person reads below the pages is written in both languages."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from canyu.cli import canyu as program
from canyu.kit.errors import BadInput
from canyu.kit.words import Words, get_language, say, set_language, speak

SOURCE = Path(__file__).resolve().parent.parent / "src" / "canyu"
ERRORS = {"CanyuError", "BadInput", "NotFound", "Conflict", "Unsupported", "StorageFailure"}
CLICK_ERRORS = {"UsageError", "BadParameter", "ClickException"}
TOLD = {"click.echo", "click.confirm", "click.prompt", "console.print", "click.secho"}
KEYWORDS = {"mend", "help", "prompt", "message", "title", "metavar", "epilog", "short_help"}
LETTERS = re.compile(r"[A-Za-z]{2}.*\s.*[A-Za-z]{2}|^[A-Z][a-z]+[.:]?$")


def find_english(tree: ast.Module) -> list[int]:
    """Return the lines where a text in one language only goes to a person."""
    found: list[int] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found += [part.lineno for part in list_told(node) if is_english(part)]
        if isinstance(node, ast.FunctionDef) and any(is_command(each) for each in node.decorator_list):
            found.append(node.lineno)
    return found


def list_told(call: ast.Call) -> list[ast.expr]:
    """Return the arguments of a call that a person will read."""
    name = ast.unparse(call.func)
    last = name.rsplit(".", 1)[-1]
    if last in ERRORS | CLICK_ERRORS:
        return [*call.args[:1], *(k.value for k in call.keywords if k.arg in {"mend", "message"})]
    if name in TOLD:
        return call.args[:1]
    if name.startswith("click.") or last in {"command", "group", "Table", "add_column"}:
        told = [k.value for k in call.keywords if k.arg in KEYWORDS]
        return told + (call.args[:1] if last in {"Table", "add_column"} else [])
    return []


def is_english(node: ast.expr) -> bool:
    """Say whether an expression is a bare text with words in it."""
    if isinstance(node, ast.JoinedStr):
        texts = [str(part.value) for part in node.values if isinstance(part, ast.Constant)]
        return any(re.search(r"[A-Za-z]{2}", text) for text in texts)
    if isinstance(node, ast.IfExp):
        return is_english(node.body) or is_english(node.orelse)
    if isinstance(node, ast.BinOp):
        return is_english(node.left) or is_english(node.right)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(LETTERS.search(node.value))


def find_english_help(told: str) -> list[str]:
    """Return the lines of a help with an English sentence or heading; a usage line names its command in English."""
    lines = [line for line in told.splitlines() if not line.startswith("用法：")]
    return [line for line in lines if re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}|Usage|Options|default:", line)]


def is_command(decorator: ast.expr) -> bool:
    """Say whether a decorator makes a command whose help is its docstring (one language)."""
    if not isinstance(decorator, ast.Call):
        return False
    last = ast.unparse(decorator.func).rsplit(".", 1)[-1]
    return last in {"command", "group"} and not any(k.arg in {"help", "cls"} for k in decorator.keywords)


def test_no_text_for_people_is_in_one_language_only() -> None:
    trees = {path: ast.parse(path.read_text("utf-8")) for path in SOURCE.rglob("*.py")}
    found = {str(path.relative_to(SOURCE)): lines for path, tree in trees.items() if (lines := find_english(tree))}
    assert found == {}


def test_the_check_finds_what_it_looks_for() -> None:
    bad = 'raise BadInput("It is empty.", mend=Words("填", "Fill it."))'
    good = 'raise BadInput(Words("空", "It is empty."), mend=say("填", "Fill it."))'
    assert (find_english(ast.parse(bad)), find_english(ast.parse(good))) == ([1], [])


def test_an_error_speaks_the_language_of_whoever_reads_it() -> None:
    error = BadInput(Words("没有这个文件。", "There is no such file."), mend=Words("检查路径。", "Check the path."))
    with speak("zh-hans"):
        assert (error.message, str(error)) == ("没有这个文件。", "没有这个文件。 检查路径。")
    with speak("en"):
        assert (error.mend, say("甲", "A")) == ("Check the path.", "A")


def test_the_language_of_a_request_goes_before_the_process() -> None:
    before = get_language()
    set_language("zh-hans")
    try:
        assert str(Words("声量", "volume")) == "声量"
        with speak("en"):
            assert str(Words("声量", "volume")) == "volume"
    finally:
        set_language(before)


@pytest.mark.parametrize("words", [["--help"], ["import", "--help"], ["lake", "erase", "--help"], ["score", "--help"]])
def test_help_is_chinese_in_a_chinese_terminal(words: list[str]) -> None:
    environment = {**os.environ, "CANYU_LANG": "zh_CN"}
    done = subprocess.run([sys.executable, "-m", "canyu", *words], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert find_english_help(done.stdout) == [], done.stdout


HELP_OF_ALL = """
import click
from canyu.cli import canyu, choose_language

def tell(command, above, name):
    context = click.Context(command, info_name=name, parent=above)
    print(command.get_help(context))
    for each in command.list_commands(context) if isinstance(command, click.Group) else ():
        tell(command.get_command(context, each), context, each)

choose_language()
tell(canyu, None, "canyu")
"""


def test_help_of_every_command_and_option_is_chinese_in_a_chinese_terminal() -> None:
    environment = {**os.environ, "CANYU_LANG": "zh_CN"}
    command = [sys.executable, "-c", HELP_OF_ALL]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("用法：") >= 20
    assert find_english_help(done.stdout) == []


def test_every_command_and_option_has_its_help() -> None:
    bare: list[str] = []

    def visit(command: click.Command, above: click.Context | None, name: str) -> None:
        context = click.Context(command, info_name=name, parent=above)
        options = [each for each in command.params if isinstance(each, click.Option)]
        records = [(each, each.get_help_record(context)) for each in options]
        bare.extend(f"{context.command_path} {each.opts}" for each, told in records if told and not each.help)
        if not command.help:
            bare.append(context.command_path)
        for each in command.list_commands(context) if isinstance(command, click.Group) else ():
            found = command.get_command(context, each)
            assert found is not None
            visit(found, context, each)

    visit(program, None, "canyu")
    assert bare == []


def test_a_refusal_is_chinese_in_a_chinese_terminal(tmp_path: Path) -> None:
    environment = {**os.environ, "CANYU_LANG": "zh_CN"}
    command = [sys.executable, "-m", "canyu", "lake", "check", "--lake", str(tmp_path / "none")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert re.search(r"[\u4e00-\u9fff]{4}", done.stderr), done.stderr
