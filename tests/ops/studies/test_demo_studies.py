"""The demo has an experiment and a lift study: both found what was planted, and both are said to be rehearsed."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import canyu
from canyu.commands.demo_studies import MORE, stage_studies, write_experiment, write_lift
from canyu.events import Event, build_event_table
from canyu.kit.jsonio import dump_json
from canyu.measure.experiments import analyse
from canyu.measure.experiments.experiment_file import parse_experiments
from canyu.measure.lift.design_file import parse_design
from canyu.ops.studies.models import Study
from canyu.rehearse.settings import load_settings


@pytest.fixture
def visited(tmp_path: Path) -> canyu.Lake:
    """1,600 people who visit in July, and one in August."""
    made = canyu.open(tmp_path / "demo.lake", create=True)
    chance, start = random.Random(1), datetime(2025, 7, 1, tzinfo=UTC)
    events = [
        Event(
            id=f"v{number}",
            type="visit",
            time=start + timedelta(hours=chance.randrange(600) if number else 900),
            received=start,
            source="rehearsal",
            actor=f"p{number:05}",
            object="xiaomi/yu7",
            props=dump_json({"simulated": True}),
        )
        for number in range(1601)
    ]
    made.append(build_event_table(events))
    return made


def test_the_demo_stages_its_studies_once(visited: canyu.Lake, use_lake: Callable[[Path], None], db: None) -> None:
    del db
    use_lake(Path(visited.path))
    stage_studies(2025, Path(visited.path))
    version = visited.version()
    for _ in range(2):
        stage_studies(2025, Path(visited.path))
    assert (Study.objects.count(), visited.version()) == (2, version)
    assert all("simulated" in name and "模拟" in name for name in Study.objects.values_list("name", flat=True))
    Study.objects.all().delete()  # another console on the same lake: the events are in it already
    stage_studies(2025, Path(visited.path))
    experiment = parse_experiments(write_experiment(2025))["short-booking-form"]
    found = analyse(visited, experiment)
    assert sum(found.split.counts.values()) == 1600
    assert (found.split.is_broken, found.is_simulated) == (False, True)
    booked = found.find("booked")
    assert booked is not None
    assert booked.difference.low is not None
    assert booked.difference.high is not None
    assert 0 < booked.difference.low < MORE < booked.difference.high


def test_the_lift_study_is_the_rehearsed_regional_test() -> None:
    design, plan = parse_design(write_lift(2025)), load_settings("campaigns")["geo"]
    assert list(design.treated) == plan["treated"]
    assert (str(design.start), str(design.end)) == ("2025-07-21", "2025-08-17")
