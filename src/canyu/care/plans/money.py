"""Amounts as people write them and as they are kept: whole minor units of one currency, never a fraction of one."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from canyu.events.importers.expressions import MINOR_DIGITS

MOST_MINOR = 10**15


def count_digits(currency: str) -> int:
    """Return how many digits the minor unit of a currency has.

    >>> count_digits("CNY"), count_digits("JPY"), count_digits("KWD")
    (2, 0, 3)
    """
    return MINOR_DIGITS.get(currency, 2)


def read_amount(text: str, currency: str) -> int:
    """Return an amount in minor units. ValueError for one that is none, is negative, or splits a minor unit.

    >>> read_amount("5,999.00", "CNY"), read_amount("1200", "JPY")
    (599900, 1200)
    """
    try:
        minor = Decimal(text.replace(",", "")).scaleb(count_digits(currency))
    except InvalidOperation:
        raise ValueError(text) from None
    if not minor.is_finite() or minor != minor.to_integral_value() or not 0 <= minor <= MOST_MINOR:
        raise ValueError(text)
    return int(minor)


def write_amount(minor: int, currency: str) -> str:
    """Return an amount as people read it.

    >>> write_amount(599900, "CNY"), write_amount(-5, "CNY"), write_amount(1200, "JPY")
    ('CNY 5,999.00', 'CNY -0.05', 'JPY 1,200')
    """
    digits = count_digits(currency)
    return f"{currency} {Decimal(minor).scaleb(-digits):,.{digits}f}"


def round_minor(value: Decimal) -> int:
    """Return the nearest minor unit, halves away from zero."""
    return int(value.to_integral_value(ROUND_HALF_UP))
