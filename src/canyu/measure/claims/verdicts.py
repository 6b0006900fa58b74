"""The rule of a verdict: what an interval, or a bound, says of a stated figure; pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from canyu.kit.words import Words
from canyu.measure.claims.claim import Claim, Relation


class Verdict(StrEnum):
    """What the lake says of a claim."""

    VERIFIED = "verified"
    CONTRADICTED = "contradicted"
    NOT_SUPPORTED = "not_supported"


class Reason(StrEnum):
    """Why the verdict is what it is."""

    HOLDS = "holds"
    FAILS = "fails"
    NO_DATA = "no_data"
    TOO_WIDE = "too_wide"
    LOWER_BOUND = "lower_bound"
    UNKNOWN_ERROR = "unknown_error"
    NO_DESIGN = "no_lift_design"
    NO_DEFINITION = "no_definition"
    UNSOUND_DESIGN = "unsound_design"


VERDICTS: dict[Verdict, Words] = {
    Verdict.VERIFIED: Words("已证实", "verified"),
    Verdict.CONTRADICTED: Words("与数据矛盾", "contradicted"),
    Verdict.NOT_SUPPORTED: Words("无法支持", "not supported"),
}
REASONS: dict[Reason, Words] = {
    Reason.HOLDS: Words("区间内的每个值都符合说法。", "Every value of the interval agrees with the claim."),
    Reason.FAILS: Words("区间内没有一个值符合说法。", "No value of the interval agrees with the claim."),
    Reason.NO_DATA: Words("没有数据。", "No data."),
    Reason.TOO_WIDE: Words(
        "区间太宽：其中有的值符合说法，有的不符合。", "The interval is too wide: some of its values agree, some do not."
    ),
    Reason.LOWER_BOUND: Words(
        "数据只给出下限，真值可能更高。", "The data give a lower bound only; the true figure may be higher."
    ),
    Reason.UNKNOWN_ERROR: Words(
        "这个数没有区间，也没有说明数据为何完整，误差未知。",
        "The figure has no interval and nothing says why the data are complete, so its error is not known.",
    ),
    Reason.NO_DESIGN: Words(
        "说法讲的是因果，却没有增量设计；归因不等于增量。",
        "The claim speaks of a cause and names no lift design; attribution is not lift.",
    ),
    Reason.NO_DEFINITION: Words("目录里没有这个指标的定义。", "The catalogue holds no definition of this metric."),
    Reason.UNSOUND_DESIGN: Words(
        "增量设计不成立：在什么都没做的时段也得出“效果”。",
        "The lift design is unsound: it finds an effect where nothing was done.",
    ),
}
FLOORS = frozenset(
    {
        *("volume", "volume_once", "ugc_a_day", "engagement", "reach", "posts_a_day"),
        *("index_peak", "plays", "downloads", "board_minutes", "board_title_minutes"),
        *("orders", "preorders", "units"),
    }
)
"""Metrics that data left out can only make smaller: what was counted is a lower bound of what happened."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a verdict stands on: the figure and the bounds of the truth; an open bound is None.

    ``is_known`` is False where not even a bound is known.
    """

    value: float
    low: float | None
    high: float | None
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and its reason."""

    verdict: Verdict
    reason: Reason


def judge(claim: Claim, ground: Ground) -> Judged:
    """Return what the bounds say of the stated figure.

    Verified where every value between the bounds agrees, contradicted where none does, else not supported: at a level
    of 95 % a figure that is not as stated is called verified at most 2.5 % of the time by a one-sided relation.

    >>> claim = Claim("a", Words("", ""), "", 100, Relation.AT_LEAST)
    >>> bounds = ((105, 140), (90, 140), (80, 95), (90, None))
    >>> [judge(claim, Ground(100, low, high)).verdict.value for low, high in bounds]
    ['verified', 'not_supported', 'contradicted', 'not_supported']
    """
    if not ground.is_known:
        return Judged(Verdict.NOT_SUPPORTED, Reason.UNKNOWN_ERROR)
    least, most = _find_span(claim)
    is_above = ground.low is not None and (ground.low > least if _is_strict(claim) else ground.low >= least)
    is_below = most is None or (ground.high is not None and ground.high <= most)
    if is_above and is_below:
        return Judged(Verdict.VERIFIED, Reason.HOLDS)
    falls_short = ground.high is not None and (ground.high <= least if _is_strict(claim) else ground.high < least)
    goes_beyond = most is not None and ground.low is not None and ground.low > most
    if falls_short or goes_beyond:
        return Judged(Verdict.CONTRADICTED, Reason.FAILS)
    return Judged(Verdict.NOT_SUPPORTED, Reason.LOWER_BOUND if ground.high is None else Reason.TOO_WIDE)


def _find_span(claim: Claim) -> tuple[float, float | None]:
    if claim.relation is not Relation.ABOUT:
        return claim.stated, None
    half = abs(claim.stated) * claim.within / 100
    return claim.stated - half, claim.stated + half


def _is_strict(claim: Claim) -> bool:
    return claim.relation is Relation.EXCEEDS
