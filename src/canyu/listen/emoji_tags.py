"""Reposts whose emoji tag tells the feeling: not labelled by anyone, but many."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.listen.emotion import EMOTIONS

TAGGED = "ced_rumour_cascades"
TAGGED_FILE = "reposts.parquet"
TAG = re.compile(r"\[([^\[\]\s]{1,6})\]")
NAME = re.compile(r"@\S+")
FORWARD = "//@"  # what follows was written by somebody else
LEAST_CHARACTERS = 4
TAGS = {
    "happy": "哈哈 嘻嘻 偷笑 爱你 愛你 鼓掌 笑哈哈 太开心 耶 花心 赞 good 给力 亲亲 可爱 得意地笑 偷乐 好爱哦 馋嘴 "
    "做鬼脸 酷 心",
    "angry": "怒 怒骂 愤怒 抓狂 鄙视 哼 吐 右哼哼 左哼哼 弱 拳头",
    "sad": "泪 悲伤 伤心 泪流满面 失望 委屈 蜡烛 可怜 眼泪 淚 蠟燭 心碎 生病",
    "fear": "惊恐 恐怖 害怕 可怕",
    "surprise": "吃惊 吃驚 囧 震惊",
}
MEANINGS = {tag: EMOTIONS.index(emotion) for emotion, tags in TAGS.items() for tag in tags.split()}


def read_tagged(folder: Path) -> dict[str, int]:
    """Return the reposts below ``folder`` whose tags tell one feeling, without those tags, and its number."""
    path = folder / TAGGED / TAGGED_FILE
    if not path.is_file():
        raise NotFound(
            Words(f"{path} 不存在。", f"{path} is not there."),
            mend=Words(
                "请用 --data 指向公开数据集所在的文件夹。", "Point --data at the folder that holds the public sets."
            ),
        )
    column = pq.read_table(path, columns=["text"])["text"]
    found: dict[str, int] = {}
    for text in column.filter(pc.fill_null(pc.match_substring(column, "["), False)).to_pylist():
        own = text.split(FORWARD)[0]
        emotion = find_emotion(own)
        bare = NAME.sub("", TAG.sub(_drop_told, own)).strip()
        if emotion is not None and len(bare) >= LEAST_CHARACTERS:
            found.setdefault(bare, emotion)
    return found


def find_emotion(text: str) -> int | None:
    """Return the number of the only emotion that the text's tags tell, or None.

    >>> EMOTIONS[find_emotion("又涨价了[怒][怒骂]")], find_emotion("[泪][哈哈]")
    ('angry', None)
    """
    told = {MEANINGS[tag] for tag in TAG.findall(text) if tag in MEANINGS}
    return told.pop() if len(told) == 1 else None


def _drop_told(match: re.Match[str]) -> str:
    return "" if match.group(1) in MEANINGS else match.group(0)
