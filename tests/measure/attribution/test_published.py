"""Rows that others published: what their released code and manuals print for the same paths and games."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from canyu.kit.yamlio import load_yaml
from canyu.measure.attribution import Method, Model, compute_markov, compute_shapley, credit_journeys
from canyu.measure.attribution.shapley import cover_paths, solve_game
from canyu.measure.journeys import Journeys, make_journeys

FACTS: dict[str, Any] = load_yaml(
    (Path(__file__).parents[2] / "data" / "measure" / "attribution.yaml").read_text("utf-8")
)
QUICK = Model(draws=100)


@pytest.fixture(scope="module")
def public_paths(shared_data: Path) -> Journeys:
    """The 10,000 paths that come with ChannelAttribution."""
    file = shared_data.parent / "scenarios" / "measure-data" / "channelattribution_Data.csv"
    if not file.is_file():
        pytest.skip(f"no public paths at {file}: rows 40 to 42 were not checked")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    numbers = [
        [float(row[name]) for row in rows] for name in ("total_conversions", "total_conversion_value", "total_null")
    ]
    return make_journeys([row["path"].split(" > ") for row in rows], *numbers)


def name_credits(journeys: Journeys, method: Method) -> dict[str, float]:
    return {one.name: one.conversions.value or 0.0 for one in credit_journeys(journeys, method, QUICK).channels}


@pytest.mark.real
def test_the_totals_of_the_public_paths(public_paths: Journeys) -> None:
    assert len(public_paths.conversions) == 10_000
    assert (public_paths.conversions.sum(), public_paths.lost.sum()) == (19_785, 68_602)
    assert public_paths.value.sum() == pytest.approx(74_802.97, abs=0.01)


@pytest.mark.real
@pytest.mark.parametrize("method", ["first", "last", "linear"])
def test_rules_give_what_channelattribution_gives(public_paths: Journeys, method: str) -> None:
    found = name_credits(public_paths, Method(method))
    for name, expected in FACTS["rules"][method].items():
        assert found[name] == pytest.approx(expected, abs=1e-4), name


@pytest.mark.real
def test_the_exact_chain_gives_what_two_million_simulated_paths_give(public_paths: Journeys) -> None:
    removal = compute_markov(public_paths)
    found = dict(zip(public_paths.names, removal.shares * public_paths.conversions.sum(), strict=True))
    for name, expected in FACTS["markov"]["conversions"].items():
        assert found[name] == pytest.approx(expected, rel=0.005 if expected > 1000 else 0.02), name
    effects = dict(zip(public_paths.names, removal.effects, strict=True))
    for name, expected in FACTS["markov"]["effects"].items():
        assert effects[name] == pytest.approx(expected, abs=0.003), name


@pytest.mark.real
def test_an_equal_split_is_the_covering_game_solved_in_full(public_paths: Journeys) -> None:
    found = name_credits(public_paths, Method.SHAPLEY)
    solved = solve_game(cover_paths(public_paths))
    assert [found[name] for name in public_paths.names] == pytest.approx(solved.tolist(), abs=1e-6)


@pytest.mark.parametrize("method", ["first", "last", "linear", "shapley", "position", "markov"])
def test_nine_paths_of_three_channels(method: str) -> None:
    paths = [path.split(">") for path in FACTS["nine"]["paths"]]
    found = name_credits(make_journeys(paths, [FACTS["nine"]["each"]] * len(paths)), Method(method))
    assert [found[name] for name in "ABC"] == pytest.approx(FACTS["nine"]["credits"][method], abs=1e-4)


@pytest.mark.parametrize("game", FACTS["games"], ids=lambda game: game["name"])
def test_games_of_the_textbooks(game: dict[str, Any]) -> None:
    worth = {tuple(row["players"]): row["worth"] for row in game["worth"]}
    found = compute_shapley(worth)
    expected = [float(Fraction(str(value))) for value in game["values"]]
    assert list(found.values()) == pytest.approx(expected, abs=game["tolerance"])


def test_the_examples_of_the_page_run() -> None:
    page = (Path(__file__).parents[3] / "docs" / "measure" / "attribution.md").read_text("utf-8")
    code = page.partition("```python\n")[2].partition("```")[0]
    told: list[str] = []
    exec(compile(code, "attribution.md", "exec"), {"print": lambda *words: told.append(str(*words))})  # noqa: S102 - ours
    assert told == ["{'search': 0.593, 'weibo': 0.407}", "{'a': 2.0, 'b': 3.0}"]
