"""Goodwill never hangs on what people say: finds words of an offer that ask to delete, change, praise or keep silent.

Made for the two laws that forbid it: 16 CFR 465.4 (a benefit for a review that says what the brand wants) and 465.7
(a review suppressed), and article 58 of China's measures on online transactions, which forbids inventing or misleading
ratings. It reads words; a person who releases the offer reads the sense.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from canyu.kit.errors import BadInput
from canyu.kit.words import Words


class Asking(StrEnum):
    """What the words make a condition of."""

    REMOVE = "remove"
    CHANGE = "change"
    PRAISE = "praise"
    SILENCE = "silence"


ASKINGS = {
    Asking.REMOVE: Words("要求删除或撤回评价、帖子、投诉", "asks to delete or take back a review, post or complaint"),
    Asking.CHANGE: Words("要求修改评价", "asks to change a review"),
    Asking.PRAISE: Words("要求好评", "asks for a good review"),
    Asking.SILENCE: Words("要求不再发声或保密", "asks to keep silent"),
}
MEND = Words(
    "请删掉这个条件：凡购买者都可领取，无论说过什么。可以写“领取不以任何评价为条件”。",
    "Take the condition out: whoever bought it gets it, whatever they said. You may write: this does not depend on any "
    "review.",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Words of a text, as it was written, that make the offer conditional."""

    asking: Asking
    words: str


