"""What keeps a spreadsheet from running a cell."""

from __future__ import annotations

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def quote_formula(text: str) -> str:
    """Return a text that a spreadsheet shows and does not run.

    >>> quote_formula("=1+1"), quote_formula("1+1")
    ("'=1+1", '1+1')
    """
    return f"'{text}" if text.startswith(FORMULA) else text
