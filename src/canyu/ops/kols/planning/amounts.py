"""Money for people: an amount in minor units with its currency, as short as it can be read; pure, no database."""

from __future__ import annotations

import math

from canyu.events.importers.expressions import MINOR_DIGITS
from canyu.kit.numbers import format_number
from canyu.kit.words import Words


def count_digits(currency: str) -> int:
    """Return how many digits the minor unit of a currency has; 2 for one that is not known."""
    return MINOR_DIGITS.get(currency, 2)


def scale_down(minor: float, currency: str) -> float:
    """Return an amount in the currency's own unit.

    >>> scale_down(12345, "CNY"), scale_down(500, "JPY")
    (123.45, 500.0)
    """
    return float(minor) / float(10 ** count_digits(currency))


def say_money(minor: float, currency: str) -> Words:
    """Return an amount as it is spoken of, three digits from ten thousand on.

    >>> say_money(99_800_000, "CNY"), say_money(12_050, "USD").en
    (Words(zh='99.8万元', en='CNY 998K'), 'USD 120.5')
    """
    zh, en = say_amount(minor, currency)
    return Words(f"{zh}元" if currency == "CNY" else f"{zh} {currency}", f"{currency} {en}")


def say_amount(minor: float, currency: str) -> Words:
    """Return an amount without its currency, for columns that name it above.

    >>> say_amount(1_980_000, "CNY"), say_amount(2.2, "CNY").en, say_amount(0.0456, "CNY").en
    (Words(zh='1.98万', en='19.8K'), '0.022', '0.00046')
    """
    amount = scale_down(minor, currency)
    shown = int(amount) if amount == int(amount) else amount
    return Words(*(_shorten(shown, language) for language in ("zh", "en")))


def spell_money(minor: int, currency: str) -> str:
    """Return an amount in full, as a field takes it.

    >>> spell_money(99_800_050, "CNY"), spell_money(500, "JPY")
    ('998000.50', '500')
    """
    digits = count_digits(currency)
    whole, part = divmod(minor, 10**digits)
    return f"{whole}.{part:0{digits}d}" if part else str(whole)


def _shorten(amount: float, language: str) -> str:
    if isinstance(amount, float) and amount < 1:
        # two digits that count: what one person costs is often less than a fen
        return f"{amount:.{1 - math.floor(math.log10(amount))}f}" if amount > 0 else "0"
    if isinstance(amount, float) and amount < 1000:
        return f"{amount:.2f}".rstrip("0").rstrip(".")
    return format_number(amount, language)
