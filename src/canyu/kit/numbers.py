"""Numbers for people: 万 and 亿 in Chinese, K and M in English, and no more digits than the interval allows."""

from __future__ import annotations

import math

Interval = tuple[float, float]

MISSING = "—"
_SCALES = {"zh": ((1e8, "亿"), (1e4, "万")), "en": ((1e9, "B"), (1e6, "M"), (1e3, "K"))}
# From here on the short form is used; below, every digit is read at a glance.
_SHORT_FROM = {"zh": 10_000, "en": 10_000}


def format_number(value: float | int | None, language: str = "en", interval: Interval | None = None) -> str:
    """Return ``value`` as people write it: three digits from ten thousand on, fewer where the interval is wide.

    >>> format_number(1234), format_number(123456, "zh"), format_number(123456, "en"), format_number(None)
    ('1,234', '12.3万', '123K', '—')
    >>> format_number(12.345), format_number(12.345, interval=(8.0, 17.0)), format_number(-0.04, interval=(-2, 2))
    ('12.3', '12', '0')
    """
    if value is None:
        return MISSING
    scale, suffix = _find_scale(value, "zh" if language.lower().startswith("zh") else "en")
    scaled = value / scale
    decimals = _count_decimals(scaled, suffix, isinstance(value, int))
    if interval is not None and interval[1] > interval[0]:
        decimals = min(decimals, _allowed_decimals((interval[1] - interval[0]) / scale))
    text = f"{scaled:,.{decimals}f}"
    return "0" if float(text.replace(",", "")) == 0 else text + suffix


def format_full(value: float | int | None) -> str:
    """Return every digit, for the hover: whole numbers in full, others to four decimals.

    >>> format_full(1234567), format_full(12.34567)
    ('1,234,567', '12.3457')
    """
    if value is None:
        return MISSING
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4f}".rstrip("0").rstrip(".")


def format_change(value: float | int | None, previous: float | int | None, language: str = "en") -> str:
    """Return the change against the period before, in per cent with its sign; times from threefold on.

    >>> format_change(110, 100), format_change(50, 100), format_change(400, 100), format_change(400, 100, "zh")
    ('+10%', '−50%', '4.0×', '4.0 倍')
    >>> format_change(5, 0), format_change(5, None)
    ('—', '—')
    """
    if value is None or previous is None or previous <= 0:
        return MISSING
    ratio = value / previous
    if ratio >= 3:
        times = format_number(float(ratio), language) if ratio >= 10 else f"{ratio:.1f}"
        return f"{times} 倍" if language.lower().startswith("zh") else f"{times}×"
    percent = (ratio - 1) * 100
    text = f"{abs(percent):.1f}" if abs(percent) < 10 and round(percent, 1) != round(percent) else f"{abs(percent):.0f}"
    sign = "" if float(text) == 0 else ("+" if percent > 0 else "−")
    return f"{sign}{text}%"


def _find_scale(value: float, language: str) -> tuple[float, str]:
    if abs(value) < _SHORT_FROM[language]:
        return 1.0, ""
    for scale, suffix in _SCALES[language]:
        # 99,995 would else be written "100.0K" or "10000万": step up as soon as three digits round to the next unit
        if abs(value) >= scale * 0.9995:
            return scale, suffix
    return 1.0, ""


def _count_decimals(scaled: float, suffix: str, is_whole: bool) -> int:
    if suffix:
        return 0 if abs(scaled) >= 99.95 else 1 if abs(scaled) >= 9.995 else 2
    if is_whole or abs(scaled) >= 99.95:
        return 0
    return 1 if abs(scaled) >= 1 or scaled == 0 else 2


def _allowed_decimals(width: float) -> int:
    """Decimals whose unit is still above a twentieth of the interval's width: finer digits would be noise."""
    return max(0, math.floor(-math.log10(width / 20))) if width < 20 else 0
