"""The few words that a team reads first."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from canyu.kit.words import Words
from canyu.listen.bursts.alerts import Alert
from canyu.listen.bursts.severity import Severity


class Change(StrEnum):
    """What a notice tells: it began, it grew by a size class, it ended, or both begin and end fell in quiet hours."""

    BEGAN = "began"
    GREW = "grew"
    ENDED = "ended"
    PASSED = "passed"


HEADS = {
    Change.BEGAN: Words("突增", "Rising"),
    Change.GREW: Words("仍在增长", "Growing"),
    Change.ENDED: Words("已结束", "Ended"),
    Change.PASSED: Words("已过去", "Came and went"),
}
NAMES = {
    "negative": Words("负面", "negative"),
    "neutral": Words("中性", "neutral"),
    "positive": Words("正面", "positive"),
}
MOST_NAME = 60


def write_message(alert: Alert, change: Change, *, before: int = 0, time_zone: str = "Asia/Shanghai") -> Words:
    """Return the notice's text: what, how many against the usual, since when, what was added, what is likely next.

    ``before`` is the count told last; times are local to ``time_zone``, which is said.
    """
    zone = ZoneInfo(time_zone)
    parts = [Words(describe_name(alert).zh, describe_name(alert).en), describe_count(alert), describe_span(alert, zone)]
    if change in (Change.GREW, Change.ENDED) and alert.observed > before:
        added = alert.observed - before
        parts.append(Words(f"比上次通知多 {added:,} 条", f"{added:,} more since the last message"))
    if alert.raw > alert.observed:
        parts.append(Words(f"未去重 {alert.raw:,} 条", f"{alert.raw:,} with copies"))
    if alert.is_new_level:
        parts.append(Words("已成为新常态", "this is the new level"))
    if alert.forecast is not None:
        low, size, high = (round(value) for value in (alert.forecast.low, alert.forecast.size, alert.forecast.high))
        parts.append(
            Words(
                f"今后 24 小时约 {size:,} 条（80% 区间 {low:,}–{high:,}）",
                f"about {size:,} in the next 24 h (80% interval {low:,} to {high:,})",
            )
        )
    head = HEADS[change]
    urgent = alert.severity == Severity.CRITICAL
    return Words(
        f"【{head.zh}{'·紧急' if urgent else ''}】" + "；".join(part.zh for part in parts) + "。",
        f"{head.en}{' (critical)' if urgent else ''}: " + "; ".join(part.en for part in parts) + ".",
    )


def describe_name(alert: Alert) -> Words:
    """Return the series' name; control characters and excess are left out, as posts may have named it."""
    key = alert.series
    feeling = NAMES.get(key.sentiment, Words(key.sentiment, key.sentiment))
    zh = " · ".join(part for part in (key.product, key.aspect, feeling.zh, key.metric) if part)
    en = " · ".join(part for part in (key.product, key.aspect, feeling.en, key.metric) if part)
    return Words(clean_name(zh), clean_name(en))


def clean_name(text: str) -> str:
    """Return a name that is safe in one line."""
    kept = "".join(letter for letter in text if letter.isprintable())
    return kept if len(kept) <= MOST_NAME else kept[: MOST_NAME - 1] + "…"


def describe_count(alert: Alert) -> Words:
    """Return observed against expected."""
    if alert.expected < 1:
        return Words(f"{alert.observed:,} 条（平时几乎没有）", f"{alert.observed:,} posts (usually hardly any)")
    return Words(
        f"{alert.observed:,} 条，平时约 {alert.expected:,.0f} 条（{alert.ratio:.1f} 倍）",
        f"{alert.observed:,} posts, usually about {alert.expected:,.0f} ({alert.ratio:.1f} times)",
    )


def describe_span(alert: Alert, zone: ZoneInfo) -> Words:
    """Return since when, or from when to when, and the peak."""
    begin, peak = tell_local(alert.begin, zone), tell_local(alert.peak_at, zone)
    if alert.ended is None:
        return Words(
            f"始于 {begin}，最高 {peak} {alert.peak:,} 条/时", f"since {begin}, peak {alert.peak:,}/h at {peak}"
        )
    ended = tell_local(alert.ended, zone)
    return Words(
        f"{begin} 至 {ended}，最高 {peak} {alert.peak:,} 条/时",
        f"{begin} to {ended}, peak {alert.peak:,}/h at {peak}",
    )


def tell_local(at: datetime, zone: ZoneInfo) -> str:
    """Return a local time with its offset, short."""
    local = at.astimezone(zone)
    offset = local.strftime("%z")
    return f"{local:%m-%d %H:%M} (UTC{offset[:3]}{'' if offset.endswith('00') else ':' + offset[3:]})"
