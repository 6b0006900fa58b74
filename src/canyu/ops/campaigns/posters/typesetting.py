"""Sets texts into their places: lines broken as each language does, made smaller where needed, cut with an ellipsis."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from canyu.ops.campaigns.posters.fonts import choose_family, keep_written, load_font
from canyu.ops.campaigns.posters.layouts import Line
from canyu.ops.campaigns.posters.rules import split_clusters

ELLIPSIS = "…"
LEADING = 1.32
"""Distance of lines, in sizes."""
WIDE = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
NOT_FIRST = r"，。！？、；：）》」』”’…·％%,.!?;:)\]"
WORD = re.compile(rf"[{WIDE}][{NOT_FIRST}]*|[^\s{WIDE}]+|\s+")
"""What is not parted: a Chinese letter with the signs that may not begin a line, or a word between blanks."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A text as it is set: its lines and their font."""

    lines: tuple[str, ...]
    font: ImageFont.FreeTypeFont


def set_text(text: str, line: Line) -> Setting:
    """Return a text set into its place: the largest size at which all of it fits, else the smallest, cut at the end."""
    text = keep_written(text)
    family = choose_family(text)
    for size in range(line.size, line.least - 1, -4):
        font = load_font(family, size, line.is_bold)
        lines = break_lines(text, lambda part, font=font: font.getlength(part) <= line.box.width)  # type: ignore[misc]
        if len(lines) <= count_lines(line, size):
            return Setting(tuple(lines), font)
    whole = lines[: count_lines(line, size) - 1]
    rest = text
    for part in whole:
        rest = rest.lstrip()[len(part) :]
    return Setting((*whole, cut(rest.lstrip(), lambda part: font.getlength(part) <= line.box.width)), font)


def count_lines(line: Line, size: int) -> int:
    """Return how many lines of a size a place has room for; one at least."""
    return max(1, int(line.box.height / (size * LEADING)))


def break_lines(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Return a text in lines that fit, broken between words or Chinese letters; a longer word is broken within.

    >>> break_lines("春天一起，上路 now", lambda part: len(part) <= 4)
    ['春天一', '起，上路', 'now']
    """
    lines, now = [], ""
    for word in WORD.findall(text):
        if fits((now + word).rstrip()):
            now += word
            continue
        if now.strip():
            lines.append(now.strip())
        now = word.lstrip()
        while now and not fits(now):
            part = take(now, fits)
            lines.append(part)
            now = now[len(part) :]
    return [*lines, now.strip()] if now.strip() or not lines else lines


def cut(text: str, fits: Callable[[str], bool]) -> str:
    """Return a text that fits, with an ellipsis where something was left out.

    >>> cut("abcdef", lambda part: len(part) <= 4), cut("abcd", lambda part: len(part) <= 4)
    ('abc…', 'abcd')
    """
    return text if fits(text) else take(text, lambda part: fits(part.rstrip() + ELLIPSIS)).rstrip() + ELLIPSIS


def take(text: str, fits: Callable[[str], bool]) -> str:
    """Return the longest beginning of a text that fits, one letter at least."""
    clusters = list(split_clusters(text))
    least, most = 1, len(clusters)
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if fits("".join(clusters[:middle])) else (least, middle - 1)
    return "".join(clusters[:least])


def draw_text(text: str, line: Line, is_centred: bool) -> Image.Image:
    """Return a mask of the size of a place with the text set into it, in the middle of its height."""
    mask = Image.new("L", (line.box.width, line.box.height))
    setting = set_text(text, line)
    draw, step = ImageDraw.Draw(mask), setting.font.size * LEADING
    top = (line.box.height - step * len(setting.lines)) / 2
    for number, part in enumerate(setting.lines):
        x = line.box.width / 2 if is_centred else 0
        place = (x, top + step * (number + 0.5))
        draw.text(place, part, fill=255, font=setting.font, anchor="mm" if is_centred else "lm")
    return mask


@lru_cache(maxsize=64)
def draw_fixed_text(text: str, line: Line, is_centred: bool) -> Image.Image:
    """Return the same of a text that stands on many posters, drawn once."""
    return draw_text(text, line, is_centred)
