"""Charts of buckets: a gap is a gap, a partial bucket is pale, and shares stand in their interval."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pytest

from canyu.kit.words import Words
from canyu.measure import Picture, render_chart
from canyu.measure.figure import Proof
from canyu.measure.theme import LIGHT

PROOF = Proof(Words("", ""), "", {}, 0, "duckdb")
HOUR = 3_600_000


def make_picture(name: str, rows: list[dict[str, object]]) -> Picture:
    return Picture(name, Words("标题", "Title"), Words("副题", "Subtitle"), pa.Table.from_pylist(rows), PROOF)


def make_hours(*values: int | None) -> Picture:
    rows = [
        {"day": n * HOUR, "until": (n + 1) * HOUR, "value": value, "is_partial": n == 3}
        for n, value in enumerate(values)
    ]
    return make_picture("series", rows)


def test_a_missing_bucket_is_one_grey_stretch_and_a_partial_one_is_pale() -> None:
    drawn = render_chart(make_hours(5, None, None, 7, 0), "en", "light")
    assert drawn.count(f'fill="{LIGHT["shade"]}"') == 1
    assert drawn.count(f'fill="{LIGHT["accent"]}"') == 3
    assert drawn.count('opacity="0.45"') == 1


@pytest.mark.parametrize("values", [(None,), (None, None), (0,), (3,)])
def test_a_series_of_little_or_nothing_is_drawn(values: tuple[int | None, ...]) -> None:
    assert render_chart(make_hours(*values), "zh", "light").startswith("<svg")


def test_a_week_that_says_next_to_nothing_is_pale_and_sets_no_scale() -> None:
    weeks = [(date(2025, 4, 7), 0.0, 0.0, 66.0), (date(2025, 4, 14), 4.0, 2.0, 8.0)]
    rows = [
        {"day": day, "last": day + timedelta(days=6), "share": share, "low": low, "high": high}
        for day, share, low, high in weeks
    ]
    drawn = render_chart(make_picture("share_by_week", rows), "en", "light")
    assert drawn.count('opacity="0.08"') == 1
    assert drawn.count('opacity="0.22"') == 1
    assert (">8%<" in drawn, ">20%<" in drawn) == (True, False)


def test_a_week_without_data_is_a_gap_between_boxes() -> None:
    weeks = [(date(2025, 4, 1), date(2025, 4, 6), 40.0), (date(2025, 4, 7), date(2025, 4, 13), None)]
    weeks.append((date(2025, 4, 14), date(2025, 4, 20), 55.0))
    rows = [
        {"day": first, "last": last, "share": share, "low": share and share - 5, "high": share and share + 5}
        for first, last, share in weeks
    ]
    drawn = render_chart(make_picture("share_by_week", rows), "en", "light")
    assert drawn.count(f'fill="{LIGHT["shade"]}"') == 1
    assert drawn.count(f'fill="{LIGHT["accent"]}"') == 2
    assert drawn.count(f'stroke="{LIGHT["accent"]}"') == 2
    assert "60%" in drawn
