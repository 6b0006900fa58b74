"""How wide texts are when drawn, and how they are cut to fit: the drawing library cuts an emoji in half."""

from __future__ import annotations

from unicodedata import east_asian_width

LETTER_WIDTH = 12  # of a Chinese letter or an emoji at 12 px; a Latin one is a little over half of it
MARK_WIDTH = 140
"""Room for the name of a mark on the time axis, in pixels."""


def shorten(text: str, width: int) -> str:
    """Cut a text to about ``width`` pixels, with an ellipsis; letters are never cut in half.

    >>> shorten("小米 SU7 Ultra", 150), shorten("一二三四五六七八九十一二三四", 120)
    ('小米 SU7 Ultra', '一二三四五六七八九…')
    """
    used, cut = 0.0, 0
    for place, letter in enumerate(text):
        used += LETTER_WIDTH * (1.0 if east_asian_width(letter) in "WF" else 0.58)
        if used <= width - LETTER_WIDTH:
            cut = place + 1
        if used > width:
            return text[:cut] + "…"
    return text
