"""The colours of a chart, by the names that the console's tokens have; a page gives them their values."""

from __future__ import annotations

from typing import Literal

Theme = Literal["auto", "light", "dark"]
"""``auto`` names CSS variables, for a page with the tokens; ``light`` and ``dark`` are plain colours, for files."""

FONT = "PingFang SC, Noto Sans CJK SC, Noto Sans SC, Microsoft YaHei, sans-serif"

LIGHT: dict[str, str] = {
    "ink": "#1c2024",
    "paper": "#fdfdfc",
    "sheet": "#ffffff",
    "grey": "#60646c",
    "line": "#e2e3e6",
    "shade": "#f3f4f5",
    "accent": "#0b6e63",
    "good": "#1f6fb2",
    "bad": "#b45309",
    "neutral": "#7d828a",
}
DARK: dict[str, str] = {
    "ink": "#e9eaec",
    "paper": "#131416",
    "sheet": "#1a1c1f",
    "grey": "#a2a6ad",
    "line": "#303338",
    "shade": "#212327",
    "accent": "#5cc7b8",
    "good": "#6fb1ec",
    "bad": "#f0a054",
    "neutral": "#8c929b",
}
# Drawn with these colours, which occur nowhere else, and exchanged in the finished SVG: a chart is drawn once for all.
SENTINELS: dict[str, str] = {name: f"#fe01{number:02x}" for number, name in enumerate(LIGHT)}


def get_colours(theme: Theme) -> dict[str, str]:
    """Return the colour to write for each sentinel.

    >>> get_colours("auto")[SENTINELS["ink"]], get_colours("light")[SENTINELS["ink"]]
    ('var(--ink)', '#1c2024')
    """
    if theme == "auto":
        return {sentinel: f"var(--{name})" for name, sentinel in SENTINELS.items()}
    named = DARK if theme == "dark" else LIGHT
    return {sentinel: named[name] for name, sentinel in SENTINELS.items()}
