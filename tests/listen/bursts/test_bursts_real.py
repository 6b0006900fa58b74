"""Hot topics of August 2026: found about when they enter the board, one alert each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from canyu.listen.bursts import build_matrix, detect_bursts
from canyu.listen.kernels.bursts import UNKNOWN


def read_entries(folder: Path) -> dict[str, float]:
    spells = pq.read_table(folder / "board_spells.parquet").group_by("topic_no").aggregate([("on_board_at", "min")])
    return {
        str(row["topic_no"]): row["on_board_at_min"].timestamp() / 3600
        for row in spells.to_pylist()
        if row["on_board_at_min"] is not None
    }


@pytest.mark.real
def test_most_hot_topics_are_found_by_the_hour_they_enter_the_board(shared_data: Path) -> None:
    folder = shared_data / "weibo_topics_2026"
    rows = pq.read_table(folder / "trend_1h.parquet", filters=[("metric", "=", "mention")])
    series = pc.cast(rows["topic_no"], pa.string())
    table = pa.table({"series": series, "hour": rows["at"], "count": rows["value"], "closed": rows["closed"]})
    matrix, entries = build_matrix(table, zero_outside=False), read_entries(folder)
    found: dict[str, int] = {}
    bursts = detect_bursts(matrix).bursts
    for burst in bursts:
        found.setdefault(matrix.series[burst.series], burst.found)
    begins = (matrix.counts != UNKNOWN).argmax(axis=0) + matrix.first_hour
    judged = [
        found.get(name, 10**9) - entries[name]
        for name, begin in zip(matrix.series, begins.tolist(), strict=True)
        if begin >= matrix.first_hour + 72 and entries.get(name, 0) - begin >= 12
    ]
    assert len(judged) > 1500
    assert np.mean(np.array(judged) <= 0) > 0.86
    assert len(bursts) < 1.3 * len(found)
