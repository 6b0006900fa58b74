"""Every metric of the catalogue against a lake that was counted by hand, on every engine."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import canyu
from canyu.engine import Engine
from canyu.events import Lake, build_event_table
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import Words
from canyu.measure import OverviewQuery, compute_overview
from canyu.measure.catalogue import METRICS, MetricResult, Theme, compute_metric, make_query
from canyu.measure.catalogue.compute import NOT_COLLECTED
from canyu.measure.estimate import Estimate
from canyu.measure.voice import compute_share_of_voice
from metric_lake import at, fill_metric_lake, tell

FIRST, LAST = date(2025, 4, 1), date(2025, 4, 30)
LIFT = Estimate(100, 50, 150, None, Words("试验", "an experiment"))
COUNTED: dict[str, tuple[dict[str, Any], float]] = {
    "reach": ({}, 15),
    "index_peak": ({"object": "su7"}, 1130),
    "index_year_on_year": ({"object": "su7"}, 100),
    "plays": ({}, 350),
    "downloads": ({}, 10),
    "k_factor": ({}, 2 / 3),
    "share_to_visit": ({}, 50),
    "share_to_order": ({}, 40),
    "orders": ({}, 4),
    "preorders": ({"since": at("04-03"), "minutes": 10}, 1),
    "units": ({"brand": "xiaomi"}, 7000),
    "segment_share": ({"brand": "xiaomi", "segment": "premium"}, 70),
    "female_share": ({}, 200 / 3),
    "overseas_share": ({}, 100 / 3),
    "conversion": ({}, 50),
    "conversion_lift": ({"channel": "site", "against": "store"}, 0),
    "repurchase_rate": ({"window_days": 60}, 100 / 3),
    "clv": ({"window_days": 60}, 200_000 / 3),
    "cost_per_incremental_order": ({"incremental": LIFT}, 6000),
    "first_response_rate": ({}, 100 / 3),
    "resolution_rate": ({}, 25),
    "participation_rate": ({}, 100 * 11 / 18),
    "posts_a_day": ({"channel": "community"}, 1.5),
    "retention": ({"start": date(2025, 4, 7), "end": date(2025, 4, 13), "window_days": 7}, 200 / 3),
    "nps": ({}, 0),
    "ecosystem_depth": ({}, 1.5),
}
"""What is asked beside the name, and the answer that was counted by hand."""


@pytest.fixture(scope="module")
def counted_lake(tmp_path_factory: pytest.TempPathFactory) -> canyu.Lake:
    return fill_metric_lake(tmp_path_factory.mktemp("metrics") / "metric.lake")


def ask(lake: canyu.Lake, name: str, by: tuple[str, ...] = (), **asked: Any) -> MetricResult:
    start, end = asked.pop("start", FIRST), asked.pop("end", LAST)
    return lake.metric(name, start, end, by=by, **asked)


def tell_cells(result: MetricResult) -> dict[Any, Any]:
    return {tuple(value for _, value in cell.keys): cell.estimate.value for cell in result.cells}


def test_every_metric_is_counted_by_hand_here_or_held_to_the_overview_below() -> None:
    spoken = {metric.name for metric in METRICS.values() if metric.has_model}
    assert set(COUNTED) | spoken == set(METRICS)


def test_metrics_over_events_are_as_counted_by_hand(counted_lake: canyu.Lake, engine: Engine) -> None:
    lake = canyu.Lake(counted_lake.path, engine=engine)
    found = {name: ask(lake, name, **asked).value for name, (asked, _) in COUNTED.items()}
    assert found == {name: pytest.approx(expected) for name, (_, expected) in COUNTED.items()}


def test_both_engines_tell_dimensions_alike(counted_lake: canyu.Lake, engine: Engine) -> None:
    lake = canyu.Lake(counted_lake.path, engine=engine)
    weeks = tell_cells(ask(lake, "orders", ("market", "week")))
    assert weeks["cn", "2025-03-31"] == 1
    assert weeks["cn", "2025-04-07"] == 1
    assert weeks["de", "2025-04-14"] == 1
    assert weeks[None, "2025-04-14"] == 1
    assert weeks["cn", "2025-04-14"] == 0
    assert weeks["cn", "2025-04-21"] is None  # nobody collected any order then: a gap is no 0
    assert tell_cells(ask(lake, "repurchase_rate", ("age_band",), window_days=60)) == {
        ("18-24",): 50.0,
        ("30-39",): 0.0,
    }


def test_metrics_over_posts_are_those_of_the_overview(
    told_lake: canyu.Lake, query: OverviewQuery, engine: Engine
) -> None:
    lake = canyu.Lake(told_lake.path, engine=engine)
    figures = {figure.name: figure for figure in compute_overview(told_lake, query).figures}
    brand = {"start": query.start, "end": query.end, "brand": "xiaomi"}
    for name, figure in figures.items():
        result = ask(lake, name, **brand)
        bounds = (result.cells[0].estimate.low, result.cells[0].estimate.high)
        assert (name, result.value, bounds) == (name, figure.value, figure.interval or (None, None))
        assert result.metric.definition.en in figure.proof.definition.en
    assert ask(lake, "volume_once", **brand).value == figures["volume"].once
    days = tell_cells(ask(lake, "board_minutes", ("day",), **brand))
    assert (days["2025-04-02",], days["2025-04-05",]) == (100, None)  # nothing was listed on the 5th: not a 0
    assert sum(value or 0 for value in days.values()) == figures["board_minutes"].value
    assert ask(lake, "board_title_minutes", **brand).value == 60 + 60 + 10 + 15 + 5


def test_share_of_voice_with_rivals_is_that_of_the_field(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    expected = compute_share_of_voice(told_lake, query, ("xiaomi", "byd")).whole.find("xiaomi")
    found = ask(told_lake, "share_of_voice", start=query.start, end=query.end, brand="xiaomi", rivals=("byd",))
    assert expected is not None
    assert (found.value, found.cells[0].estimate.low) == (expected.share, expected.low)


def test_what_is_open_is_not_missed_and_not_met(counted_lake: canyu.Lake) -> None:
    early = ask(counted_lake, "first_response_rate", as_of=at("04-03", 5))
    assert dict(early.cells[0].counts) | {"rows": 4} == {"part": 1, "whole": 2, "open": 1, "disordered": 1, "rows": 4}
    assert "left out: 1" in early.cells[0].estimate.notes[0].en
    young = ask(counted_lake, "k_factor", as_of=at("05-01"))
    assert (young.value, dict(young.cells[0].counts)["open"]) == (1.0, 1)
    assert (young.cells[0].estimate.low, young.cells[0].estimate.high) == pytest.approx(
        (0.0253 * 2 / 2, 5.5716 * 2 / 2),
        abs=1e-4,  # both joiners came by one of two sharers: one bunch of 2
    )


def test_a_result_opens_down_to_its_query_and_version(counted_lake: canyu.Lake) -> None:
    proof = ask(counted_lake, "conversion").proof
    assert proof.versions == {"events": counted_lake.version()}
    assert "SELECT" in proof.sql
    assert proof.rows == 4
    assert "Window: 14 days." in proof.definition.en
    assert any("lower bound" in caveat.en for caveat in proof.caveats)


def test_a_lift_of_channels_has_interval_and_p_value_of_one_test(counted_lake: canyu.Lake) -> None:
    estimate = ask(counted_lake, "conversion_lift", channel="site", against="store").cells[0].estimate
    assert estimate.p_value == pytest.approx(1)
    assert estimate.low is not None
    assert estimate.low < 0 < (estimate.high or 0)


def test_cost_of_an_order_more_needs_a_lift(counted_lake: canyu.Lake) -> None:
    estimate = ask(counted_lake, "cost_per_incremental_order").cells[0].estimate
    assert estimate.value is None
    assert "No lift design" in (estimate.missing or Words("", "")).en
    unsure = ask(counted_lake, "cost_per_incremental_order", incremental=Estimate(100, -5, 150, 0.2, Words("", "")))
    assert (unsure.cells[0].estimate.low, unsure.cells[0].estimate.high) == (4000, None)


def test_years_are_compared_by_their_festivals(tmp_path: Path) -> None:
    lake = canyu.open(tmp_path / "two.lake", create=True)
    days = {date(2024, 2, 10): 40, date(2024, 1, 29): 7, date(2025, 1, 29): 60}
    rows = [
        tell("observe", f"x{day}", at(day.isoformat()), object="su7", value=value, props={"metric": "search_index"})
        for day, value in days.items()
    ]
    lake.append(build_event_table(rows))
    start, end = date(2025, 1, 29), date(2025, 2, 4)
    compared = lake.metric("index_peak", start, end, object="su7", versus="year").cells[0]
    assert (compared.estimate.value, compared.previous and compared.previous.value) == (60, 40)
    assert lake.metric("index_year_on_year", start, end, object="su7").value == pytest.approx(50)
    torn = lake.metric("index_peak", start, date(2025, 3, 10), object="su7", versus="year").cells[0].previous
    assert torn is not None
    assert "no peer a year before" in (torn.missing or Words("", "")).en


@pytest.mark.parametrize(
    ("name", "asked", "told"),
    [
        ("share_of_voise", {}, "Did you mean share_of_voice"),
        ("orders", {"by": ("sentiment",)}, "cannot be told by 'sentiment'"),
        ("orders", {"by": ("week", "day")}, "one of time"),
        ("orders", {"brand": "xiaomi"}, "knows no filter brand"),
        ("share_of_voice", {}, "needs brand"),
        ("orders", {"window_days": 7}, "has no window"),
        ("k_factor", {"window_days": 0}, "window_days=0"),
        ("preorders", {"since": at("04-03").replace(tzinfo=None)}, "no time zone"),
        ("preorders", {"since": at("05-03")}, "outside the period"),
        ("retention", {"window_days": 10}, "no whole number of weeks"),
        ("orders", {"end": date(2025, 3, 1)}, "ends"),
        ("orders", {"zone": "Mars/Olympus"}, "no time zone"),
        ("orders", {"versus": "decade"}, "no comparison"),
        ("orders", {"weather": "rain"}, "takes weather"),
        ("conversion_lift", {"channel": "site", "against": "site"}, "compared with itself"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_mend(
    counted_lake: canyu.Lake, name: str, asked: dict[str, Any], told: str
) -> None:
    with pytest.raises((BadInput, NotFound), match=told) as caught:
        ask(counted_lake, name, **asked)
    assert caught.value.mend


def test_nothing_is_told_of_an_empty_lake_a_silent_period_and_one_row(
    lake: canyu.Lake, counted_lake: canyu.Lake
) -> None:
    silence = {"start": date(2023, 3, 6), "end": date(2023, 3, 12)}
    for name, (told, _) in COUNTED.items():
        asked = {key: value for key, value in told.items() if key != "since"}
        empty = ask(lake, name, **asked).cells
        silent = ask(counted_lake, name, **{**asked, **silence}).cells
        assert [cell.estimate.value for cell in (*empty, *silent) if cell.estimate.value is not None] in ([], [1]), name
        assert all(cell.estimate.missing for cell in empty), name
    lake.append(
        build_event_table([tell("join", "d", at("04-01"), actor="a", object="device/tv", props={"household": "h"})])
    )
    alone = ask(lake, "ecosystem_depth").cells[0].estimate
    assert (alone.value, alone.low, alone.notes[0].en) == (1, None, "There is one value only, so there is no interval.")


def test_a_channel_of_which_nothing_was_collected_is_not_known_rather_than_zero(counted_lake: canyu.Lake) -> None:
    silent = ask(counted_lake, "orders", channel="no-such-shop").cells[0].estimate
    assert (silent.value, silent.missing) == (None, NOT_COLLECTED)
    quiet = ask(counted_lake, "orders", channel="site", market="no-such-market").cells[0].estimate
    assert (quiet.value, quiet.missing) == (0, None)


def test_a_comparison_wants_a_period_that_was_collected_as_fully(counted_lake: canyu.Lake) -> None:
    cell = ask(counted_lake, "orders", versus="previous").cells[0]
    assert cell.previous is not None
    assert cell.previous.missing is not None


def test_records_are_whole(counted_lake: canyu.Lake) -> None:
    for metric in METRICS.values():
        assert metric.label.zh, metric.name
        assert metric.definition.zh.endswith("。"), metric.name
        assert metric.definition.en.endswith("."), metric.name
        assert metric.owner.zh, metric.name
        assert set(metric.needs) <= set(metric.filters), metric.name
    assert {metric.theme for metric in METRICS.values()} == set(Theme)
    assert make_query("orders", FIRST, LAST, "market,week", {}).by == ("market", "week")
    assert compute_metric(Lake(counted_lake.path), make_query("orders", FIRST, LAST, (), {})).value == 4


def test_late_events_change_a_figure_and_its_version(tmp_path: Path) -> None:
    lake = fill_metric_lake(tmp_path / "late.lake")
    before = ask(lake, "orders")
    lake.append(
        build_event_table([tell("order", "late", at("04-30"), actor="L", object="su7", value=1, currency="CNY")])
    )
    after = ask(lake, "orders")
    assert (before.value, after.value) == (4, 5)
    assert before.proof.versions != after.proof.versions
    assert after.cells[0].days == (LAST - FIRST + timedelta(days=1)).days
