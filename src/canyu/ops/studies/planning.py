"""The power of a planned experiment, and the length of a planned geo lift, as an address states them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from canyu.kit.errors import BadInput, CanyuError
from canyu.kit.words import Words
from canyu.measure.experiments import Trial, compute_design_effect, compute_power, find_minimum_effect, find_units

MOST_UNITS = 1_000_000_000
MOST_PERIODS = 366
NUMBERS: dict[str, tuple[Words, str]] = {
    "deviation": (Words("标准差", "Standard deviation"), "1"),
    "units": (Words("两组合计人数", "People of both arms"), "20000"),
    "share": (Words("处理组份额", "Share of the treated"), "0.5"),
    "people": (Words("每群人数（按人分配为 1）", "People per cluster (1: people are assigned)"), "1"),
    "icc": (Words("群内相关", "Correlation within clusters"), "0"),
    "effect": (Words("值得发现的差异", "Difference worth finding"), "0.05"),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """What a planned comparison finds: the smallest effect, the power at the asked one, the people that it takes."""

    design_effect: float
    smallest: float
    power: float
    units: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A calculation as it was typed, and its answer or what is wrong."""

    fields: tuple[tuple[str, Words, str, BadInput | None], ...]
    is_daily: bool
    found: Planned | None
    fault: CanyuError | None = None


@dataclass(frozen=True, slots=True)
class MarketPlan:
    """How many periods a geo lift is planned for; 0 while none is stated."""

    typed: str
    length: int
    fault: CanyuError | None = None


def read_plan(params: Mapping[str, str]) -> Plan:
    """Return the calculation that an address asks for; nothing is computed while it states nothing."""
    typed = {name: params.get(name, "").strip() or usual for name, (_label, usual) in NUMBERS.items()}
    numbers: dict[str, float] = {}
    faults: dict[str, BadInput] = {}
    for name, text in typed.items():
        try:
            numbers[name] = _read_number(text)
        except BadInput as error:
            faults[name] = error
    fields = tuple((name, label, typed[name], faults.get(name)) for name, (label, _usual) in NUMBERS.items())
    is_daily = params.get("daily", "") == "1"
    if faults or not any(name in params for name in NUMBERS):
        return Plan(fields, is_daily, None)
    try:
        return Plan(fields, is_daily, _calculate(numbers, is_daily))
    except BadInput as error:
        return Plan(fields, is_daily, None, error)


def read_market_plan(params: Mapping[str, str]) -> MarketPlan:
    """Return the length that an address states."""
    typed = params.get("length", "").strip()
    if not typed:
        return MarketPlan("14", 0)
    if typed.isascii() and typed.isdigit() and 1 <= int(typed[:6]) <= MOST_PERIODS:
        return MarketPlan(typed, int(typed))
    fault = BadInput(
        Words(f"时长 {typed[:40]!r} 不能用。", f"The length {typed[:40]!r} cannot be used."),
        mend=Words(f"请写 1 到 {MOST_PERIODS} 的整数。", f"Write a whole number from 1 to {MOST_PERIODS}."),
    )
    return MarketPlan(typed, 0, fault)


def _calculate(numbers: Mapping[str, Any], is_daily: bool) -> Planned:
    effect = compute_design_effect(max(numbers["people"], 1.0), numbers["icc"])
    trial = Trial(
        deviation=numbers["deviation"],
        units=int(min(numbers["units"], MOST_UNITS)),
        share=numbers["share"],
        is_daily=is_daily,
        design_effect=effect,
    )
    smallest, power = find_minimum_effect(trial), compute_power(trial, numbers["effect"])
    return Planned(effect, smallest, power, find_units(trial, numbers["effect"]))


def _read_number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= MOST_UNITS:
        raise BadInput(
            Words(f"{text[:40]!r} 不能用。", f"{text[:40]!r} cannot be used."),
            mend=Words("请写 0 到 10 亿之间的数。", "Write a number from 0 to a billion."),
        )
    return number
