from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import canyu
from canyu.events import Event, Verb, build_event_table
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.jsonio import parse_json
from canyu.spread.graphs import open_graph
from canyu.spread.influence import FitSettings, Method, discover_arcs, fit_influence, gather_evidence, read_cascades
from canyu.spread.influence.from_lake import (
    LakePart,
    is_stale,
    learn_from_lake,
    make_cascade_table,
    read_about,
    read_lake_cascades,
    save_learned,
)
from canyu.spread.influence.learning import LearnSettings, learn_influence
from planted_cascades import ARCS, PLANTED, simulate_cascades

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FOLLOWS = ARCS.append_column("prior", pa.array([0.3] * len(PLANTED)))


def make_cascades(*cascades: str) -> pa.Table:
    """Return cascades written as "ab": b answered a, a minute after it; a day lies between cascades."""
    rows = [
        (number, user, NOON + timedelta(days=number, minutes=place), users[place - 1] if place else None)
        for number, users in enumerate(cascades)
        for place, user in enumerate(users)
    ]
    cascade, user, time, parent = zip(*rows, strict=True)
    times = pa.array(time, pa.timestamp("us", "UTC"))
    return pa.table({"cascade": cascade, "user": user, "time": times, "parent": pa.array(parent, pa.string())})


def make_events(days: int) -> pa.Table:
    """Return a post by a each day; b passes on two of three, c what b passed on, d nothing but one comment."""
    events = []
    for day in range(days):
        moment = NOON + timedelta(days=day)
        events.append(Event(f"p{day}", "post", moment, moment, "t", channel="weibo", actor="a", text="x"))
        rows = [("b", Verb.REPOST, f"p{day}", 5), ("c", Verb.REPOST, f"b{day}", 9), ("d", Verb.COMMENT, f"p{day}", 3)]
        for actor, verb, parent, minutes in rows[: 3 if day % 3 else 0]:
            later = moment + timedelta(minutes=minutes)
            event = Event(
                f"{actor}{day}", verb, later, later, "t", channel="weibo", actor=actor, parent=parent, text="y"
            )
            events.append(event)
    return build_event_table(events)


def test_the_cascade_that_teaches_an_arc_is_no_evidence_for_it() -> None:
    cascades = read_cascades(make_cascades("ab", "a", "ab", "ac"))
    arcs = discover_arcs(cascades)
    assert arcs.select(["source", "target", "stated"]).to_pylist() == [
        {"source": "a", "target": "b", "stated": 2},
        {"source": "a", "target": "c", "stated": 1},
    ]
    evidence = gather_evidence(cascades, arcs)
    assert evidence.trials.tolist() == [3, 0]
    assert evidence.failures.tolist() == [2, 0]
    chances = fit_influence(cascades, arcs, FitSettings(Method.EM, prior_strength=0)).chances
    assert chances[0] == pytest.approx(1 / 3)


def test_a_prior_of_an_arc_stands_where_it_was_never_tried_and_yields_where_it_was() -> None:
    follows = pa.table({"source": ["a", "a", "x"], "target": ["b", "c", "y"], "prior": [0.9, 0.2, 0.4]})
    settings = LearnSettings(FitSettings(Method.EM, prior_strength=2))
    learned = learn_influence(make_cascades("ab", "a", "a", "a"), follows, settings)
    chances = dict(zip(learned.fit.table["target"].to_pylist(), learned.fit.chances.tolist(), strict=True))
    assert chances == {
        "b": pytest.approx((1 + 2 * 0.9) / 6),
        "c": pytest.approx((0 + 2 * 0.2) / 6),
        "y": 0.4,
    }
    assert learned.held_out is None


def test_planted_probabilities_are_learned_from_stated_parents() -> None:
    learned = learn_influence(simulate_cascades(4000, seed=1))
    pairs = zip(learned.fit.table["source"].to_pylist(), learned.fit.table["target"].to_pylist(), strict=True)
    found = dict(zip(pairs, learned.fit.chances.tolist(), strict=True))
    assert set(found) == {arc for arc, chance in PLANTED.items() if chance}
    assert max(abs(found[arc] - PLANTED[arc]) for arc in found) < 0.05
    assert learned.delays is not None
    assert np.median(learned.delays.centres) == pytest.approx(600, rel=0.1)
    assert learned.held_out is not None
    assert learned.held_out["gain_low"].to_pylist()[1] > 0.05


