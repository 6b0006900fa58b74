"""What a team may set about alerts, checked field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from zoneinfo import ZoneInfo

from canyu.kit.errors import BadInput
from canyu.kit.words import Words


def refuse_field(name: str, mend: Words) -> BadInput:
    """Return the error for a field that cannot be used, with its mend."""
    return BadInput(Words(f"“{name}”不能用。", f"“{name}” cannot be used."), mend=mend)


def check_number(name: str, value: object, least: float, most: float) -> None:
    """Raise ``BadInput`` unless ``value`` is a number from ``least`` to ``most``."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise refuse_field(
            name, Words(f"请给 {least:g} 到 {most:g} 之间的数。", f"Give a number from {least:g} to {most:g}.")
        )


def check_zone(name: str, value: object) -> None:
    """Raise ``BadInput`` unless ``value`` names a time zone."""
    try:
        ZoneInfo(str(value))
    except (ValueError, OSError, KeyError):
        raise refuse_field(
            name, Words("请给时区名，例如 Asia/Shanghai。", "Name a time zone, for example Asia/Shanghai.")
        ) from None


def check_names(given: Mapping[str, Any], kind: type) -> None:
    """Raise ``BadInput`` for a field that ``kind`` (a dataclass) does not have."""
    known = [field.name for field in fields(kind)]
    for name in given:
        if name not in known:
            listed = ", ".join(known)
            raise refuse_field(str(name), Words(f"可用的字段：{listed}。", f"Known fields: {listed}."))


@dataclass(frozen=True)
class BurstSettings:
    """How sure and how large a rise must be before it is told. Raises ``BadInput`` naming the field and the mend."""

    time_zone: str = "Asia/Shanghai"
    """Of the day's and the week's season."""
    false_share: float = 0.3
    """At most this share of an hour's new alerts is false (Benjamini-Hochberg over all series); measured: a third."""
    most_chance: float = 0.01
    """And none is likelier than this without a burst: with few series the share alone would let through too many."""
    least_count: int = 5
    """Posts, without copies, that a window must hold."""
    least_ratio: float = 1.8
    """Times the expected count."""
    windows: tuple[int, ...] = (2, 4, 6)
    """Hours, this one included, that are tested together."""
    hold_chance: float = 0.02
    """An hour less likely than this without a burst keeps the alert hot."""
    close_hours: int = 4
    """Hours in a row that are not hot end an alert."""
    longest_hours: int = 168
    """After so long, what was a burst is the new level."""
    warm_up_hours: int = 6
    """Known hours of a series before it is tested."""
    echo_share: float = 0.2
    """An hour soon after a burst must reach this share of its peak (halved every two days) to be a new one."""
    first_hours: int = 72
    """Hours of the whole table before anything is tested: until then the season is a guess (rules work at once)."""
    level_days: float = 10.0
    """Half-life of the evidence for the level."""
    season_days: float = 56.0
    """Half-life of the evidence for the season."""
    critical_excess: int = 1000
    """Posts above the expected that make an alert critical: it is told in quiet hours too."""

    def __post_init__(self) -> None:
        check_zone("time_zone", self.time_zone)
        check_number("false_share", self.false_share, 1e-6, 0.5)
        check_number("most_chance", self.most_chance, 1e-12, 0.1)
        check_number("least_count", self.least_count, 1, 1e9)
        check_number("least_ratio", self.least_ratio, 1.0, 1e6)
        check_number("hold_chance", self.hold_chance, 1e-6, 0.5)
        check_number("close_hours", self.close_hours, 1, 48)
        check_number("longest_hours", self.longest_hours, 24, 8760)
        check_number("warm_up_hours", self.warm_up_hours, 1, 8760)
        check_number("echo_share", self.echo_share, 0.0, 1.0)
        check_number("first_hours", self.first_hours, 0, 8760)
        check_number("level_days", self.level_days, 1.0, 365.0)
        check_number("season_days", self.season_days, 7.0, 3650.0)
        check_number("critical_excess", self.critical_excess, 1, 1e12)
        for hours in self.windows:
            check_number("windows", hours, 1, 23)
        if not self.windows or sorted(set(self.windows)) != list(self.windows):
            raise refuse_field("windows", Words("请由小到大列出，例如 [2, 4, 6]。", "List them rising: [2, 4, 6]."))


SENSITIVE = BurstSettings(false_share=0.5, most_chance=0.03, least_ratio=1.6)
"""For teams who would rather look once too often at tens of series: smaller bursts are found, for two and a half times
the false alarms."""


def parse_settings(given: Mapping[str, Any]) -> BurstSettings:
    """Return settings from a mapping, as a YAML file holds it; raises ``BadInput`` for a field or value out of place.

    >>> parse_settings({"least_count": 10}).least_count
    10
    """
    check_names(given, BurstSettings)
    windows = given.get("windows", BurstSettings.windows)
    if not isinstance(windows, list | tuple):
        raise refuse_field("windows", Words("请由小到大列出，例如 [2, 4, 6]。", "List them rising: [2, 4, 6]."))
    return BurstSettings(**{**given, "windows": tuple(windows)})
