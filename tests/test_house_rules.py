"""Small checks of the tree itself: one clock, one JSON door, changes only in actions, no signals, no local paths."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "canyu"
WRITING = {"save", "create", "bulk_create", "update", "bulk_update", "delete", "get_or_create", "update_or_create"}


def list_trees() -> dict[str, ast.Module]:
    paths = [p for p in SOURCE.rglob("*.py") if "migrations" not in p.parts]
    return {str(p.relative_to(SOURCE)): ast.parse(p.read_text("utf-8")) for p in paths}


def list_imports(tree: ast.Module) -> list[str]:
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return names + [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


def is_database_write(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITING):
        return False
    return "objects" in ast.unparse(node.func.value) or node.func.attr == "save"


def list_tracked() -> list[str]:
    out = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in out.splitlines() if (ROOT / name).is_file()]


def test_there_is_one_clock() -> None:
    pattern = re.compile(r"datetime\.now\(|datetime\.utcnow\(|time\.time\(|date\.today\(")
    users = [str(p.relative_to(SOURCE)) for p in SOURCE.rglob("*.py") if pattern.search(p.read_text("utf-8"))]
    assert users == ["kit/clock.py"]


def test_json_goes_through_one_door() -> None:
    users = [place for place, tree in list_trees().items() if {"json", "orjson"} & set(list_imports(tree))]
    assert users == ["kit/jsonio.py"]


def test_the_operational_database_is_changed_in_actions_only() -> None:
    trees = {place: tree for place, tree in list_trees().items() if place.startswith(("ops/", "console/"))}
    writers = [place for place, tree in trees.items() if any(is_database_write(node) for node in ast.walk(tree))]
    assert [place for place in writers if not place.endswith("/actions.py")] == []


def test_nothing_hangs_on_signals() -> None:
    assert [p for p, t in list_trees().items() if any("signals" in n for n in list_imports(t))] == []


def test_no_file_names_a_package_index_or_a_path_of_one_machine() -> None:
    patterns = (
        "--(extra-)?index" + "-url",
        r'"resolved":\s*"http',
        "registry" + r"\s*=\s*.?http",
        "/" + "work/",
        "/" + "root/",
    )
    bad = re.compile("|".join(patterns))
    found = []
    for name in list_tracked():
        try:
            text = (ROOT / name).read_text("utf-8")
        except UnicodeDecodeError:
            continue
        if bad.search(text):
            found.append(name)
    assert found == []


def read_pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / name).read_text("utf-8")
    return dict(re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([^ ;\\]+)", text, re.MULTILINE))


def test_what_is_tested_and_measured_is_what_runs() -> None:
    base = read_pins("base.txt")
    assert len(base) > 40
    for name in ("dev.txt", "bench.txt"):
        pins = read_pins(name)
        assert {library: pins.get(library) for library in base} == base, name
