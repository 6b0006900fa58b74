"""What a team may set about topics, checked."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.periods import UNITS


@dataclass(frozen=True, slots=True)
class TopicSettings:
    """How topics are found. Raises BadInput that names the field and the mend."""

    period: str = "day"
    time_zone: str = "Asia/Shanghai"
    least_posts: int = 5
    """Posts, copies counted once, that a topic must hold."""
    least_like: float = 0.09
    """Cosine to a topic's centroid from which a post belongs to it."""
    same_topic: float = 0.5
    """Cosine of two centroids from which they are one topic."""
    goes_on: float = 0.35
    """Cosine of two periods' centroids from which a topic goes on."""

    def __post_init__(self) -> None:
        if self.period not in UNITS:
            raise _refuse("period", Words("可用：day、week。", "Choose day or week."))
        if not 2 <= self.least_posts <= 1_000_000:
            raise _refuse("least_posts", Words("请给 2 到 1000000 之间的整数。", "Give 2 to 1,000,000."))
        for name in ("least_like", "same_topic", "goes_on"):
            if not 0 < getattr(self, name) <= 1:
                raise _refuse(name, Words("请给大于 0、至多 1 的数。", "Give a number above 0, at most 1."))
        try:
            ZoneInfo(self.time_zone)
        except (ValueError, OSError, KeyError):
            mend = Words("请给时区名，例如 Asia/Shanghai。", "Name a time zone, for example Asia/Shanghai.")
            raise _refuse("time_zone", mend) from None


def _refuse(name: str, mend: Words) -> BadInput:
    return BadInput(Words(f"“{name}”不能用。", f"“{name}” cannot be used."), mend=mend)
