"""``canyu spread predict``: the same answer from every format, and what a file lacks is said."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from canyu.commands.spread_predict import command
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json, parse_json
from canyu.spread.prediction import Root, SeenCascade, load_predictor

POSTED = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def list_rows() -> list[dict[str, Any]]:
    """A post with its author, 60 reposts a minute apart, and a second post with 3 reposts and no row of its own."""
    post = {"root": "p", "id": "p", "parent": None, "time": POSTED, "followers": 5000, "verified": True, "text": "新品"}
    bare = {"followers": None, "verified": None, "text": None}
    rows = [post]
    for row in range(60):
        parent = "p" if row % 2 == 0 else f"r{row - 1}"
        rows.append(
            {"root": "p", "id": f"r{row}", "parent": parent, "time": POSTED + timedelta(minutes=row + 1), **bare}
        )
    small = {"root": "q", "parent": "q", **bare}
    return rows + [{**small, "id": f"s{row}", "time": POSTED + timedelta(minutes=row)} for row in range(3)]


def write(folder: Path, form: str) -> Path:
    path, rows = folder / f"reposts.{form}", list_rows()
    texts = [{**row, "time": row["time"].isoformat()} for row in rows]
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif form == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(texts)
    else:
        path.write_text("".join(dump_json(row) + "\n" for row in texts), "utf-8")
    return path


def run(path: Path, *words: str) -> Result:
    return CliRunner().invoke(command, ["--in", str(path), *words], catch_exceptions=False)


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_every_format_gives_what_the_library_gives(tmp_path: Path, form: str) -> None:
    found = parse_json(run(write(tmp_path, form), "--age-h", "1", "--passes", "150", "--json").stdout)
    seen = SeenCascade(Root(POSTED, 5000, True, 2, id="p"))
    rows = [row for row in list_rows() if row["root"] == "p" and row["id"] != "p"]
    seen.add(*([row[name] for row in rows] for name in ("time", "id", "parent")))
    expected = load_predictor().predict(seen, timedelta(hours=1), 150)
    first = found["cascades"][0] if found["cascades"][0]["root"] == "p" else found["cascades"][1]
    assert (found["version"], found["passes"], found["rows_refused"]) == (expected.version, 150, 0)
    assert (first["seen"], first["posted"], first["posted_from"]) == (60, "2026-03-02T04:00:00+00:00", "post")
    assert first["day"] == {
        "size": expected.day.size,
        "low": expected.day.low,
        "high": expected.day.high,
        "pass_probability": round(expected.day.pass_probability or 0, 4),
    }
    assert first["is_beyond_data"] is expected.is_beyond_data
    assert first["peak"]["time"] == expected.peak.time.isoformat()


def test_a_cascade_with_too_few_is_told_and_not_predicted(tmp_path: Path) -> None:
    found = parse_json(run(write(tmp_path, "csv"), "--json").stdout)
    small = next(row for row in found["cascades"] if row["root"] == "q")
    assert (small["posted_from"], small["age_h"]) == ("first reaction", 1.0)  # until the last moment of the file
    assert small["refused"] == "reactions seen by then: 3, too few."
    assert "day" not in small


def test_a_person_reads_one_line_each(tmp_path: Path) -> None:
    lines = run(write(tmp_path, "csv"), "--age-h", "0.5", "--passes", "100").stdout.splitlines()
    assert lines[0].startswith("p: 30 in 0.5 h; ")
    assert "more than 100 in the end: " in lines[0]
    assert lines[1] == "q: reactions seen by then: 3, too few. Wait until there are 10."


def test_rows_without_a_time_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path, "csv")
    path.write_text(path.read_text("utf-8") + "p,r99,p,,,,\n", "utf-8")
    assert parse_json(run(path, "--json").stdout)["rows_refused"] == 1


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"has no column post\. It has: root, id, parent"):
        run(write(tmp_path, "csv"), "--root-column", "post")
