"""Designs in YAML: read as written, and every fault named with its line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from canyu.kit.errors import BadInput, NotFound
from canyu.measure.lift import LiftKind, Outcome, load_design
from canyu.measure.lift.design_file import parse_design

FULL = """
format: 1
id: spring
name: {zh: 春季, en: Spring}
kind: did
treated: {cn: 2025-03-01, de: 2025-04-01}
donors: [fr, es]
untouched: no store opened there
first: 2025-01-01
end: 2025-06-30
gaps: [[2025-02-01, 2025-02-03]]
placebo: 2025-02-01
cycle: 7
outcome: {event: order, currency: CNY, unit: market, grain: day}
"""


def test_a_design_is_read_as_written() -> None:
    found = parse_design(FULL)
    assert found.kind is LiftKind.DID
    assert found.treated == {"cn": date(2025, 3, 1), "de": date(2025, 4, 1)}
    assert (found.donors, found.start, found.end) == (("fr", "es"), date(2025, 3, 1), date(2025, 6, 30))
    assert found.gaps == ((date(2025, 2, 1), date(2025, 2, 3)),)
    assert (found.placebo, found.cycle, found.name.en) == (date(2025, 2, 1), 7, "Spring")
    assert found.outcome == Outcome("order", "CNY")


def test_moments_and_numbers_are_times_too() -> None:
    live = parse_design("format: 1\nkind: event_study\ntreated: [shop]\nstart: 2025-06-18T20:00+08:00")
    assert live.start == datetime(2025, 6, 18, 12, tzinfo=UTC)
    assert parse_design("format: 1\nkind: did\ntreated: [a]\nstart: 2012.25").start == 2012.25


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("format: 1\nkind: magic\ntreated: [a]\nstart: 1", "line 2, kind: is no kind of design: magic"),
        ("format: 1\nkind: did\ntreated: [a]", "does not say when it starts"),
        ("format: 1\nkind: did\nstart: 1", "treated: is missing"),
        ("format: 1\nkind: did\ntreated: [a]\nstart: soon", "line 4, start: is no time"),
        ("format: 1\nkind: did\ntreated: [a]\nstart: 1\ngaps: [[1]]", "line 5, gaps: is no span of time"),
        ("format: 1\nkind: did\ntreated: [a]\nstart: 1\ncycle: week", "line 5, cycle: is no whole number"),
        ("format: 1\nkind: did\ntreated: [a]\nstart: 1\nlift: 2", "lift: is not a known field"),
        ("format: 1\nkind: did\ntreated: [a]\nstart: 1\noutcome: {unit: market}", "outcome.event: is missing"),
        ("format: 1\nkind: did\ntreated: [a]\nstart: 1\noutcome: {event: sale}", "no outcome.event 'sale'"),
        ("format: 1\nkind: did\ntreated: [a]\nstart: 1\ndonors: [a]", "treated and a donor at once"),
        ("format: 1\nkind: did\ntreated: []\nstart: 1", "names no treated unit"),
    ],
)
def test_a_fault_is_named_with_its_line(text: str, told: str) -> None:
    with pytest.raises(BadInput, match=told.replace("[", r"\[")):
        parse_design(text)


def test_a_file_that_is_not_there_or_not_utf8(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load_design(tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_bytes(b"name: \xff")
    with pytest.raises(BadInput, match="not UTF-8"):
        load_design(tmp_path / "bad.yaml")


def test_the_examples_of_the_docs_run() -> None:
    page = (Path(__file__).parents[3] / "docs" / "measure" / "lift.md").read_text("utf-8")
    design = parse_design(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0])
    assert (design.kind, len(design.donors)) == (LiftKind.GEO_LIFT, 5)
    for example in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(compile(example, "lift.md", "exec"), {})  # noqa: S102 - our own page
    assert all(f"`{kind}`" in page for kind in LiftKind)
