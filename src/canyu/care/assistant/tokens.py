"""Tokens of questions and articles: pairs of Han characters, Latin stems, numbers, and words of one meaning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

from canyu.kit.hanzi import SIMPLIFIED, TRADITIONAL
from canyu.kit.yamlio import load_yaml

MEANING = "="
"""Starts the token of a meaning, which no text can hold by itself."""

_TO_SIMPLIFIED = str.maketrans(TRADITIONAL, SIMPLIFIED)
_RUNS = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+(?:[-.'][a-z0-9]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]")

_MARKS = re.compile(r"\[[^\[\]]{1,20}\]|https?://\S+|@\S+")  # stickers, masks, addresses: nothing is asked by them

# What a question is wrapped in. Taken out before pairs are made, so that 「吗」 and its like pair with nothing.
_FILLERS = re.compile(
    r"请问一下|请问|你好|您好|在吗|麻烦|帮我|一下子|一下|怎么办理|怎么办|怎么弄|怎么样|怎么|咋办|咋|如何|为什么|什么时候|什么|"
    r"多长时间|多久|啥时候|几天|能不能|可不可以|是不是|有没有|可以|可否|能否|需要|应该|行不行|行吗|我想|我要|我们|你们|他们|"
    r"订单编号|订单号|订单金额|下单时间|商品id|没有了|没有|暂时|谢谢|辛苦|好的|好吧|嗯+|尽快|(?<!质量)问题|一个|收到(?!货)|在不在|咨询|"
    r"(?<![智功性])能|(?<!机)会(?!员)|有(?!效)|要(?!求)|想|去(?!除)|"
    r"这个|那个|这种|已经|如果|的话|以后|之后|然后|还是|还能|还行|现在|我的|你的|[吗呢啊呀吧哦哈嘛么了的地得我你您他她它是在就也都把被让给还很太]"
)
_WORDS = re.compile(r"\w+")
_STOP = frozenset(
    _WORDS.findall(
        "a an the i me my mine we us our you your it its is are am was were be been do does did can could may "
        "might will would shall should must to of in on at for from by with and or not no if as than then "
        "this that these those there here what which who whom when where why how much many long please hi "
        "hello get got have has had any some one yes ok okay thanks thank so up out about into after before "
        "again more most very too just while s t m re ve ll d don doesn isn "
    )
)
_ENDINGS = ("ation", "ing", "ied", "ies", "ed", "es", "s")


def fold_text(text: str) -> str:
    """Return a text as it is compared: one width, small letters, simplified characters, no stickers or links.

    >>> fold_text("退貨運費，ＯＫ")
    '退货运费,ok'
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _MARKS.sub(" ", plain).translate(_TO_SIMPLIFIED)


def is_chinese(text: str) -> bool:
    """Say whether a text has Han characters: then it is answered in Chinese."""
    return _HAN.search(fold_text(text)) is not None


def list_tokens(text: str) -> list[str]:
    """Return the tokens of a text, with repetitions: first its words of one meaning, then pairs and stems.

    >>> list_tokens("退货运费谁出？"), list_tokens("Who pays the return postage?")
    (['=14', '=19', '退货', '货运', '运费', '费谁', '谁出'], ['=14', '=19', 'pay', 'return', 'postag'])
    """
    folded = fold_text(text)
    return [*list_meanings(folded), *_split_tokens(folded)]


def list_parts(text: str) -> list[str]:
    """Return the letters of Latin words by threes, and single Han characters: what survives a typing error.

    >>> list_parts("login 密码")
    ['log', 'ogi', 'gin', '密', '码']
    """
    found: list[str] = []
    for run in _RUNS.findall(_FILLERS.sub(" ", fold_text(text))):
        if _HAN.match(run):
            found += run
        elif run not in _STOP and not run.isdigit():
            found += [run[place : place + 3] for place in range(max(1, len(run) - 2))]
    return found


def list_meanings(folded: str) -> list[str]:
    """Return the tokens of the meanings that a folded text speaks of, each once, in the order of the list."""
    han, latin = _load_meanings()
    found: set[int] = set()
    for run in _RUNS.findall(folded):
        if _HAN.match(run):
            found.update(_match_longest(run, han))
    found.update(_match_longest(tuple(_list_stems(folded)), latin))
    return [f"{MEANING}{number}" for number in sorted(found)]


def stem_word(word: str) -> str:
    """Return a Latin word without the endings of number and time; short words stay.

    >>> [stem_word(word) for word in ("charged", "charging", "points", "gas", "repairs", "cancelled")]
    ['charg', 'charg', 'point', 'gas', 'repair', 'cancel']
    """
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)] + ("y" if ending in {"ied", "ies"} else "")
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "s":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def _split_tokens(folded: str) -> list[str]:
    found: list[str] = []
    for run in _RUNS.findall(_FILLERS.sub(" ", folded)):
        if _HAN.match(run):
            found += [run[place : place + 2] for place in range(len(run) - 1)]  # one character alone tells nothing
        elif run not in _STOP:
            found.append(stem_word(run))
    return found


def _list_stems(folded: str) -> Iterator[str]:
    return (stem_word(run) for run in _RUNS.findall(folded) if not _HAN.match(run))


Units = TypeVar("Units", str, tuple[str, ...])


def _match_longest(units: Units, numbers: dict[Units, int]) -> Iterator[int]:
    """Yield the meanings found from left to right, the longest word at each place: 快递费 is no 快递."""
    place, longest = 0, max(map(len, numbers))
    while place < len(units):
        for length in range(min(longest, len(units) - place), 0, -1):
            number = numbers.get(units[place : place + length])
            if number is not None:
                yield number
                place += length - 1
                break
        place += 1


@cache
def _load_meanings() -> tuple[dict[str, int], dict[tuple[str, ...], int]]:
    """Return the number of each word's meaning: of Han words, and of Latin ones as their stems."""
    groups = load_yaml(Path(__file__).with_name("service_words.yaml").read_text("utf-8"))
    han: dict[str, int] = {}
    latin: dict[tuple[str, ...], int] = {}
    for number, group in enumerate(groups):
        for word in group:
            if _HAN.search(word):
                han.setdefault(word, number)
            else:
                latin.setdefault(tuple(_list_stems(word)), number)
    return han, latin
