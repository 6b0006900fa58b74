"""What an alert is called, where its posts are, and which settings hold; pure, no database, no lake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.aspects import load_taxonomy
from canyu.listen.bursts import (
    SENSITIVE,
    Alert,
    BurstSettings,
    Change,
    Notice,
    SeriesKey,
    Severity,
    parse_settings,
    write_message,
)
from canyu.ops.alerts.models import Preset

POSTS = "posts"
SENTIMENTS = {
    "negative": Words("负面", "negative"),
    "neutral": Words("中性", "neutral"),
    "positive": Words("正面", "positive"),
}
SEVERITIES = {
    Severity.NOTICE: Words("留意", "notice"),
    Severity.WARNING: Words("警告", "warning"),
    Severity.CRITICAL: Words("紧急", "critical"),
}
REPLAY_DAYS = (30, 90, 180)
SETTINGS_ASKED = ("false_share", "most_chance", "least_count", "least_ratio", "close_hours", "critical_excess")
MOST_LINES = 10
LATE = timedelta(hours=3)
MOST_DIGITS = 18
"""Of a number that a database's 64 bits hold whatever its digits are."""


@dataclass(frozen=True, slots=True)
class Names:
    """What catalogue entries and aspects are called."""

    labels: Mapping[str, Words]

    def tell(self, key: SeriesKey) -> Words:
        """Return what a series counts, for people."""
        return Words(self._join(key, "zh"), self._join(key, "en"))

    def rename(self, alert: Alert, language: str) -> Alert:
        """Return the alert with its series in words, for a message; its id is no longer its own."""
        key = alert.series
        named = SeriesKey(self.say(key.product, language), self.say(key.aspect, language), key.sentiment)
        return replace(alert, series=named)

    def say(self, name: str, language: str) -> str:
        """Return one name; an id that is in no list is shown as it is."""
        words = self.labels.get(name) or _get_aspects().get(name)
        return words.say(language) if words else name

    def _join(self, key: SeriesKey, language: str) -> str:
        feeling = SENTIMENTS.get(key.sentiment, Words(key.sentiment, key.sentiment)).say(language)
        parts = (self.say(key.product, language), self.say(key.aspect, language), feeling)
        return " · ".join(part for part in parts if part)


def choose_settings(preset: str, custom: Mapping[str, Any]) -> BurstSettings:
    """Return the detector's settings of a preset; raises BadInput for custom ones out of place."""
    if preset == Preset.SENSITIVE:
        return SENSITIVE
    return parse_settings(custom) if preset == Preset.CUSTOM else BurstSettings()


def write_notice(notice: Notice, names: Names, time_zone: str) -> Words:
    """Return the words of one notice with names instead of ids."""
    zh, en = (
        write_message(
            names.rename(notice.alert, language), notice.change, before=notice.before, time_zone=time_zone
        ).say(language)
        for language in ("zh", "en")
    )
    rule = notice.alert.source.removeprefix("rule:")
    return Words(zh, en) if rule == notice.alert.source else Words(f"{zh}（规则：{rule}）", f"{en} (rule: {rule})")


def tell_alert(alert: Alert, names: Names, time_zone: str) -> Words:
    """Return what changed, in words, as things stand."""
    change = Change.BEGAN if alert.ended is None else Change.ENDED
    notice = Notice(alert.team, alert, change, alert.observed, Words("", ""))
    return write_notice(notice, names, time_zone)


def join_texts(texts: Iterable[str]) -> str:
    """Return one message of several lines; more than ten are counted, not told."""
    lines = list(texts)
    more = len(lines) - MOST_LINES
    return "\n".join([*lines[:MOST_LINES], *([f"+ {more}"] if more > 0 else [])])


def parse_choice(params: Mapping[str, str], name: str, allowed: Sequence[str], usual: str = "") -> str:
    """Return one of the allowed values of an address; raises BadInput with the field at fault."""
    value = params.get(name, "") or usual
    if value not in allowed:
        given = value[:40].replace("\0", "")
        raise BadInput(
            Words(f"没有 {name}={given!r}。", f"{name}={given!r} is unknown."),
            mend=Words("请从预警页面重新打开。", "Start again from the page of alerts."),
        )
    return value


def parse_number(text: str) -> int | None:
    """Return the whole number that a field of a form or an address holds; None for what a row cannot be called.

    >>> parse_number("17"), parse_number("-1"), parse_number("９"), parse_number("9" * 30)
    (17, None, None, None)
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None


def is_check_late(checked_at: datetime | None, now: datetime) -> bool:
    """Say whether the hourly check seems to have stopped."""
    return checked_at is not None and now - checked_at > LATE


def link_posts(alert: Alert, zone: str) -> dict[str, str]:
    """Return the parameters of the Posts page that show the days, the product and the sentiment of an alert."""
    local = ZoneInfo(zone)
    last = max(alert.begin, (alert.ended or alert.found + timedelta(hours=1)) - timedelta(microseconds=1))
    return {
        "from": _tell_day(alert.begin, local),
        "to": _tell_day(last, local),
        "link": alert.series.product,
        "sentiment": alert.series.sentiment if alert.series.sentiment in SENTIMENTS else "",
        "sort": "spread",
    }


def _tell_day(moment: datetime, local: ZoneInfo) -> str:
    return moment.astimezone(local).date().isoformat()


def _get_aspects() -> dict[str, Words]:
    return {aspect.id: aspect.name for aspect in load_taxonomy().aspects}
