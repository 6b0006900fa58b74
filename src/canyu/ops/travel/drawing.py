"""The tree as a drawing: marks that lead on, as SVG without script or style, readable in a page and in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from canyu.kit.markup import make_fit
from canyu.measure.letters import LETTER_WIDTH, shorten
from canyu.measure.theme import FONT, SENTINELS, Theme, get_colours
from canyu.spread.cascades.layout import Layout, Mark

ROW, SLIM_ROW = 26, 28
LEFT, RIGHT = 16, 4
INDENT = 14
LEAST_R, MOST_R = 3.5, 12.0
MOST_COLUMN = 240
TRUNK = 32
"""From the trunk of a mark's branches to where they stand."""
LETTERS = 0.62
"""Width of a Latin letter or digit by that of a Chinese one, with room to spare."""
FILLS: dict[str, tuple[str, float]] = {
    "time0": ("accent", 1.0),
    "time1": ("accent", 0.66),
    "time2": ("accent", 0.36),
    "time3": ("accent", 0.12),
    "positive": ("good", 1.0),
    "neutral": ("neutral", 1.0),
    "negative": ("bad", 1.0),
    "none": ("sheet", 1.0),
    "rest": ("shade", 1.0),
}
STROKES = {"positive": "good", "negative": "bad", "neutral": "neutral", "none": "neutral", "rest": "grey"}


@dataclass(frozen=True, slots=True)
class Told:
    """What a mark says: its label, the number beside it, all of it for those who cannot see, where it leads."""

    label: str
    number: str
    spoken: str
    href: str
    fill: str
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """What a tree is drawn for: a wide page has columns, a slim one (``is_slim``) indented rows."""

    width: int
    title: str
    name: str
    theme: Theme = "auto"
    is_slim: bool = False
    has_links: bool = True


@dataclass(frozen=True, slots=True)
class _Spot:
    x: float
    y: float
    r: float
    label: str
    end: float


def draw_tree(layout: Layout, told: Sequence[Told], paper: Paper) -> SafeString:
    """Return the marks as SVG, each a link that opens what is below it; every text is escaped."""
    spots = _list_spots(layout, told, paper)
    row = SLIM_ROW if paper.is_slim else ROW
    height = row * (len(layout.marks) if paper.is_slim else layout.rows) + 8
    named = dict(zip(SENTINELS, get_colours(paper.theme).values(), strict=True))
    pen = _Pen(named, paper)
    edges = [
        pen.draw_edge(spots[mark.above], spot, one.is_sure)
        for mark, spot, one in zip(layout.marks, spots, told, strict=True)
        if mark.above >= 0
    ]
    marks = [pen.draw_mark(mark, spot, one) for mark, spot, one in zip(layout.marks, spots, told, strict=True)]
    size = (paper.width, height, paper.width, height)
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="tree" role="group" aria-label="{}" width="{}" height="{}" '
        'viewBox="0 0 {} {}" font-family="{}" font-size="12"><g fill="none" stroke="{}">{}</g>{}</svg>',
        make_fit(paper.title),
        *size,
        FONT,
        named["neutral"],
        format_html_join("", "{}", ((edge,) for edge in edges)),
        format_html_join("", "{}", ((mark,) for mark in marks)),
    )


def measure_letters(text: str) -> float:
    """Return the width of a text of 12 px, in pixels, rather too wide.

    >>> round(measure_letters("其余"), 1), round(measure_letters("1,234"), 1)
    (24.0, 37.2)
    """
    return sum(LETTER_WIDTH * (LETTERS if ord(letter) < 0x2E80 else 1.0) for letter in text)


