"""The one picture of a plan: how many people it reaches as its accounts are added, against what they cost.

Drawn here and not by the chart library, which takes a twentieth of a second per picture: a plan is drawn anew after
every account that is moved.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from canyu.kit.markup import make_fit
from canyu.kit.numbers import format_number
from canyu.kit.words import Words
from canyu.measure.theme import DARK, FONT, LIGHT, Theme
from canyu.ops.kols.planning.amounts import count_digits, say_money
from canyu.ops.kols.planning.schemas import Answer

LEFT, RIGHT, TOP, BOTTOM = 56.0, 20.0, 18.0, 30.0
TICKS = 4
MOST_DOTS = 80
MOST_POINTS = 400  # of the line: more are not told apart, and the page would carry them
MOST_ROWS = 100  # of the table behind it


@dataclass(frozen=True, slots=True)
class Curve:
    """What is drawn: after each account in order its name, the cost so far, the people so far and the ends."""

    names: Sequence[str]
    costs: Sequence[int]
    reach: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    currency: str
    budget_minor: int
    target: int


@dataclass(frozen=True, slots=True)
class Look:
    """How it is drawn: language, theme (``auto`` leaves colours to the page), width and height in pixels."""

    language: str
    theme: Theme
    width: int
    height: int

    def colour(self, name: str) -> str:
        """Return a colour of the theme."""
        if self.theme == "auto":
            return f"var(--{name})"
        return (DARK if self.theme == "dark" else LIGHT)[name]


def make_curve(names: Sequence[str], costs: Sequence[int], answer: Answer, limits: tuple[str, int, int]) -> Curve:
    """Return the curve of a plan; ``limits``: currency, budget, target."""
    so_far = np.cumsum(np.array(costs, np.int64)).tolist()
    ends = (answer.so_far.tolist(), answer.so_far_low.tolist(), answer.so_far_high.tolist())
    return Curve(names, so_far, *ends, *limits)


def title_curve(curve: Curve) -> Words:
    """Return what is seen in the picture."""
    if not curve.names:
        return Words("还没有选账号", "No account is in the plan yet")
    people = [format_number(round(curve.reach[-1]), language) for language in ("zh", "en")]
    cost, count = say_money(curve.costs[-1], curve.currency), len(curve.names)
    tail = Words("，越往后越不划算", ", and the last ones bring little") if _has_flattened(curve) else Words("", "")
    return Words(
        f"{count} 个账号、{cost.zh}触达 {people[0]} 人{tail.zh}",
        f"{count} account{'s' if count > 1 else ''} for {cost.en} reach {people[1]} people{tail.en}",
    )


def _has_flattened(curve: Curve) -> bool:
    """Say whether the last fifth of the money brings less than half of the people that it brings on average."""
    costs, reach = np.array([0, *curve.costs], np.float64), np.array([0.0, *curve.reach])
    before = float(np.interp(0.8 * costs[-1], costs, reach))
    return len(curve.names) >= 5 and costs[-1] > 0 and reach[-1] - before < 0.1 * reach[-1]


SUBTITLE = Words(
    "按表中顺序逐个加入账号：累计去重人数（纵轴）与累计花费（横轴）；色带为 95% 区间",
    "Accounts added one by one in the order of the table: unique people so far (up) against cost so far (right);"
    " the band is the 95% interval",
)


def draw_curve(curve: Curve, look: Look, ids: str) -> SafeString:
    """Return the picture as SVG, safe under a strict policy; ``ids``: what its ids begin with, its own on the page."""
    wide, high = look.width - LEFT - RIGHT, look.height - TOP - BOTTOM
    most_cost = max(curve.costs[-1] if curve.costs else 0, curve.budget_minor, 1)
    most_reach = max([*curve.high, *curve.reach, float(curve.target)], default=1.0) or 1.0
    steps_x, steps_y = find_ticks(most_cost / 10 ** count_digits(curve.currency)), find_ticks(most_reach)
    end_x, end_y = max(float(most_cost), 0.0) * 1.02, max(most_reach * 1.04, steps_y[-1])

    def x(cost: float) -> float:
        return round(LEFT + wide * cost / end_x, 1)

    def y(people: float) -> float:
        return round(TOP + high * (1.0 - people / end_y), 1)

    scale = 10 ** count_digits(curve.currency)
    parts = [_draw_row(y(tick), format_number(tick, look.language), look) for tick in steps_y]
    parts += [_draw_column(x(tick * scale), format_number(tick, look.language), look) for tick in steps_x if tick > 0]
    if curve.names:
        places = thin_places(len(curve.names), MOST_POINTS)
        costs = [0, *(curve.costs[place] for place in places)]
        reach, upper, lower = (
            [(x(c), y(p)) for c, p in zip(costs, [0.0, *(side[place] for place in places)], strict=True)]
            for side in (curve.reach, curve.high, curve.low)
        )
        band = " ".join(f"{a},{b}" for a, b in [*upper, *reversed(lower)])
        parts.append(format_html('<polygon points="{}" fill="{}" opacity="0.2"/>', band, look.colour("accent")))
        line = " ".join(f"{a},{b}" for a, b in reach)
        drawn = '<polyline points="{}" fill="none" stroke="{}" stroke-width="2" stroke-linejoin="round"/>'
        parts.append(format_html(drawn, line, look.colour("accent")))
        parts += _draw_dots(curve, look, reach[1:])
    if curve.budget_minor:
        words = Words("预算", "budget").say(look.language)
        parts.append(_draw_limit((x(curve.budget_minor), TOP, x(curve.budget_minor), TOP + high), words, look))
    if curve.target:
        words = Words("目标", "goal").say(look.language)
        parts.append(_draw_limit((LEFT, y(curve.target), LEFT + wide, y(curve.target)), words, look))
    inner = format_html_join("", "{}", ((part,) for part in parts))
    shape = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" width="{}" height="{}" role="img"'
        ' aria-labelledby="{}-title {}-desc" font-family="{}" font-size="12"><title id="{}-title">{}</title>'
        '<desc id="{}-desc">{}</desc>{}</svg>'
    )
    size = (look.width, look.height)
    texts = title_curve(curve).say(look.language), SUBTITLE.say(look.language)
    return format_html(shape, *size, *size, ids, ids, FONT, ids, texts[0], ids, texts[1], inner)


def thin_places(count: int, most: int) -> list[int]:
    """Return places from 0 to ``count - 1``, evenly, at most so many, with the last.

    >>> thin_places(3, 10), thin_places(10, 3)
    ([0, 1, 2], [0, 4, 9])
    """
    return list(range(count)) if count <= most else np.linspace(0, count - 1, most).astype(int).tolist()


def find_ticks(most: float) -> list[float]:
    """Return round numbers from 0 up to about ``most``.

    >>> find_ticks(970), find_ticks(1.3)
    ([0.0, 250.0, 500.0, 750.0], [0.0, 0.5, 1.0])
    """
    rough = max(most, 1e-9) / TICKS
    base = 10.0 ** math.floor(math.log10(rough))
    step = next((base * factor for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if base * factor >= rough), base * 10.0)
    return [step * number for number in range(int(most / step) + 1)]


def _draw_row(at: float, text: str, look: Look) -> SafeString:
    return format_html(
        '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="{}"/><text x="{}" y="{}" text-anchor="end" fill="{}">{}</text>',
        LEFT,
        look.width - RIGHT,
        at,
        at,
        look.colour("line"),
        LEFT - 8,
        round(at + 4, 1),
        look.colour("grey"),
        text,
    )


def _draw_column(at: float, text: str, look: Look) -> SafeString:
    y = look.height - BOTTOM
    return format_html(
        '<text x="{}" y="{}" text-anchor="middle" fill="{}">{}</text>', at, round(y + 18, 1), look.colour("grey"), text
    )


def _draw_dots(curve: Curve, look: Look, points: Sequence[tuple[float, float]]) -> list[SafeString]:
    if len(points) > MOST_DOTS:
        return []
    dot = '<circle cx="{}" cy="{}" r="{}" fill="{}" stroke="{}"><title>{}</title></circle>'
    found = []
    for place, (name, point) in enumerate(zip(curve.names, points, strict=True)):
        people = format_number(round(curve.reach[place]), look.language)
        cost = say_money(curve.costs[place], curve.currency).say(look.language)
        said = f"{place + 1}. {make_fit(name[:60])} · {people} · {cost}"
        is_last = place == len(points) - 1
        found.append(format_html(dot, *point, 5 if is_last else 3.5, look.colour("accent"), look.colour("sheet"), said))
    return found


def _draw_limit(ends: tuple[float, float, float, float], text: str, look: Look) -> SafeString:
    is_upright = ends[0] == ends[2]
    label = (ends[0] - 6, ends[1] + 10) if is_upright else (ends[0] + 6, ends[1] - 5)
    return format_html(
        '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-dasharray="4 4"/>'
        '<text x="{}" y="{}" text-anchor="{}" fill="{}">{}</text>',
        *ends,
        look.colour("neutral"),
        *label,
        "end" if is_upright else "start",
        look.colour("grey"),
        text,
    )
