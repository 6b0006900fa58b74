"""One cell of a roster file, read exactly: counts, money, days, yes and no; pure, no database."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal

from canyu.events.importers.expressions import COUNT_SCALES, MINOR_DIGITS
from canyu.measure.channels import CHANNELS
from canyu.measure.markets import MARKETS

EMPTY = frozenset({"", "-", "—", "–", "/", "无", "n/a", "null", "none"})
NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
SIGNS = re.compile(r"[¥$€£₩₹\s]|元|圆")
DAY = re.compile(r"(\d{4})\D{0,2}(\d{1,2})\D{0,2}(\d{1,2})(?:日|[ T].*)?")
CURRENCY = re.compile(r"[A-Z]{3}")
YES, NO = frozenset({"1", "yes", "y", "true", "是", "有", "需要"}), frozenset({"0", "no", "n", "false", "否", "没有"})
MOST_COUNT = 10**11
MOST_MINOR = 10**15
_CHANNEL_IDS = {words.zh: name for name, words in CHANNELS.items()} | {
    "推特": "x",
    "b站": "bilibili",
    "公众号": "wechat",
}
_MARKET_IDS = {words.zh: name for name, words in MARKETS.items()} | {
    "中国": "cn",
    "香港": "hk",
    "台湾": "tw",
    "uk": "gb",
}


def clean_cell(text: str | None) -> str:
    r"""Return a cell without control characters and outer spaces; what means nothing is empty.

    >>> clean_cell(" a\x00b "), clean_cell("—"), clean_cell(None)
    ('ab', '', '')
    """
    kept = "".join(sign for sign in text or "" if sign.isprintable() or sign in "\n\t")
    kept = kept.strip()
    return "" if kept.lower() in EMPTY else kept


def parse_count(text: str) -> int | None:
    """Return a count as people write it; None where it is none.

    >>> [parse_count(text) for text in ("12.5万", "1,200", "3.4k", "1,2", "-5", "1.5", "2e5")]
    [125000, 1200, 3400, None, None, None, None]
    """
    found = _parse_number(text.rstrip("+＋"))
    if found is None or found != int(found) or found > MOST_COUNT:
        return None
    return int(found)


def parse_minor(text: str, currency: str) -> int | None:
    """Return an amount in minor units, exactly; None where it is none or finer than the currency goes.

    >>> parse_minor("¥2,300.50", "CNY"), parse_minor("1.2万", "CNY"), parse_minor("5000", "JPY")
    (230050, 1200000, 5000)
    >>> parse_minor("0.005", "CNY"), parse_minor("-1", "CNY"), parse_minor("12,5", "EUR")
    (None, None, None)
    """
    bare = SIGNS.sub("", unicodedata.normalize("NFKC", text)).removesuffix(currency).removeprefix(currency)
    found = _parse_number(bare)
    if found is None:
        return None
    minor = found.scaleb(MINOR_DIGITS.get(currency, 2))
    return int(minor) if minor == int(minor) and minor <= MOST_MINOR else None


def parse_day(text: str) -> date | None:
    """Return a day; None where it is none.

    >>> [str(parse_day(text)) for text in ("2025-04-01", "2025/4/1", "20250401", "2025年4月1日", "2025-04-31")]
    ['2025-04-01', '2025-04-01', '2025-04-01', '2025-04-01', 'None']
    """
    found = DAY.fullmatch(unicodedata.normalize("NFKC", text))
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def parse_flag(text: str) -> bool | None:
    """Return yes or no; None where it is neither.

    >>> parse_flag("是"), parse_flag("No"), parse_flag("maybe")
    (True, False, None)
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    return True if plain in YES else False if plain in NO else None


def parse_items(text: str) -> list[str]:
    """Return the items of a list, each once.

    >>> parse_items("car; 咖啡；car、tea")
    ['car', '咖啡', 'tea']
    """
    return list(dict.fromkeys(item.strip() for item in re.split("[;；、|\n]", text) if item.strip()))


def read_channel(text: str) -> str:
    """Return a platform by the id that the lake uses.

    >>> read_channel("微博"), read_channel("Douyin"), read_channel("我的社区")
    ('weibo', 'douyin', '我的社区')
    """
    plain = text.strip().lower()
    return _CHANNEL_IDS.get(plain, plain)


def read_market(text: str) -> str:
    """Return a market by its code.

    >>> read_market("中国大陆"), read_market("CN"), read_market("日本")
    ('cn', 'cn', 'jp')
    """
    plain = text.strip().lower()
    return _MARKET_IDS.get(plain, plain)


def _parse_number(text: str) -> Decimal | None:
    plain = unicodedata.normalize("NFKC", text).strip().lower().replace(" ", "")
    scale = COUNT_SCALES.get(plain[-1:], 1)
    digits = plain[:-1].strip() if scale != 1 else plain
    if len(digits) > 24 or not NUMBER.fullmatch(digits):
        return None
    return Decimal(digits.replace(",", "")) * scale