_SAID = (
    r"(?:评价|评论|点评|差评|中评|好评|评分|打分|追评|晒单|帖子|贴子|原帖|原贴|发帖|笔记|微博"
    r"|视频|投诉|举报|言论|内容|作品|动态|截图)"
)
_REMOVE = (
    r"(?:删除|删掉|删去|删帖|删贴|删评|撤回|撤销|撤下|撤诉|撤掉|撤稿|下架|隐藏|清空|取消|屏蔽"
    r"|移除|设为私密|仅自己可见|删)"
)
_CHANGE = r"(?:修改|改成|改为|改正|更改|更正|更新|改写|改评|编辑|追加|调整|改回|改到|变更|改)"
_GOOD = r"(?:好评|五星|5星|满分|正面评价|正面评论|全五分|5分|五分)"
_GIVE = r"(?:给|写|发|晒|打|留|返|送|奖|领|换|截图|发布|提交|评|得)"
_ZH: tuple[tuple[Asking, str], ...] = (
    (Asking.REMOVE, rf"{_REMOVE}[^，,。]{{0,14}}{_SAID}"),
    (Asking.REMOVE, rf"{_SAID}[^，,。]{{0,10}}{_REMOVE}"),
    (Asking.REMOVE, r"(?:删除|删掉|删帖|删贴|删评|撤回|撤诉|撤销|下架|删)(?:后|之后|完成|即可|就|者|可领|才)"),
    (Asking.REMOVE, r"(?:关闭|结束|了结|终止|处理掉|清理|拿掉|弄掉)[^，,。]{0,10}" + _SAID),
    (Asking.REMOVE, _SAID + r"[^，,。]{0,8}(?:处理掉|清理掉|关闭|结案|拿掉|弄掉|变更为已解决|标记为已解决)"),
    (Asking.PRAISE, r"(?:追评|评价|评论|点评)[^，,。]{0,6}(?:满意|澄清|正面|说好话)|(?:说好话|美言|澄清后|帮我们澄清)"),
    (
        Asking.SILENCE,
        r"(?:不向|不对|不在|不给)[^，,。]{0,10}(?:透露|提及|谈论|提起|评论|披露|公布|发布|传播)"
        r"|和解协议|(?:没有|未|未曾)(?:公开)?(?:投诉|发帖|曝光|举报)过?的",
    ),
    (Asking.REMOVE, r"(?:删帖|删贴|删评|撤诉|撤评)"),
    (Asking.CHANGE, rf"{_CHANGE}[^，,。]{{0,14}}(?:{_SAID}|{_GOOD})"),
    (Asking.CHANGE, rf"{_SAID}[^，,。]{{0,10}}{_CHANGE}"),
    (Asking.PRAISE, rf"{_GIVE}[^，,。]{{0,8}}{_GOOD}"),
    (Asking.PRAISE, rf"{_GOOD}[^，,。]{{0,8}}{_GIVE}"),
    (
        Asking.SILENCE,
        r"(?:不再|停止|放弃|不得|不能|不可|不要|不许|勿|承诺不|保证不)[^，,。]{0,8}(?:投诉|举报|维权"
        r"|追究|追责|发布|发声|发帖|公开|曝光|传播|评论|索赔|诉讼|起诉|宣扬)",
    ),
    (Asking.SILENCE, r"(?:保密|封口|息事宁人|私了|谅解书|不对外)"),
)
_POSTED = (
    r"(?:reviews?|ratings?|comments?|posts?|complaints?|feedback|videos?|tweets?|stars?|remarks"
    r"|thread|write-?up)"
)
_DROP = (
    r"(?:delete[sd]?|deleting|remov(?:e|es|ed|ing|al)|take[ns]?\s+(?:it\s+)?(?:down|back|off)"
    r"|taking\s+(?:down|back|off)|withdraw\w*|retract\w*|hid(?:e|ing|den)|eras(?:e|es|ed|ing)"
    r"|pull(?:ed|ing)?|drop(?:ped|ping)?|unpublish\w*)"
)
_ALTER = (
    r"(?:chang(?:e|es|ed|ing)|edit(?:s|ed|ing)?|update[sd]?|updating|revis(?:e|es|ed|ing)"
    r"|amend\w*|correct(?:s|ed|ing)?|modif\w+|rais(?:e|es|ed|ing)|improv\w+|adjust\w*|rewrit\w+"
    r"|turn\w*)"
)
_FINE = r"(?:positive|good|favou?rable|5[- ]?stars?|five[- ]?stars?|glowing|great|nice|kind|happy)"
_WRITE = r"(?:leav\w+|writ\w+|post\w*|giv\w+|submit\w*|shar\w+|rat\w+|for|with|return|exchange|receive\w*|receiving)"
_EN: tuple[tuple[Asking, str], ...] = (
    (
        Asking.REMOVE,
        rf"\b(?:close\w*|closing|settl\w+|resolv\w+|end(?:ing)?|mark\w*|swap\w*|trad\w+"
        rf"|edit\w*\s+out)\b(?:\W+[\w'’]+){{0,6}}?\W+{_POSTED}\b",
    ),
    (Asking.REMOVE, r"\b(?:tak\w+|took|put\w*|set\w*|mak\w+)\b(?:\W+[\w'’]+){0,5}?\W+(?:offline|private)\b"),
    (
        Asking.PRAISE,
        r"\b(?:nice|good|kind|positive|well)\W+(?:\w+\W+){0,2}?(?:about|of)\W+us\b|\b(?:5"
        r"|five)[- ]?star\W+(?:reviewers?|customers?|raters?|fans)\b",
    ),
    (
        Asking.SILENCE,
        r"\bbetween\s+(?:us|ourselves)\b|\b(?:have|has|did)\s*(?:not|n['’]t"
        r"|never)\W+(?:\w+\W+){0,1}?(?:complain\w*|post\w*|review\w*|comment\w*)",
    ),
    (Asking.REMOVE, rf"\b{_DROP}\b(?:\W+[\w'’]+){{0,6}}?\W+{_POSTED}\b"),
    (Asking.REMOVE, rf"\b{_POSTED}\b(?:\W+[\w'’]+){{0,5}}?\W+{_DROP}\b"),
    (Asking.REMOVE, rf"\b(?:once|after|when|if)\b(?:\W+[\w'’]+){{0,4}}?\W+{_DROP}\b"),
    (Asking.CHANGE, rf"\b{_ALTER}\b(?:\W+[\w'’]+){{0,6}}?\W+{_POSTED}\b"),
    (Asking.CHANGE, rf"\b{_POSTED}\b(?:\W+[\w'’]+){{0,3}}?\W+{_ALTER}\b"),
    (Asking.PRAISE, rf"\b{_WRITE}\b(?:\W+[\w'’]+){{0,4}}?\W+{_FINE}\W+(?:[\w'’]+\W+)?{_POSTED}\b"),
    (Asking.PRAISE, rf"\b{_WRITE}\b(?:\W+[\w'’]+){{0,4}}?\W+(?:5|five)[- ]?stars?\b"),
    (
        Asking.SILENCE,
        r"\b(?:not\s+to|refrain\s+from|stop|agree\s+not|without|promise\s+not|may\s+not|must\s+not"
        r"|no\s+longer|never)\W+(?:[\w'’]+\W+){0,2}?(?:post\w*|publish\w*|complain\w*|speak\w*"
        r"|talk\w*|disclos\w*|review\w*|criticis\w*|criticiz\w*|sue|su(?:e|ing)|comment\w*)\b",
    ),
    (
        Asking.SILENCE,
        r"\b(?:confidential\w*|non-?disparagement|non-?disclosure|nda|keep\w*\s+(?:this\s+"
        r"|it\s+)?(?:quiet|secret|private)|waiv\w+|hush)\b",
    ),
)
_RULES = tuple((asking, re.compile(pattern)) for asking, pattern in _ZH) + tuple(
    (asking, re.compile(pattern, re.IGNORECASE)) for asking, pattern in _EN
)
# what makes the words say the contrary: "you need not delete anything", "无论是否修改评价"
_NOT_BEFORE = re.compile(
    r"(?:无需|无须|不需要?|不用|不必|不要求|从不要求|绝不要求|不会要求|并不要求|没有要求|不以"
    r"|不因|无论|不论|不管|不看|不得要求|不会因"
    r"|\b(?:need\s+not|needn['’]t|not\s+(?:have|need|required|asked|expected)\s+to|never\s+(?:ask|require|depend)\w*"
    r"|(?:do|does|will|would)\s+not\s+(?:ask|require|depend|expect|want)|don['’]t\s+(?:have"
    r"|need)\s+to|whether\s+or\s+not"
    r"|whether|regardless|no\s+need|without\s+(?:asking|having|any)|nobody\s+(?:has|needs"
    r"|is\s+asked)|whatever|irrespective"
    r"|not\s+(?:conditional|dependent|contingent|tied)))[^，,。;；]{0,48}$",
    re.IGNORECASE,
)
_NOT_AFTER = re.compile(r"^[^，,。;；]{0,16}(?:无关|不影响|不是条件|均可|都可以|都能)")
_SENTENCE = re.compile(r"[。！？!?;；\n]|(?<=[a-z])\.(?=\s|$)")
_BETWEEN_HAN = re.compile(r"(?<=[\u4e00-\u9fff])[\s\u200b-\u200f\u2060\ufeff·•*_\-.]+(?=[\u4e00-\u9fff])")
_UNSEEN = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")


