"""``canyu spread rebut``: one file of reposts and one of prices, and the whole story comes out."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from canyu.commands.spread_rebut import command
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.jsonio import parse_json
from rumour_cascade import list_reposts


def write_files(folder: Path) -> tuple[Path, Path]:
    reposts, accounts = folder / "reposts.csv", folder / "accounts.csv"
    with reposts.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["root", "id", "parent", "author", "time"])
        writer.writeheader()
        writer.writerows({**row, "time": row["time"].isoformat()} for row in list_reposts())
    accounts.write_text("id,cost\nhub,9000\nspent,9000\nearly0,2000\nstranger,1\n", "utf-8")
    return reposts, accounts


def run(folder: Path, *words: str) -> Result:
    reposts, accounts = write_files(folder)
    given = ["--reposts", str(reposts), "--accounts", str(accounts), "--budget", "10000", "--root", "p", *words]
    return CliRunner().invoke(command, given, catch_exceptions=False)


def test_the_story_is_told_to_a_program(tmp_path: Path) -> None:
    told = parse_json(run(tmp_path, "--json").stdout)
    assert (told["root"], told["seen"], told["came"], told["budget"]) == ("p", 18, 22, 10_000)
    assert told["plan"]["accounts"] == ["hub"]
    assert told["plan"]["lower"] <= told["plan"]["saved"] <= told["plan"]["upper"]
    assert told["replayed"]["plan"]["share"] > told["replayed"]["random"]["share"]
    assert told["predicted_reactions"]["final"]["size"] >= 18
    assert run(tmp_path, "--json").stdout == run(tmp_path, "--json").stdout


def test_the_story_is_told_to_a_person(tmp_path: Path) -> None:
    lines = run(tmp_path, "--reads", "1", "--delay-h", "0").stdout.splitlines()
    assert lines[0].startswith("p: 18 in 2 h; ")
    assert lines[1] == "Ask hub: 9,000 of 10,000."
    assert lines[3].startswith("22 people really came; replayed, the plan saves ")


def test_known_readers_are_read_from_a_graph(tmp_path: Path) -> None:
    graph = tmp_path / "graph.csv"
    graph.write_text(
        "source,target\n" + "".join(f"stranger,{name}{n}\n" for name in ("early", "late") for n in range(6))
    )
    told = parse_json(run(tmp_path, "--graph", str(graph), "--json").stdout)
    assert told["plan"]["accounts"] == ["stranger", "hub"] or told["plan"]["accounts"] == ["hub", "stranger"]


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no post q"):
        run(tmp_path, "--root", "q")
    reposts, _ = write_files(tmp_path)
    reposts.write_text(reposts.read_text("utf-8").replace("author,time", "who,time", 1), "utf-8")
    given = ["--reposts", str(reposts), "--accounts", str(tmp_path / "accounts.csv"), "--budget", "9", "--root", "p"]
    with pytest.raises(BadInput, match="has no column author"):
        CliRunner().invoke(command, given, catch_exceptions=False)
