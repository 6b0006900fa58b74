"""The page of the catalogue says what the records say; the festivals are those of the rehearsal."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from canyu.kit.errors import BadInput
from canyu.measure.catalogue import INDICES, METRICS
from canyu.measure.catalogue.festivals import find_peer, load_spring
from canyu.measure.catalogue.view import PROPS
from canyu.rehearse.settings import load_settings

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "measure" / "catalogue.md").read_text("utf-8")


def test_every_record_stands_on_the_page_in_both_languages() -> None:
    for metric in METRICS.values():
        assert f"#### {metric.label.en} · {metric.label.zh}\n\n`{metric.name}`" in PAGE
        assert metric.definition.en in PAGE
        assert metric.definition.zh in PAGE
        assert f"By: {', '.join(metric.dimensions) or 'nothing'}. Filters: {', '.join(metric.filters)}." in PAGE
    assert [name for name in INDICES if f"`{name}`" not in PAGE] == []


def test_the_page_of_events_tells_the_props_that_are_read() -> None:
    page = (DOCS / "reference" / "events.md").read_text("utf-8")
    named = {*PROPS.values(), "order_id", "preorder", "household", "question", "metric", "brand"}
    assert [name for name in named if f"`{name}`" not in page] == []


def test_the_spring_festival_is_that_of_the_rehearsed_years() -> None:
    known = {
        year: date.fromisoformat(f"{year}-{row['spring']}") for year, row in load_settings("seasons")["lunar"].items()
    }
    assert {year: load_spring().first_days[year] for year in known} == known


def test_a_year_without_a_reviewed_festival_is_refused() -> None:
    with pytest.raises(BadInput, match="1999"):
        find_peer(date(1999, 5, 1))
