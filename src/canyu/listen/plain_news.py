"""Descriptions of hot topics: what happened, told plainly. Weibo is full of it, the labelled posts are not."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow.parquet as pq

from canyu.kit.errors import NotFound
from canyu.kit.words import Words

NEWS = "weibo_hot_hourly"
NEWS_FILE = "topics.parquet"
LENGTHS = range(20, 161)  # characters
MOST = 2_000


def read_news(folder: Path) -> list[str]:
    """Return descriptions of topics of Weibo's hot list below ``folder``: those of the smallest SHA-256.

    Nobody labelled them; read by eye, about one in five leans. Raises NotFound where the file is missing.
    """
    path = folder / NEWS / NEWS_FILE
    if not path.is_file():
        raise NotFound(
            Words(f"{path} 不存在。", f"{path} is not there."),
            mend=Words(
                "请用 --data 指向公开数据集所在的文件夹。", "Point --data at the folder that holds the public sets."
            ),
        )
    column = pq.read_table(path, columns=["description"])["description"].to_pylist()
    texts = {text.strip() for text in column if text and len(text.strip()) in LENGTHS}
    return sorted(texts, key=lambda text: hashlib.sha256(text.encode()).hexdigest())[:MOST]
