"""One suite over both engines: the same questions, the same digits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import canyu
from canyu.engine import Engine
from canyu.events import Lake
from canyu.measure import OverviewQuery, compute_overview
from canyu.measure.props import read_prop
from journey_lake import make_event, write_events

QUERIES = {
    "brand": {},
    "channel and market": {"channel": "weibo", "market": "cn"},
    "all posts over a clock change": {
        "brand": "",
        "zone": "Europe/Berlin",
        "start": date(2025, 3, 25),
        "end": date(2025, 4, 7),
    },
}


@pytest.mark.parametrize("change", QUERIES.values(), ids=QUERIES)
def test_the_overview_is_the_same_on_every_engine(
    told_lake: canyu.Lake, query: OverviewQuery, engine: Engine, change: dict[str, object]
) -> None:
    query = replace(query, **change)
    expected = compute_overview(told_lake, query)
    found = compute_overview(Lake(told_lake.path, engine=engine), query)
    for mine, other in zip(found.figures, expected.figures, strict=True):
        assert (mine.name, mine.value, mine.interval, mine.previous) == (
            other.name,
            other.value,
            other.interval,
            other.previous,
        )
    for mine, other in zip(found.pictures, expected.pictures, strict=True):
        assert mine.table.equals(other.table), mine.name
        assert mine.title == other.title


def test_an_empty_lake_is_the_same_on_every_engine(tmp_path: Path, query: OverviewQuery, engine: Engine) -> None:
    lake = canyu.open(tmp_path / "empty.lake", create=True)
    overview = compute_overview(Lake(lake.path, engine=engine), query)
    assert {figure.value for figure in overview.figures} == {None}


PROPS = {
    '{"n":"weibo"}': "weibo",
    '{"m":1,"n" : "a, b] c"}': "a, b] c",
    '{"n":12.5,"m":"x"}': "12.5",
    '{"n":true}': "true",
    '{"n":null}': "",
    '{"n":"null"}': "null",
    '{"n":""}': "",
    r'{"n":"a\"b"}': "",
    '{"n":[1,2]}': "",
    '{"xn":"other"}': "",
    "{}": "",
}


def test_a_field_of_the_props_is_read_the_same_on_every_engine(tmp_path: Path, engine: Engine) -> None:
    lake = canyu.open(tmp_path / "props.lake", create=True)
    write_events(lake, [make_event(number, props=props) for number, props in enumerate(PROPS)])
    events = Lake(lake.path, engine=engine).scan("events")
    rows = engine.run(events.select(events.props, found=read_prop(events.props, "n"))).to_pylist()
    assert {row["props"]: row["found"] for row in rows} == PROPS
