"""Texts packed once: every later kernel reads the same folded code points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.folds import get_fold_table
from canyu.listen.kernels.utf8 import decode_texts


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
    """Pack and fold (full width to half, lower case, traditional to simplified) the texts; null is an empty text.

    Reads the Arrow buffers as they are; raises BadInput where the column holds no texts.

    >>> packed = pack_texts(pa.array(["ＳＵ７真香", None, "好車"]))
    >>> packed.offsets.tolist(), "".join(map(chr, packed.codes))
    ([0, 5, 5, 7], 'su7真香好车')
    """
    column = _to_one_array(texts)
    _, starts_buffer, data_buffer = column.buffers()
    if len(column) == 0 or data_buffer is None:
        return PackedTexts(np.zeros(0, np.int32), np.zeros(len(column) + 1, np.int64))
    starts = np.frombuffer(starts_buffer, np.int64, count=len(column) + 1, offset=column.offset * 8)
    data = np.frombuffer(data_buffer, np.int8)
    room = np.empty(int(starts[-1] - starts[0]) + 1, np.int32)  # what is not written to takes no memory
    offsets = decode_texts(data, starts, get_fold_table(), room)
    return PackedTexts(room[: offsets[-1]], offsets)


def _to_one_array(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    kind = texts.type.value_type if pa.types.is_dictionary(texts.type) else texts.type
    if not (pa.types.is_null(kind) or _is_text(kind)):
        raise BadInput(
            Words(f"这一列的类型是 {texts.type}，不是文本。", f"the column holds {texts.type}, not text."),
            mend=Words("请指定一个文本列。", "Name a column of texts."),
        )
    wide = texts.cast(pa.large_string())
    if isinstance(wide, pa.ChunkedArray):
        wide = wide.combine_chunks()
    return pc.fill_null(wide, "") if wide.null_count else wide


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))
