"""Whether a post is marked as advertising, by the law of its market; pure, no database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from canyu.kit.words import Words
from canyu.listen.copycheck import Severity, check_copy
from canyu.listen.copycheck.claims import MARK_RULE

CHINA = "cn"


class Mark(StrEnum):
    """How a post is marked as advertising."""

    CLEAR = "clear"
    WEAK = "weak"
    NONE = "none"


MARK_WORDS = {
    Mark.CLEAR: Words("已标明", "marked clearly"),
    Mark.WEAK: Words("标得不够：该市场的规定要求更明确的字样", "marked, but not as clearly as this market's law asks"),
    Mark.NONE: Words("没有广告标识", "not marked as advertising"),
}


@dataclass(frozen=True, slots=True)
class Law:
    """Which words mark advertising in a market, which are not enough, and by which rule."""

    name: Words
    clear: re.Pattern[str]
    weak: re.Pattern[str]


def _law(zh: str, en: str, clear: str, weak: str) -> Law:
    return Law(Words(zh, en), re.compile(clear), re.compile(weak))


_DENIED = r"(?<!not an )(?<!not )(?<!no )(?<!non-)(?<!isn't an )"
_ENGLISH = (
    rf"#ads?(?![a-z0-9_])|#advert|#sponsored(?![a-z])|{_DENIED}(?<![a-z])sponsored(?![a-z])|paid partnership"
    rf"|{_DENIED}(?<![a-z])advertisement|(?:^|[\[(|])\s*ads?\s*(?:[\])|:]|$)"
)
_ENGLISH_WEAK = r"#(?:sp|spon|collab|partner|gifted|ambassador)(?![a-z])|in collaboration with|gifted by|thanks to"
OTHER = _law("市场的广告标识规定", "the market's rules on marking advertising", rf"{_ENGLISH}|广告", _ENGLISH_WEAK)
LAWS: dict[str, Law] = {
    "us": _law("美国 FTC 背书指南（16 CFR 255）", "FTC Endorsement Guides (16 CFR 255)", _ENGLISH, _ENGLISH_WEAK),
    "gb": _law("英国 CAP 守则第 2 节", "UK CAP Code, section 2", _ENGLISH, _ENGLISH_WEAK),
    "jp": _law(
        "日本《景品表示法》关于隐性营销的告示（2023 年）",
        "Japan's notice on stealth marketing under the Premiums and Representations Act (2023)",
        r"#pr(?![a-z])|【\s*pr\s*】|\[\s*pr\s*\]|広告|プロモーション|宣伝",
        rf"タイアップ|提供|{_ENGLISH}",
    ),
    "de": _law(
        "德国《反不正当竞争法》第 5a 条第 4 款",
        "Germany's Act against Unfair Competition (UWG), s. 5a(4)",
        r"(?<!keine )(?<![a-z])(?:anzeige|werbung)(?![a-z])",
        _ENGLISH,
    ),
    "fr": _law(
        "法国 2023-451 号法第 5 条",
        "France's law 2023-451, art. 5",
        r"publicité|collaboration commerciale",
        rf"#pub(?![a-z])|partenariat|{_ENGLISH}",
    ),
    "kr": _law(
        "韩国关于推荐与保证类表示广告的审查指南",
        "Korea's review guidelines on endorsements",
        r"(?<!비)광고|협찬",
        _ENGLISH,
    ),
}
CHINESE_LAW = Words("《互联网广告管理办法》第九条", "China's Internet Advertising Measures (2023), art. 9")


@dataclass(frozen=True, slots=True)
class Marking:
    """What was found, and by which rule."""

    mark: Mark
    law: Words


def find_mark(text: str, market: str | None) -> Marking:
    """Return how a text is marked as advertising, by the law of a market; an unstated market is read as China.

    >>> find_mark("#广告# 试驾一天", "cn").mark.value, find_mark("感谢品牌合作", "cn").mark.value
    ('clear', 'weak')
    >>> find_mark("I love it. #notanad", "us").mark.value, find_mark("#ad Day one", "us").mark.value
    ('none', 'clear')
    """
    if market in {None, "", CHINA}:
        found = [each for each in check_copy(text, is_paid=True).findings if each.rule == MARK_RULE]
        mark = Mark.CLEAR if not found else Mark.WEAK if found[0].severity is Severity.NOTE else Mark.NONE
        return Marking(mark if text.strip() else Mark.NONE, CHINESE_LAW)
    law = LAWS.get(market or "", OTHER)
    plain = text.casefold()
    mark = Mark.CLEAR if law.clear.search(plain) else Mark.WEAK if law.weak.search(plain) else Mark.NONE
    return Marking(mark, law.name)
