"""``canyu lift``: from a table and from a lake, for people and for programs, and its pictures."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import canyu
from canyu.commands.lift import command
from canyu.events import Event, build_event_table
from canyu.kit.errors import BadInput
from canyu.kit.words import speak
from canyu.measure import render_chart
from canyu.measure.lift import PanelColumns, compute_lift, draw_lift_pictures, load_design, read_panel_file

DESIGN = """
format: 1
id: ads
kind: geo_lift
treated: [cn]
start: 2025-03-22
untouched: the ads ran in one market
"""


def run(*words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture
def sales(tmp_path: Path) -> tuple[Path, Path]:
    """A table of 10 markets and 30 weeks of days; ``cn`` gains a fifth in the last two weeks."""
    random = np.random.default_rng(3)
    lines = ["unit,time,value"]
    for place, unit in enumerate(["cn", *[f"m{row}" for row in range(9)]]):
        for day in range(94):
            value = 100 + 10 * place + 20 * np.sin(day * 2 * np.pi / 7) + random.normal() * 3
            gain = 1.2 if unit == "cn" and day >= 80 else 1.0
            lines.append(f"{unit},{(datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=day)).date()},{value * gain:.3f}")
    (tmp_path / "sales.csv").write_text("\n".join(lines), "utf-8")
    (tmp_path / "design.yaml").write_text(DESIGN, "utf-8")
    return tmp_path / "design.yaml", tmp_path / "sales.csv"


def test_a_program_reads_effect_interval_placebos_and_path(sales: tuple[Path, Path]) -> None:
    result = run("--design", sales[0], "--table", sales[1], "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["relative"]["value"] == pytest.approx(20, abs=3)
    assert found["effect"]["low"] < found["effect"]["value"] < found["effect"]["high"]
    assert found["effect"]["p_value"] < 0.001 < found["placebo_in_time"]["p_value"]
    assert found["placebo_in_space"]["share"] == pytest.approx(0.1)
    assert len(found["path"]) == 94
    assert found["proof"]["rows"] == 940
    assert sum(row["weight"] for row in found["weights"]) == pytest.approx(1)


def test_a_person_reads_it_in_both_languages(sales: tuple[Path, Path]) -> None:
    english = run("--design", sales[0], "--table", sales[1]).output
    assert "Geo lift" in english
    assert "placebo in time: " in english
    with speak("zh-hans"):
        chinese = run("--design", sales[0], "--table", sales[1]).output
    assert "地区增量实验" in chinese
    assert "空间安慰剂：排名 p 0.1" in chinese


def test_markets_are_chosen_from_the_past(sales: tuple[Path, Path]) -> None:
    found = json.loads(run("--design", sales[0], "--table", sales[1], "--markets", 14, "--json").stdout)
    assert found["length"] == 14
    assert 1 <= len(found["choices"]) <= 10
    assert "is seen four times in five" in run("--design", sales[0], "--table", sales[1], "--markets", 14).output


def test_an_answer_that_cannot_be_had_says_why(sales: tuple[Path, Path]) -> None:
    sales[0].write_text(DESIGN.replace("2025-03-22", "2025-01-05"), "utf-8")
    assert "Fewer than 10 periods before the start" in run("--design", sales[0], "--table", sales[1]).output
    found = json.loads(run("--design", sales[0], "--table", sales[1], "--json").stdout)
    assert (found["effect"]["value"], found["placebo_in_space"], found["path"]) == (None, None, [])


def test_either_a_lake_or_a_table(sales: tuple[Path, Path], lake: canyu.Lake) -> None:
    for words in ((), ("--lake", "a.lake", "--table", sales[1])):
        with pytest.raises(BadInput, match="either --lake or --table"):
            run("--design", sales[0], *words)
    lake.append(build_event_table([]))
    with pytest.raises(BadInput, match="needs outcome, first and end"):
        run("--design", sales[0], "--lake", str(lake.path))


def test_a_lake_is_counted_as_the_design_says(lake: canyu.Lake, tmp_path: Path) -> None:
    first = datetime(2025, 1, 1, 4, tzinfo=UTC)
    random = np.random.default_rng(4)
    events = []
    for market in ("cn", *[f"m{row}" for row in range(8)]):
        for day in range(40):
            count = random.poisson(6) + (12 if market == "cn" and day >= 30 else 0)
            for number in range(count):
                time = first + timedelta(days=day, minutes=number)
                events.append(
                    Event(
                        f"{market}-{day}-{number}",
                        "order",
                        time,
                        time,
                        "shop",
                        market,
                        None,
                        "a",
                        "su7",
                        value=1,
                        currency="CNY",
                        props="{}",
                    )
                )
    lake.append(build_event_table(events))
    design = DESIGN.replace("geo_lift", "did").replace("2025-03-22", "2025-01-31")
    design += "first: 2025-01-01\nend: 2025-02-09\noutcome: {event: order}\n"
    (tmp_path / "design.yaml").write_text(design, "utf-8")
    found = json.loads(run("--design", tmp_path / "design.yaml", "--lake", lake.path, "--json").stdout)
    assert found["effect"]["value"] == pytest.approx(12, abs=2)
    assert found["proof"]["versions"] == {"events": lake.version("events")}
    assert found["proof"]["rows"] == len(events)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pictures_are_drawn_and_say_what_is_seen(sales: tuple[Path, Path], language: str) -> None:
    lift = compute_lift(read_panel_file(sales[1], PanelColumns()), load_design(sales[0]))
    path, placebos = draw_lift_pictures(lift)
    assert "+2" in path.title.en
    assert placebos.title.en == "0 of 9 donors moved at least as much as the treated"
    for picture in (path, placebos):
        assert render_chart(picture, language, "light").startswith("<svg")
    named = {"zh": "本来会有", "en": "would have been"}[language]
    assert named in render_chart(path, language, "light")


def test_nothing_is_drawn_of_nothing(sales: tuple[Path, Path]) -> None:
    sales[0].write_text(DESIGN.replace("untouched: the ads ran in one market", ""), "utf-8")
    assert draw_lift_pictures(compute_lift(read_panel_file(sales[1], PanelColumns()), load_design(sales[0]))) == ()
