"""Every metric by name."""

from __future__ import annotations

from difflib import get_close_matches

from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.measure.catalogue import attention, care, people, sales, sharing, voice
from canyu.measure.catalogue.metric import Metric

METRICS: dict[str, Metric] = {
    metric.name: metric for chapter in (voice, attention, sharing, sales, care, people) for metric in chapter.METRICS
}


def get_metric(name: str) -> Metric:
    """Return the metric of this name. Raises NotFound, with names that are like it."""
    if name in METRICS:
        return METRICS[name]
    near = get_close_matches(name, METRICS, n=3)
    mend = (
        Words(f"是不是：{'、'.join(near)}？", f"Did you mean {', '.join(near)}?")
        if near
        else Words("用 canyu metric --list 查看全部。", "See all with canyu metric --list.")
    )
    raise NotFound(Words(f"没有名为 {name!r} 的指标。", f"There is no metric {name!r}."), mend=mend)
