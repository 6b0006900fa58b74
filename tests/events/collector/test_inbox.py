"""The inbox keeps what it acknowledged: torn ends are cut, damage is put aside, a full disk acknowledges nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from canyu.events.collector import Carrier, Frame, Inbox, InboxFull
from canyu.events.collector.frames import read_frames
from canyu.events.collector.segments import SegmentWriter, hold_finished, list_segments, measure_backlog
from canyu.kit.errors import StorageFailure
from canyu.kit.jsonio import dump_json_bytes
from collector_fixtures import House, post, track


def make_frame(number: int, **changes: Any) -> bytes:
    return Frame("shop", 1_796_000_000_000_000, "segment", dump_json_bytes([track(number, **changes)])).pack()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_frame_comes_back_as_it_was() -> None:
    frame = Frame("shop", 17, "posthog", b'[{"a":"\n"}]', "track")
    assert read_frames(frame.pack() * 3).frames == [frame] * 3


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_torn_end_is_cut_and_what_was_whole_stays(cut: int) -> None:
    whole = make_frame(1)
    reading = read_frames(whole + make_frame(2)[:-cut])
    assert (len(reading.frames), reading.end, reading.is_damaged) == (1, len(whole), False)


@pytest.mark.parametrize("place", [0, 5, 9, 13, 40])
def test_a_changed_byte_is_noticed_and_frames_behind_it_are_not_dropped(place: int) -> None:
    data = bytearray(make_frame(1) + make_frame(2))
    data[place] ^= 0x01
    reading = read_frames(bytes(data))
    assert (reading.frames, reading.end, reading.is_damaged) == ([], 0, True)


def test_a_segment_in_writing_is_nobody_elses(house: House) -> None:
    writer = SegmentWriter(house.inbox_folder)
    writer.write([make_frame(1)])
    (path,) = list_segments(house.inbox_folder)
    with hold_finished(path) as data:
        assert data is None
    assert Carrier(house.inbox_folder, house.desk).carry().segments == 0
    writer.seal()
    assert [event["object"] for event in house.carry()] == ["o1"]


def test_what_a_killed_writer_left_is_carried(house: House) -> None:
    writer = SegmentWriter(house.inbox_folder)
    writer.write([make_frame(1)])
    (path,) = list_segments(house.inbox_folder)
    writer.seal()  # what the system does to the locks of a process that is no more
    with path.open("ab") as file:
        file.write(make_frame(2)[:-7])
    assert [event["object"] for event in house.carry()] == ["o1"]
    assert list(house.inbox_folder.glob("aside/*")) == []


def test_damage_in_the_middle_is_put_aside_for_a_person(house: House) -> None:
    house.inbox_folder.mkdir(exist_ok=True)
    damaged = bytearray(make_frame(2))
    damaged[30] ^= 0xFF
    path = house.inbox_folder / "00000000000000000001-1-a.segment"
    path.write_bytes(make_frame(1) + bytes(damaged) + make_frame(3))
    assert [event["object"] for event in house.carry()] == ["o1"]
    (aside,) = house.inbox_folder.glob("aside/*")
    assert aside.read_bytes() == bytes(damaged) + make_frame(3)


def test_large_segments_are_finished_and_carried_in_rounds(house: House) -> None:
    writer = SegmentWriter(house.inbox_folder, segment_bytes=1)
    for number in range(5):
        writer.write([make_frame(number)])
    carrier = Carrier(house.inbox_folder, house.desk, most_bytes=1)
    assert carrier.carry().has_more
    assert measure_backlog(house.inbox_folder) == 4 * len(make_frame(1))
    assert len(house.carry()) == 5


def test_requests_that_wait_together_are_written_together(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    groups: list[int] = []
    write = SegmentWriter.write
    monkeypatch.setattr(SegmentWriter, "write", lambda self, frames: (groups.append(len(frames)), write(self, frames)))

    async def keep() -> None:
        inbox = house.make_inbox()
        await asyncio.gather(*(inbox.keep(make_frame(number)) for number in range(100)))
        await inbox.close()

    asyncio.run(keep())
    assert sum(groups) == 100
    assert len(groups) < 10
    assert len(house.carry()) == 100


def test_a_segment_is_finished_after_a_second_without_another_request(house: House) -> None:
    async def keep() -> int:
        inbox = house.make_inbox()
        await inbox.keep(make_frame(1))
        while (carried := Carrier(house.inbox_folder, house.desk).carry()).segments == 0:
            await asyncio.sleep(0.02)
        await inbox.close()
        return carried.added

    assert asyncio.run(keep()) == 1


@pytest.mark.parametrize("moment", ["take_refused", "append", "take_events", "take_tallies", "unlink"])
def test_a_round_that_broke_off_is_done_again_and_nothing_counts_twice(
    house: House, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = {"batch": [track(1), track(2), track(3, event="Dance")]}
    house.ask(post("/v1/batch", batch))

    class Died(Exception):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Died

    with monkeypatch.context() as patch:
        target = {"append": house.desk.lake, "unlink": Path}.get(moment, house.desk)
        patch.setattr(target, moment, die)
        with pytest.raises(Died):
            Carrier(house.inbox_folder, house.desk).carry()
    if moment == "unlink":
        house.desk.counted.clear()  # the console counts a segment once; this desk complains instead
        house.desk.tallies.clear()
    events = house.carry()
    assert Counter(event["object"] for event in events) == {"o1": 1, "o2": 1}
    tally = house.desk.tallies["shop"]
    assert (len(house.desk.refused), tally.sent, tally.kept, tally.refused) == (1, 3, 2, 1)


def test_where_the_lake_refuses_everything_stays(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.ask(post("/v1/t", track(1)))

    def refuse(*_: Any) -> None:
        raise StorageFailure("full")

    with monkeypatch.context() as patch:
        patch.setattr(house.desk.lake, "append", refuse)
        with pytest.raises(StorageFailure):
            Carrier(house.inbox_folder, house.desk).carry()
    assert [event["object"] for event in house.carry()] == ["o1"]


def test_an_event_that_breaks_the_translation_is_put_aside_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from canyu.events.collector import translate

    read = translate.read_payload

    def break_down(sent: Any, *rest: Any) -> Any:
        if sent.payload["messageId"] == "m2":
            raise RuntimeError
        return read(sent, *rest)

    monkeypatch.setattr(translate, "read_payload", break_down)
    house.ask(*(post("/v1/t", track(number)) for number in (1, 2, 3)))
    assert sorted(event["object"] for event in house.carry()) == ["o1", "o3"]
    assert len(list(house.inbox_folder.glob("aside/*"))) == 1


def test_the_rest_of_the_disk_is_kept_for_the_lake(tmp_path: Path) -> None:
    house = House(tmp_path, reserve_bytes=1 << 62)
    (answer,) = house.ask(post("/v1/t", track(1)))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert house.carry() == []


def test_a_write_that_failed_halfway_leaves_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    writer = SegmentWriter(house.inbox_folder)
    writer.write([make_frame(1)])
    write = os.write

    def fill_up(handle: int, data: Any) -> int:
        write(handle, bytes(data[:20]))
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fill_up)
        with pytest.raises(InboxFull):
            writer.write([make_frame(2)])
    writer.write([make_frame(3)])
    writer.seal()
    assert sorted(event["object"] for event in house.carry()) == ["o1", "o3"]


def test_an_inbox_opens_where_others_left_off(house: House) -> None:
    house.ask(post("/v1/t", track(1)))
    assert Inbox(house.inbox_folder, most_bytes=10).is_full
