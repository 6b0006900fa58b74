"""What an address of the ledger's pages asks for, and how its amounts are written; pure, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from babel.numbers import list_currencies

from canyu.kit.words import Words
from canyu.ledger import Account, Kind, Side, TransferRow, tell_moment
from canyu.ops.kols.rules import format_money

ID_LETTERS = 200
KIND_WORDS: dict[str, Words] = {
    Kind.TRANSFER: Words("转账", "transfer"),
    Kind.HOLD: Words("预留", "hold"),
    Kind.SETTLE: Words("结清", "settlement"),
    Kind.VOID: Words("取消", "void"),
    Kind.EXPIRE: Words("到期释放", "expiry"),
    Kind.REVERSE: Words("冲正", "reversal"),
}
SIDE_WORDS: dict[Side, Words] = {
    Side.CREDIT: Words("贷方余额不低于零", "not below zero on its credit side"),
    Side.DEBIT: Words("借方余额不低于零", "not below zero on its debit side"),
    Side.NONE: Words("不限", "no limit"),
}


@dataclass(frozen=True, slots=True)
class BooksQuery:
    """Which accounts are shown: those whose id begins so, of one unit, after one of them."""

    begin: str = ""
    unit: str = ""
    after: str = ""


def parse_books(params: Mapping[str, str]) -> BooksQuery:
    """Return what an address asks for; what no id can hold is left out."""
    return BooksQuery(*(clean(params.get(name, "")) for name in ("q", "unit", "after")))


def parse_position(text: str) -> int | None:
    """Return the position before which a history goes on; None for the newest."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= 18 else None


def clean(text: str) -> str:
    """Return a text as an id could hold it.

    >>> clean(" order-7" + chr(0))
    'order-7'
    """
    return "".join(letter for letter in text if letter.isprintable()).strip()[:ID_LETTERS]


def format_amount(value: int, unit: str) -> str:
    """Return an amount as people write it: money with its sign, everything else with its unit's thousands.

    >>> format_amount(230050, "CNY"), format_amount(-500, "CNY"), format_amount(10_000, "unit:drop-7")
    ('¥2,300.50', '−¥5', '10,000')
    """
    sign = "−" if value < 0 else ""
    return sign + (format_money(abs(value), unit) if unit in CURRENCIES else f"{abs(value):,}")


def list_effects(row: TransferRow) -> tuple[tuple[Words, int], ...]:
    """Return what a row did: moved, held, freed; without those that are zero."""
    held = row.amount if row.kind == Kind.HOLD else 0
    moved = 0 if row.kind == Kind.HOLD else row.amount
    named = (Words("移动", "moved"), moved), (Words("冻结", "held"), held), (Words("释放", "freed"), row.released)
    return tuple((words, amount) for words, amount in named if amount)


def tell_opened(account: Account) -> datetime:
    """Return when an account was opened."""
    return tell_moment(account.opened_at)


CURRENCIES = frozenset(list_currencies())
