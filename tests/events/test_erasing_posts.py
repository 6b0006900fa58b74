"""Erasing single posts leaves nothing of them in any table, version or file, and they do not come back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import canyu
from canyu.events import TABLES
from canyu.events.columns import COLUMNS, Trace
from canyu.events.suppression import hash_events, read_salt
from canyu.events.traces import is_wordy
from canyu.kit.errors import BadInput, NotFound
from erasure_lake import count, fill, find_bytes

Maker = Callable[..., pa.Table]
GONE, FIRST = "weibo-post-4987", "post-1"
SAID = "这句话只有这一条帖子说过"


def read(lake: canyu.Lake, name: str, column: str) -> list[Any]:
    return sorted(lake.engine.run(lake.scan(name))[column].to_pylist())


@pytest.fixture
def heard(lake: canyu.Lake, make_posts: Maker) -> canyu.Lake:
    """30 posts, one more that goes, two of the 30 its copies, an answer to it, a row of it in every table computed."""
    lake.append(make_posts(30))
    lake.append(make_posts(1, id=GONE, actor="writer", text=SAID))
    lake.append(make_posts(1, first=200, type="comment", parent=GONE, object=GONE))
    lake.append(make_posts(1, first=300, actor="another", text=SAID))
    rows = [{"event_id": GONE, "actor": "writer"}, {"event_id": "post-9"}]
    for name in ("mentions", "opinions", "engagement", "board"):
        lake.write_derived(name, fill(name, *rows, {"event_id": FIRST}))
    copies = [{"event_id": name, "cluster_id": GONE, "family_id": GONE, "is_copy": True} for name in (FIRST, "post-2")]
    lake.write_derived("scores", fill("scores", {"event_id": GONE, "cluster_id": GONE, "family_id": GONE}, *copies))
    lake.write_derived("scores", fill("scores", {"event_id": "post-9", "cluster_id": "post-9", "family_id": "post-9"}))
    signatures = [
        {"event_id": GONE, "family_id": GONE, "letters": SAID.encode()},
        {"event_id": "post-9", "family_id": "post-9"},
    ]
    lake.write_derived("clusters", fill("clusters", *signatures))
    lake.refuse(fill("quarantine", {"id": "q1", "raw": '{"id":"mid-4987"}'}, {"id": "q2", "raw": '{"id":"mid-49871"}'}))
    return lake


def test_every_column_of_text_in_every_table_is_declared() -> None:
    """A table that somebody adds is reached by erasures only where its columns say what they hold."""
    undeclared = [
        f"{name}.{field.name}"
        for name, spec in TABLES.items()
        for field in spec.schema
        if (is_wordy(field.type) or pa.types.is_binary(field.type)) and field.name not in spec.traces
    ]
    assert undeclared == [], "say in canyu.events.columns what these columns hold"
    for name, spec in TABLES.items():
        if "model_version" in spec.schema.names and name not in {"listenings", "findings"}:  # books, of nobody
            assert {Trace.EVENT, Trace.ACTOR} & set(spec.traces.values()), f"an erasure cannot find rows of {name}"
    assert COLUMNS["event_id"] is Trace.EVENT


def test_a_post_goes_from_every_table(heard: canyu.Lake) -> None:
    done = heard.erase_posts([GONE], names=["mid-4987"])
    assert (done.rows, done.unknown, done.mentions) == (1, (), 1)
    assert [GONE in read(heard, name, "event_id") for name in ("scores", "clusters", "mentions", "opinions")] == [
        False
    ] * 4
    assert [read(heard, name, "event_id") for name in ("engagement", "board")] == [["post-1", "post-9"]] * 2
    assert read(heard, "quarantine", "id") == ["q2"]
    assert count(heard) == 32


def test_copies_of_it_are_heard_anew(heard: canyu.Lake) -> None:
    """Their cluster was called after the post, and "a copy" they were of it alone."""
    done = heard.erase_posts([GONE])
    assert done.relearnt == 2
    left = [read(heard, name, "event_id") for name in ("scores", "mentions", "opinions", "clusters")]
    assert left == [["post-9"]] * 4
    assert count(heard) == 32


def test_no_file_of_any_version_holds_it(heard: canyu.Lake) -> None:
    heard.compact(files_per_day=1)
    heard.erase_posts([GONE], names=["mid-4987"])
    assert find_bytes(heard, GONE) == []
    kept = [path for path in find_bytes(heard, SAID) if "another" not in str(pq.ParquetFile(path).read().to_pylist())]
    assert kept == []


def test_an_answer_stays_and_points_at_nothing(heard: canyu.Lake) -> None:
    heard.erase_posts([GONE])
    row = heard.engine.run(heard.scan().filter(heard.scan().id == "post-200")).to_pylist()[0]
    assert (row["parent"], row["object"]) == ("erased", "erased")


def test_it_does_not_come_back_and_neither_does_what_was_unknown(heard: canyu.Lake, make_posts: Maker) -> None:
    done = heard.erase_posts([GONE, "never-seen"])
    assert done.unknown == ("never-seen",)
    for lake in (heard, canyu.open(heard.path)):
        result = lake.append(pa.concat_tables([make_posts(1, id=GONE), make_posts(1, id="never-seen")]))
        assert (result.added, result.suppressed) == (0, 2)
    heard.write_derived("mentions", fill("mentions", {"event_id": GONE}))
    heard.write_derived("scores", fill("scores", {"event_id": "post-3", "cluster_id": GONE}))
    assert (count(heard, "mentions"), count(heard, "scores"), count(heard)) == (1, 1, 32)


def test_the_receipt_proves_which_posts_and_names_none(heard: canyu.Lake) -> None:
    done = heard.erase_posts([GONE])
    receipt = heard.engine.run(heard.scan("receipts")).to_pylist()[0]
    hashes = hash_events(read_salt(heard.store), pa.array([GONE])).to_pylist()
    assert (receipt["id"], receipt["rows"], receipt["actor_hash"]) == (done.receipt, 1, "")
    assert receipt["event_hashes"] == hashes
    assert heard.find_unfinished([GONE, "post-1"]) == ["post-1"]


def test_twice_is_the_same_and_no_id_is_told(heard: canyu.Lake) -> None:
    heard.erase_posts([GONE])
    again = heard.erase_posts([GONE])
    assert (again.rows, again.unknown, again.relearnt, count(heard)) == (0, (), 0, 32)
    with pytest.raises(BadInput, match="Which post"):
        heard.erase_posts([" ", ""])


def test_a_person_and_a_post_are_forgotten_beside_one_another(heard: canyu.Lake, make_posts: Maker) -> None:
    heard.erase_posts([GONE])
    heard.erase("another")
    result = heard.append(pa.concat_tables([make_posts(1, id=GONE), make_posts(1, id="x", actor="another")]))
    assert (result.added, result.suppressed, count(heard)) == (0, 2, 31)


def test_a_lake_that_remembers_persons_only_learns_to_remember_posts(heard: canyu.Lake) -> None:
    """Lakes of before have no column for posts in their books."""
    heard.erase("another")
    for name, column in (("suppressed", "event_hash"), ("receipts", "event_hashes")):
        table = heard.store.find(name)
        assert table is not None
        for path in heard.store.list_files(table):
            file = Path(heard.store.locate(name), path)
            pq.write_table(pq.ParquetFile(file).read().drop_columns([column]), file)
    lake = canyu.open(heard.path)
    assert lake.erase_posts([GONE]).rows == 1
    assert lake.erase_posts([GONE]).unknown == ()


def test_pinned_versions_that_held_it_say_why_they_cannot_be_read(heard: canyu.Lake) -> None:
    heard.pin(2, "report")
    heard.erase_posts([GONE])
    assert heard.scan(version=1).count().to_pyarrow().as_py() == 30
    with pytest.raises(NotFound, match="An erasure removes for good"):
        heard.scan(version=2)
