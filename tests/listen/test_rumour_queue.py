"""Rumour candidates of a lake: what is read, what is listed first, and what bad input does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import canyu
from canyu.events import Lake
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import parse_json
from canyu.listen.rumour_queue import QueueAsk, estimate_interval, read_queue
from canyu.listen.rumours import load_rumours
from evidence_lake import RUMOUR, fill_evidence_lake, get_rumour_id

ASK = QueueAsk(datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 3, 22, tzinfo=UTC), precision=0.8)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return fill_evidence_lake(tmp_path_factory.mktemp("queue") / "evidence.lake")


def test_the_rumour_is_first_with_its_answers_and_copies(lake: Lake) -> None:
    queue = read_queue(lake, ASK)
    first = queue.entries[0]
    assert (first.text, first.candidate.lead, first.candidate.copies) == (RUMOUR, get_rumour_id(), 2)
    assert (first.candidate.spread.reactions, first.candidate.spread.first_hour) == (40, 40)
    assert {str(quote.stance) for quote in first.candidate.quotes} == {"doubt", "denial"}
    assert queue.reactions == 40
    assert queue.posts == 178


def test_only_posts_about_the_brand_are_read(lake: Lake) -> None:
    any_brand, tesla = read_queue(lake, ASK), read_queue(lake, replace(ASK, brand="tesla"))
    assert any_brand.posts > tesla.posts > 0
    assert tesla.entries == ()
    assert read_queue(lake, replace(ASK, brand="none")).posts == 0


def test_the_period_and_the_limit_hold(lake: Lake) -> None:
    assert read_queue(lake, replace(ASK, end=datetime(2025, 3, 5, tzinfo=UTC))).entries == ()
    none = read_queue(lake, replace(ASK, limit=0))
    assert (none.entries, none.listed > 0) == ((), True)


def test_the_same_lake_gives_the_same_queue(lake: Lake) -> None:
    assert read_queue(lake, ASK) == read_queue(canyu.open(lake.path), ASK, versions=lake.versions())


def test_an_interval_holds_its_probability_and_moves_with_the_share(lake: Lake) -> None:
    rare, frequent = read_queue(lake, ASK), read_queue(lake, replace(ASK, share=0.45))
    for queue in (rare, frequent):
        low, high = queue.entries[0].interval
        assert 0 <= low <= queue.entries[0].candidate.probability <= high <= 1
    assert rare.entries[0].interval[0] < frequent.entries[0].interval[0]
    again = estimate_interval(load_rumours(), rare.entries[0].candidate, rare.shift)
    assert again == rare.entries[0].interval


def test_a_precision_that_cannot_be_had_is_told(lake: Lake) -> None:
    with pytest.raises(BadInput) as caught:
        read_queue(lake, replace(ASK, precision=0.99, share=0.001))
    assert caught.value.mend


@pytest.mark.parametrize("far", [{"precision": 0.4}, {"share": 0.6}])
def test_what_is_so_unlikely_that_it_is_not_kept_is_told(lake: Lake, far: dict[str, float]) -> None:
    with pytest.raises(BadInput) as caught:
        read_queue(lake, replace(ASK, **far))
    assert "0.5" in str(caught.value.mend)


def test_the_command_prints_one_line_of_json(lake: Lake) -> None:
    told = _run(lake.path, "--json", "--precision", "0.8", "--limit", "1")
    assert told.count("\n") == 1
    found: dict[str, Any] = parse_json(told)
    assert [each["lead"] for each in found["candidates"]] == [get_rumour_id()]
    assert found["candidates"][0]["claim"]["sentence"] in RUMOUR


def test_the_command_tells_people_that_it_is_no_verdict(lake: Lake) -> None:
    assert "A queue, no verdict" in _run(lake.path, "--precision", "0.8")


def _run(path: str | Path, *options: str) -> str:
    from canyu.commands.rumours import command

    done = CliRunner().invoke(command, ["--lake", str(path), *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output