@dataclass(frozen=True, slots=True)
class _Pen:
    colours: dict[str, str]
    paper: Paper

    def draw_edge(self, above: _Spot, spot: _Spot, is_sure: bool) -> SafeString:
        if self.paper.is_slim:
            path = f"M{above.x:.0f} {above.y + above.r:.1f}V{spot.y:.1f}H{spot.x - spot.r:.1f}"
        else:
            middle, corner = spot.x - TRUNK, _round(above, spot)
            path = f"M{above.end:.1f} {above.y:.1f}H{middle - 8:.1f}Q{middle:.1f} {above.y:.1f} {middle:.1f} "
            path += f"{above.y + corner:.1f}V{spot.y - corner:.1f}Q{middle:.1f} {spot.y:.1f} {middle + 8:.1f} "
            path += f"{spot.y:.1f}H{spot.x - spot.r:.1f}"
        return format_html(
            '<path d="{}"{}/>', path, SafeString("" if is_sure else ' stroke-dasharray="3 3" opacity="0.7"')
        )

    def draw_mark(self, mark: Mark, spot: _Spot, told: Told) -> SafeString:
        named, strength = FILLS[told.fill]
        fill, stroke = self.colours[named], self.colours[STROKES.get(told.fill, "accent")]
        ring = SafeString("")
        if mark.branches and not mark.is_rest:
            ring = format_html(
                '<circle cx="{}" cy="{}" r="{}" fill="none" stroke="{}"/>',
                _cut(spot.x),
                _cut(spot.y),
                _cut(spot.r + 3),
                stroke,
            )
        shape = self._draw_shape(mark, spot, told)
        text = format_html(
            '<text x="{}" y="{}" fill="{}"><tspan>{}</tspan><tspan fill="{}" dx="5">{}</tspan></text>',
            _cut(spot.x + spot.r + 6),
            _cut(spot.y + 4),
            self.colours["ink"],
            spot.label,
            self.colours["grey"],
            told.number,
        )
        drawn = format_html(
            '{}<g fill="{}" fill-opacity="{}" stroke="{}">{}</g>{}', ring, fill, strength, stroke, shape, text
        )
        spoken = make_fit(told.spoken)
        if not told.href or not self.paper.has_links:
            return format_html("<g><title>{}</title>{}</g>", spoken, drawn)
        return format_html('<a href="{}" aria-label="{}"><title>{}</title>{}</a>', told.href, spoken, spoken, drawn)

    def _draw_shape(self, mark: Mark, spot: _Spot, told: Told) -> SafeString:
        if mark.is_rest or told.fill == "negative":
            side, corner = 2 * spot.r, 3 if mark.is_rest else 1
            return format_html(
                '<rect x="{}" y="{}" width="{}" height="{}" rx="{}"/>',
                _cut(spot.x - spot.r),
                _cut(spot.y - spot.r),
                _cut(side),
                _cut(side),
                corner,
            )
        return format_html('<circle cx="{}" cy="{}" r="{}"/>', _cut(spot.x), _cut(spot.y), _cut(spot.r))


def _round(above: _Spot, spot: _Spot) -> float:
    """Return how far a corner is rounded, with its direction."""
    gap = spot.y - above.y
    return max(-8.0, min(8.0, gap / 2))


def _cut(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _list_spots(layout: Layout, told: Sequence[Told], paper: Paper) -> list[_Spot]:
    largest = max((mark.below for mark in layout.marks), default=1) or 1
    column = min(MOST_COLUMN, (paper.width - LEFT - RIGHT) / (layout.levels + 1))
    spots = []
    for number, (mark, one) in enumerate(zip(layout.marks, told, strict=True)):
        r = LEAST_R + (MOST_R - LEAST_R) * sqrt(mark.below / largest)
        row = number if paper.is_slim else mark.row
        y = (SLIM_ROW if paper.is_slim else ROW) * (row + 0.5) + 4
        x = LEFT + (INDENT if paper.is_slim else column) * mark.level
        begin, used = x + r + 6, measure_letters(one.number) + 5
        limit = paper.width - RIGHT if paper.is_slim else x + column - TRUNK - 10
        last = mark.level == layout.levels and not paper.is_slim
        room = (paper.width - RIGHT if last else limit) - begin - used
        label = shorten(make_fit(one.label), int(max(room, 24)))
        spots.append(_Spot(x, y, r, label, begin + measure_letters(label) + used + 4))
    return spots
