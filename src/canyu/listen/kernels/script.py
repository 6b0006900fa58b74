"""Which script a text is written in, counted letter by letter."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import CODES, OFFSETS, compile_kernel

OTHER, CHINESE, ENGLISH = 0, 1, 2
LETTERS_PER_HAN = 4  # a Han character says about as much as four Latin letters: "su7 ultra 真香" is Chinese


@compile_kernel(types.boolean(CODES, types.uint64, types.uint64))
def is_plainly_chinese(codes: NDArray[np.int32], start: np.uint64, stop: np.uint64) -> bool:
    """Return whether a text is CHINESE even if the letters of its links and names counted, many letters at once."""
    han = kana = letters = np.int32(0)
    for at in range(start, stop):
        code = codes[at]
        is_han = (code >= 0x4E00) & (code <= 0x9FFF)
        is_kana = ((code >= 0x3041) & (code <= 0x30FA)) | ((code >= 0xAC00) & (code <= 0xD7A3))
        is_kana |= (code >= 0x1100) & (code <= 0x11FF)
        is_letter = ((code >= 0x41) & (code <= 0x7A)) | ((code >= 0xC0) & (code < 0x2000))
        han = np.int32(han + np.int32(is_han))
        kana = np.int32(kana + np.int32(is_kana))
        letters = np.int32(letters + np.int32(is_letter))
    return bool((han > 0) & (kana * 5 <= han) & (han * LETTERS_PER_HAN >= letters))


@compile_kernel(types.int8(CODES, types.int64, types.int64))
def find_script(codes: NDArray[np.int32], start: int, stop: int) -> int:
    """Return OTHER, CHINESE or ENGLISH for one text, letter by letter."""
    han = latin = kana = foreign = 0
    at = start
    while at < stop:
        code = codes[at]
        at += 1
        if code < 0x80:
            is_link = code == 0x68 and at + 2 < stop and codes[at] == 0x74 and codes[at + 1] == 0x74
            if code == 0x40 or (is_link and codes[at + 2] == 0x70):  # "@" or "http"
                while at < stop and 0x20 < codes[at] < 0x80:
                    at += 1
            elif 0x61 <= code <= 0x7A or 0x41 <= code <= 0x5A:
                latin += 1
        elif 0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0x20000 <= code <= 0x323AF or code == 0x3007:
            han += 1
        elif 0x3041 <= code <= 0x30FA or 0xAC00 <= code <= 0xD7A3 or 0x1100 <= code <= 0x11FF:
            kana += 1
        elif (
            0xC0 <= code < 0x2000 and code != 0xD7 and code != 0xF7
        ):  # Latin with marks, Greek, Cyrillic, Arabic, Indic
            foreign += 1
    if han > 0 and kana * 5 <= han and han * LETTERS_PER_HAN >= latin + foreign:
        return CHINESE
    if latin > 0 and kana == 0 and foreign * 10 <= latin:
        return ENGLISH
    return OTHER


@compile_kernel(types.int8[::1](CODES, OFFSETS))
def find_scripts(codes: NDArray[np.int32], offsets: NDArray[np.int64]) -> NDArray[np.int8]:
    """Return OTHER, CHINESE or ENGLISH per text, int8, shape (texts,).

    Links (from ``http`` to the next blank or non-ASCII character) and the ASCII of names after ``@`` do not count.
    Kana or Hangul above a fifth of the Han characters, or more letters of other scripts than Latin ones, is OTHER.
    """
    found = np.zeros(offsets.size - 1, np.int8)
    for text in range(offsets.size - 1):
        start, stop = offsets[text], offsets[text + 1]
        if is_plainly_chinese(codes, np.uint64(start), np.uint64(stop)):
            found[text] = CHINESE
        else:
            found[text] = find_script(codes, start, stop)
    return found
