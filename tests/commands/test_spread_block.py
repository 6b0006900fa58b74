"""``canyu spread block``: from tables of arcs, carriers and prices to accounts, with what they save."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from canyu.commands.spread_block import command
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import parse_json

ARCS = "src,dst,p\nr,m,1\nm,n,1\nn,v,1\nr,w,0.5\na,w,1\n"


def run(folder: Path, *words: str) -> Result:
    (folder / "arcs.csv").write_text(ARCS, "utf-8")
    (folder / "accounts.csv").write_text("id,cost\nm,70\nn,30\na,30\n", "utf-8")
    (folder / "carriers.csv").write_text("id,age_h\nr,0.25\n", "utf-8")
    given = ["--graph", str(folder / "arcs.csv"), "--probability", "p", *words]
    return CliRunner().invoke(command, given, catch_exceptions=False)


def test_a_budget_buys_whom_it_can(tmp_path: Path) -> None:
    accounts = str(tmp_path / "accounts.csv")
    hourly = ("--delay-median-h", "1", "--delay-sigma", "0", "--json")
    for budget, chosen, saved in (("70", ["m"], 3.0), ("60", ["n"], 2.0)):
        told = parse_json(run(tmp_path, "--carrier", "r", "--accounts", accounts, "--budget", budget, *hourly).stdout)
        assert told["accounts"] == chosen
        assert told["played"]["mean"] == saved
        assert told["lower"] <= saved <= told["upper"]
        assert told["played"]["rumour_alone"] == pytest.approx(3.5, abs=0.05)


def test_without_prices_a_number_is_chosen_and_delays_may_be_any(tmp_path: Path) -> None:
    words = (
        "--carriers",
        str(tmp_path / "carriers.csv"),
        "--k",
        "1",
        "--delay-median-h",
        "1",
        "--delay-sigma",
        "1",
        "--json",
    )
    told = parse_json(run(tmp_path, *words, "--delay-h", "2").stdout)
    assert told["accounts"] == ["n"]  # m has mostly heard the rumour by then
    assert told["played"]["low"] <= told["saved"] + 0.1
    won = parse_json(run(tmp_path, "--carrier", "r", "--k", "1", "--goal", "reached_first", "--json").stdout)
    assert (won["accounts"], won["saved"]) == (["m"], pytest.approx(3.0, abs=0.01))


def test_a_person_reads_what_is_saved(tmp_path: Path) -> None:
    lines = run(tmp_path, "--carrier", "r", "--k", "1", "--delay-sigma", "0").stdout.splitlines()
    assert lines[0] == "m"
    assert lines[1].startswith("People saved: ")
    assert lines[3].startswith("Played: the rumour reaches 3.")


def test_what_is_not_said_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nobody is said to carry it"):
        run(tmp_path, "--k", "1")
    with pytest.raises(BadInput, match="give --accounts with --budget, or --k alone"):
        run(tmp_path, "--carrier", "r")
    bad = tmp_path / "bad.csv"
    bad.write_text("id,age_h\nr,long\n", "utf-8")
    with pytest.raises(BadInput, match="row 1: age_h is no number"):
        run(tmp_path, "--carriers", str(bad), "--k", "1")
