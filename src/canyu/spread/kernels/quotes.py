"""Array code of quoted names: the chain ``//@name:`` that a repost's text carries, read from its UTF-8 bytes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel
from canyu.spread.kernels.cascades import CHAIN, REPLY

Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]
Codes = NDArray[np.int8]

MOST_NAMES = 16  # of one text; a text of 140 characters holds no more
MOST_BYTES = 90  # of a name: 30 Han characters, the longest that a platform allows
NONE = -1


@compile_kernel(None, inline=True)
def is_blank(byte: int) -> bool:
    """Whether a byte is a space, a tab or the end of a line."""
    return byte in (0x20, 0x09, 0x0A, 0x0D)


@compile_kernel(None, inline=True)
def is_wide_colon(data: Bytes, at: int, high: int) -> bool:
    """Whether the full-width colon begins at ``at``."""
    return at + 2 < high and data[at] == 0xEF and data[at + 1] == 0xBC and data[at + 2] == 0x9A


@compile_kernel(None)
def read_mark(data: Bytes, low: int, at: int) -> int:
    """Return what the @ at ``at`` begins: a link of the chain, the person answered, or NONE (a friend is called)."""
    while at > low and is_blank(data[at - 1]):
        at -= 1
    if at == low:
        return CHAIN  # @name: before all else
    if at >= low + 2 and data[at - 1] == 0x2F and data[at - 2] == 0x2F:  # //
        return CHAIN
    if at >= low + 6 and data[at - 1] == 0x8F and data[at - 2] == 0xBC and data[at - 3] == 0xEF:  # ／／
        return CHAIN if data[at - 4] == 0x8F and data[at - 5] == 0xBC and data[at - 6] == 0xEF else NONE
    if at >= low + 2 and data[at - 1] in (0x54, 0x74) and data[at - 2] in (0x52, 0x72):  # RT
        return CHAIN if at == low + 2 or is_blank(data[at - 3]) else NONE
    if at >= low + 6 and data[at - 6] == 0xE5 and data[at - 5] == 0x9B and data[at - 4] == 0x9E:  # 回
        second, third = data[at - 2], data[at - 1]
        is_answer = data[at - 3] == 0xE5 and ((second == 0xA4 and third == 0x8D) or (second == 0xBE and third == 0xA9))
        is_answer = is_answer or (data[at - 3] == 0xE8 and second == 0xA6 and third == 0x86)  # 复, 復, 覆
        begin = at - 6
        while begin > low and is_blank(data[begin - 1]):
            begin -= 1
        return REPLY if is_answer and begin == low else NONE
    return NONE


@compile_kernel(None)
def find_name_end(data: Bytes, start: int, high: int) -> int:
    """Return where the name that starts at ``start`` ends, or NONE where no colon follows it."""
    at = start
    while at < high and at - start <= MOST_BYTES:
        byte = data[at]
        if byte == 0x3A or is_blank(byte) or is_wide_colon(data, at, high):
            break
        is_sign = 0x30 <= byte <= 0x39 or 0x41 <= byte <= 0x5A or 0x61 <= byte <= 0x7A or byte in (0x2D, 0x5F)
        if not is_sign and byte < 0x80:
            return NONE
        at += 1
    end = at
    while at < high and is_blank(data[at]):
        at += 1
    has_colon = at < high and (data[at] == 0x3A or is_wide_colon(data, at, high))
    return end if has_colon and 0 < end - start <= MOST_BYTES else NONE


@compile_kernel(None)
def find_quotes(data: Bytes, offsets: Longs) -> tuple[Longs, Longs, Longs, Codes]:
    """Return text, first byte, end and mark of each quoted name, in order."""
    room = 1024
    texts, begins, ends = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    marks = np.empty(room, np.int8)
    count = 0
    for text in range(len(offsets) - 1):
        low, high = offsets[text], offsets[text + 1]
        most = count + MOST_NAMES
        for at in range(low, high):
            if data[at] != 0x40 or count >= most:
                continue
            mark = read_mark(data, low, at)
            if mark == NONE:
                continue
            end = find_name_end(data, at + 1, high)
            if end == NONE:
                continue
            if count == room:
                texts, begins = np.append(texts, np.empty_like(texts)), np.append(begins, np.empty_like(begins))
                ends, marks = np.append(ends, np.empty_like(ends)), np.append(marks, np.empty_like(marks))
                room *= 2
            texts[count], begins[count], ends[count], marks[count] = text, at + 1, end, mark
            count += 1
    return texts[:count], begins[:count], ends[:count], marks[:count]


@compile_kernel(None)
def copy_names(data: Bytes, begins: Longs, ends: Longs) -> tuple[Bytes, NDArray[np.int32]]:
    """Return the bytes of the names one after another, and where each begins."""
    places = np.zeros(len(begins) + 1, np.int32)
    for name in range(len(begins)):
        places[name + 1] = places[name] + np.int32(ends[name] - begins[name])
    out = np.empty(places[-1], np.uint8)
    for name in range(len(begins)):
        out[places[name] : places[name + 1]] = data[begins[name] : ends[name]]
    return out, places
