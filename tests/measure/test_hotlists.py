"""Time on hot lists and its coverage, series with their gaps, and share of voice by week: small enough to count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

import canyu
from canyu.commands.hot_lists import command
from canyu.engine import Engine
from canyu.events import Lake
from canyu.events.catalogue import load_catalogue
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.jsonio import dump_json, parse_json
from canyu.measure import OverviewQuery, compute_overview
from canyu.measure.hotlists import compute_hot_lists
from canyu.measure.series import Series, Step, compute_series, list_series
from canyu.measure.voice import compute_share_of_voice, list_field

MODEL = "2026-02/cat1"
MIDNIGHT = datetime(2025, 3, 31, 16, tzinfo=UTC)  # 1 April in Shanghai
DAY = OverviewQuery(date(2025, 4, 1), date(2025, 4, 1), brand="xiaomi")
Write = Callable[..., None]


def at(minutes: float) -> datetime:
    return MIDNIGHT + timedelta(minutes=minutes)


def make_fact(number: int, minutes: float, name: str, value: int, **props: object) -> dict[str, Any]:
    row = {"id": f"o{number}", "type": "observe", "time": at(minutes), "received": at(minutes), "market": "cn"}
    place = {"channel": props.pop("channel", "weibo"), "source": props.pop("source", "crawler")}
    return {**row, **place, "object": name, "text": name, "value": value, "props": dump_json(props)}


def make_seen(number: int, start: float, end: float, title: str, **more: object) -> dict[str, Any]:
    row = {"event_id": f"s{number}", "channel": "weibo", "brand": "xiaomi", "title": title, "is_spell": False}
    return {**row, "start": at(start), "end": at(end), "model_version": MODEL, **more}


@pytest.fixture
def board_lake(tmp_path: Any, write: Write) -> canyu.Lake:
    """Captures at 0:00, 1:00, 3:00, 5:01 and 6:00 of one list; three titles about xiaomi, one about byd."""
    lake = canyu.open(tmp_path / "board.lake", create=True)
    moments = (0, 60, 180, 301, 360)
    facts = [make_fact(n, minutes, "天气", 1, metric="hot_rank") for n, minutes in enumerate(moments)]
    daily = make_fact(9, 700, "小米", 1, metric="hot_rank_daily")
    write(lake, "events", [*facts, daily])
    rows = [
        make_seen(1, 0, 60, "小米发布会", top_rank=7, heat=500),
        make_seen(2, 60, 180, "小米发布会", top_rank=3, heat=900),
        make_seen(3, 60, 180, "雷军回应", top_rank=11),
        make_seen(4, 180, 180, "小米汽车", top_rank=2, heat=10_000_000),  # before a gap of 121 minutes
        make_seen(5, 0, 60, "比亚迪出海", brand="byd", top_rank=1),
        make_seen(6, -30, 0, "昨天的小米", top_rank=1),
        make_seen(7, 100, 145, "小米发布会", top_rank=4, is_spell=True),  # within what snapshots say already
        make_seen(8, 1400, 1500, "小米深夜", top_rank=20, is_spell=True),  # cut at midnight
    ]
    write(lake, "board", rows)
    write(lake, "listenings", [{"number": 1, "time": at(0), "model_version": MODEL, "events_version": 0, "scored": 0}])
    return lake


def test_minutes_are_a_union_per_brand_and_counted_per_title(board_lake: canyu.Lake) -> None:
    found = compute_hot_lists(board_lake, DAY)
    assert [(row.brand, row.minutes, row.titles) for row in found.brands] == [("xiaomi", 220, 3), ("byd", 60, 1)]
    assert [(row.title, row.minutes, row.top_rank, row.heat, row.first, row.last) for row in found.titles] == [
        ("小米发布会", 180, 3, 900, at(0), at(180)),
        ("雷军回应", 120, 11, None, at(60), at(180)),
        ("小米深夜", 40, 20, None, at(1400), at(1440)),
        ("小米汽车", 0, 2, 10_000_000, at(180), at(180)),
    ]
    assert {figure.name: figure.value for figure in found.figures} == {
        "board_minutes": 220, "coverage": pytest.approx(100 * 239 / 1440), "titles": 4, "top_rank": 2
    }  # fmt: skip
    assert (found.is_old, found.has_more_titles) == (False, False)


def test_the_overview_tells_the_same_minutes(board_lake: canyu.Lake) -> None:
    figures = {figure.name: figure.value for figure in compute_overview(board_lake, DAY).figures}
    assert figures["board_minutes"] == compute_hot_lists(board_lake, DAY).figures[0].value == 220


def test_a_gap_over_two_hours_is_unknown_and_told(board_lake: canyu.Lake) -> None:
    found = compute_hot_lists(board_lake, DAY)
    (only,) = found.lists
    assert (only.channel, only.source, only.captures) == ("weibo", "crawler", 5)
    assert (only.known_minutes, only.unknown_minutes, only.longest_gap_minutes) == (239, 1201, 121)
    assert (only.first, only.last) == (at(0), at(360))
    assert "16.6%" in found.figures[0].proof.caveats[1].en
    assert "1,201" in found.figures[0].proof.caveats[1].en


def test_lists_are_covered_apart_and_together(board_lake: canyu.Lake, write: Write) -> None:
    more = [
        make_fact(20 + n, minutes, "天气", 1, metric="hot_rank", board="电影") for n, minutes in enumerate((30, 90))
    ]
    write(board_lake, "events", [*more, make_fact(30, 1430, "x", 1, metric="hot_rank", channel="douyin")])
    found = compute_hot_lists(board_lake, DAY)
    assert [(row.channel, row.board, row.known_minutes) for row in found.lists] == [
        ("douyin", "", 0), ("weibo", "", 239), ("weibo", "电影", 60)
    ]  # fmt: skip
    assert (found.whole.known_minutes, found.whole.captures) == (239, 8)
    weibo = compute_hot_lists(board_lake, replace(DAY, channel="weibo"))
    assert [row.channel for row in weibo.lists] == ["weibo", "weibo"]


def test_a_capture_before_the_period_stands_into_it(board_lake: canyu.Lake, write: Write) -> None:
    write(board_lake, "events", [make_fact(40, -60, "天气", 1, metric="hot_rank")])
    before = compute_hot_lists(board_lake, replace(DAY, start=date(2025, 3, 31), end=date(2025, 3, 31)))
    assert (before.whole.known_minutes, before.whole.captures) == (60, 1)
    assert [row.title for row in before.titles] == ["昨天的小米"]


def test_nothing_captured_is_missing_and_not_zero(board_lake: canyu.Lake, tmp_path: Any) -> None:
    later = replace(DAY, start=date(2026, 1, 1), end=date(2026, 1, 2))
    figures = {figure.name: figure for figure in compute_hot_lists(board_lake, later).figures}
    assert [figures[name].value for name in ("board_minutes", "coverage", "top_rank")] == [None, None, None]
    assert all(figure.missing for figure in figures.values())
    empty = compute_hot_lists(canyu.open(tmp_path / "empty.lake", create=True), DAY)
    assert {figure.value for figure in empty.figures} == {None}


def test_rows_of_an_older_version_are_told(board_lake: canyu.Lake, write: Write) -> None:
    write(board_lake, "board", [make_seen(50, 0, 120, "旧", is_spell=None)])
    assert compute_hot_lists(board_lake, DAY).is_old


@pytest.fixture
def series_lake(tmp_path: Any, write: Write) -> canyu.Lake:
    """Reads by the hour with a hole and an open end, the same by 10 minutes from another source, an index by day."""
    lake = canyu.open(tmp_path / "series.lake", create=True)
    hours = {0: 100, 1: 50, 3: 0, 4: 7}
    rows = [
        make_fact(n, 60 * n, "小米发布会", value, metric="read", bucket="1h", closed=n != 4, source="hourly")
        for n, value in hours.items()
    ]
    rows += [
        make_fact(100 + n, 10 * n, "小米发布会", 11, metric="read", bucket="10min", closed=True, source="fine")
        for n in range(15)
    ]
    rows += [
        make_fact(200 + n, 1200 + 1440 * n, "小米SU7", value, metric="search_index", source="index")
        for n, value in enumerate((300, 400, 500))
        if n != 1
    ]
    write(lake, "events", [*rows, make_fact(300, 5, "小米发布会", 1, metric="hot_rank")])
    return lake


def tell(series: Series, count: int) -> list[tuple[int | None, bool]]:
    return [(point.value, point.is_partial) for point in series.points[:count]]


def test_hours_without_data_are_missing_and_a_cut_hour_is_partial(series_lake: canyu.Lake) -> None:
    (series,) = compute_series(series_lake, DAY, ["小米发布会", "nobody"], ["read", "mention"], Step.HOUR)
    # 2:00 is told by the finer source alone, three of its six parts; 0 is a value, None is none
    assert tell(series, 6) == [(100, False), (50, False), (33, True), (0, False), (7, True), (None, False)]
    assert (len(series.points), series.known, series.sources) == (24, 5, ("fine", "hourly"))
    assert series.points[1].begin.isoformat() == "2025-04-01T01:00:00+08:00"
    assert series.last_partial == series.points[4]


def test_a_day_adds_the_hours_of_one_source_and_says_that_it_is_partial(series_lake: canyu.Lake) -> None:
    (series,) = compute_series(series_lake, DAY, ["小米发布会"], ["read"], Step.DAY)
    assert tell(series, 2) == [(157, True)]


def test_an_index_is_its_last_reading_and_a_day_without_one_is_missing(series_lake: canyu.Lake) -> None:
    query = replace(DAY, end=date(2025, 4, 4))
    (series,) = compute_series(series_lake, query, ["小米SU7"], ["search_index"], Step.DAY)
    assert tell(series, 4) == [(300, False), (None, False), (500, False), (None, False)]


def test_what_has_a_series_is_listed_and_ranks_are_none(series_lake: canyu.Lake) -> None:
    query = replace(DAY, end=date(2025, 4, 4))
    assert [(row.object, row.metric, row.values) for row in list_series(series_lake, query)] == [
        ("小米发布会", "read", 19), ("小米SU7", "search_index", 2)
    ]  # fmt: skip


def test_too_much_at_once_is_refused(series_lake: canyu.Lake) -> None:
    with pytest.raises(BadInput, match="24"):
        compute_series(series_lake, DAY, [str(n) for n in range(25)], ["read"], Step.DAY)
    with pytest.raises(BadInput, match="92"):
        compute_series(series_lake, replace(DAY, start=date(2024, 4, 1)), ["小米SU7"], ["read"], Step.HOUR)


def test_a_share_counts_only_the_named_and_each_text_once(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    found = compute_share_of_voice(told_lake, query, ["xiaomi", "byd", "tesla"])
    assert [(voice.brand, voice.mentions) for voice in found.whole.raw] == [("xiaomi", 12), ("byd", 4), ("tesla", 0)]
    mine = found.whole.find("xiaomi")
    assert mine is not None
    assert mine.share == 75.0
    assert (round(mine.low or 0, 1), round(mine.high or 0, 1)) == (50.5, 89.8)  # Wilson (1927) for 12 of 16
    assert (found.whole.days, found.whole.observed) == (7, 6)
    alone = compute_share_of_voice(told_lake, query, ["xiaomi", "tesla"]).whole.find("xiaomi")
    assert alone is not None
    assert alone.share == 100.0


def test_copies_count_in_one_of_the_two_shares(told_lake: canyu.Lake, query: OverviewQuery, tell: Any) -> None:
    noon = datetime(2025, 4, 2, 4, tzinfo=UTC)
    tell(told_lake, [{"id": f"copy{n}", "time": noon, "is_copy": True, "links": ["byd"]} for n in range(4)])
    found = compute_share_of_voice(told_lake, query, ["xiaomi", "byd"])
    assert [voice.mentions for voice in found.whole.raw] == [12, 8]
    assert [voice.mentions for voice in found.whole.once] == [12, 4]


def test_weeks_begin_on_monday_and_one_without_data_is_unknown(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    found = compute_share_of_voice(told_lake, replace(query, end=date(2025, 4, 16)), ["xiaomi", "byd"])
    weeks = [(week.first.day, week.last.day, week.days, week.observed) for week in found.weeks]
    assert weeks == [(1, 6, 6, 5), (7, 13, 7, 2), (14, 16, 3, 0)]
    assert [voice.mentions for voice in found.weeks[0].raw] == [10, 4]
    assert (found.weeks[2].is_known, found.weeks[2].raw) == (False, ())


def test_a_week_in_which_nobody_was_named_has_no_share(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    found = compute_share_of_voice(told_lake, query, ["tesla", "nio"])
    assert {(voice.mentions, voice.share, voice.low) for voice in found.whole.raw} == {(0, None, None)}


def test_the_field_is_what_the_catalogue_marks() -> None:
    field = list_field(load_catalogue(), "xiaomi")
    assert field[0] == "xiaomi"
    assert {"huawei", "tesla", "byd"} <= set(field)
    assert list_field(load_catalogue(), "huawei")[:2] == ("huawei", "xiaomi")
    with pytest.raises(NotFound):
        list_field(load_catalogue(), "nobody")


def test_a_brand_alone_has_no_share(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    with pytest.raises(BadInput, match="competitor"):
        compute_share_of_voice(told_lake, query, ["xiaomi", "xiaomi"])


def test_every_engine_gives_the_same_digits(
    board_lake: canyu.Lake, series_lake: canyu.Lake, told_lake: canyu.Lake, query: OverviewQuery, engine: Engine
) -> None:
    other = Lake(board_lake.path, engine=engine)
    mine, found = compute_hot_lists(board_lake, DAY), compute_hot_lists(other, DAY)
    assert (found.brands, found.titles, found.lists, found.whole) == (mine.brands, mine.titles, mine.lists, mine.whole)
    asked = (DAY, ["小米发布会"], ["read"], Step.HOUR)
    assert compute_series(Lake(series_lake.path, engine=engine), *asked) == compute_series(series_lake, *asked)
    voices = [
        compute_share_of_voice(lake, query, ["xiaomi", "byd"])
        for lake in (told_lake, Lake(told_lake.path, engine=engine))
    ]
    assert voices[0].weeks == voices[1].weeks


def test_the_command_tells_minutes_and_their_shares(board_lake: canyu.Lake) -> None:
    words = ["--lake", board_lake.path, "--from", "2025-04-01", "--to", "2025-04-01", "--rival", "byd"]
    told = parse_json(
        CliRunner().invoke(command, [*words, "--rival", "tesla", "--json"], catch_exceptions=False).stdout
    )
    assert [(row["brand"], row["minutes"], row["titles"]) for row in told["brands"]] == [
        ("xiaomi", 220, 3),
        ("byd", 60, 1),
        ("tesla", 0, 0),
    ]
    assert told["coverage"]["known_minutes"] == 239
    assert told["brands"][0]["share_of_these_brands"] == pytest.approx(220 / 280)
    assert told["brands"][1]["share_of_observed_time"] == pytest.approx(60 / 239)
    empty = CliRunner().invoke(command, [*words[:2], "--from", "2020-01-01", "--to", "2020-01-01", "--json"])
    assert parse_json(empty.stdout)["brands"][0]["share_of_observed_time"] is None
    assert "78.6%" in CliRunner().invoke(command, words).stdout
