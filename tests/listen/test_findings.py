"""Tables of what is found among many posts: only what is stale is found again, and nothing is left of the erased."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import canyu
from canyu.events import TABLES, Event, Lake, build_event_table
from canyu.events.catalogue import load_catalogue
from canyu.listen import topic_table
from canyu.listen.findings import Book, Key, Volume, gather_volumes, open_book, pack_volumes
from canyu.listen.pipeline import listen
from canyu.listen.scorer import load_scorer
from canyu.listen.slices import Slice
from canyu.listen.topic_report import report_topics
from canyu.listen.topics import TopicSettings, find_topics
from canyu.listen.update import update_findings
from voices_lake import BLAME, MODEL, START, fill_voices_lake, get_blame_id

NOTHING = {"topics": 0, "coordination": 0, "rumours": 0}
ZONE = "Asia/Shanghai"
WHOLE = Slice(START - timedelta(days=1), START + timedelta(days=40))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(fill_voices_lake(tmp_path_factory.mktemp("findings") / "voices.lake").path)


@pytest.fixture
def lake(filled: Path, tmp_path: Path) -> Lake:
    return canyu.open(shutil.copytree(filled, tmp_path / "copy.lake"))


def add_post(lake: Lake, name: str, moment: datetime, text: str = BLAME, actor: str = "late") -> None:
    post = Event(name, "post", moment, moment, "hand", actor=actor, text=text, channel="weibo")
    lake.append(build_event_table([post]))
    said = {"event_id": name, "day": moment.date(), "time": moment, "type": "post", "actor": actor, "lang": "zh"}
    said |= {"links": ["xiaomi"], "cluster_id": name, "family_id": name, "is_copy": False, "model_version": MODEL}
    lake.write_derived("scores", pa.Table.from_pylist([said], TABLES["scores"].schema))


def read(lake: Lake, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = lake.engine.run(lake.scan(name)).to_pylist()
    return rows


def tell_topics(lake: Lake) -> list[tuple[Any, ...]]:
    columns = ("unit", "brand", "period_start", "number", "topic_id", "status", "parents", "label", "event_ids")
    return sorted(tuple(map(str, (row[name] for name in columns))) for row in read(lake, "topics"))


def test_where_nothing_changed_nothing_is_found_or_written_again(lake: Lake) -> None:
    before = lake.versions()
    assert update_findings(lake, MODEL) == NOTHING
    assert lake.versions() == before


def test_a_late_post_makes_its_day_and_week_stale_and_no_other(lake: Lake) -> None:
    add_post(lake, "late", START + timedelta(days=9, hours=1))
    assert update_findings(lake, MODEL) == {"topics": 4, "coordination": 1, "rumours": 0}  # of all and of the brand


def test_found_step_by_step_is_the_same_as_found_at_once(lake: Lake, tmp_path: Path) -> None:
    add_post(lake, "late", START + timedelta(days=9, hours=1))
    whole = canyu.open(shutil.copytree(lake.path, tmp_path / "whole.lake"))
    for name in ("topics", "findings"):
        shutil.rmtree(tmp_path / "whole.lake" / name)
    update_findings(lake, MODEL)
    update_findings(canyu.open(whole.path), MODEL)
    assert tell_topics(lake) == tell_topics(canyu.open(whole.path))


def test_the_table_holds_what_the_engine_finds(lake: Lake) -> None:
    posts = lake.engine.run(
        lake.scan("scores").inner_join(lake.scan("events").select("id", "text"), [("event_id", "id")])
    )
    names = ("topic_id", "label", "posts", "unique_posts", "status", "parents", "standing")
    kept = report_topics(lake, WHOLE, "week").topics.select(["period_start", *names])
    assert kept.num_rows
    assert kept.equals(find_topics(posts, TopicSettings(period="week")).topics.select(["period_start", *names]))


def test_a_stop_between_rows_and_book_is_made_good(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = tell_topics(lake)
    shutil.rmtree(Path(lake.path, "findings"))
    lake = canyu.open(lake.path)

    def fail(book: Book) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Book, "write", fail)
        with pytest.raises(KeyboardInterrupt):
            update_findings(lake, MODEL)
    assert update_findings(lake, MODEL)["topics"] > 0
    assert tell_topics(lake) == expected


def test_an_erasure_takes_every_row_that_was_found_with_a_post_of_theirs(lake: Lake) -> None:
    erased = get_blame_id(3)
    assert any(erased in row["event_ids"] for row in read(lake, "topics"))
    lake.erase("blame-3")
    assert not any(erased in row["event_ids"] or erased in row["standing"] for row in read(lake, "topics"))
    assert update_findings(lake, MODEL)["topics"] > 0
    found = report_topics(lake, WHOLE, "week", "xiaomi")
    assert erased not in found.members["event_id"].to_pylist()
    assert found.topics.num_rows


def test_posts_that_are_gone_leave_no_day_behind(lake: Lake) -> None:
    moment = START + timedelta(days=60)
    for number in range(6):
        add_post(lake, f"x{number}", moment, f"小米SU7续航不行，第{number}次了", "guest")
    update_findings(lake, MODEL)
    assert any(row["period_start"] > moment - timedelta(days=7) for row in read(lake, "topics"))
    lake.erase("guest")
    update_findings(lake, MODEL)
    assert not any(row["period_start"] > moment - timedelta(days=7) for row in read(lake, "findings"))


def test_another_model_stands_beside_the_present_one_and_the_oldest_goes(lake: Lake) -> None:
    scores = lake.engine.run(lake.scan("scores"))
    for version in ("hand-2", "hand-3"):
        column = pa.array([version] * scores.num_rows)
        lake.write_derived(
            "scores", scores.set_column(scores.column_names.index("model_version"), "model_version", column)
        )
    update_findings(lake, "hand-2", present=MODEL)
    assert {row["model_version"] for row in read(lake, "topics")} == {MODEL, "hand-2"}
    update_findings(lake, "hand-3", present="hand-2")
    assert {row["model_version"] for row in read(lake, "topics")} == {"hand-2", "hand-3"}


def test_a_lake_that_was_listened_to_before_gets_its_tables_without_scoring(lake: Lake) -> None:
    scorer = load_scorer(load_catalogue(""))
    first = listen(lake, scorer, now=START)
    expected = tell_topics(lake)
    for name in ("topics", "coordination", "rumours", "findings"):
        shutil.rmtree(Path(lake.path, name))
    lake = canyu.open(lake.path)
    again = listen(lake, scorer, now=START)
    assert (again.scored, again.found["topics"]) == (0, first.found["topics"])
    assert set(tell_topics(lake)) <= set(expected)
    assert listen(lake, scorer, now=START).found == NOTHING


def test_days_of_another_zone_are_found_anew(lake: Lake) -> None:
    assert update_findings(lake, MODEL, "UTC")["topics"] > 0
    assert {row["zone"] for row in read(lake, "topics")} == {"UTC"}


def test_a_chunk_holds_neighbours_up_to_its_size() -> None:
    quarters = [(START + timedelta(days=day)).timestamp() // 900 for day in range(4)]
    counts = {name: pa.array([40] * 4, pa.int64()) for name in ("posts", "unique", "print")}
    table = pa.table({"brand": [""] * 4, "quarter": pa.array(quarters).cast(pa.int64()), **counts})
    volumes = gather_volumes(table, "day", ZONE, "")
    stale = [one for key, one in volumes.items() if key.start.day != 8]
    assert [[one.key.start.day for one in chunk] for chunk in pack_volumes(stale, volumes, "day", 100)] == [
        [7],
        [9, 10],
    ]


def test_a_fingerprint_tells_one_post_from_another() -> None:
    def tell(mark: int) -> Volume:
        table = pa.table({"brand": [""], "quarter": [5], "posts": [1], "unique": [1], "print": [mark]})
        return gather_volumes(table, "day", "UTC", "")[Key("day", "", datetime(1970, 1, 1, tzinfo=UTC))]

    assert tell(1).fingerprint != tell(2).fingerprint


def test_the_book_is_empty_before_the_first_listening(tmp_path: Path) -> None:
    lake = canyu.open(tmp_path / "new.lake", create=True)
    assert open_book(lake, topic_table.KIND, MODEL, ZONE, MODEL).entries == {}
