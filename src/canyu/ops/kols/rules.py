"""What a viewer may ask of the roster, and what its figures are called; pure, no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from canyu.events.importers.expressions import MINOR_DIGITS
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.ops.kols.intake.cells import CURRENCY, parse_minor
from canyu.ops.kols.models import KolKind, PostKind

MOST_PAGES = 10_000
USUAL_CURRENCY = "CNY"
SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "JP¥"}


class Who(StrEnum):
    """Which part of the roster is shown."""

    ALL = ""
    FREE = "free"
    BLOCKED = "blocked"
    WATCHED = "watched"
    SIGNALS = "signals"


class Order(StrEnum):
    """What the roster is sorted by."""

    NAME = "name"
    FOLLOWERS = "followers"
    PRICE = "price"
    POSTS = "posts"
    REPOSTS = "reposts"


WHO_WORDS = {
    Who.ALL: Words("全部", "all"),
    Who.FREE: Words("今天可请", "can be asked today"),
    Who.BLOCKED: Words("已屏蔽", "blocked"),
    Who.WATCHED: Words("观察名单", "watch list"),
    Who.SIGNALS: Words("有异常线索", "with unusual signs"),
}
ORDER_WORDS = {
    Order.NAME: Words("名称", "Name"),
    Order.FOLLOWERS: Words("粉丝", "Followers"),
    Order.PRICE: Words("报价", "Price"),
    Order.POSTS: Words("90 天帖子", "Posts, 90 days"),
    Order.REPOSTS: Words("转发中位数", "Median reposts"),
}


class Column(StrEnum):
    """The columns of the roster that can be shown or left out; the name is always there."""

    PLATFORM = "platform"
    FIELD = "field"
    MARKET = "market"
    KIND = "kind"
    FOLLOWERS = "followers"
    PRICE = "price"
    POSTS = "posts"
    REPOSTS = "reposts"
    CARRIED = "carried"
    CONTRACT = "contract"
    ACTOR = "actor"


COLUMN_WORDS = {
    Column.PLATFORM: Words("平台", "Platform"),
    Column.FIELD: Words("领域", "Field"),
    Column.MARKET: Words("市场", "Market"),
    Column.KIND: Words("类型", "Kind"),
    Column.FOLLOWERS: ORDER_WORDS[Order.FOLLOWERS],
    Column.PRICE: ORDER_WORDS[Order.PRICE],
    Column.POSTS: ORDER_WORDS[Order.POSTS],
    Column.REPOSTS: ORDER_WORDS[Order.REPOSTS],
    Column.CARRIED: Words("带动转发", "Carried"),
    Column.CONTRACT: Words("合约", "Contract"),
    Column.ACTOR: Words("编号", "Actor"),
}
ORDER_OF = {
    Column.FOLLOWERS: Order.FOLLOWERS,
    Column.PRICE: Order.PRICE,
    Column.POSTS: Order.POSTS,
    Column.REPOSTS: Order.REPOSTS,
}
"""Columns that the roster can be sorted by, besides the name."""
USUAL_COLUMNS = (Column.PLATFORM, Column.FIELD, Column.FOLLOWERS, Column.PRICE, Column.POSTS, Column.REPOSTS)


def parse_columns(chosen: Iterable[str], kept: str) -> tuple[Column, ...]:
    """Return the columns chosen now, else those kept from before, else the usual ones; always in the same order.

    >>> parse_columns(["price", "platform"], ""), len(parse_columns([], "nothing"))
    ((<Column.PLATFORM: 'platform'>, <Column.PRICE: 'price'>), 6)
    """
    names = set(chosen) or set(kept.split("."))
    return tuple(column for column in Column if column.value in names) or USUAL_COLUMNS


@dataclass(frozen=True, slots=True)
class RosterQuery:
    """One view of the roster; empty means all. ``most_minor``: the price at most, in minor units of ``currency``."""

    text: str = ""
    platform: str = ""
    topic: str = ""
    market: str = ""
    kind: str = ""
    who: Who = Who.ALL
    post_kind: str = PostKind.POST
    currency: str = USUAL_CURRENCY
    most_minor: int | None = None
    order: Order = Order.FOLLOWERS
    is_descending: bool = True
    page: int = 1

    @property
    def is_narrowed(self) -> bool:
        """Whether something is left out."""
        asked = (self.text, self.platform, self.topic, self.market, self.kind, self.who)
        return any(asked) or self.most_minor is not None


def parse_roster(params: Mapping[str, str]) -> RosterQuery:
    """Return what an address asks for; raises BadInput with the field at fault.

    >>> parse_roster({"sort": "-price", "most": "5000", "page": "2"}).most_minor
    500000
    """
    sort = params.get("sort", "") or "-followers"
    currency = (params.get("currency", "") or USUAL_CURRENCY).upper()
    if not CURRENCY.fullmatch(currency):
        raise _refuse("currency", currency)
    most = params.get("most", "").strip()
    most_minor = parse_minor(most, currency) if most else None
    if most and most_minor is None:
        raise _refuse("most", most)
    page = params.get("page", "") or "1"
    if not page.isdecimal() or not 1 <= int(page[:9]) <= MOST_PAGES:
        raise _refuse("page", page)
    return RosterQuery(
        text=_clean(params, "q", 100),
        platform=_clean(params, "platform", 40),
        topic=_clean(params, "topic", 60),
        market=_clean(params, "market", 40),
        kind=_choose(params, "kind", ("", *KolKind.values), ""),
        who=Who(_choose(params, "who", tuple(Who), "")),
        post_kind=_choose(params, "for", tuple(PostKind.values), PostKind.POST),
        currency=currency,
        most_minor=most_minor,
        order=Order(_choose({"sort": sort.removeprefix("-")}, "sort", tuple(Order), Order.FOLLOWERS)),
        is_descending=sort.startswith("-"),
        page=int(page),
    )


def format_money(minor: int | None, currency: str) -> str:
    """Return an amount as people write it, without decimals that are zero.

    >>> format_money(230050, "CNY"), format_money(500000, "CNY"), format_money(5000, "JPY"), format_money(1, "KWD")
    ('¥2,300.50', '¥5,000', 'JP¥5,000', 'KWD 0.001')
    >>> format_money(None, "CNY")
    '—'
    """
    if minor is None:
        return "—"
    digits = MINOR_DIGITS.get(currency, 2)
    amount = Decimal(minor).scaleb(-digits)
    text = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.{digits}f}"
    return f"{SIGNS[currency]}{text}" if currency in SIGNS else f"{currency} {text}"


def _clean(params: Mapping[str, str], name: str, most: int) -> str:
    return params.get(name, "").replace("\0", "").strip()[:most]


def _choose(params: Mapping[str, str], name: str, allowed: tuple[str, ...], usual: str) -> str:
    value = params.get(name, "") or usual
    if value not in allowed:
        raise _refuse(name, value)
    return value


def _refuse(name: str, value: str) -> BadInput:
    given = value[:40].replace("\0", "")
    return BadInput(
        Words(f"没有 {name}={given!r}。", f"{name}={given!r} cannot be used."),
        mend=Words("请从达人库页面重新打开。", "Start again from the roster."),
    )
