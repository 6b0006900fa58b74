"""How a table of counts is read, and refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput
from canyu.listen.bursts import build_matrix, detect_bursts
from canyu.listen.kernels.bursts import UNKNOWN

START = datetime(2026, 7, 6, tzinfo=UTC)
HOUR = pa.timestamp("us", "UTC")


def make_table(series: list[str | None], hours: list[int], **columns: list[object]) -> pa.Table:
    return pa.table(
        {
            "series": pa.array(series, pa.string()),
            "hour": pa.array([START + timedelta(hours=hour) for hour in hours], HOUR),
            **{name: pa.array(values) for name, values in columns.items()},
        }
    )


def test_a_missing_hour_is_zero_and_a_null_one_is_unknown() -> None:
    matrix = build_matrix(make_table(["b", "a", "a"], [0, 1, 3], count=[5, 2, None]))
    assert matrix.series == ("a", "b")
    assert matrix.counts.tolist() == [[0, 5], [2, 0], [0, 0], [UNKNOWN, 0]]
    assert matrix.first_hour == int(START.timestamp()) // 3600


def test_hours_outside_a_series_own_range_can_be_unknown() -> None:
    matrix = build_matrix(make_table(["a", "b", "b"], [1, 0, 2], count=[4, 1, 1]), zero_outside=False)
    assert matrix.counts.tolist() == [[UNKNOWN, 1], [4, 0], [UNKNOWN, 1]]


def test_copies_and_open_hours_are_kept_apart() -> None:
    table = make_table(["a", "a"], [0, 1], count=[9, 7], unique=[4, None], closed=[True, False])
    matrix = build_matrix(table)
    assert (matrix.counts[:, 0].tolist(), matrix.raw[:, 0].tolist()) == ([4, 7], [9, 7])
    assert matrix.closed[:, 0].tolist() == [True, False]


def test_an_empty_table_gives_no_alerts() -> None:
    assert (
        detect_bursts(make_table([], [], count=pa.array([], pa.int64()).to_pylist()).cast(empty_schema())).alerts == ()
    )


def empty_schema() -> pa.Schema:
    return pa.schema([("series", pa.string()), ("hour", HOUR), ("count", pa.int64())])


@pytest.mark.parametrize(
    ("table", "names"),
    [
        (pa.table({"series": ["a"], "count": [1]}), "hour"),
        (make_table(["a"], [0], count=[-1]), "count"),
        (make_table(["a"], [0], count=[1.5]), "count"),
        (make_table(["a"], [0], count=[2**60]), "count"),
        (make_table([None], [0], count=[1]), "series"),
        (make_table(["a"], [0], count=[1], unique=[2]), "unique"),
        (make_table(["a", "a"], [0, 0], count=[1, 1]), "series, hour"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_by_column(table: pa.Table, names: str) -> None:
    with pytest.raises(BadInput, match=f"“{names}”") as refused:
        build_matrix(table)
    assert refused.value.mend


def test_times_without_a_zone_or_off_the_hour_are_refused() -> None:
    naive = pa.table({"series": ["a"], "hour": pa.array([0], pa.timestamp("s")), "count": [1]})
    odd = pa.table({"series": ["a"], "hour": pa.array([90], pa.timestamp("s", "UTC")), "count": [1]})
    for table in (naive, odd):
        with pytest.raises(BadInput, match="“hour”"):
            build_matrix(table)


def test_a_range_that_does_not_fit_is_refused_before_memory_is_taken() -> None:
    with pytest.raises(BadInput, match="too many"):
        build_matrix(make_table([str(s) for s in range(20)], [*range(19), 24 * 365 * 2000], count=[1] * 20))


def test_strange_names_and_huge_counts_give_alerts_and_no_crash() -> None:
    names = ["\x00\x1b[31m|" + "长" * 1000, "🙂\u0301" * 50, ""]
    hours = list(range(24 * 10))
    rows = [(name, hour) for name in names for hour in hours]
    counts = np.where(np.arange(len(rows)) % 240 == 200, 2**50, 3).tolist()
    table = make_table([name for name, _ in rows], [hour for _, hour in rows], count=counts)
    alerts = detect_bursts(table).alerts
    assert [alert.peak for alert in alerts] == [2**50] * 3
