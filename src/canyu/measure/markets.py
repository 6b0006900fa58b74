"""Names of markets for people: country codes of ISO 3166-1; a code that is not listed is shown as the data has it."""

from __future__ import annotations

from canyu.kit.words import Words

MARKETS: dict[str, Words] = {
    "ae": Words("阿联酋", "United Arab Emirates"),
    "au": Words("澳大利亚", "Australia"),
    "br": Words("巴西", "Brazil"),
    "ca": Words("加拿大", "Canada"),
    "cn": Words("中国大陆", "Mainland China"),
    "de": Words("德国", "Germany"),
    "es": Words("西班牙", "Spain"),
    "fr": Words("法国", "France"),
    "gb": Words("英国", "United Kingdom"),
    "hk": Words("中国香港", "Hong Kong, China"),
    "id": Words("印度尼西亚", "Indonesia"),
    "in": Words("印度", "India"),
    "it": Words("意大利", "Italy"),
    "jp": Words("日本", "Japan"),
    "kr": Words("韩国", "South Korea"),
    "mo": Words("中国澳门", "Macao, China"),
    "mx": Words("墨西哥", "Mexico"),
    "my": Words("马来西亚", "Malaysia"),
    "ph": Words("菲律宾", "Philippines"),
    "pl": Words("波兰", "Poland"),
    "ru": Words("俄罗斯", "Russia"),
    "sa": Words("沙特阿拉伯", "Saudi Arabia"),
    "sg": Words("新加坡", "Singapore"),
    "th": Words("泰国", "Thailand"),
    "tr": Words("土耳其", "Türkiye"),
    "tw": Words("中国台湾", "Taiwan, China"),
    "us": Words("美国", "United States"),
    "vn": Words("越南", "Vietnam"),
}


def get_market_label(market: str | None) -> Words:
    """Return a market's name.

    >>> get_market_label("cn").zh, get_market_label("our north").en, get_market_label(None).zh
    ('中国大陆', 'our north', '—')
    """
    return MARKETS.get(market or "", Words(market or "—", market or "—"))
