"""A disk that is full: nothing is acknowledged that is not kept, and with room again everything goes on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from collector_fixtures import House, post, track

pytestmark = pytest.mark.faults
BATCH = 200
ROOM_BYTES = 64 * 1024


def fill_disk(ballast: Path, *, but_bytes: int) -> None:
    """Fill a disk but for so many bytes."""
    handle = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(handle, b"x" * 4096)
    except OSError:
        size = os.fstat(handle).st_size
        os.ftruncate(handle, max(0, size - but_bytes))
    finally:
        os.close(handle)


def make_batch(turn: int) -> dict[str, Any]:
    return {"batch": [track(turn * BATCH + place) for place in range(BATCH)]}


def test_a_full_disk_acknowledges_nothing_and_recovers(small_disk: Path) -> None:
    house = House(small_disk)
    house.ask(post("/v1/t", track(99_998)))
    house.carry()
    ballast = small_disk / "ballast"
    fill_disk(ballast, but_bytes=ROOM_BYTES)
    answers = house.ask(*(post("/v1/batch", make_batch(turn)) for turn in range(4)))
    full = [answer for answer in answers if answer.status_code == 503]
    assert full
    assert all("retry-after" in answer.headers for answer in full)
    kept = {
        f"o{turn * BATCH + place}"
        for turn, answer in enumerate(answers)
        if answer.status_code == 200
        for place in range(BATCH)
    }
    ballast.unlink()
    assert house.ask(post("/v1/t", track(99_999)))[0].status_code == 200
    assert {event["object"] for event in house.carry()} == kept | {"o99998", "o99999"}
