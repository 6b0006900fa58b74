"""Titles that say what is seen, and no more than the data hold: a rise is told where chance does not explain it."""

from __future__ import annotations

from datetime import date
from math import sqrt
from statistics import median
from typing import TYPE_CHECKING, Any

from canyu.kit.numbers import format_number
from canyu.kit.words import Words

if TYPE_CHECKING:
    from canyu.measure.figures import Tally

Rows = list[dict[str, Any]]

NOTHING = Words("期间内没有可画的数据", "Nothing to show for this period")
PEAK_RATIO = 2.0
MANY_DEVIATIONS = 4.0  # of a year's 365 days, chance alone passes this once in forty years
STEADY = 1.25


def tell_volume(rows: Rows) -> Words:
    """Tell of the highest day where it stands out, else of the trend between the halves, else of the usual day."""
    days = [row for row in rows if row["posts"] is not None]
    if not any(row["posts"] for row in days):
        return NOTHING
    peak = max(days, key=lambda row: (row["posts"], -row["day"].toordinal()))
    usual = median(row["posts"] for row in days)
    if len(days) >= 5 and _stands_out(peak["posts"], usual):
        return _tell_peak(peak["day"], peak["posts"], usual, rows)
    if len(days) == 1:
        return Words(
            f"{_say_day(peak['day'], rows).zh}共 {format_number(peak['posts'], 'zh')} 条",
            f"{format_number(peak['posts'])} posts on {_say_day(peak['day'], rows).en}",
        )
    return _tell_trend(days)


def tell_sentiment(rows: Rows, whole: Tally) -> Words:
    """Tell of the worst day where it is clearly below the rest, else which way opinion leans."""
    if whole.net is None or whole.net_interval is None:
        return NOTHING
    low, high = whole.net_interval
    judged = [row for row in rows if row["net"] is not None]
    worst = min(judged, key=lambda row: (row["high"], row["day"]))
    if len(judged) >= 5 and worst["net"] + 2 * (worst["high"] - worst["net"]) < low:
        day, net = _say_day(worst["day"], rows), (worst["low"], worst["high"])
        return Words(
            f"{day.zh}口碑跌至 {_signed(worst['net'], net, 'zh')}",
            f"Opinion fell to {_signed(worst['net'], net, 'en')} on {day.en}",
        )
    if low > 0:
        return Words("正面多于负面", "More is positive than negative")
    if high < 0:
        return Words("负面多于正面", "More is negative than positive")
    return Words("正面与负面不相上下", "Positive and negative balance out")


def tell_share(rows: Rows) -> Words:
    """Tell where the chosen brand stands; two whose intervals touch are level."""
    if not rows:
        return NOTHING
    first = rows[0]
    chosen = next((row for row in rows if row["is_chosen"]), None)
    if chosen is None or chosen is first:
        level = [row for row in rows[1:] if row["high"] >= first["low"]]
        if level:
            return _tell_level(first, level[0])
        share = (first["share"], (first["low"], first["high"]))
        return Words(
            f"{first['label_zh']}以 {format_number(share[0], 'zh', share[1])}% 居首",
            f"{first['label_en']} leads with {format_number(share[0], 'en', share[1])} %",
        )
    if chosen["high"] >= first["low"]:
        return _tell_level(first, chosen)
    place = rows.index(chosen) + 1
    return Words(
        f"{chosen['label_zh']}排第 {place}，{first['label_zh']}居首",
        f"{chosen['label_en']} is number {place}, behind {first['label_en']}",
    )


def tell_products(rows: Rows) -> Words:
    """Tell what is spoken of most; two that chance alone could part are named together."""
    if not rows:
        return NOTHING
    if len(rows) > 1:
        first, second = rows[0]["mentions"], rows[1]["mentions"]
        if first - second <= 2 * sqrt(first + second):
            return Words(
                f"{rows[0]['label_zh']}和{rows[1]['label_zh']}被谈论最多",
                f"{rows[0]['label_en']} and {rows[1]['label_en']} are spoken of most",
            )
    return Words(f"{rows[0]['label_zh']}被谈论最多", f"{rows[0]['label_en']} is spoken of most")


