"""How a request lies in the inbox: its length and checksum before it, so that a torn end is told from a whole one.

A frame is ``magic (4 bytes) | length (4, little-endian) | CRC-32 of length and content (4) | content``.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from canyu.kit.jsonio import dump_json_bytes, parse_json

MAGIC = b"CyF1"
HEAD = struct.Struct("<4sII")
LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Frame:
    """One request that was acknowledged: by whose key, when (microseconds since 1970), which dialect, and its JSON."""

    source: str
    received_us: int
    dialect: str
    body: bytes
    call: str = ""

    def pack(self) -> bytes:
        """Return the frame as bytes."""
        head = dump_json_bytes([self.source, self.received_us, self.dialect, self.call])
        content = b"%s\n%s" % (head, self.body)
        return HEAD.pack(MAGIC, len(content), compute_checksum(content)) + content


@dataclass(frozen=True, slots=True)
class Reading:
    """What a segment holds: its whole frames, where they end, and whether whole frames lie behind a broken one."""

    frames: list[Frame]
    end: int
    is_damaged: bool


def compute_checksum(content: bytes | memoryview) -> int:
    """Return the CRC-32 of a content and its length."""
    return zlib.crc32(content, zlib.crc32(LENGTH.pack(len(content))))


def read_frames(data: bytes) -> Reading:
    """Return the frames up to the first that is torn or damaged.

    A torn end is what a kill in the middle of a write leaves: nobody was told that it is kept. A break with whole
    frames behind it is something else, a damaged disk: the caller must keep such a file.
    """
    frames: list[Frame] = []
    place = 0
    for content, end in _walk(data):
        frames.append(_unpack(content))
        place = end
    return Reading(frames, place, _has_frame_behind(data, place))


def _walk(data: bytes) -> Iterator[tuple[bytes, int]]:
    place = 0
    while (found := _read_one(data, place)) is not None:
        place += HEAD.size + len(found)
        yield found, place


def _read_one(data: bytes, place: int) -> bytes | None:
    if place + HEAD.size > len(data):
        return None
    magic, length, checksum = HEAD.unpack_from(data, place)
    start = place + HEAD.size
    if magic != MAGIC or start + length > len(data):
        return None
    content = data[start : start + length]
    return content if compute_checksum(content) == checksum else None


def _has_frame_behind(data: bytes, place: int) -> bool:
    at = data.find(MAGIC, place + 1)
    while at >= 0:
        if _read_one(data, at) is not None:
            return True
        at = data.find(MAGIC, at + 1)
    return False


def _unpack(content: bytes) -> Frame:
    head, _, body = content.partition(b"\n")
    source, received_us, dialect, call = _read_head(head)
    return Frame(source, received_us, dialect, body, call)


def _read_head(head: bytes) -> Any:
    return parse_json(head)
