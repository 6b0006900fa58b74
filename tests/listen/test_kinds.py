from __future__ import annotations

import pyarrow as pa
import pytest

from canyu.listen.kinds import find_kinds


@pytest.mark.parametrize(
    ("channels", "kinds"),
    [
        (pa.array(["weibo", "tmall", None, "my club", "dongchedi"]), [2, 1, 0, 0, 4]),
        (pa.array(["jd", "x", "jd"]).dictionary_encode(), [1, 2, 1]),
        (pa.chunked_array([["jd"], ["zhihu", None]], pa.string()), [1, 3, 0]),
        (pa.array([None, None]), [0, 0]),
        (pa.array([], pa.string()), []),
    ],
)
def test_a_channel_tells_the_kind_of_place(channels: pa.Array | pa.ChunkedArray, kinds: list[int]) -> None:
    assert find_kinds(channels, len(kinds)).tolist() == kinds
