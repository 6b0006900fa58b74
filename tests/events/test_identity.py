"""Ids are the same one by one and in bulk, on every machine, for ever."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canyu.events import make_event_id, make_event_ids
from canyu.events.kernels import hash_rows_keyed

WORD = 2**64 - 1


def test_parts_are_kept_apart() -> None:
    assert make_event_id("a", "bc") != make_event_id("ab", "c")
    assert make_event_id("a", "b", "") != make_event_id("a", "b")


@pytest.mark.parametrize("size", [0, 1, 111, 112, 113, 126, 127, 128, 129, 255, 256, 1000])
def test_bulk_equals_one_by_one_around_the_block_size(size: int) -> None:
    key = "x" * size
    assert make_event_ids("w", pa.array([key]), pa.array(["1"])).to_pylist() == [make_event_id("w", key, "1")]


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=20), st.lists(st.tuples(st.text(max_size=200), st.text(max_size=20)), min_size=1, max_size=20))
def test_bulk_equals_one_by_one(source: str, keys: list[tuple[str, str]]) -> None:
    first, second = (pa.array(part, pa.string()) for part in zip(*keys, strict=True))
    assert make_event_ids(source, first, second).to_pylist() == [make_event_id(source, *key) for key in keys]


def test_slices_chunks_and_nulls_are_handled() -> None:
    column = pa.chunked_array([pa.array(["a", None, "b"]).slice(1), pa.array([], pa.string()), pa.array(["c"])])
    expected = [None, make_event_id("s", "b"), make_event_id("s", "c")]
    assert make_event_ids("s", column).to_pylist() == expected


def test_the_keyed_hash_is_siphash_1_3_with_128_bits() -> None:
    rows = [bytes(range(size)) for size in range(40)]
    key = np.arange(16, dtype=np.uint8)
    ends = np.cumsum([0, *map(len, rows)]).astype(np.int32)
    low, high = np.empty(40, np.uint64), np.empty(40, np.uint64)
    hash_rows_keyed(np.frombuffer(b"".join(rows), np.uint8), ends, key.view(np.uint64), low, high)
    assert [(int(a), int(b)) for a, b in zip(low, high, strict=True)] == [
        compute_siphash(row, key.tobytes(), 1, 3) for row in rows
    ]


def test_the_reference_gives_the_published_vector() -> None:
    low, high = compute_siphash(b"", bytes(range(16)), 2, 4)
    assert (low.to_bytes(8, "little") + high.to_bytes(8, "little")).hex() == "a3817f04ba25a8e66df67214c7550293"
    assert hashlib.blake2b(b"abc").hexdigest()[:8] == "ba80a53f"  # RFC 7693, appendix A


def compute_siphash(data: bytes, key: bytes, rounds: int, final: int) -> tuple[int, int]:
    """SipHash-c-d with 128 bits, written from the paper: slow and plain."""
    k0, k1 = (int.from_bytes(key[at : at + 8], "little") for at in (0, 8))
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D ^ 0xEE, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) & 255])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at : at + 8], "little")
        v[3] ^= word
        _stir(v, rounds)
        v[0] ^= word
    v[2] ^= 0xEE
    _stir(v, final)
    low = v[0] ^ v[1] ^ v[2] ^ v[3]
    v[1] ^= 0xDD
    _stir(v, final)
    return low, v[0] ^ v[1] ^ v[2] ^ v[3]


def _stir(v: list[int], times: int) -> None:
    def turn(word: int, by: int) -> int:
        return (word << by | word >> (64 - by)) & WORD

    for _ in range(times):
        v[0], v[2] = (v[0] + v[1]) & WORD, (v[2] + v[3]) & WORD
        v[1], v[3] = turn(v[1], 13) ^ v[0], turn(v[3], 16) ^ v[2]
        v[0] = turn(v[0], 32)
        v[2], v[0] = (v[2] + v[1]) & WORD, (v[0] + v[3]) & WORD
        v[1], v[3] = turn(v[1], 17) ^ v[2], turn(v[3], 21) ^ v[0]
        v[2] = turn(v[2], 32)