def tell_channels(rows: Rows) -> Words:
    """Tell where most is said, and its share."""
    whole = sum(row["posts"] for row in rows)
    if not whole:
        return NOTHING
    share = 100 * rows[0]["posts"] / whole
    return Words(
        f"{share:.0f}% 的声音来自{rows[0]['label_zh']}", f"{rows[0]['label_en']} carries {share:.0f}% of what is said"
    )


def tell_board(rows: Rows) -> Words:
    """Tell who was on the hot lists longest."""
    if not rows:
        return NOTHING
    return Words(f"{rows[0]['label_zh']}在榜最久", f"{rows[0]['label_en']} was on the hot lists longest")


def tell_posts(rows: Rows, total: int) -> Words:
    """Tell how much of all engagement the first post drew."""
    if not rows:
        return NOTHING
    if not total:
        return Words("这些帖子没有互动记录", "No reactions to these posts are recorded")
    share = 100 * rows[0]["total"] / total
    if share < 5:
        return Words("互动分散，没有一条独大", "Engagement is spread; no post dominates")
    return Words(f"一条帖子引来 {share:.0f}% 的互动", f"One post drew {share:.0f} % of all engagement")


def _stands_out(posts: int, usual: float) -> bool:
    return posts >= PEAK_RATIO * usual and posts - usual > MANY_DEVIATIONS * sqrt(max(usual, 1.0)) and posts >= 20


def _tell_peak(day: date, posts: int, usual: float, rows: Rows) -> Words:
    when = _say_day(day, rows)
    if usual < 1:
        return Words(f"声量集中在{when.zh}", f"Volume is concentrated on {when.en}")
    ratio = posts / usual
    if 2.75 <= ratio < 3.25:
        return Words(f"{when.zh}声量增至三倍", f"Volume tripled on {when.en}")
    if ratio < 2.25:
        return Words(f"{when.zh}声量翻倍", f"Volume doubled on {when.en}")
    times = format_number(float(ratio))
    return Words(f"{when.zh}声量达到平日的 {times} 倍", f"Volume reached {times} times the usual day on {when.en}")


def _tell_trend(days: Rows) -> Words:
    half = len(days) // 2
    first, last = sum(row["posts"] for row in days[:half]), sum(row["posts"] for row in days[-half:])
    usual = median(row["posts"] for row in days)
    if min(first, last) >= 20 and abs(last - first) > MANY_DEVIATIONS * sqrt(first + last):
        percent = f"{abs(last / first - 1) * 100:.0f}"
        if last > STEADY * first:
            return Words(f"后半段声量上升 {percent}%", f"Volume rose by {percent} % in the second half")
        if first > STEADY * last:
            return Words(f"后半段声量下降 {percent}%", f"Volume fell by {percent} % in the second half")
    return Words(
        f"声量平稳，每天约 {format_number(round(usual), 'zh')} 条",
        f"Volume is steady at about {format_number(round(usual))} posts a day",
    )


def _tell_level(first: dict[str, Any], second: dict[str, Any]) -> Words:
    return Words(
        f"{first['label_zh']}与{second['label_zh']}不相上下", f"{first['label_en']} and {second['label_en']} are level"
    )


def _say_day(day: date, rows: Rows) -> Words:
    """Name a day, with its year only where the period spans several."""
    if rows[0]["day"].year == rows[-1]["day"].year:
        return Words(f"{day.month}月{day.day}日", f"{day.day} {day:%B}")
    return Words(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {day:%B} {day.year}")


def _signed(value: float, interval: tuple[float, float], language: str) -> str:
    text = format_number(abs(value), language, interval)
    return text if float(text) == 0 else f"{'−' if value < 0 else '+'}{text}"
