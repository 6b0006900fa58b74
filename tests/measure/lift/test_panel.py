"""Panels: what is missing stays missing, and a bad row is named."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput, NotFound
from canyu.measure.lift import PanelColumns, make_panel, read_panel_file, read_panel_table
from canyu.measure.lift.panel import UNEVEN, find_cycle

LONG = "unit,time,value\na,2025-01-01,1\na,2025-01-02,\na,2025-01-04,4\nb,2025-01-01,2.5\nb,2025-01-04,0\n"


def read(tmp_path: Path, text: str, columns: PanelColumns | None = None) -> object:
    path = tmp_path / "table.csv"
    path.write_text(text, "utf-8")
    return read_panel_file(path, columns or PanelColumns())


def test_a_gap_is_not_known_and_zero_is_zero(tmp_path: Path) -> None:
    panel = read(tmp_path, LONG)
    assert panel.times == tuple(date(2025, 1, day) for day in (1, 2, 3, 4))
    assert np.array_equal(panel.values, [[1, np.nan, np.nan, 4], [2.5, np.nan, np.nan, 0]], equal_nan=True)
    assert find_cycle(panel) == 7
    assert panel.proof.rows == 5


def test_a_wide_table_has_a_column_per_unit(tmp_path: Path) -> None:
    panel = read(tmp_path, "date,a,b\n2025-01-01,1,2\n2025-01-02,,4\n", PanelColumns("", "date", ""))
    assert panel.units == ("a", "b")
    assert np.array_equal(panel.values, [[1, np.nan], [2, 4]], equal_nan=True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("unit,time,value\na,2025-01-01,many\n", "row 1, value: 'many' cannot be used"),
        ("unit,time,value\na,2025-01-01,1\na,soon,1\n", "row 2, time: 'soon' cannot be used"),
        ("unit,time,value\n ,2025-01-01,1\n", "row 1, unit: ' ' cannot be used"),
        ("unit,time,value\na,2025-01-01,inf\n", "row 1, value: 'inf' cannot be used"),
        ("unit,time,value\na,2025-01-01,1\na,2025-01-01,2\n", "'a' has more than one row at 2025-01-01"),
        ("unit,time,value\n", "There are no data"),
        ("place,time,value\na,2025-01-01,1\n", "no column 'unit'. It has: place, time, value"),
        ("unit,time,value\na,2025-01-01,1\na,2025,1\n", "are written in more than one way"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        read(tmp_path, text)


def test_a_file_that_is_not_there_or_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_panel_file(tmp_path / "none.csv", PanelColumns())
    (tmp_path / "table.xlsx").write_bytes(b"")
    with pytest.raises(BadInput, match=r"Use \.csv or \.parquet"):
        read_panel_file(tmp_path / "table.xlsx", PanelColumns())
    (tmp_path / "table.parquet").write_bytes(b"not parquet")
    with pytest.raises(BadInput, match="cannot be read"):
        read_panel_file(tmp_path / "table.parquet", PanelColumns())


def test_months_follow_each_other_and_uneven_times_say_so() -> None:
    months = [("a", date(2025, month, 1), 1.0) for month in range(1, 6)]
    assert make_panel(months).notes == ()
    assert make_panel([*months[:2], ("a", date(2025, 3, 17), 1.0)]).notes == (UNEVEN,)


def test_moments_are_aware() -> None:
    table = pa.table({"unit": ["a", "a"], "time": ["2025-01-01T08:00+08:00", "2025-01-01T01:00"], "value": [1, 2]})
    panel = read_panel_table(table, PanelColumns())
    assert panel.times == (datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, 1, tzinfo=UTC))


def test_a_unit_or_a_time_that_is_not_there_is_told() -> None:
    panel = make_panel([("a", date(2025, 1, 1), 1.0), ("b", date(2025, 1, 2), 1.0)])
    with pytest.raises(BadInput, match="They have: a, b"):
        panel.find_unit("c")
    with pytest.raises(BadInput, match="not written as those of the data"):
        panel.find_place(1989.0)
    assert np.isnan(panel.hide([(date(2025, 1, 1), date(2025, 1, 2))]).values).all()
