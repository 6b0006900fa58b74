"""Experiments written by hand in YAML: read whole, or every line told that is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from canyu.kit.errors import BadInput, NotFound
from canyu.measure.experiments import Kind, Unit, assign, get_experiment
from canyu.measure.experiments.experiment_file import parse_experiments

GOOD = """
format: 1
experiments:
  - name: share-button
    shareable: true
    arms:
      - {name: control, weight: 0.5, saturation: 0}
      - {name: big-button, weight: 0.5, saturation: 0.5}
    start: 2025-04-01T00:00:00+08:00
    end: 2025-04-29T00:00:00+08:00
    looks: 28
    expected_units: 400
    outcomes:
      - {name: orders, label: {zh: 下单, en: orders}, event: Order Completed, days: 7, days_before: 30}
      - {name: spent, event: order, currency: CNY, winsorise: 0.99}
      - {name: per-visit, event: order, kind: ratio, per: visit}
"""


def test_a_file_is_read_whole() -> None:
    found = parse_experiments(GOOD)["share-button"]
    assert found.unit is Unit.COMMUNITY  # shareable things go by clusters unless a unit is named
    assert found.is_two_stage
    assert found.start == datetime(2025, 3, 31, 16, tzinfo=UTC)
    orders, spent, ratio = found.outcomes
    assert (orders.event, orders.days, orders.days_before, orders.label.zh) == ("order", 7, 30, "下单")
    assert (spent.currency, spent.winsorise, spent.label.en) == ("CNY", 0.99, "spent")
    assert (ratio.kind, ratio.per) == (Kind.RATIO, "visit")
    assert (found.looks, found.expected_units) == (28, 400)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    shareable: true\n", "", "line 4, unit"),
        ("weight: 0.5, saturation: 0.5", "weight: 0.6, saturation: 0.5", "line 4, arms.weight"),
        ("weight: 0.5, saturation: 0.5", "weight: much, saturation: 0.5", "line 8, arms.weight"),
        ("saturation: 0.5", "saturation: 1.5", "arms.saturation"),
        ("shareable: true", "shareable: perhaps", "line 5, shareable"),
        ("shareable: true", "unit: person", "arms.saturation"),
        ("shareable: true", "unit: galaxy", "line 5, unit"),
        ("shareable: true", "unit: period", "period_hours"),
        ("2025-04-01T00:00:00+08:00", "2025-04-01", "line 9, start"),
        ("2025-04-29", "2025-03-29", "end"),
        ("2025-04-29", "9999-04-29", "end"),
        ("looks: 28", "looks: many", "line 11, looks"),
        ("    expected_units: 400\n", "", "looks"),
        ("event: Order Completed", "event: dance", "outcomes.event"),
        ("kind: ratio, per: visit", "kind: ratio", "outcomes.per"),
        ("kind: ratio, per: visit", "per: visit", "outcomes.per"),
        ("winsorise: 0.99", "winsorise: 99", "outcomes.winsorise"),
        ("currency: CNY", "currency: yuan", "outcomes.currency"),
        ("days: 7", "days: -7", "outcomes.days"),
        ("name: big-button", "name: control", "arms"),
        ("name: share-button", "name: Share Button", "name"),
        ("format: 1", "format: 9", "line 2, format"),
        ("    looks: 28", "    glances: 28", "line 11"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_field(old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(BadInput) as caught:
        parse_experiments(GOOD.replace(old, new, 1))
    assert told in str(caught.value)


def test_two_experiments_have_two_names() -> None:
    with pytest.raises(BadInput, match="another one's name"):
        parse_experiments(GOOD + GOOD.partition("experiments:\n")[2])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "format: 1",
        "format: 1\nexperiments: []",
        "format: 1\nexperiments: {a: b}",
        "format: 1\nexperiments: [1, {name: [x]}, {arms: [1], outcomes: [[]]}]",
        "format: 1\nexperiments: [{name: a, unit: {x: y}, arms: no, start: [], end: 2025, looks: 1e9, coverage: nan}]",
        GOOD.replace("weight: 0.5", "weight: .inf"),
        GOOD.replace("2025-04-01", "0001-01-01"),
        GOOD.replace("expected_units: 400", "expected_units: 99999999999999999999999999999999"),
        GOOD.replace("days: 7", "days: ²"),
        "\x00",
        "&a [*a]",
    ],
)
def test_no_file_breaks_the_reader(text: str) -> None:
    with pytest.raises(BadInput):
        parse_experiments(text)


def test_an_experiment_is_got_by_name(tmp_path: Path) -> None:
    path = tmp_path / "experiments.yaml"
    path.write_text(GOOD, "utf-8")
    assert get_experiment(str(path), "share-button").name == "share-button"
    with pytest.raises(NotFound, match="There are: share-button"):
        get_experiment(str(path), "nothing")
    with pytest.raises(NotFound):
        get_experiment(str(tmp_path / "none.yaml"), "share-button")


def test_what_the_unit_needs_is_asked_for() -> None:
    found = parse_experiments(GOOD)["share-button"]
    with pytest.raises(BadInput, match="no id of the cluster"):
        assign(found, "somebody")
    with pytest.raises(BadInput, match="no id of the person"):
        assign(found, "", cluster="c1")
