"""From the UTF-8 bytes of an Arrow string column to folded code points, without a Python string in between."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.listen.kernels.compiled import CODES, OFFSETS, compile_kernel, read_only

BYTES = read_only(types.int8)


@compile_kernel(types.int64[::1](BYTES, OFFSETS))
def count_codes(data: NDArray[np.int8], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each text begins and the last one ends, counted in code points: shape (texts + 1,).

    Counts the bytes that begin a code point (as signed bytes: all but -128..-65), so that bytes that are no UTF-8
    at all still give offsets that :func:`decode_codes` agrees with.
    """
    offsets = np.zeros(starts.size, np.int64)
    total = 0
    for text in range(starts.size - 1):
        count = 0
        for at in range(starts[text], starts[text + 1]):
            count += data[at] >= -64
        total += count
        offsets[text + 1] = total
    return offsets


@compile_kernel(types.void(BYTES, types.int64, types.int64, CODES, types.int32[::1]))
def decode_codes(
    data: NDArray[np.int8], start: int, stop: int, fold: NDArray[np.int32], out: NDArray[np.int32]
) -> None:
    """Write the folded code points of ``data[start:stop]`` to ``out``; every beginning byte gives exactly one.

    ``fold`` maps each code point of the basic plane; those beyond it stay as they are. A code point cut short by
    the end or by the next one is read as far as it goes: hostile bytes give odd codes, never a read out of bounds.
    """
    place = 0
    at = start
    while at < stop:
        lead = np.int32(data[at]) & 0xFF
        at += 1
        if lead < 0x80:
            code, more = lead, 0
        elif lead < 0xC0:
            continue
        elif lead < 0xE0:
            code, more = lead & 0x1F, 1
        elif lead < 0xF0:
            code, more = lead & 0x0F, 2
        else:
            code, more = lead & 0x07, 3
        while more > 0 and at < stop and data[at] < -64:
            code = (code << 6) | (np.int32(data[at]) & 0x3F)
            at += 1
            more -= 1
        out[place] = fold[code] if code < 0x10000 else code
        place += 1
