from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import canyu
from canyu.commands.spread_learn import command
from canyu.events import Event, build_event_table
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import parse_json
from canyu.kit.words import speak
from canyu.spread.graphs import open_graph

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def filled(lake: canyu.Lake) -> canyu.Lake:
    """Forty days with a post by a each; b passes on every second one."""
    events = []
    for day in range(40):
        moment = NOON + timedelta(days=day)
        events.append(Event(f"p{day}", "post", moment, moment, "t", channel="weibo", actor="a", text="x"))
        if day % 2:
            later = moment + timedelta(minutes=20)
            event = Event(f"b{day}", "repost", later, later, "t", channel="weibo", actor="b", parent=f"p{day}")
            events.append(event)
    lake.append(build_event_table(events))
    return lake


def run(lake: canyu.Lake, *words: object) -> Result:
    return CliRunner().invoke(command, ["--lake", lake.path, *map(str, words)], catch_exceptions=False)


def test_a_graph_is_learned_and_tells_its_version(filled: canyu.Lake, tmp_path: Path) -> None:
    result = run(filled, "--out", tmp_path / "g", "--prior", 0, "--json")
    found = parse_json(result.output)
    assert (found["nodes"], found["graph_arcs"], found["cascades"]) == (2, 1, 40)
    assert found["lake_versions"]["events"] == filled.version()
    assert open_graph(tmp_path / "g").chances.tolist() == pytest.approx([19 / 38], abs=0.01)


def test_days_are_those_of_the_zone(filled: canyu.Lake, tmp_path: Path) -> None:
    words = ("--from", "2026-03-02", "--to", "2026-03-04", "--out", tmp_path / "g", "--method", "constant", "--json")
    found = parse_json(run(filled, *words).output)
    assert (found["cascades"], found["from"]) == (3, "2026-03-02T00:00:00+08:00")
    assert found["until"] == "2026-03-05T00:00:00+08:00"


def test_a_follower_graph_gives_candidates_and_priors(filled: canyu.Lake, tmp_path: Path) -> None:
    follows = pa.table({"src": ["a", "a"], "dst": ["b", "z"], "probability": ["0.1", " 0.25"]})
    pa_csv.write_csv(follows, tmp_path / "follows.csv")
    result = run(filled, "--out", tmp_path / "g", "--follows", tmp_path / "follows.csv", "--prior", 1)
    assert "2 arcs from 40 cascades; 2 of them were tried" in result.output
    arcs = {row["target"]: row for row in pq.read_table(tmp_path / "g" / "arcs.parquet").to_pylist()}
    assert arcs["z"]["probability"] == pytest.approx(0.25 / 41)
    assert arcs["b"]["trials"] == 40


def test_what_is_wrong_is_told_with_its_mend(filled: canyu.Lake, tmp_path: Path) -> None:
    (tmp_path / "follows.csv").write_text("src,dst,probability\na,b,0.1\na,c,much\n")
    with pytest.raises(BadInput, match="row 2: probability is no number"):
        run(filled, "--out", tmp_path / "g", "--follows", tmp_path / "follows.csv")
    with pytest.raises(BadInput, match="no column from"):
        run(filled, "--out", tmp_path / "g", "--follows", tmp_path / "follows.csv", "--source", "from")
    (tmp_path / "taken").mkdir()
    with pytest.raises(BadInput, match="is there already"):
        run(filled, "--out", tmp_path / "taken")
    assert not (tmp_path / "g").exists()


def test_it_is_told_in_chinese(filled: canyu.Lake, tmp_path: Path) -> None:
    with speak("zh-hans"):
        assert "由 40 条传播链学出 1 条边" in run(filled, "--out", tmp_path / "g").output
