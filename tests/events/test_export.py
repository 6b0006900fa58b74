"""What leaves a lake: exact where it can come back, safe where a spreadsheet opens it, standard where others read."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import canyu
from canyu.events import EVENT_SCHEMA, SPECS, TABLES, Event, Verb, build_event_table
from canyu.events.activity import build_activity
from canyu.events.export import Choice, ExportKind, export_rows
from canyu.kit.errors import BadInput, NotFound

Maker = Callable[..., pa.Table]
NOW = datetime(2025, 3, 1, 4, 0, 0, 123456, tzinfo=UTC)
HOSTILE = '=HYPERLINK("http://evil.example")'


@pytest.fixture
def told(lake: canyu.Lake, make_posts: Maker) -> canyu.Lake:
    """Posts of three days and one event with every field set."""
    lake.append(make_posts(25))
    full = Event("e:1/ü", "order", NOW, NOW, "shop", "cn", "tmall", "u9", "o1", "p1", "c1", 'a\n"b",\t米', "zh")
    lake.append(
        build_event_table([full])
        .set_column(13, EVENT_SCHEMA.field("value"), pa.array([199950]))
        .set_column(14, EVENT_SCHEMA.field("currency"), pa.array(["CNY"]))
        .set_column(15, EVENT_SCHEMA.field("props"), pa.array(['{"a":[1,{"b":"米"}]}']))
    )
    return lake


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_parquet_holds_the_same_events(told: canyu.Lake, tmp_path: Path) -> None:
    assert export_rows(told, tmp_path / "out.parquet", ExportKind.PARQUET) == 26
    expected = told.engine.run(told.scan().select(EVENT_SCHEMA.names).order_by("id"))
    assert pq.read_table(tmp_path / "out.parquet").sort_by("id").to_pylist() == expected.to_pylist()


def test_json_lines_leave_out_what_is_null_and_keep_props_as_an_object(told: canyu.Lake, tmp_path: Path) -> None:
    export_rows(told, tmp_path / "out.jsonl", ExportKind.JSON_LINES)
    row = next(row for row in read_lines(tmp_path / "out.jsonl") if row["type"] == "order")
    assert row["time"] == "2025-03-01T04:00:00.123456Z"
    assert (row["props"], row["value"], row["text"]) == ({"a": [1, {"b": "米"}]}, 199950, 'a\n"b",\t米')
    assert "market" not in next(row for row in read_lines(tmp_path / "out.jsonl") if row["type"] == "post")


def test_csv_opens_in_a_spreadsheet_and_runs_nothing(told: canyu.Lake, make_posts: Maker, tmp_path: Path) -> None:
    told.append(make_posts(1, first=90, text=HOSTILE, actor="@sum"))
    export_rows(told, tmp_path / "out.csv", ExportKind.CSV)
    raw = (tmp_path / "out.csv").read_bytes()
    rows = {row["id"]: row for row in csv.DictReader(raw.decode("utf-8-sig").splitlines(keepends=True))}
    assert raw.startswith(b"\xef\xbb\xbf")
    assert (rows["post-90"]["text"], rows["post-90"]["actor"]) == ("'" + HOSTILE, "'@sum")
    assert (rows["e:1/ü"]["text"], rows["e:1/ü"]["value"]) == ('a\n"b",\t米', "199950")


def test_days_and_versions_are_chosen(told: canyu.Lake, tmp_path: Path) -> None:
    days = Choice(first=date(2025, 3, 2), last=date(2025, 3, 2))
    assert export_rows(told, tmp_path / "a.jsonl", ExportKind.JSON_LINES, days) == 10
    assert export_rows(told, tmp_path / "b.jsonl", ExportKind.JSON_LINES, Choice(version=1)) == 25
    assert export_rows(told, tmp_path / "c.jsonl", ExportKind.JSON_LINES, Choice(table="scores")) == 0


def test_lists_are_joined_in_csv(lake: canyu.Lake, tmp_path: Path) -> None:
    row = {"event_id": "e", "day": NOW.date(), "time": NOW, "type": "post", "links": ["a", "b"], "model_version": "1"}
    lake.write_derived("scores", pa.Table.from_pylist([row], TABLES["scores"].schema))
    export_rows(lake, tmp_path / "s.csv", ExportKind.CSV, Choice(table="scores"))
    found = next(csv.DictReader((tmp_path / "s.csv").read_text("utf-8-sig").splitlines()))
    assert (found["links"], found["day"]) == ("a|b", "2025-03-01")


def test_a_collection_is_one_activity_streams_document(told: canyu.Lake, tmp_path: Path) -> None:
    export_rows(told, tmp_path / "out.json", ExportKind.ACTIVITY)
    document = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert document["@context"][0] == "https://www.w3.org/ns/activitystreams"
    assert (document["type"], document["totalItems"], len(document["items"])) == ("Collection", 26, 26)
    order = next(item for item in document["items"] if item["canyu:verb"] == "order")
    assert order["id"] == "urn:canyu:event:e%3A1%2F%C3%BC"
    assert (order["type"], order["canyu:value"], order["canyu:currency"]) == (
        ["Activity", "canyu:Order"],
        199950,
        "CNY",
    )
    assert order["object"] == {
        "type": "Object",
        "id": "urn:canyu:object:o1",
        "content": 'a\n"b",\t米',
        "inReplyTo": "urn:canyu:event:p1",
    }


def test_lines_of_activities_stand_alone(told: canyu.Lake, tmp_path: Path) -> None:
    assert export_rows(told, tmp_path / "out.jsonl", ExportKind.ACTIVITY_LINES) == 26
    first = read_lines(tmp_path / "out.jsonl")[0]
    assert first["@context"][0] == "https://www.w3.org/ns/activitystreams"
    assert {"id", "type", "published", "actor", "object"} <= set(first)


@pytest.mark.parametrize("verb", list(Verb))
def test_every_type_has_a_type_id_time_and_object(verb: Verb) -> None:
    fields = {field.name: None for field in EVENT_SCHEMA}
    needed = {
        need: {"value": 3, "currency": "CNY", "props": '{"metric":"rank"}'}.get(need, "x") for need in SPECS[verb].needs
    }
    activity = build_activity(fields | needed | {"id": "1", "type": verb.value, "time": NOW, "source": "t"})
    assert {"id", "type", "published", "object"} <= set(activity)
    assert SPECS[verb].activity in ([activity["type"]] if isinstance(activity["type"], str) else activity["type"])


def test_a_repost_announces_its_parent() -> None:
    row = {field.name: None for field in EVENT_SCHEMA} | {"id": "2", "type": "repost", "parent": "1", "time": NOW}
    assert build_activity(row)["object"] == "urn:canyu:event:1"
    assert build_activity(row | {"text": "真快"})["object"] == {
        "id": "urn:canyu:event:1",
        "type": "Note",
        "content": "真快",
    }


def test_a_failed_export_leaves_no_file(told: canyu.Lake, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        export_rows(told, tmp_path / "out.csv", ExportKind.CSV, Choice(version=99))
    with pytest.raises(BadInput, match="Only events"):
        export_rows(told, tmp_path / "out.json", ExportKind.ACTIVITY, Choice(table="scores"))
    with pytest.raises(NotFound):
        export_rows(told, tmp_path / "out.csv", ExportKind.CSV, Choice(table="nothing"))
    assert [path.name for path in tmp_path.iterdir()] == ["my.lake"]
