"""``canyu clock`` and ``canyu steps`` on the command line: what a program reads, and what a person reads."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from canyu.commands.clock import command as clock
from canyu.commands.steps import command as steps
from canyu.events import Event, build_event_table, open_lake
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.jsonio import parse_json

CALENDAR = """
zone: Asia/Shanghai
always: false
hours:
  mon: ["09:00-12:00", "13:30-18:00"]
  tue: ["09:00-18:00"]
  fri: ["09:00-18:00"]
workdays: CN
holidays: ["2026-10-08"]
dates: {"2026-03-07": ["10:00-16:00"]}
"""
LOG = {
    "case": ["a", "a", "b", "b", "b", "c"],
    "step": ["new", "closed", "new", "parts", "closed", "new"],
    "at": [datetime(2026, 3, day, hour, tzinfo=UTC) for day, hour in ((2, 1), (2, 4), (2, 1), (2, 2), (4, 4), (4, 3))],
}


@pytest.fixture
def calendar(tmp_path: Path) -> str:
    path = tmp_path / "cal.yaml"
    path.write_text(CALENDAR, "utf-8")
    return str(path)


def run(*words: str) -> Result:
    command = {"clock": clock, "steps": steps}[words[0]]
    return CliRunner().invoke(command, words[1:])


def test_a_program_reads_when_a_target_is_due_and_why(calendar: str) -> None:
    # a make-up Saturday takes Monday's hours; the next hours of this calendar after the festival are on a Tuesday
    found = run(
        "clock", "due", "--calendar", calendar, "--start", "2026-02-14T17:30:00+08:00", "--target", "1h", "--json"
    )
    assert found.exit_code == 0
    assert parse_json(found.stdout) == {
        "due": "2026-02-24T09:30:00+08:00",
        "provisional": False,
        "provisional_years": [],
        "used": [
            {"from": "2026-02-14T17:30:00+08:00", "to": "2026-02-14T18:00:00+08:00", "seconds": 1800},
            {"from": "2026-02-24T09:00:00+08:00", "to": "2026-02-24T09:30:00+08:00", "seconds": 1800},
        ],
    }


def test_pauses_may_be_open_and_times_without_an_offset_are_of_the_calendars_zone(calendar: str) -> None:
    asked = ("clock", "due", "--calendar", calendar, "--start", "2026-03-07T10:00", "--target", "2h", "--json")
    paused = run(
        *asked, "--pause", "2026-03-07T11:00/2026-03-07T11:30", "--pause", "2026-03-07T11:15/2026-03-07T12:00:01"
    )
    assert parse_json(paused.stdout)["due"] == "2026-03-07T13:00:01+08:00"
    assert parse_json(run(*asked, "--pause", "2026-03-07T11:00/").stdout)["due"] is None
    assert "Not due yet" in run(*asked[:-1], "--pause", "2026-03-07T11:00").stdout


def test_worked_seconds_are_told_with_their_hours(calendar: str) -> None:
    asked = ("clock", "worked", "--calendar", calendar, "--from", "2026-03-07", "--to", "2027-01-05")
    found = parse_json(run(*asked, "--json").stdout)
    assert found["seconds"] == sum(each["seconds"] for each in found["used"])
    assert (found["provisional"], found["provisional_years"]) == (True, [2027])
    told = run(*asked).stdout
    assert "2026-03-07 Sat 10:00:00 – 16:00:00  6.00 h" in told
    assert "Provisional: the days off of 2027 are not announced" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--start", "soon", "--target", "1h"], "'soon' is no time"),
        (["--start", "2026-03-07", "--target", "1d"], "'1d' is no target"),
        (
            ["--start", "2026-03-07", "--target", "1h", "--pause", "2026-03-07T11:00/2026-03-07T10:00"],
            "ends before it starts",
        ),
    ],
)
def test_what_cannot_be_reckoned_is_refused(calendar: str, words: list[str], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        CliRunner().invoke(clock, ["due", "--calendar", calendar, *words], catch_exceptions=False)


def test_a_calendar_that_is_not_there_is_told(tmp_path: Path) -> None:
    words = ["due", "--calendar", str(tmp_path / "none.yaml"), "--start", "2026-03-07", "--target", "1h"]
    with pytest.raises(NotFound, match=r"no calendar file .*none\.yaml"):
        CliRunner().invoke(clock, words, catch_exceptions=False)


def test_steps_of_a_file(tmp_path: Path, calendar: str) -> None:
    path = tmp_path / "log.parquet"
    pq.write_table(pa.table(LOG), path)
    asked = ("steps", str(path), "--time", "at", "--done", "closed", "--waiting", "parts", "--draws", "100")
    found = parse_json(run(*asked, "--json").stdout)
    assert (found["cases"], found["solved"], found["open_young"], found["simulated"]) == (3, 2, 1, False)
    assert (found["rate"]["in_time"], found["rate"]["counted"]) == (1, 2)
    assert (found["steps"][0]["step"], found["steps"][0]["kind"]) == ("parts", "waiting")
    assert found["steps"][0]["rate_without"]["plain"]["value"] == 1.0
    told = run(*asked, "--calendar", calendar, "--now", "2026-03-04T13:00").stdout
    assert "3 cases, 2 of them solved." in told
    assert "parts (waiting)" in told
    assert "Mean 9.8 h [3.0, 16.5]" in told  # 3 h of Monday; 7.5 h of it, 9 h of Tuesday, Wednesday closed
    with pytest.raises(BadInput, match="There is no step spares"):
        CliRunner().invoke(steps, [str(path), "--time", "at", "--waiting", "spares"], catch_exceptions=False)
    with pytest.raises(BadInput, match="Give either a file or --lake"):
        CliRunner().invoke(steps, [], catch_exceptions=False)


def test_steps_of_a_lake(tmp_path: Path) -> None:
    def make(name: str, kind: str, hour: int, parent: str | None = None) -> Event:
        at = datetime(2026, 3, 2, hour, tzinfo=UTC)
        return Event(name, kind, at, at, "shop", parent=parent, text="…")

    events = [
        make("a", "complain", 1),
        make("r", "reply", 2, "a"),
        make("s", "resolve", 5, "a"),
        make("b", "complain", 3),
    ]
    open_lake(tmp_path / "my.lake", create=True).append(build_event_table(events))
    found = parse_json(run("steps", "--lake", str(tmp_path / "my.lake"), "--from", "2026-03-01", "--json").stdout)
    assert (found["cases"], found["solved"], found["mean_h"]["value"]) == (2, 1, 4.0)
    assert [step["step"] for step in found["steps"]] == ["first response", "solution"]
