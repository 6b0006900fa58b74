"""What a poster's design may choose, and how a name becomes fit to be drawn; pure, no database, no pictures."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from canyu.kit.images import Limits
from canyu.kit.words import Words

MOST_NAME = 40
"""Letters of a name that are looked at; what does not fit into its line is cut with an ellipsis beside that."""
MOST_MARKS = 3
"""Combining marks on one letter: the most that a written language needs (Vietnamese and Thai need two)."""
PRODUCT_LIMITS = Limits(most_bytes=8 << 20, most_pixels=30_000_000, most_side=1_200)
"""A telephone's 24 megapixels and a little."""
PHOTO_LIMITS = replace(PRODUCT_LIMITS, most_side=480)
LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3: of text and its ground."""

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
INK: Colour = (27, 31, 36)
PAPER: Colour = (246, 244, 239)


class Side(StrEnum):
    """On which side the QR code stands."""

    LEFT = "left"
    RIGHT = "right"


class Align(StrEnum):
    """How headline and line below it stand."""

    LEFT = "left"
    CENTRE = "centre"


class Accent(StrEnum):
    """The colours that a design may choose from."""

    CINNABAR = "cinnabar"
    ORANGE = "orange"
    PINE = "pine"
    BLUE = "blue"
    PLUM = "plum"
    GRAPHITE = "graphite"


SIDE_WORDS: dict[str, Words] = {Side.RIGHT: Words("右", "Right"), Side.LEFT: Words("左", "Left")}
ALIGN_WORDS: dict[str, Words] = {Align.LEFT: Words("靠左", "Left"), Align.CENTRE: Words("居中", "Centre")}
ACCENT_WORDS: dict[str, Words] = {
    Accent.CINNABAR: Words("朱砂", "Cinnabar"),
    Accent.ORANGE: Words("陶橙", "Burnt orange"),
    Accent.PINE: Words("松绿", "Pine"),
    Accent.BLUE: Words("墨蓝", "Ink blue"),
    Accent.PLUM: Words("梅紫", "Plum"),
    Accent.GRAPHITE: Words("石墨", "Graphite"),
}
ACCENTS: dict[str, Colour] = {
    Accent.CINNABAR: (178, 42, 34),
    Accent.ORANGE: (168, 72, 10),
    Accent.PINE: (22, 104, 78),
    Accent.BLUE: (26, 77, 140),
    Accent.PLUM: (112, 44, 118),
    Accent.GRAPHITE: (52, 58, 66),
}
POSTER_FIELDS: dict[str, Words] = {
    "headline_zh": Words("主标题（中文）", "Headline (Chinese)"),
    "headline_en": Words("主标题（英文）", "Headline (English)"),
    "subline_zh": Words("副标题（中文）", "Line below it (Chinese)"),
    "subline_en": Words("副标题（英文）", "Line below it (English)"),
}


@dataclass(frozen=True, slots=True)
class DesignDraft:
    """A design as somebody makes it; ``texts`` holds the four of ``POSTER_FIELDS``."""

    layout: str
    accent: str
    side: str
    align: str
    texts: Mapping[str, str]


def measure_contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours as WCAG defines it, from 1 to 21.

    >>> round(measure_contrast((255, 255, 255), (0, 0, 0)), 1)
    21.0
    """
    dark, bright = sorted((_measure_luminance(one), _measure_luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def clean_name(text: str) -> str:
    r"""Return a name in one line without what is not seen: controls, marks of direction, joiners, piled-up accents.

    >>> clean_name("  Ann\u202e\u200b\nLee\x00 "), clean_name("e" + "\u0301" * 500).encode()
    ('Ann Lee', b'\xc3\xa9\xcc\x81\xcc\x81\xcc\x81')
    """
    kept: list[str] = []
    marks = 0
    for letter in unicodedata.normalize("NFC", text[: MOST_NAME * 20]):
        kind = unicodedata.category(letter)
        marks = marks + 1 if kind[0] == "M" else 0
        if kind[0] == "Z" or letter in "\t\n\r\v\f\x85":
            kept.append(" ")
        elif kind[0] != "C" and marks <= MOST_MARKS:
            kept.append(letter)
    clusters = list(split_clusters(" ".join("".join(kept).split())))
    return "".join(clusters[:MOST_NAME]).strip()


def split_clusters(text: str) -> Iterator[str]:
    r"""Yield a text's letters, each with the marks on it, so that a cut leaves no mark behind.

    >>> [len(cluster) for cluster in split_clusters("a\u0323b")]
    [2, 1]
    """
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or unicodedata.category(text[at])[0] != "M":
            yield text[start:at]
            start = at


def _measure_luminance(colour: Colour) -> float:
    parts = [value / 255 for value in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
