"""How a report says a figure: value, interval, change and period in words."""

from __future__ import annotations

from canyu.kit.numbers import format_change, format_full, format_number
from canyu.kit.words import Words
from canyu.measure.figure import Figure, OverviewQuery

PROOFS = Words("如何得出", "How it is computed")


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


def say_versions(versions: dict[str, int]) -> str:
    """Return the versions of the tables that were read; a dash where none was."""
    return ", ".join(f"{name} {version}" for name, version in sorted(versions.items())) or "—"
