"""From whole numbers to answers: shares, means, rates and their intervals; what was not seen stays missing."""

from __future__ import annotations

from canyu.kit.poisson import bound_poisson
from canyu.kit.words import Words
from canyu.measure.catalogue.metric import Counted
from canyu.measure.estimate import Estimate, tell_missing
from canyu.measure.intervals import (
    compare_shares,
    compute_mean_interval,
    compute_net_interval,
    compute_nps_interval,
    compute_share_interval,
)

NOBODY = Words("期间内没有可计入的对象。", "Nothing in the period can be counted.")
NOTHING_MEASURED = Words("期间内没有这项测量。", "Nothing of this was measured in the period.")
ONE_ONLY = Words("只有一个值，无法给出区间。", "There is one value only, so there is no interval.")
NO_BASE = Words("对照渠道没有转化，比值无法确定。", "The channel compared with converted nobody: no ratio is known.")
NO_LIFT = Words(
    "没有提升设计的增量估计：花费除以归因到的订单不是增量成本。",
    "No lift design gives the orders it brought: cost by attributed orders would be no cost of an increment.",
)
NO_GAIN = Words("增量估计不大于 0，无法折算单价。", "The lift is not above 0: there is no cost of one order.")
OPEN_END = Words("增量区间含 0 或以下，单价没有上限。", "The lift may be 0: the cost has no upper bound.")
STILL_OPEN = Words(
    "{count} 个在时限内仍未了结，尚不知结果，未计入。",
    "Open within their time, so that their end is not known yet, and left out: {count}.",
)
DISORDERED = Words(
    "{count} 个的后续早于开端（时钟不一致），未计入。",
    "Left out because what follows was told before what began (clocks out of order): {count}.",
)
UNTOLD = Words("另有 {count} 个未注明，未计入。", "Left out because they do not state it: {count}.")
ODD = Words(
    "{count} 份分数不在 0 至 10 之间，未计入。", "Scores left out because they are not within 0 to 10: {count}."
)
PAIRED = Words("两年各有 {days} 天可比。", "{days} days of each year can be compared.")
NO_REACTIONS = Words(
    "期间内没有互动记录；来源可能没有给出互动数。", "No reactions are recorded; the sources may not state them."
)
NOTES: dict[str, Words] = {"open": STILL_OPEN, "disordered": DISORDERED, "untold": UNTOLD, "odd": ODD}
"""What is said of counts that stand beside the answer, where they are not 0."""


def list_notes(counted: Counted) -> tuple[Words, ...]:
    """Return what must be said of the rows that were left out."""
    return tuple(words.fill(count=f"{counted[name]:,}") for name, words in NOTES.items() if counted[name])


def tell_count(counted: Counted, method: Words) -> Estimate:
    """Return how many there are."""
    return Estimate(counted["value"], None, None, None, method, list_notes(counted))


def tell_measured(counted: Counted, method: Words) -> Estimate:
    """Return a measured value; where nothing was measured it is missing, not 0."""
    if not counted["rows"]:
        return tell_missing(NOTHING_MEASURED, method)
    return tell_count(counted, method)


def tell_engagement(counted: Counted, method: Words) -> Estimate:
    """Return reactions; a source that states no counts looks just like posts that nobody reacted to."""
    if counted["rows"] and not counted["value"]:
        return tell_missing(NO_REACTIONS, method)
    return tell_count(counted, method)


