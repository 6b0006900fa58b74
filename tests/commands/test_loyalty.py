"""``canyu loyalty`` on the command line: what a program reads, and what a person reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from click.testing import CliRunner, Result

import canyu
from canyu.commands.loyalty import command
from canyu.events import Event, build_event_table
from canyu.kit.jsonio import parse_json
from canyu.kit.words import speak

START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def lake_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    random, events = np.random.default_rng(4), []
    for person in range(200):
        day, gap, worth = random.uniform(0, 120), 1 / random.gamma(2, 0.03), 6000 / random.gamma(4, 1)
        for number in range(int(random.geometric(random.beta(1, 3)))):
            moment = START + timedelta(days=12 * round(day / 12))  # few days, for every one is a file of the lake
            given = {"id": f"{person}-{number}", "type": "order", "object": "phone", "currency": "CNY"}
            value = int(100 + worth * random.gamma(6, 1 / 6))
            events.append(Event(**given, time=moment, received=moment, source="t", actor=f"p{person}", value=value))
            day += random.exponential(gap) + 6
    lake = canyu.open(tmp_path_factory.mktemp("loyalty") / "my.lake", create=True)
    lake.append(build_event_table(events))
    return lake.path


def run(lake: str, *words: str) -> Result:
    return CliRunner().invoke(command, ["--lake", lake, "--from", "2025-01-01", "--to", "2025-06-30", *words])


def test_a_program_reads_models_bands_and_cohorts(lake_path: str) -> None:
    result = run(lake_path, "--ahead", "90", "--json")
    assert result.exit_code == 0
    found = parse_json(result.stdout)
    assert found["customers"] == 200
    assert set(found["buying"]["parameters"]) == {"r", "alpha", "a", "b"}
    for name in ("expected_orders", "alive", "expected_value"):
        assert found[name]["low"] < found[name]["value"] < found[name]["high"]
    assert [row["band"] for row in found["repurchase"]] == ["*", ""]
    assert found["cohorts"][0]["offset"] == 0
    assert len(found["proofs"]) == 3


def test_a_person_reads_it_in_either_language(lake_path: str) -> None:
    english = run(lake_path, "--model", "pareto_nbd", "--rate", "0.1").stdout
    assert english.startswith("200 customers, of whom ")
    assert "repurchase, all (" in english
    assert "2025-01 +1: " in english
    with speak("zh-hans"):
        assert "今后 365 天的订单：" in run(lake_path).stdout


def test_few_customers_are_no_figure(lake_path: str) -> None:
    result = CliRunner().invoke(command, ["--lake", lake_path, "--from", "2020-01-01", "--to", "2020-03-01"])
    assert "not known: Needs 50 customers or more" in result.stdout
