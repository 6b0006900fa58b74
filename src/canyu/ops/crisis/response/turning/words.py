"""What is said of opinion on pages and in reports."""

from __future__ import annotations

from canyu.care.crisis.turning import Change, Closing, Verdict
from canyu.kit.words import Words

VERDICTS = {
    Verdict.NOT_ENOUGH: Words("帖子不够，不能下结论", "Not enough posts to say"),
    Verdict.NOT_TURNED: Words("舆论没有转变", "Opinion did not turn"),
    Verdict.CLEARING: Words("正在转变，还不到 24 小时", "Opinion is turning, but not for 24 hours yet"),
    Verdict.TURNED: Words("舆论已转变", "Opinion turned"),
    Verdict.WORSE: Words("舆论变差", "Opinion got worse"),
}
CELLS = {
    "topic_before": Words("话题，声明前", "the topic, before"),
    "topic_after": Words("话题，声明后", "the topic, after"),
    "controls_before": Words("其他帖子，声明前", "other posts, before"),
    "controls_after": Words("其他帖子，声明后", "other posts, after"),
}
CLOSINGS = {
    Closing.NO_BAND: Words(
        "危机前有帖子的日子不到 14 天，没有常态区间", "Fewer than 14 days with posts before: no band"
    ),
    Closing.NOT_ENOUGH: Words("最近 24 小时的帖子不到 30 条", "Fewer than 30 posts in the last 24 hours"),
    Closing.ABOVE: Words("仍高于常态区间", "Still above its ordinary band"),
    Closing.SETTLING: Words("已回到常态区间，还不到 48 小时", "Back within its band, but not for 48 hours yet"),
    Closing.BACK: Words("已回到常态区间 48 小时：可以结束", "Back within its band for 48 hours: it may close"),
}


def list_points(change: Change) -> tuple[str, str, str]:
    """Return a change and its interval in points, with their signs.

    >>> list_points(Change(-0.123, -0.2, -0.04, 9.0))
    ('-12.3', '-20.0', '-4.0')
    """
    value, low, high = (f"{100 * each:+.1f}" for each in (change.value, change.low, change.high))
    return value, low, high
