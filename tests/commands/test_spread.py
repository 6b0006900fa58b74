"""``canyu spread select`` and ``build``: tables of arcs of every kind, graphs on disk, and words for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from canyu.commands.spread import command
from canyu.kit.errors import BadInput

ARCS = {"src": ["米粉", "米粉", "米粉", "路人"], "dst": ["甲", "乙", "丙", "丁"], "p": [1.0, 1.0, 0.5, 1.0]}


def run(*words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=False)


def read(*words: object) -> dict[str, Any]:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def arcs(tmp_path: Path) -> Path:
    path = tmp_path / "arcs.parquet"
    pq.write_table(pa.table(ARCS), path)
    return path


def test_seeds_come_with_their_proof(arcs: Path) -> None:
    found = read("select", "--graph", arcs, "--k", 2)
    assert found["seeds"] == ["米粉", "路人"]
    assert (found["nodes"], found["arcs"]) == (6, 4)
    assert found["spread"] == pytest.approx(6.0, rel=0.02)
    assert found["lower"] <= 6.0 <= found["upper"] + 1e-9
    assert found["ratio"] == pytest.approx(found["lower"] / found["upper"])
    assert found["spread_low"] <= found["spread"] <= found["spread_high"]


def test_a_table_of_texts_and_a_graph_on_disk_give_the_same(arcs: Path, tmp_path: Path) -> None:
    pa_csv.write_csv(pa.table(ARCS), tmp_path / "arcs.csv")
    whole = ("--probability", "p")
    built = run("build", "--graph", tmp_path / "arcs.csv", *whole, "--out", tmp_path / "arcs.graph")
    assert "6 nodes, 4 arcs; 0 to oneself or repeated left out" in built.output
    rest = ("--model", "ic", "--k", 1)
    answers = [
        read("select", "--graph", arcs, *whole, *rest),
        read("select", "--graph", tmp_path / "arcs.csv", *whole, *rest),
        read("select", "--graph", tmp_path / "arcs.graph", *rest, "--workers", 2),
    ]
    for answer in answers:
        answer.pop("seconds")
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["spread"] == pytest.approx(3.5, rel=0.03)


def test_uniform_takes_its_number(arcs: Path) -> None:
    assert read("select", "--graph", arcs, "--k", 1, "--model", "uniform", "--probability", "0")["spread"] == (
        pytest.approx(1.0, rel=0.05)
    )
    with pytest.raises(BadInput, match="the probability 'p' of the model uniform is no number"):
        run("select", "--graph", arcs, "--k", 1, "--model", "uniform", "--probability", "p")


def test_a_probability_that_is_no_number_is_named_with_its_row(tmp_path: Path) -> None:
    (tmp_path / "arcs.csv").write_text("src,dst,p\na,b,0.5\nb,c,often\n", "utf-8")
    with pytest.raises(BadInput, match="row 2: p is no number"):
        run("select", "--graph", tmp_path / "arcs.csv", "--k", 1, "--model", "ic", "--probability", "p")


def test_the_answer_reads_as_a_sentence(arcs: Path) -> None:
    told = run("select", "--graph", arcs, "--k", 1).output
    assert told.startswith("米粉\nThey reach 4 nodes (95 % interval ")
    assert "any 1 reach at most" in told


def test_a_plan_keeps_to_its_budget_and_quotas(arcs: Path, tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.csv"
    accounts.write_text("id,cost,platform\n米粉,90000,weibo\n路人,20000,weibo\n甲,5000,douyin\n", "utf-8")
    plan = ("plan", "--graph", arcs, "--accounts", accounts)
    found = read(*plan, "--budget", 100000, "--quota", "platform=weibo:1")
    assert found["seeds"][0] == "米粉"
    assert found["cost"] <= 100000
    assert found["spread"] == pytest.approx(4.0, rel=0.02)  # 甲 is among those whom 米粉 reaches
    assert read(*plan, "--budget", 100000, "--must", "路人")["seeds"][0] == "路人"
    assert "米粉" not in read(*plan, "--budget", 200000, "--never", "米粉")["seeds"]
    told = run(*plan, "--budget", 90000, "--quota", "platform=douyin:0").output
    assert told.startswith("米粉\tcost 90,000\tonly it reaches 4, 2")
    assert "\t0% shared\treplaced by 路人: -2\n" in told
    reasons = read(*plan, "--budget", 110000)["accounts"]
    assert {row["id"]: round(row["unique"]) for row in reasons} == {"米粉": 4, "路人": 2}
    assert "90,000 of 90,000." in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--budget", 100], "the budget of 100 is below the cheapest account, 甲 at 5,000"),
        (["--budget", 9000, "--quota", "weibo:1"], "the quota 'weibo:1' cannot be read"),
        (["--budget", 9000, "--must", "丁"], "the account 丁 must be in, but cannot be had"),
    ],
)
def test_a_plan_that_cannot_be_is_told(arcs: Path, tmp_path: Path, words: list[object], told: str) -> None:
    accounts = tmp_path / "accounts.csv"
    accounts.write_text("id,cost\n米粉,90000\n甲,5000\n", "utf-8")
    with pytest.raises(BadInput, match=told):
        run("plan", "--graph", arcs, "--accounts", accounts, *words)


def test_a_price_that_is_no_integer_is_named_with_its_row(arcs: Path, tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.csv"
    accounts.write_text("id,cost\n米粉,90000\n甲,五千\n", "utf-8")
    with pytest.raises(BadInput, match="row 2: cost is no integer"):
        run("plan", "--graph", arcs, "--accounts", accounts, "--budget", 9)