def find_conditions(text: str) -> list[Finding]:
    """Return what in a text makes the offer hang on what people say; nothing where it only says that it does not.

    Letters of full width, invisible signs and gaps between characters are read through, as people read them.
    """
    plain = _BETWEEN_HAN.sub("", _UNSEEN.sub("", unicodedata.normalize("NFKC", text)))
    found: dict[Asking, Finding] = {}
    for sentence in _SENTENCE.split(plain):
        for finding in _search(sentence):
            found.setdefault(finding.asking, finding)
    return list(found.values())


def check_offer_words(*texts: str) -> None:
    """Refuse an offer whose words make it conditional. Raises BadInput naming the words and the mend."""
    found = [finding for text in texts for finding in find_conditions(text)]
    if found:
        zh = "；".join(f"“{each.words}”{ASKINGS[each.asking].zh}" for each in found)
        en = "; ".join(f"“{each.words}” {ASKINGS[each.asking].en}" for each in found)
        raise BadInput(Words(f"补偿不能附带条件：{zh}。", f"Goodwill may hang on no condition: {en}."), mend=MEND)


def _search(sentence: str) -> Iterator[Finding]:
    for asking, rule in _RULES:
        for hit in rule.finditer(sentence):
            before, after = sentence[: hit.start()], sentence[hit.end() :]
            if _NOT_BEFORE.search(before) or _NOT_AFTER.search(after):
                continue
            yield Finding(asking, hit.group().strip())
