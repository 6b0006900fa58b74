"""The fold every text goes through before it is read: full width to half, lower case, traditional to simplified."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from canyu.kit.hanzi import SIMPLIFIED, TRADITIONAL

BASIC_PLANE = 0x10000
FULL_WIDTH = range(0xFF01, 0xFF5F)  # ！ to ～, each 0xFEE0 above its ASCII twin
IDEOGRAPHIC_SPACE = 0x3000


@cache
def get_fold_table() -> NDArray[np.int32]:
    """Return the fold of every code point of the basic plane, shape (65536,); read-only, one to one.

    >>> fold = get_fold_table()
    >>> "".join(chr(fold[ord(char)]) for char in "ＳＵ７　Ultra 車")
    'su7 ultra 车'
    """
    fold = np.arange(BASIC_PLANE, dtype=np.int32)
    fold[FULL_WIDTH.start : FULL_WIDTH.stop] -= 0xFEE0
    fold[IDEOGRAPHIC_SPACE] = ord(" ")
    for code in range(BASIC_PLANE):
        lower = chr(fold[code]).lower()
        if len(lower) == 1 and ord(lower) < BASIC_PLANE:  # İ becomes two code points: left as it is
            fold[code] = ord(lower)
    fold[[ord(char) for char in TRADITIONAL]] = [ord(char) for char in SIMPLIFIED]
    fold.setflags(write=False)
    return fold


def fold_text(text: str) -> str:
    """Return the text folded as :func:`canyu.listen.text.pack_texts` folds, one character to one.

    >>> fold_text("小米１５　Pro")
    '小米15 pro'
    """
    return text.translate(_list_folds())


@cache
def _list_folds() -> dict[int, int]:
    return {code: folded for code, folded in enumerate(get_fold_table().tolist()) if code != folded}
