"""Whether events may enter: every reason once, and nothing lost between kept and refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from canyu.events import EVENT_SCHEMA, MENDS, SPECS, Verb, split_valid
from canyu.events.validate import LONGEST_NAME_BYTES, LONGEST_TEXT_BYTES
from canyu.kit.errors import BadInput

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LOOSE = pa.schema([field.with_nullable(True) for field in EVENT_SCHEMA])


def make(**changes: Any) -> dict[str, Any]:
    return {"id": "post-1", "type": "post", "time": NOW, "source": "weibo", "text": "小米 SU7 真快"} | changes


def judge(*rows: dict[str, Any]) -> tuple[list[str], list[tuple[int, str, str]]]:
    verdict = split_valid(pa.Table.from_pylist(list(rows), schema=LOOSE), now=NOW)
    assert verdict.kept.schema == EVENT_SCHEMA
    refused = [(row["row"], row["field"], row["reason"]) for row in verdict.refused.to_pylist()]
    return verdict.kept["id"].to_pylist(), refused


def test_a_good_event_is_kept_and_received_now() -> None:
    verdict = split_valid(pa.Table.from_pylist([make()], schema=LOOSE), now=NOW)
    assert verdict.kept["received"].to_pylist() == [NOW]
    assert verdict.refused.num_rows == 0


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"id": None}, "id", "missing_field"),
        ({"id": ""}, "id", "missing_field"),
        ({"id": " \n"}, "id", "missing_field"),
        ({"type": None}, "type", "missing_field"),
        ({"type": "tweet"}, "type", "unknown_type"),
        ({"time": None}, "time", "missing_field"),
        ({"source": None}, "source", "missing_field"),
        ({"time": datetime(1970, 1, 20, tzinfo=UTC)}, "time", "time_before_1990"),
        ({"time": NOW + timedelta(days=1, seconds=1)}, "time", "time_in_future"),
        ({"text": None}, "text", "missing_field"),
        ({"text": "　 "}, "text", "missing_field"),
        ({"text": "x" * (LONGEST_TEXT_BYTES + 1)}, "text", "too_long"),
        ({"actor": "x" * (LONGEST_NAME_BYTES + 1)}, "actor", "too_long"),
        ({"props": "[1]"}, "props", "props_not_object"),
        ({"props": "{"}, "props", "props_not_object"),
        ({"props": '{"a":NaN}'}, "props", "props_not_object"),
        ({"currency": "rmb"}, "currency", "currency_not_iso"),
        ({"currency": "元"}, "currency", "currency_not_iso"),
        ({"type": "repost"}, "parent", "missing_field"),
        ({"type": "rate", "object": "jd/1"}, "value", "missing_field"),
        ({"type": "order", "actor": "a", "object": "o", "value": 1}, "currency", "missing_field"),
        ({"type": "order", "actor": "a", "object": "o", "value": -1, "currency": "CNY"}, "value", "negative_amount"),
        ({"type": "observe", "object": "o", "value": 1, "props": "{}"}, "props", "missing_metric"),
    ],
)
def test_a_bad_event_is_refused_with_its_reason(changes: dict[str, Any], field: str, reason: str) -> None:
    kept, refused = judge(make(id="good"), make(**changes))
    assert (kept, refused) == (["good"], [(1, field, reason)])


def test_a_day_ahead_is_still_allowed_and_the_longest_text_too() -> None:
    kept, refused = judge(make(time=NOW + timedelta(days=1)), make(id="post-2", text="x" * LONGEST_TEXT_BYTES))
    assert (kept, refused) == (["post-1", "post-2"], [])


def test_every_type_is_kept_with_what_it_needs() -> None:
    full = {"actor": "a", "object": "o", "parent": "p", "value": 1, "currency": "CNY", "props": '{"metric":"rank"}'}
    kept, refused = judge(*[make(id=verb.value, type=verb.value, **full) for verb in Verb])
    assert (kept, refused) == ([verb.value for verb in Verb], [])


@pytest.mark.parametrize(("verb", "field"), [(verb, field) for verb, spec in SPECS.items() for field in spec.needs])
def test_every_type_is_refused_without_a_field_it_needs(verb: Verb, field: str) -> None:
    full = {"actor": "a", "object": "o", "parent": "p", "value": 1, "currency": "CNY", "props": '{"metric":"rank"}'}
    kept, refused = judge(make(type=verb.value, **(full | {field: None})))
    assert (kept, refused) == ([], [(0, field, "missing_field")])


def test_a_row_with_many_faults_is_refused_once() -> None:
    kept, refused = judge(make(id="", type="nonsense", time=None, props="x"))
    assert (kept, refused) == ([], [(0, "id", "missing_field")])


def test_nul_characters_are_removed_not_refused() -> None:
    verdict = split_valid(pa.Table.from_pylist([make(id="post-\x001", text="真\x00快")], schema=LOOSE), now=NOW)
    assert (verdict.kept["id"].to_pylist(), verdict.kept["text"].to_pylist()) == (["post-1"], ["真快"])


def test_text_of_only_nul_is_missing() -> None:
    assert judge(make(text="\x00\x00")) == ([], [(0, "text", "missing_field")])


def test_bytes_that_are_not_utf8_are_refused() -> None:
    text = pa.array([b"\xff\xfe", "真快".encode()], pa.binary()).view(pa.string())
    table = pa.Table.from_pylist([make(), make(id="post-2")], schema=LOOSE).set_column(11, "text", text)
    verdict = split_valid(table, now=NOW)
    assert verdict.kept["id"].to_pylist() == ["post-2"]
    assert verdict.refused["reason"].to_pylist() == ["not_utf8"]


def test_times_without_a_zone_are_an_error_with_the_mend() -> None:
    table = pa.table({"id": ["post-1"], "type": ["post"], "time": pa.array([NOW], pa.timestamp("us"))})
    with pytest.raises(BadInput, match="State their zone"):
        split_valid(table, now=NOW)


def test_a_table_without_ids_is_an_error() -> None:
    with pytest.raises(BadInput, match="no column id"):
        split_valid(pa.table({"type": ["post"]}), now=NOW)


def test_chunks_and_an_empty_table_are_handled() -> None:
    one = pa.Table.from_pylist([make(), make(id="post-2", text="", props='{"a":1}')], schema=LOOSE)
    verdict = split_valid(pa.concat_tables([one, one.slice(1), one.slice(0, 0)]), now=NOW)
    assert verdict.refused["row"].to_pylist() == [1, 2]
    assert split_valid(LOOSE.empty_table(), now=NOW).kept.num_rows == 0


def test_every_reason_has_its_mend_in_both_languages() -> None:
    assert all(words.zh and words.en for words in MENDS.values())
