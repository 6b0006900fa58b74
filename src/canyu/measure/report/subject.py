"""What a report says beside the overview: its title, its period in words, when and from where it was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from canyu.kit.numbers import format_change, format_full, format_number
from canyu.kit.words import Words
from canyu.measure.figure import Figure, Overview, OverviewQuery

TITLE = Words("口碑概览", "Word-of-mouth overview")
ALL_BRANDS = Words("全部内容", "everything said")


@dataclass(frozen=True, slots=True)
class Subject:
    """A report's overview, its language, the brand's name in it, and the moment it was made."""

    overview: Overview
    language: str
    brand: Words
    made: datetime

    @property
    def title(self) -> str:
        """What the report is about, in one line."""
        brand = self.brand if self.overview.query.brand else ALL_BRANDS
        return f"{TITLE.say(self.language)} · {brand.say(self.language)}"

    @property
    def period(self) -> str:
        """The days it covers, in words."""
        return say_period(self.overview.query, self.language)

    @property
    def made_at(self) -> str:
        """When it was made, on the clock of the brand's zone."""
        local = self.made.astimezone(ZoneInfo(self.overview.query.zone))
        return f"{local:%Y-%m-%d %H:%M} {self.overview.query.zone}"

    @property
    def is_zh(self) -> bool:
        """Whether it is written in Chinese."""
        return self.language.startswith("zh")

    def say(self, zh: str, en: str) -> str:
        """Return one of two wordings."""
        return zh if self.is_zh else en


def say_period(query: OverviewQuery, language: str) -> str:
    """Return the days in words.

    >>> from datetime import date
    >>> query = OverviewQuery(date(2025, 4, 1), date(2025, 4, 7))
    >>> say_period(query, "zh"), say_period(query, "en")
    ('2025年4月1日至2025年4月7日', '1 April 2025 to 7 April 2025')
    """
    first, last = query.start, query.end
    if language.startswith("zh"):
        days = [f"{day.year}年{day.month}月{day.day}日" for day in (first, last)]
        return days[0] if first == last else "至".join(days)
    days = [f"{day.day} {day:%B %Y}" for day in (first, last)]
    return days[0] if first == last else " to ".join(days)


def say_value(figure: Figure, language: str) -> str:
    """Return a figure's value with its unit: no more digits than the interval allows, a dash where it is missing."""
    text = format_number(figure.value, language, figure.interval).replace("-", "−")
    unit = figure.unit.say(language)
    if figure.value is None:
        return text
    if figure.name == "net_sentiment" and figure.value > 0 and text != "0":
        text = f"+{text}"
    return f"{text}{unit}" if unit == "%" else f"{text} {unit}"


def say_once(figure: Figure, language: str) -> str:
    """Return the value without copies, in words; empty where that means nothing."""
    if figure.once is None or figure.value is None:
        return ""
    text = format_number(figure.once, language, figure.interval).replace("-", "−")
    unit = "%" if figure.unit.en == "%" else ""
    return Words(f"去重后 {text}{unit}", f"{text}{unit} without copies").say(language)


def say_change(figure: Figure, language: str) -> str:
    """Return the change against the period before: in per cent, in points where the figure is one of those."""
    if figure.value is None or figure.previous is None:
        return ""
    if figure.unit.en not in {"%", "points"}:
        change = format_change(figure.value, figure.previous, language)
        return "" if change == "—" else change
    moved = round(figure.value - figure.previous, 1)
    points = f"{moved:.1f}" if moved else "0"
    sign = "±" if moved == 0 else "+" if moved > 0 else ""
    return Words(f"{sign}{points} 分", f"{sign}{points} points").say(language).replace("-", "−")


def say_interval(figure: Figure, language: str) -> str:
    """Return the 95 % interval in words, empty where the figure has none."""
    if figure.interval is None or figure.value is None:
        return ""
    low, high = (format_number(bound, language, figure.interval).replace("-", "−") for bound in figure.interval)
    return Words(f"95% 区间 {low} 至 {high}", f"95 % interval {low} to {high}").say(language)


def describe_figure(figure: Figure, language: str) -> str:
    """Return a figure on one line, for a terminal."""
    parts = [f"{figure.label.say(language)}: {say_value(figure, language)}", say_change(figure, language)]
    parts += [say_interval(figure, language), say_once(figure, language)]
    parts.append(figure.missing.say(language) if figure.missing else "")
    return "  ".join(part for part in parts if part)


def say_full(figure: Figure) -> str:
    """Return every digit of the value."""
    return format_full(figure.value)
