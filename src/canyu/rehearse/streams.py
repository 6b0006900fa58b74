"""Chance and identity: a random stream per component and part, and ids that follow from serial numbers."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa

from canyu.rehearse.arrays import Serials

PART_BITS, ROW_BITS = 14, 30
# A component's place here begins its serial numbers: add at the end only, or ids change.
COMPONENTS = (
    "none",
    "posting",
    "cascades",
    "commerce",
    "trade",
    "boards",
    "livestream",
    "challenge",
    "referral",
    "kol_wave",
    "rumour",
    "coordinated",
    "drop",
    "bundle",
    "cocreation",
    "arrival",
    "kols",
    "great_cascade",
)
HEX = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), np.uint8).reshape(256, 2)


def make_stream(entropy: tuple[int, ...], component: str, part: int) -> np.random.Generator:
    """Return the random stream of one component in one part; no other component's draws can disturb it.

    >>> bool(make_stream((7,), "posting", 0).random() == make_stream((7,), "posting", 0).random())
    True
    """
    digest = hashlib.blake2b(component.encode(), digest_size=8).digest()
    key = (int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:], "big"), part)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy, spawn_key=key)))


def get_first_serial(component: str, part: int) -> int:
    """Return where the serial numbers of one component in one part begin; 0 is never given."""
    return (COMPONENTS.index(component) << (PART_BITS + ROW_BITS)) | (part << ROW_BITS)


def build_ids(fingerprint: str, serials: Serials) -> pa.Array:
    """Return one 32-digit id per serial: the plan's fingerprint, then the serial mixed one to one.

    The mix is splitmix64's finaliser (Steele, Lea and Flood, 2014), a bijection on 64 bits: ids cannot meet. A serial
    of 0 gives null.

    >>> build_ids("00000000000000ff", np.array([1, 0], np.uint64)).to_pylist()
    ['00000000000000ff5692161d100b05e5', None]
    """
    mixed = serials.copy()
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    letters = np.empty((len(serials), 32), np.uint8)
    letters[:, :16] = np.frombuffer(fingerprint.encode(), np.uint8)
    letters[:, 16:] = HEX[mixed.astype(">u8").view(np.uint8)].reshape(len(serials), 16)
    return _build_strings(letters, serials == 0)


def build_numbered(prefix: str, numbers: Serials, digits: int) -> pa.Array:
    """Return ``prefix`` and each number in ``digits`` digits.

    >>> build_numbered("p:", np.array([123], np.uint64), 9).to_pylist()
    ['p:000000123']
    """
    width = len(prefix) + digits
    letters = np.empty((len(numbers), width), np.uint8)
    letters[:, : len(prefix)] = np.frombuffer(prefix.encode(), np.uint8)
    rest = numbers.copy()
    for place in range(width - 1, len(prefix) - 1, -1):
        letters[:, place] = 48 + (rest % np.uint64(10)).astype(np.uint8)
        rest //= np.uint64(10)
    return _build_strings(letters, None)


def _build_strings(letters: np.ndarray[tuple[int, int], np.dtype[np.uint8]], blank: object) -> pa.Array:
    rows, width = letters.shape
    places = np.arange(rows + 1, dtype=np.int32) * width
    data = np.ascontiguousarray(letters)
    valid = None
    if isinstance(blank, np.ndarray) and blank.any():
        valid = pa.py_buffer(np.packbits(~blank, bitorder="little").tobytes())
    return pa.StringArray.from_buffers(rows, pa.py_buffer(places), pa.py_buffer(data), valid)
