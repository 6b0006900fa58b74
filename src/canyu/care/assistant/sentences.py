"""Sentences and what of them must not change: numbers with their units, days, who does it, conditions, negation."""

from __future__ import annotations

import re
from dataclasses import dataclass

from canyu.care.assistant.tokens import fold_text

_ENDS = re.compile(r"(?<=[。！？；!?;])\s*|(?<=[a-z0-9)\"'”’\]]\.)\s+(?=[A-Z0-9\"“(])|\n+")

_DIGITS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_PLACES = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_HAN_NUMBER = re.compile(
    r"[零〇一二两三四五六七八九十百千万]+(?=\s*(?:个|天|日|小时|分钟|秒|周|星期|年|月|元|块|次|倍|折|期|成|公里|米|岁|工作日|件|台|号|%))"
)
_EN_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        re.findall(
            r"\w+",
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen twenty",
        )
    )
} | {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90", "hundred": "100"}
_EN_WORD = re.compile(r"\b(?:" + "|".join(_EN_NUMBERS) + r")\b")
_NUMBER = re.compile(r"(?:[¥$€£]\s*)?\d+(?:[.,:/-]\d+)*")
_UNIT = re.compile(
    r"\s*(%|个?工作日|个?自然日|个?小时|个?钟头|分钟|秒|个?星期|个?周|个?月|"
    r"万?公里|千米|万?米|万?元|块|天|日|年|次|倍|折|期|岁|件|台|度|分|kwh|kw|km|gb|mb|ghz|"
    r"working days?|business days?|days?|hours?|minutes?|seconds?|weeks?|months?|years?|"
    r"yuan|dollars?|euros?|metres?|meters?|"
    r"times?|degrees?|points?|instalments?|tows?|codes?|screens?)?"
)
_ONE_UNIT = {
    "钟头": "小时",
    "日": "天",
    "自然日": "天",
    "星期": "周",
    "千米": "公里",
    "块": "元",
    "business day": "working day",
    "meter": "metre",
}

_DAYS = re.compile(
    r"今天|明天|后天|大后天|昨天|今晚|明早|本周|下周|上周|本月|下个?月|月底|年底|周[一二三四五六日末]|星期[一二三四五六日天]|节假日|次日|当天|"
    r"\b(?:today|tomorrow|tonight|yesterday|monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekends?|"
    r"next (?:week|month|year|day)|this (?:week|month|year)|january|february|march|april|june|july|august|september|"
    r"october|november|december|holidays?)\b"
)
_STRICT = re.compile(
    r"免费|收费|付费|全额|半价|全部|部分|任何|所有|永久|终身|无条件|随时|立即|马上|最多|最少|至少|不超过|超过|以上|以下|以内|之前|之后|只要|只|仅|必须|"
    r"自动|优先|双倍|保证|一定|"
    r"\b(?:free|charged?|full|half|all|any|every|always|never|forever|unconditional(?:ly)?|immediately|instantly|"
    r"only|must|"
    r"at most|at least|within|before|after|above|below|up to|automatic(?:ally)?|guaranteed?|"
    r"everything|anything|anytime)\b"
)
_ALIKE = {"仅": "只", "付费": "收费", "charge": "charged", "guarantee": "guaranteed", "马上": "立即"}
_WE = re.compile(r"我们|本公司|我司|商家|官方|平台|\b(?:we|us|our|ours)\b")
_YOU = re.compile(r"您|你|用户|客户|顾客|自己|自行|\b(?:you|your|yours|customers?|yourself)\b")
_NEGATION = re.compile(
    r"不|没|无(?!线|理由)|未|别|勿|非(?!常)|\b(?:no|not|never|neither|nor|none|without|cannot)\b|n['’]t\b"
)
_NEITHER = re.compile(r"是不是|能不能|可不可以|不同|不过|不仅|不但|差不多|不好意思|不一会")  # say no, and deny nothing
_NAMES = re.compile(
    r"[A-Za-z]*\d+[A-Za-z][A-Za-z0-9]*|[A-Za-z]+\d[A-Za-z0-9]*|[A-Z]{2,}[A-Za-z0-9]*|(?<![.!?。！？]\s)(?<!^)\b[A-Z][a-z]{2,}\b"
)
_ADDRESSES = re.compile(r"https?://[^\s，。；）)]+|www\.[^\s，。；）)]+|[\w.+-]+@[\w-]+\.[\w.]+")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a sentence states that a rephrasing must neither add nor change."""

    numbers: frozenset[str]
    days: frozenset[str]
    strict: frozenset[str]
    parties: frozenset[str]
    names: frozenset[str]
    addresses: frozenset[str]
    is_negative: bool


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text in their order, with their marks; a decimal point ends none.

    >>> split_sentences("只支持 2.4 GHz。请先连网！It takes 3 h. Then wait.")
    ['只支持 2.4 GHz。', '请先连网！', 'It takes 3 h.', 'Then wait.']
    """
    return [found for part in _ENDS.split(text) if (found := part.strip())]


def read_facts(sentence: str) -> Facts:
    """Return what a sentence states.

    >>> facts = read_facts("退款在三个工作日内退回，不收手续费。")
    >>> sorted(facts.numbers), facts.is_negative
    (['3工作日'], True)
    """
    addresses = frozenset(each.casefold() for each in _ADDRESSES.findall(sentence))
    bare = _ADDRESSES.sub(" ", sentence)
    folded = fold_text(bare)
    parties = {name for name, pattern in (("we", _WE), ("you", _YOU)) if pattern.search(folded)}
    return Facts(
        list_quantities(bare),
        frozenset(_DAYS.findall(folded)),
        frozenset(_ALIKE.get(word, word) for word in _STRICT.findall(folded)),
        frozenset(parties),
        frozenset(name.casefold() for name in _NAMES.findall(bare)),
        addresses,
        _NEGATION.search(_NEITHER.sub(" ", folded)) is not None,
    )


def list_quantities(text: str) -> frozenset[str]:
    """Return the numbers of a text with their units; 七天 is 7天, 3 days is 3day.

    >>> sorted(list_quantities("七天内，或 7 天后；seven days, 1,000 yuan, 80%"))
    ['1000yuan', '7day', '7天', '80%']
    """
    folded = write_digits(fold_text(text))
    quantities = set()
    for found in _NUMBER.finditer(folded):
        number = re.sub(r",(?=\d{3})", "", found[0]).replace(" ", "")
        unit = (_match_unit(folded, found.end())).removeprefix("个")
        unit = unit[:-1] if unit.isascii() and len(unit) > 3 and unit.endswith("s") else unit
        quantities.add(number + _ONE_UNIT.get(unit, unit))
    return frozenset(quantities)


def write_digits(folded: str) -> str:
    """Return a folded text whose counted numbers are digits: 三个工作日 becomes 3个工作日, seven days 7 days."""
    written = _HAN_NUMBER.sub(lambda found: str(_read_han(found[0])), folded)
    return _EN_WORD.sub(lambda found: _EN_NUMBERS[found[0]], written)


def _match_unit(text: str, place: int) -> str:
    found = _UNIT.match(text, place)
    return (found[1] or "") if found else ""


def _read_han(text: str) -> int:
    whole, last = 0, 0
    for each in text:
        if each in _PLACES:
            place = _PLACES[each]
            whole, last = ((whole + last) * place, 0) if place == 10_000 else (whole + (last or 1) * place, 0)
        else:
            last = last * 10 + _DIGITS[each]
    return whole + last
