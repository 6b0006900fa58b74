"""Files cut short or gone, and lakes of other programs: refused by name, with the way over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

import canyu
from canyu.events import Event, build_event_table
from canyu.kit.errors import StorageFailure, Unsupported
from canyu.kit.jsonio import dump_json
from canyu.kit.words import speak

pytestmark = pytest.mark.faults


def make_posts(count: int) -> pa.Table:
    times = [datetime(2025, 3, 1, tzinfo=UTC) + timedelta(hours=8 * number) for number in range(count)]
    return build_event_table([Event(f"e{at}", "post", time, time, "t", text="x") for at, time in enumerate(times)])


def list_data_files(lake: canyu.Lake) -> list[Path]:
    return sorted(Path(lake.path, "events").glob("day=*/*.parquet"))


@pytest.fixture
def crowded(lake: canyu.Lake) -> canyu.Lake:
    """Ten posts on four days."""
    lake.append(make_posts(10))
    return lake


def test_a_truncated_file_is_named(crowded: canyu.Lake) -> None:
    broken = list_data_files(crowded)[0]
    broken.write_bytes(broken.read_bytes()[:100])
    assert [(each.path, "100 bytes" in each.reason) for each in crowded.check()] == [(str(broken), True)]
    with pytest.raises(StorageFailure, match=broken.name):
        canyu.open(crowded.path).scan()
    with pytest.raises(StorageFailure, match=broken.name):
        canyu.open(crowded.path).append(make_posts(20))


def test_an_absent_file_is_named(crowded: canyu.Lake) -> None:
    gone = list_data_files(crowded)[0]
    gone.unlink()
    assert [each.reason for each in crowded.check()] == ["it is not there"]
    with pytest.raises(StorageFailure, match=gone.name) as caught:
        canyu.open(crowded.path).scan()
    with speak("zh-hans"):
        assert [each.reason for each in crowded.check()] == ["文件不存在"]
        assert caught.value.message == f"数据湖的文件 {gone} 已损坏：文件不存在。"


def test_a_lake_made_by_a_newer_version_is_refused_with_the_way_over(crowded: canyu.Lake) -> None:
    crowded.store.create("events").alter.set_table_properties({"canyu.format": "2"}, raise_if_not_exists=False)
    with pytest.raises(Unsupported, match="Install a newer Canyu"):
        canyu.open(crowded.path)
    with pytest.raises(Unsupported, match="lake format 2"):
        crowded.append(make_posts(4))


def test_features_that_would_be_read_wrongly_are_refused(crowded: canyu.Lake) -> None:
    log = Path(crowded.path, "events", "_delta_log", f"{crowded.version():020d}.json")
    features = {"readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"]}
    protocol = {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7} | features}
    log.write_text(log.read_text() + "\n" + dump_json(protocol) + "\n")
    with pytest.raises(Unsupported, match="deletionVectors"):
        canyu.open(crowded.path)
