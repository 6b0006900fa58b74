"""The size rule holds for every file, without an exceptions list."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("src", "tests", "benchmarks", "scripts")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def list_sources() -> list[Path]:
    return [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts]


def list_functions() -> Iterator[tuple[str, Function, int]]:
    for path in list_sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, Function):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node, length


def count_arguments(function: Function) -> int:
    given = function.args
    named = [a for a in (*given.posonlyargs, *given.args, *given.kwonlyargs) if a.arg not in {"self", "cls"}]
    return len(named)


def test_no_file_is_over_600_lines_and_95_percent_are_under_400() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in list_sources()}
    assert {str(p.relative_to(ROOT)): n for p, n in lengths.items() if n > 600} == {}
    assert quantiles(lengths.values(), n=20)[-1] < 400


def test_no_function_is_over_80_lines_and_95_percent_are_under_40() -> None:
    lengths = {place: length for place, _, length in list_functions()}
    assert {place: n for place, n in lengths.items() if n > 80} == {}
    assert quantiles(lengths.values(), n=20)[-1] <= 40


def test_functions_of_the_product_take_at_most_five_arguments() -> None:
    many = [place for place, node, _ in list_functions() if count_arguments(node) > 5 and place.startswith("src")]
    kernels = [place for place in many if "/kernels" in place]  # compiled array code takes plain arrays
    commands = [place for place in many if "/commands/" in place]  # click hands over one argument per option
    assert sorted(set(many) - set(kernels) - set(commands)) == []


def test_no_folder_is_named_after_nothing() -> None:
    banned = {"utils", "helpers", "misc", "common"}
    assert [str(p) for p in list_sources() if banned & {p.stem, *p.relative_to(ROOT).parts}] == []
