"""How rare each gram of everyday texts is: what makes a word in common tell much or little."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from canyu.kit.model_store import read_arrays, write_arrays
from canyu.listen.kernels.storylines import RAREST, SHARED, count_texts, read_grams
from canyu.listen.text import pack_texts

FILE = "background.npz"
SOURCES = (  # each under the MIT licence, as its repository states
    ("zhihu_hot_daily/hot_questions.parquet", "title"),
    ("weibo_hot_daily/hot_daily.parquet", "title"),
    ("zh_product_absa/terms.parquet", "text"),
    ("douyin_baidu_hot/baidu.parquet", "description"),
)
COMMON = 19
FUNCTION_WORDS = (
    "a an the and or but if so as of at by for from in into on to with without about over than then that this "
    "these those it its is are was were be been being am do does did done have has had having i you he she we "
    "they me my your his her our their them us who what which when where why how not no nor too very just only "
    "even all any some each other more most much many own same can could will would should may might must there "
    "here up out off again ever never now one s t d ll re ve m"
)


@cache
def load_rarity() -> NDArray[np.uint8]:
    """Return how rare each bucket of grams is, uint8 (2^BITS,), 1 to RAREST; English function words are common.

    Inverse document frequency over titles and reviews in Chinese (Sparck Jones 1972), divided by its maximum.
    """
    source = resources.files("canyu.listen.storylines").joinpath(FILE)
    with resources.as_file(source) as path:
        steps = read_arrays(path)[0]["rarity"]
    rarity: NDArray[np.uint8] = np.maximum(steps, np.uint8(1))
    marked: NDArray[np.uint8] = rarity | np.uint8(SHARED)
    buckets, weights = np.empty(64, np.int32), np.empty(64, np.float32)
    for word in FUNCTION_WORDS.split():
        codes = pack_texts(pa.array([word])).codes
        read_grams(codes, 0, len(codes), marked, buckets, weights)
        rarity[buckets[0]] = COMMON
    rarity.setflags(write=False)
    return rarity


def train_storylines(data_folder: Path, out_folder: Path) -> str:
    """Write ``background.npz`` from the public titles and reviews in ``data_folder``; return its SHA-256.

    The same data give the same bytes. Raises FileNotFoundError where a source is not there.
    """
    texts = [
        text
        for name, column in SOURCES
        for text in pq.read_table(data_folder / name, columns=[column])[column].unique().to_pylist()
        if text
    ]
    packed = pack_texts(pa.array(texts))
    counts = count_texts(packed.codes, packed.offsets)
    rarity = np.log((len(texts) + 1) / (counts + 1.0))
    steps = np.clip(np.round(rarity / np.log(len(texts) + 1) * RAREST), 1, RAREST).astype(np.uint8)
    out_folder.mkdir(parents=True, exist_ok=True)
    return write_arrays(out_folder / FILE, {"rarity": steps})
