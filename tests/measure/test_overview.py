"""The overview of the told lake, counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa

import canyu
from canyu.kit.words import Words
from canyu.measure import Figure, Overview, OverviewQuery, Picture, compute_overview, forget_overviews
from canyu.measure.catalogue.reckoning import NO_REACTIONS


def get_figure(overview: Overview, name: str) -> Figure:
    return next(figure for figure in overview.figures if figure.name == name)


def get_picture(overview: Overview, name: str) -> Picture:
    return next(picture for picture in overview.pictures if picture.name == name)


def test_figures_of_a_brand_are_counted_by_hand(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    overview = compute_overview(told_lake, query)
    found = {figure.name: (figure.value, figure.previous) for figure in overview.figures}
    assert found == {
        "volume": (12, 5),
        "net_sentiment": (0.0, 0.0),
        "share_of_voice": (75.0, 100.0),
        "board_minutes": (105, 30),
        "engagement": (100, 0),
    }


def test_copies_count_in_the_figure_and_not_in_the_one_beside_it(
    told_lake: canyu.Lake, query: OverviewQuery, write: Callable[..., None]
) -> None:
    said = {"time": datetime(2025, 4, 2, 4, tzinfo=UTC), "type": "post", "channel": "weibo", "market": "cn"}
    named = {"brand": "xiaomi", "link": "xiaomi", "is_first_of_brand": True, "sentiment": "negative"}
    rows = [{"event_id": f"z{n}", "is_copy": n > 0, "model_version": "2026-02/cat1", **said, **named} for n in range(5)]
    write(told_lake, "mentions", rows)
    overview = compute_overview(told_lake, query)
    volume, net, share, _, engagement = overview.figures
    assert (volume.value, volume.once, engagement.once) == (17, 13, None)
    assert [round(figure.value or 0, 2) for figure in (net, share)] == [-29.41, 80.95]
    assert [round(figure.once or 0, 2) for figure in (net, share)] == [-7.69, 76.47]


def test_a_product_and_its_brand_in_one_post_count_once(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    day = get_picture(compute_overview(told_lake, query), "volume_by_day").table.to_pylist()[2]
    assert day == {"day": date(2025, 4, 3), "posts": 6}


def test_a_day_without_any_data_is_a_gap_and_a_silent_day_is_zero(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    xiaomi = get_picture(compute_overview(told_lake, query), "volume_by_day").table["posts"].to_pylist()
    byd = get_picture(compute_overview(told_lake, replace(query, brand="byd")), "volume_by_day").table["posts"]
    assert xiaomi == [1, 1, 6, 1, None, 1, 2]
    assert byd.to_pylist() == [1, 1, 2, 0, None, 0, 0]


def test_the_last_and_the_first_microsecond_belong_to_the_brands_day(
    told_lake: canyu.Lake, query: OverviewQuery
) -> None:
    utc = get_picture(compute_overview(told_lake, replace(query, zone="UTC")), "volume_by_day").table["posts"]
    assert utc.to_pylist() == [1, 1, 6, 1, None, 2, 2]


def test_without_a_brand_all_scored_posts_count_and_shares_are_missing(
    told_lake: canyu.Lake, query: OverviewQuery
) -> None:
    overview = compute_overview(told_lake, replace(query, brand=""))
    assert get_figure(overview, "volume").value == 15
    share = get_figure(overview, "share_of_voice")
    assert share.value is None
    assert share.missing == Words("请先选定一个品牌。", "Choose a brand first.")


def test_a_channel_limits_every_figure(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    overview = compute_overview(told_lake, replace(query, channel="douyin"))
    assert get_figure(overview, "volume").value == 1
    assert get_figure(overview, "engagement").value == 10
    assert get_figure(overview, "board_minutes").value == 0


def test_products_leave_the_brand_itself_out(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    labels = {"xiaomi/su7": Words("小米 SU7", "Xiaomi SU7")}
    row = get_picture(compute_overview(told_lake, query, labels), "products").table.to_pylist()
    assert [(r["id"], r["label_zh"], r["mentions"], r["net"]) for r in row] == [("xiaomi/su7", "小米 SU7", 2, -100.0)]


def test_top_posts_come_with_text_and_sentiment(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    first = get_picture(compute_overview(told_lake, query), "posts").table.to_pylist()[0]
    assert first["id"] == "d"
    assert first["text"] == "text of d"
    assert (first["sentiment"], first["reposts"], first["likes"], first["total"]) == ("negative", 70, 20, 90)


def test_spells_that_overlap_count_once(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    rows = get_picture(compute_overview(told_lake, query), "board_minutes").table.to_pylist()
    assert [(row["id"], row["minutes"], row["spells"]) for row in rows] == [("xiaomi", 105, 5), ("byd", 60, 1)]


def test_rows_of_the_model_that_listened_last_count(
    told_lake: canyu.Lake, query: OverviewQuery, write: Callable[..., None]
) -> None:
    heard = {"number": 1, "time": datetime(2026, 1, 1, tzinfo=UTC), "events_version": 1, "scored": 8}
    write(told_lake, "listenings", [{**heard, "model_version": "2026-01/cat1"}])
    volume = get_figure(compute_overview(told_lake, query), "volume")
    assert volume.value == 3
    assert volume.proof.versions == {"mentions": 2, "listenings": 1}


def test_an_empty_lake_says_what_to_run(tmp_path: Path, query: OverviewQuery) -> None:
    overview = compute_overview(canyu.open(tmp_path / "empty.lake", create=True), query)
    assert {figure.value for figure in overview.figures} == {None}
    assert get_figure(overview, "volume").missing == Words(
        "还没有评分，请先运行 canyu listen。", "No scores yet: run canyu listen."
    )
    assert overview.notes == (get_figure(overview, "volume").missing,)


def test_half_a_period_before_is_not_compared(told_lake: canyu.Lake) -> None:
    month = OverviewQuery(date(2025, 3, 25), date(2025, 4, 7), brand="xiaomi")
    volume = get_figure(compute_overview(told_lake, month), "volume")
    assert volume.previous is None
    assert volume.proof.caveats[-1].en == "Of the 14 days before, only 0 hold data, so nothing is compared."


def test_each_proof_can_be_run_again(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    for figure in compute_overview(told_lake, query).figures:
        assert figure.proof.sql.startswith("SELECT")
        assert figure.proof.definition.zh
        assert figure.proof.versions
        assert figure.proof.engine == "duckdb"


def test_rehearsed_events_mark_the_overview_for_ever(
    told_lake: canyu.Lake, query: OverviewQuery, tell: Callable[..., None]
) -> None:
    assert compute_overview(told_lake, query).simulated is False
    event = canyu.Event(
        "sim", "view", datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC), "rehearsal", object="page"
    )
    told_lake.append(canyu.events.build_event_table([event]))
    overview = compute_overview(told_lake, query)
    assert overview.simulated is True
    assert Words("含模拟数据（演练）", "Contains simulated data (rehearsal)") in overview.notes


def test_new_data_give_a_new_overview_and_old_data_the_kept_one(
    told_lake: canyu.Lake, query: OverviewQuery, tell: Callable[..., None]
) -> None:
    before = compute_overview(told_lake, query)
    assert compute_overview(told_lake, query) is before
    tell(told_lake, [{"id": "late", "time": datetime(2025, 4, 2, 5, tzinfo=UTC)}])
    assert get_figure(compute_overview(told_lake, query), "volume").value == 13


def test_eight_threads_get_the_same_digits(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    def compute(number: int) -> list[object]:
        forget_overviews()
        overview = compute_overview(told_lake, replace(query, brand="xiaomi" if number % 2 else "byd"))
        return [figure.value for figure in overview.figures]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(compute, range(32)))
    assert len({tuple(values) for values in found[::2]}) == 1
    assert len({tuple(values) for values in found[1::2]}) == 1
    assert found[1][0] == 12


def test_no_recorded_reaction_is_missing_and_not_zero(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    rows = told_lake.engine.run(told_lake.scan("engagement")).to_pylist()
    silent = [{**row, "reposts": 0, "comments": 0, "likes": 0, "total": 0} for row in rows]
    schema = canyu.events.TABLES["engagement"].schema
    told_lake.write_derived("engagement", pa.Table.from_pylist(silent, schema=schema), mode="overwrite")
    overview = compute_overview(told_lake, query)
    assert get_figure(overview, "engagement").value is None
    assert get_figure(overview, "engagement").missing == NO_REACTIONS
    assert get_picture(overview, "posts").title.en == "No reactions to these posts are recorded"
