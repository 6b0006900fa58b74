from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput
from canyu.spread.influence import (
    CAUTION,
    COPY_SCHEMA,
    JUMP_SCHEMA,
    PEER_SCHEMA,
    SIGNAL_NAMES,
    SignalKind,
    measure_copy_share,
    measure_engagement,
    measure_follower_jumps,
)

START = datetime(2026, 3, 1, tzinfo=UTC)


def make_history(followers: list[int], hours: int = 24) -> pa.Table:
    times = [START + timedelta(hours=hours * n) for n in range(len(followers))]
    return pa.table({"time": pa.array(times, pa.timestamp("us", "UTC")), "followers": followers})


def grow(days: int, seed: int = 0, share: float = 0.004) -> list[int]:
    steps = np.random.default_rng(seed).normal(share, 0.002, days)
    return (100_000 * np.exp(np.cumsum(steps))).astype(int).tolist()


def make_posts(rates: dict[str, float], followers: int = 10_000) -> pa.Table:
    rows = [
        (name, followers, int(rate * followers * (0.8 + 0.1 * n)), 0) for name, rate in rates.items() for n in range(5)
    ]
    return pa.table(
        dict(zip(("account", "followers", "likes", "reposts"), map(list, zip(*rows, strict=True)), strict=True))
    )


PEER_RATES = {f"p{n:02}": 0.01 + 0.0005 * n for n in range(40)}


def test_bought_followers_stand_out_from_the_accounts_own_history() -> None:
    followers = grow(60)
    bought = [count + (30_000 if day >= 40 else 0) for day, count in enumerate(followers)]
    signal = measure_follower_jumps(make_history(bought))
    assert signal.is_outside
    assert signal.evidence.schema == JUMP_SCHEMA
    row = signal.evidence.to_pylist()[0]
    assert (row["begin"], row["end"]) == (START + timedelta(days=39), START + timedelta(days=40))
    assert (row["followers_before"], row["followers_after"]) == (bought[39], bought[40])
    assert row["z"] == signal.value > 50
    assert len(signal.evidence) == 1


def test_steady_growth_is_within_the_band() -> None:
    for seed in range(30):
        signal = measure_follower_jumps(make_history(grow(365, seed)))
        assert not signal.is_outside
        assert len(signal.evidence) == 0


def test_a_purge_counts_like_a_jump_and_growth_is_per_day() -> None:
    followers = grow(30)
    purged = [count - (20_000 if day >= 20 else 0) for day, count in enumerate(followers)]
    assert (measure_follower_jumps(make_history(purged)).value or 0) < -6
    history = make_history(followers)
    sparse = history.take(pa.array([0, *range(10, 30)]))  # ten days without a count are no jump
    assert not measure_follower_jumps(sparse).is_outside


def test_an_account_that_never_grew_has_no_jump_by_a_handful() -> None:
    assert not measure_follower_jumps(make_history([10_000] * 30 + [10_020])).is_outside


def test_a_short_history_says_nothing() -> None:
    signal = measure_follower_jumps(make_history([100, 100_000]))
    assert (signal.value, signal.is_outside, len(signal.evidence)) == (None, False, 0)


def test_engagement_is_beside_accounts_of_its_size() -> None:
    posts = make_posts({**PEER_RATES, "quiet": 0.0005, "usual": 0.02, "loud": 0.2})
    signals = {name: measure_engagement(posts, name) for name in ("quiet", "usual", "loud")}
    assert [signal.is_outside for signal in signals.values()] == [True, False, True]
    usual = signals["usual"]
    assert usual.value == pytest.approx(0.02)
    assert usual.interval is not None
    assert usual.interval[0] < 0.02 < usual.interval[1]
    assert usual.evidence.schema == PEER_SCHEMA
    assert usual.evidence["account"][0].as_py() == "usual"


def test_peers_are_the_nearest_in_size() -> None:
    small = make_posts({f"s{n}": 0.1 for n in range(60)}, followers=1_000)
    posts = pa.concat_tables(
        [small, make_posts({**PEER_RATES, "big": 0.02}), make_posts({"x": 0.02}, followers=12_000)]
    )
    signal = measure_engagement(posts, "big")
    peers = signal.evidence["account"].to_pylist()[1:]
    assert len(peers) == 50
    assert set(peers[:41]) == {*PEER_RATES, "x"}


def test_too_few_peers_give_no_band_and_too_few_posts_no_value() -> None:
    alone = measure_engagement(make_posts({"a": 0.5, "b": 0.01}), "a")
    assert (alone.value, alone.band, alone.is_outside) == (pytest.approx(0.5), None, False)
    assert measure_engagement(make_posts({"a": 0.5}).slice(0, 4), "a").value is None
    assert measure_engagement(make_posts({"a": 0.5}), "nobody").value is None


def make_clusters(rows: list[tuple[str, str | None]]) -> pa.Table:
    times = pa.array([START + timedelta(minutes=n) for n in range(len(rows))], pa.timestamp("us", "UTC"))
    return pa.table(
        {
            "event_id": [f"e{n}" for n in range(len(rows))],
            "actor": [actor for actor, _ in rows],
            "time": times,
            "cluster_id": pa.array([cluster for _, cluster in rows], pa.string()),
        }
    )


def test_who_posts_a_text_first_copies_nobody() -> None:
    posts = make_clusters([("a", "k1"), ("b", "k1"), ("b", "k2"), ("b", "k2"), ("b", None), ("a", "k2"), ("b", "k1")])
    signal = measure_copy_share(posts, "b")
    assert signal.value == 2 / 5
    assert signal.evidence.schema == COPY_SCHEMA
    assert signal.evidence.to_pylist() == [
        {"event_id": "e1", "cluster_id": "k1", "first_event_id": "e0", "first_actor": "a"},
        {"event_id": "e6", "cluster_id": "k1", "first_event_id": "e0", "first_actor": "a"},
    ]
    assert signal.interval == (pytest.approx(0.1176, abs=1e-4), pytest.approx(0.7693, abs=1e-4))
    assert (signal.band, signal.is_outside) == (None, False)


def test_a_copying_account_is_beyond_what_others_do() -> None:
    rows: list[tuple[str, str | None]] = [(f"u{n}", f"k{n}") for n in range(25) for _ in range(5)]
    posts = make_clusters(rows + [("copier", f"k{n}") for n in range(6)])
    signal = measure_copy_share(posts, "copier")
    assert (signal.value, signal.band, signal.is_outside) == (1.0, (0.0, 0.0), True)
    assert not measure_copy_share(posts, "u3").is_outside


def test_rows_that_cannot_be_counted_are_refused() -> None:
    with pytest.raises(BadInput, match="row 2: followers is -1"):
        measure_follower_jumps(make_history([1, -1]))
    with pytest.raises(BadInput, match="no time zone"):
        measure_follower_jumps(pa.table({"time": [datetime(2026, 3, 1)], "followers": [1]}))  # noqa: DTZ001 - meant
    with pytest.raises(BadInput, match="column cluster_id is missing"):
        measure_copy_share(make_clusters([("a", None)]).drop(["cluster_id"]), "a")
    with pytest.raises(BadInput, match="column likes is missing"):
        measure_engagement(make_posts({"a": 0.1}).drop(["likes"]), "a")


def test_every_signal_has_a_name_and_the_caution_says_that_it_is_no_verdict() -> None:
    assert set(SIGNAL_NAMES) == set(SignalKind)
    assert "not a verdict" in CAUTION.en
