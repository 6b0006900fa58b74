"""Which kind of place a text comes from: a shop's review, a social feed, a forum or one of cars read differently."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words

KINDS = ("any", "review", "social", "forum", "cars")
ANY = KINDS.index("any")
KIND_CHANNELS = {
    "review": ("amazon", "app", "jd", "site", "store", "taobao", "tmall"),
    "social": (
        "bilibili",
        "douyin",
        "instagram",
        "kuaishou",
        "toutiao",
        "twitter",
        "wechat",
        "weibo",
        "x",
        "xiaohongshu",
        "youtube",
    ),
    "forum": ("baidu", "forum", "reddit", "zhihu"),
    "cars": ("autohome", "dongchedi"),
}
KIND_OF = {name: KINDS.index(kind) for kind, names in KIND_CHANNELS.items() for name in (kind, *names)}


def find_kinds(channels: pa.Array | pa.ChunkedArray, texts: int) -> NDArray[np.int8]:
    """Return the number of each channel's kind, int8, shape (n,); 0 (any) for a null or unknown channel.

    Raises BadInput where there are not as many channels as texts.

    >>> find_kinds(pa.array(["weibo", "tmall", None, "my club"]), 4).tolist()
    [2, 1, 0, 0]
    """
    if len(channels) != texts:
        raise BadInput(
            Words(f"有 {texts} 条文本，却有 {len(channels)} 个渠道。", f"{texts} texts, but {len(channels)} channels."),
            mend=Words("请为每条文本给一个渠道。", "Give one channel for each text."),
        )
    whole = channels.combine_chunks() if isinstance(channels, pa.ChunkedArray) else channels
    coded = whole if pa.types.is_dictionary(whole.type) else whole.dictionary_encode()
    names = coded.dictionary.to_pylist()
    numbers = np.array([*(KIND_OF.get(name, ANY) for name in names), ANY], np.int8)
    places = pc.fill_null(coded.indices, len(names)) if coded.null_count else coded.indices
    return np.asarray(numbers[places.to_numpy(zero_copy_only=False)])
