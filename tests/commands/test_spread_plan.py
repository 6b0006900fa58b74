"""``canyu spread plan``: quotas, deadline, audience, fatigue, waves and a plan made anew, from files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from canyu.commands.spread import command
from canyu.kit.errors import BadInput

HUBS = {"红": 9, "黄": 7, "蓝": 5, "绿": 1}


@pytest.fixture
def plan(tmp_path: Path) -> list[object]:
    arcs = [f"{hub},{hub}{number}" for hub, size in HUBS.items() for number in range(size)]
    (tmp_path / "arcs.csv").write_text("src,dst\n" + "\n".join(arcs) + "\n", "utf-8")
    rows = ["id,cost,market,start_h,last_used_h", "红,60,CN,,0", "黄,30,CN,,", "蓝,30,CN,30,", "绿,20,SG,,"]
    (tmp_path / "accounts.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return ["plan", "--graph", tmp_path / "arcs.csv", "--accounts", tmp_path / "accounts.csv"]


def run(*words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=False)


def read(*words: object) -> dict[str, Any]:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_least_quotas_are_kept_and_replacements_keep_them(plan: list[object]) -> None:
    found = read(*plan, "--budget", 90, "--at-least", "market=SG:1", "--never", "蓝")
    assert sorted(found["seeds"]) == ["红", "绿"]
    rows = {row["id"]: row for row in found["accounts"]}
    assert (rows["绿"]["replacement"], rows["红"]["replacement"]) == (None, "黄")
    with pytest.raises(BadInput, match=r"at least 1 with market SG \(1 can be had\) costs at least 80, with 60"):
        run(*plan, "--budget", 70, "--must", "红", "--at-least", "market=SG:1")
    with pytest.raises(BadInput, match="at least 2 accounts with market SG are asked for, but only 1 can be had"):
        run(*plan, "--budget", 90, "--at-least", "market=SG:2")


def test_a_deadline_counts_who_is_reached_by_then(plan: list[object]) -> None:
    found = read(*plan, "--budget", 200, "--deadline-h", 24, "--delay-median-h", 1, "--delay-sigma", 0)
    assert found["spread"] == pytest.approx(20.0, rel=0.02)  # 蓝 cannot post before hour 30
    assert "蓝" not in found["seeds"]
    assert read(*plan, "--budget", 200, "--deadline-h", 0)["spread"] == pytest.approx(3.0, rel=0.05)


def test_each_arc_may_have_its_own_delay(plan: list[object], tmp_path: Path) -> None:
    slow = "\n".join(f"红,红{number},50" for number in range(9))
    (tmp_path / "delays.csv").write_text(f"src,dst,delay_h\n{slow}\n", "utf-8")
    rest = ("--deadline-h", 24, "--delay-median-h", 1, "--delay-sigma", 0, "--budget", 60, "--never", "绿")
    assert read(*plan, *rest)["seeds"] == ["红"]
    assert read(*plan, *rest, "--delays", tmp_path / "delays.csv")["seeds"] == ["黄"]


def test_only_the_audience_counts_and_who_was_reached_before_counts_less(plan: list[object], tmp_path: Path) -> None:
    values = tmp_path / "values.csv"
    values.write_text("id,value,reached\n绿0,3,\n黄0,2,0.5\n红0,4,1\n不认识,9,0\n", "utf-8")
    found = read(*plan, "--budget", 200, "--values", values)
    assert sorted(found["seeds"]) == ["绿", "黄"]
    assert found["spread"] == pytest.approx(4.0, rel=0.02)
    assert found["nodes"] == 26


def test_an_account_used_just_now_reaches_less(plan: list[object]) -> None:
    others = ("--never", "蓝", "--never", "绿")
    assert read(*plan, "--budget", 60, *others)["seeds"] == ["红"]
    assert read(*plan, "--budget", 60, *others, "--fatigue-half-life-h", 100)["seeds"] == ["黄"]  # 10 halved is below 8
    found = read(*plan, "--budget", 60, "--must", "红", "--fatigue-half-life-h", 100, "--fatigue-depth", 0.8)
    assert found["spread"] == pytest.approx(2.0, rel=0.06)


def test_waves_are_planned_and_planned_anew_from_what_happened(plan: list[object], tmp_path: Path) -> None:
    rest = ("--budget", 100, "--deadline-h", 72, "--delay-median-h", 1, "--delay-sigma", 0, "--waves", "0:50%,24:50%")
    found = read(*plan, *rest, "--never", "绿")
    assert [wave["seeds"] for wave in found["waves"]] == [["黄"], ["红"]]
    assert [(wave["budget"], wave["cost"], wave["hours_h"]) for wave in found["waves"]] == [
        (50, 30, [0.0]),
        (70, 60, [24.0]),
    ]
    assert [(row["id"], row["wave"], row["hour_h"]) for row in found["accounts"]] == [("黄", 1, 0.0), ("红", 2, 24.0)]
    assert found["spread"] == pytest.approx(18.0, rel=0.02)
    happened = tmp_path / "happened.csv"
    happened.write_text("id,hour_h,what,cost\n黄,0,posted,40\n黄0,2,reached,\n红0,,reached,\n", "utf-8")
    again = read(*plan, *rest, "--happened", happened, "--now-h", 20)
    assert (again["seeds"], again["spent"], again["waves"][0]["budget"]) == (["红"], 40, 60)
    assert again["spread"] == pytest.approx(9.0, rel=0.03)
    told = run(*plan, *rest, "--happened", happened).output
    assert told.startswith("Wave 1 at hour 24: 60 of 60\n红\tcost 60\tonly it reaches 9, 6")
    assert "posts at hour 24\n100 of 100.\nThey reach 9 (95 % interval " in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--waves", "0:60%,soon:40%"], "the wave 'soon:40%' cannot be read"),
        (["--waves", "0"], "the wave '0' cannot be read"),
        (["--waves", "0:60%,9:50%"], "the waves are 110 of 100"),
        (["--at-least", "SG:1"], "the quota 'SG:1' cannot be read"),
    ],
)
def test_words_that_cannot_be_read_are_named(plan: list[object], words: list[object], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        run(*plan, "--budget", 100, *words)


@pytest.mark.parametrize(
    ("option", "text", "told"),
    [
        ("--values", "id,worth\n红0,1\n", r"table.csv has no column value"),
        ("--values", "id,value\n红0,1\n红1,many\n", "row 2: value is no number"),
        ("--delays", "src,dst\n红,红0\n", "the table of delays has no column delay_h"),
        ("--delays", "src,dst,delay_h\n红,红0,soon\n", "row 1: delay_h is no number"),
        ("--happened", "id,hour_h\n红,0\n", "table.csv has no column what"),
        ("--happened", "id,hour_h,what\n红,,posted\n", "row 1: what happened cannot be read"),
        ("--happened", "id,hour_h,what\n红,0,paid\n", "row 1: what happened cannot be read"),
        ("--happened", "id,hour_h,what\n紫,0,posted\n", "the graph has no node 紫"),
        ("--accounts", "id,cost,start_h\n红,60,dawn\n", "row 1: start_h is no number"),
        ("--accounts", "id,price\n红,60\n", "table.csv has no column cost"),
    ],
)
def test_a_table_that_cannot_be_read_is_named_with_its_row(
    plan: list[object], tmp_path: Path, option: str, text: str, told: str
) -> None:
    (tmp_path / "table.csv").write_text(text, "utf-8")
    with pytest.raises(BadInput, match=told):
        run(*plan, "--budget", 100, "--deadline-h", 9, "--waves", "0:50%,9:50%", option, tmp_path / "table.csv")


def test_a_plan_made_anew_needs_its_waves(plan: list[object], tmp_path: Path) -> None:
    (tmp_path / "happened.csv").write_text("id,hour_h,what\n红,0,posted\n", "utf-8")
    with pytest.raises(BadInput, match="a plan made anew needs --waves"):
        run(*plan, "--budget", 100, "--happened", tmp_path / "happened.csv")


def test_an_account_that_posted_may_be_paid_again(plan: list[object], tmp_path: Path) -> None:
    (tmp_path / "happened.csv").write_text("id,hour_h,what\n红,0,posted\n红0,1,reached\n", "utf-8")
    words = (*plan, "--budget", 120, "--model", "uniform", "--probability", 0.9, "--waves", "0:50%,24:50%")
    words = (*words, "--happened", tmp_path / "happened.csv", "--never", "黄", "--never", "蓝")
    assert read(*words)["seeds"] == ["绿"]
    again = read(*words, "--again", "红")
    assert again["seeds"] == ["红"]
    assert again["spread"] == pytest.approx(8 * 0.9, rel=0.03)
    with pytest.raises(BadInput, match="蓝 has neither posted nor been reached"):
        run(*words, "--again", "蓝")


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning")  # no pandas is used here
def test_a_plan_on_spark_is_that_of_one_machine(plan: list[object]) -> None:
    words = (*plan, "--budget", 90, "--deadline-h", 24)
    here, there = read(*words), read(*words, "--spark", "local[2]")
    for found in (here, there):
        del found["seconds"]
    assert there == here


def test_ids_may_be_64_bit_integers(tmp_path: Path) -> None:
    big = 1 << 60
    (tmp_path / "arcs.csv").write_text(f"src,dst\n{big},{big + 1}\n{big},{big + 2}\n", "utf-8")
    (tmp_path / "accounts.csv").write_text(f"id,cost\n{big},5\n", "utf-8")
    pq.write_table(pa_csv.read_csv(tmp_path / "arcs.csv"), tmp_path / "arcs.parquet")
    (tmp_path / "happened.csv").write_text(f"id,hour_h,what\n{big + 1},1,reached\n", "utf-8")
    words = ("plan", "--graph", tmp_path / "arcs.parquet", "--accounts", tmp_path / "accounts.csv", "--budget", 9)
    assert read(*words, "--must", big)["seeds"] == [big]
    again = read(*words, "--waves", "0:50%,9:50%", "--happened", tmp_path / "happened.csv")
    assert again["seeds"] == [big]
    assert again["spread"] == pytest.approx(2.0, rel=0.05)