def test_priors_are_scaled_to_what_was_tried_when_that_is_asked() -> None:
    halved = ARCS.append_column("prior", pa.array([chance / 2 for chance in PLANTED.values()]))
    asked = LearnSettings(FitSettings(Method.EM), is_calibrated=True)
    learned = learn_influence(simulate_cascades(1000, seed=3), halved, asked)
    assert learned.prior_factor == pytest.approx(2, rel=0.1)
    assert learn_influence(simulate_cascades(1000, seed=3), halved).prior_factor == 1.0


def test_a_prior_that_is_no_probability_is_refused_by_its_row() -> None:
    wrong = pa.table({"source": ["a", "b"], "target": ["b", "c"], "prior": [0.5, 1.5]})
    with pytest.raises(BadInput, match=r"Arc 2: prior is 1\.5"):
        learn_influence(make_cascades("ab"), wrong)
    with pytest.raises(BadInput, match="no column target"):
        learn_influence(make_cascades("ab"), pa.table({"source": ["a"]}))


def test_posts_that_nobody_passed_on_are_cascades_and_comments_are_none() -> None:
    events = make_events(3)
    events = events.filter(pc.not_equal(events["id"], "b1"))
    table = make_cascade_table(events)
    assert table.select(["cascade", "user", "parent"]).to_pylist() == [
        {"cascade": 0, "user": "a", "parent": None},
        {"cascade": 1, "user": "a", "parent": None},
        {"cascade": 2, "user": "c", "parent": None},  # what it passed on is not there: a cascade without its post
        {"cascade": 3, "user": "a", "parent": None},
        {"cascade": 3, "user": "b", "parent": "a"},
        {"cascade": 3, "user": "c", "parent": "b"},
    ]


def test_a_lake_is_read_by_days_and_channel(lake: canyu.Lake) -> None:
    lake.append(make_events(9))
    part = LakePart(NOON + timedelta(days=3), NOON + timedelta(days=6), "weibo")
    assert sorted(set(read_lake_cascades(lake, part)["user"].to_pylist())) == ["a", "b", "c"]
    assert len(set(read_lake_cascades(lake, part)["cascade"].to_pylist())) == 3
    with pytest.raises(BadInput, match="no post or repost"):
        learn_from_lake(lake, LakePart(channel="douyin"))


def test_a_learned_graph_says_what_it_was_computed_on(lake: canyu.Lake, tmp_path: Path) -> None:
    lake.append(make_events(30))
    learned, about = learn_from_lake(lake, settings=LearnSettings(FitSettings(prior_strength=1)))
    graph = save_learned(learned, about, tmp_path / "g")
    opened = open_graph(tmp_path / "g")
    assert (opened.nodes, opened.arcs, graph.ids.to_pylist()) == (3, 2, opened.ids.to_pylist())
    stored = read_about(tmp_path / "g")
    assert stored == about
    assert (stored["lake_versions"], stored["cascades"], stored["activations"]) == ({"events": lake.version()}, 30, 70)
    assert parse_json((tmp_path / "g" / "delays.json").read_bytes())["family"] in {"log_normal", "exponential"}
    assert pq.read_table(tmp_path / "g" / "arcs.parquet")["target"].to_pylist() == ["b", "c"]
    assert stored["held_out"][0]["method"] == "constant"


def test_a_graph_is_stale_after_an_erasure_and_forgets_who_was_erased_when_learned_again(
    lake: canyu.Lake, tmp_path: Path
) -> None:
    lake.append(make_events(30))
    save_learned(*learn_from_lake(lake), tmp_path / "before")
    assert not is_stale(tmp_path / "before", lake)
    lake.erase("c")
    assert is_stale(tmp_path / "before", lake)
    save_learned(*learn_from_lake(lake), tmp_path / "after")
    assert not is_stale(tmp_path / "after", lake)
    assert open_graph(tmp_path / "after").ids.to_pylist() == ["a", "b"]


def test_a_folder_without_what_it_was_learned_on_is_told(tmp_path: Path, lake: canyu.Lake) -> None:
    with pytest.raises(NotFound, match="no graph learned from a lake"):
        is_stale(tmp_path, lake)
