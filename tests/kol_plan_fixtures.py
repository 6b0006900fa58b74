"""Fixtures of the tests of plans: the small market with its graph, and without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from canyu.ops.config import load_config
from canyu.ops.kols.planning import queries
from canyu.ops.kols.planning.boards import forget_boards
from canyu.ops.kols.planning.engine import forget_choices
from canyu.ops.kols.planning.roster import forget_rosters
from kol_plan_market import fill_market, save_small_graph


@pytest.fixture
def market(brand_lake: Path, db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, int]]:
    """The roster of the small market by letter, and its graph, whose nodes stand for a million people each."""
    monkeypatch.setenv("CANYU_INFLUENCE_GRAPH", str(save_small_graph(tmp_path / "small.graph")))
    monkeypatch.setenv("CANYU_AUDIENCE_PEOPLE", "14000000")
    load_config.cache_clear()
    _forget()
    _be_patient(monkeypatch)
    yield fill_market()
    _forget()


@pytest.fixture
def bare_market(brand_lake: Path, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """The roster of the small market where there is no graph."""
    monkeypatch.delenv("CANYU_INFLUENCE_GRAPH", raising=False)
    load_config.cache_clear()
    _forget()
    _be_patient(monkeypatch)
    yield fill_market()
    _forget()


def _be_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a page wait for whole answers: on a fresh machine the first board waits for kernels to be compiled."""
    for name in ("QUICK_S", "FILL_WAIT_S", "LONGEST_WAIT_S"):
        monkeypatch.setattr(queries, name, 180.0)


def _forget() -> None:
    forget_boards()
    forget_choices()
    forget_rosters()
