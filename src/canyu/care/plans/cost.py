"""What it costs to own a product: price, plans and expected repairs less resale, discounted, with every assumption."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from canyu.care.plans.money import round_minor
from canyu.kit.words import Words

MONTHS = Decimal(12)
MIDDLE = Decimal("0.5")


class Ranged(NamedTuple):
    """A stated value with the range in which it may lie; both ends are the value itself where none was stated."""

    low: Decimal
    likely: Decimal
    high: Decimal


NOTHING = Ranged(Decimal(0), Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True)
class PlanPrice:
    """What a plan costs some months after the purchase; ``share`` of it is paid while ``promise`` is not broken."""

    words: Words
    price_minor: int
    month: int = 0
    share: Decimal = Decimal(1)
    promise: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """A repair that may be needed: chance in a year, price in minor units, and the share that a plan pays until then.

    ``covered_months``: how long the plan pays, from the purchase on.
    """

    words: Words
    chance: Ranged
    price: Ranged
    covered: Decimal = Decimal(0)
    covered_months: int = 0


@dataclass(frozen=True, slots=True)
class Ownership:
    """Everything that the cost of owning a product is reckoned from; amounts in minor units of one currency."""

    currency: str
    years: int
    discount: Ranged
    price_minor: int
    plans: tuple[PlanPrice, ...] = ()
    repairs: tuple[Repair, ...] = ()
    resale: Ranged = NOTHING


@dataclass(frozen=True, slots=True)
class CostLine:
    """One part of the cost in minor units of the day of the purchase; resale is negative."""

    kind: str
    words: Words
    low_minor: int
    likely_minor: int
    high_minor: int


@dataclass(frozen=True, slots=True)
class CostAnswer:
    """The cost of owning with its lines, which add up to the minor unit, and what was assumed."""

    currency: str
    years: int
    low_minor: int
    likely_minor: int
    high_minor: int
    lines: tuple[CostLine, ...]
    assumptions: tuple[Words, ...]


def compute_cost(asked: Ownership, broken: Collection[str] = ()) -> CostAnswer:
    """Return the cost of owning, with the range that the stated ranges allow; ``broken``: promises that do not hold.

    Each line is rounded once, so the lines add up to the total. The range takes each line at its own worst and best
    end, the discount too: no values within the stated ranges lead outside of it. It is no interval of confidence.

    >>> none = Ranged(Decimal(0), Decimal(0), Decimal(0))
    >>> asked = Ownership("CNY", 3, none, 599900, resale=Ranged(Decimal(150000), Decimal(180000), Decimal(200000)))
    >>> found = compute_cost(asked)
    >>> found.low_minor, found.likely_minor, found.high_minor
    (399900, 419900, 449900)
    """
    lines = tuple(_list_lines(asked, frozenset(broken)))
    low, likely, high = (sum(getattr(line, f"{end}_minor") for line in lines) for end in ("low", "likely", "high"))
    return CostAnswer(asked.currency, asked.years, low, likely, high, lines, tuple(_list_assumptions(asked, broken)))


def _list_lines(asked: Ownership, broken: frozenset[str]) -> Iterator[CostLine]:
    whole = asked.price_minor
    yield CostLine("price", Words("购买价", "price"), whole, whole, whole)
    for plan in asked.plans:
        paid = plan.price_minor * (Decimal(1) if plan.promise in broken else plan.share)
        if plan.month < asked.years * MONTHS:
            amounts = (round_minor(paid * _weigh(rate, plan.month / MONTHS)) for rate in _turn(asked.discount))
            yield CostLine("plan", plan.words, *amounts)
    for repair in asked.repairs:
        ends = zip(repair.chance, repair.price, _turn(asked.discount), strict=True)
        yield CostLine("repair", repair.words, *(round_minor(_expect(asked.years, repair, *end)) for end in ends))
    if asked.resale.high:
        # what comes back is worth most at the low discount, and makes the cost lowest
        ends_back = zip(asked.resale[::-1], asked.discount, strict=True)
        back = (-round_minor(value * _weigh(rate, Decimal(asked.years))) for value, rate in ends_back)
        yield CostLine("resale", Words("转卖所得", "resale"), *back)


def _turn(discount: Ranged) -> tuple[Decimal, Decimal, Decimal]:
    """Return the discounts that make a later payment lowest, likely and highest."""
    return discount.high, discount.likely, discount.low


def _weigh(discount: Decimal, years: Decimal) -> Decimal:
    return (1 + discount) ** -years


def _expect(years: int, repair: Repair, chance: Decimal, price: Decimal, discount: Decimal) -> Decimal:
    """Return the expected payments for a repair, each at the middle of its year; a year half covered pays by months."""
    total = Decimal(0)
    for year in range(years):
        months = max(0, min(12, repair.covered_months - 12 * year))
        own = 1 - repair.covered * months / MONTHS
        total += chance * price * own * _weigh(discount, year + MIDDLE)
    return total


def _list_assumptions(asked: Ownership, broken: Collection[str]) -> Iterator[Words]:
    yield Words(f"持有 {asked.years} 年，期末转卖。", f"Owned for {asked.years} years, sold at their end.")
    low, likely, high = (f"{value * 100:.4g}%" for value in asked.discount)
    yield Words(f"年折现率 {likely}（{low} 至 {high}）。", f"Discounted at {likely} a year ({low} to {high}).")
    for repair in asked.repairs:
        low, likely, high = (f"{value * 100:.4g}%" for value in repair.chance)
        covered = f"{repair.covered * 100:.4g}%"
        yield Words(
            f"“{repair.words.zh}”每年发生的概率 {likely}（{low} 至 {high}），各年相同，费用记在年中；"
            f"前 {repair.covered_months} 个月由保障承担 {covered}。",
            f"“{repair.words.en}” happens with a chance of {likely} a year ({low} to {high}), the same each year, paid "
            f"at the middle of it; a plan pays {covered} in the first {repair.covered_months} months.",
        )
    for plan in asked.plans:
        if plan.promise:
            zh, en = ("承诺有效", "which holds")
            if plan.promise in broken:
                zh, en = ("承诺已违约，按全价", "which is broken, so the whole price is paid")
            share = f"{plan.share * 100:.4g}%"
            yield Words(
                f"“{plan.words.zh}”按承诺 {plan.promise} 付 {share}：{zh}。",
                f"“{plan.words.en}” is paid at {share} by the promise {plan.promise}, {en}.",
            )
    yield Words(
        "区间把每一项取到各自所述范围的两端，不是置信区间；各项之间未假设相关。",
        "The range takes each line at the ends of its stated range; it is no interval of confidence.",
    )