def tell_minutes(counted: Counted, method: Words) -> Estimate:
    """Return whole minutes of microseconds."""
    return Estimate(counted["micros"] // 60_000_000, None, None, None, method)


def tell_a_day(counted: Counted, method: Words) -> Estimate:
    """Return the mean of the observed days: a day of which nothing was collected is no day of 0."""
    if not counted.observed_days:
        return tell_missing(NOBODY, method)
    return Estimate(counted["value"] / counted.observed_days, None, None, None, method)


def tell_share(counted: Counted, method: Words) -> Estimate:
    """Return a share in per cent."""
    part, whole, notes = counted["part"], counted["whole"], list_notes(counted)
    if not whole:
        return tell_missing(NOBODY, method, notes)
    low, high = compute_share_interval(part, whole)
    return Estimate(100 * part / whole, 100 * low, 100 * high, None, method, notes)


def tell_census_share(counted: Counted, method: Words) -> Estimate:
    """Return a share in per cent of what was measured in full: it has no interval."""
    if not counted["whole"]:
        return tell_missing(NOTHING_MEASURED, method)
    return Estimate(100 * counted["part"] / counted["whole"], None, None, None, method)


def tell_net(counted: Counted, method: Words) -> Estimate:
    """Return (positive - negative) of all that are judged, from -100 to 100."""
    positive, negative, whole = counted["positive"], counted["negative"], counted["whole"]
    if not whole:
        return tell_missing(NOBODY, method)
    low, high = compute_net_interval(positive, negative, whole)
    return Estimate(100 * (positive - negative) / whole, 100 * low, 100 * high, None, method)


def tell_nps(counted: Counted, method: Words) -> Estimate:
    """Return promoters less detractors of all answers, from -100 to 100."""
    promoters, detractors, whole = counted["promoters"], counted["detractors"], counted["whole"]
    if not whole:
        return tell_missing(NOBODY, method, list_notes(counted))
    low, high = compute_nps_interval(promoters, detractors, whole)
    return Estimate(100 * (promoters - detractors) / whole, 100 * low, 100 * high, None, method, list_notes(counted))


def tell_rate(counted: Counted, method: Words) -> Estimate:
    """Return events of each that could bring them, with the exact interval of the count.

    Some bring far more than others: where what each brought varies more than a Poisson count does, the interval is that
    of as many bunches. Source: P. McCullagh, J. Nelder (1989), Generalized Linear Models, section 6.2 (dispersion).
    """
    exposed, part, notes = counted["whole"], counted["part"], list_notes(counted)
    if not exposed:
        return tell_missing(NOBODY, method, notes)
    bunch = 1.0
    if part and exposed > 1:
        bunch = max(1.0, (counted["squares"] - part * part / exposed) / (exposed - 1) / (part / exposed))
    low, high = (end * bunch / exposed for end in bound_poisson(part / bunch))
    return Estimate(part / exposed, low, high, None, method, notes)


def tell_mean(counted: Counted, method: Words) -> Estimate:
    """Return a mean; one value alone has no interval."""
    count, total, notes = counted["whole"], counted["total"], list_notes(counted)
    if not count:
        return tell_missing(NOBODY, method, notes)
    if count == 1:
        return Estimate(total, None, None, None, method, (*notes, ONE_ONLY))
    low, high = compute_mean_interval(count, total, counted["squares"])
    return Estimate(total / count, low, high, None, method, notes)


def tell_lift(counted: Counted, method: Words) -> Estimate:
    """Return how much larger one share is than another, in per cent of the other; nothing about why."""
    part, whole, other, other_whole = (counted[name] for name in ("part", "whole", "other_part", "other_whole"))
    notes = list_notes(counted)
    if not whole or not other_whole:
        return tell_missing(NOBODY, method, notes)
    if not other:
        return tell_missing(NO_BASE, method, notes)
    low, high, p_value = compare_shares(part, whole, other, other_whole)
    ratio = (part / whole) / (other / other_whole)
    return Estimate(100 * (ratio - 1), 100 * (low - 1), 100 * (high - 1), p_value, method, notes)


def tell_change(counted: Counted, method: Words) -> Estimate:
    """Return the change of a level on the paired days, in per cent."""
    if not counted["before"]:
        return tell_missing(NOTHING_MEASURED, method)
    note = PAIRED.fill(days=counted["paired_days"])
    return Estimate(100 * (counted["now"] / counted["before"] - 1), None, None, None, method, (note,))


def tell_cost(counted: Counted, method: Words) -> Estimate:
    """Return the cost of one order more, in minor units, from a lift that was estimated elsewhere."""
    lift, cost = counted.query.incremental, counted["cost"]
    if lift is None or lift.value is None:
        return tell_missing(lift.missing if lift and lift.missing else NO_LIFT, method)
    if not counted["rows"]:
        return tell_missing(NOTHING_MEASURED, method)
    if lift.value <= 0:
        return tell_missing(NO_GAIN, method)
    is_open = lift.low is None or lift.low <= 0
    low = cost / lift.high if lift.high else None
    high = None if is_open or lift.low is None else cost / lift.low
    return Estimate(cost / lift.value, low, high, lift.p_value, method, (OPEN_END,) if is_open else ())
