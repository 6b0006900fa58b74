"""Reads a question from an address: every field on its own, so that each fault stands beside its field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.attribution import Model
from canyu.measure.journeys import (
    FunnelQuery,
    JourneyQuery,
    Quantity,
    RetentionQuery,
    StartRule,
    parse_step,
)
from canyu.measure.journeys.funnels import MOST_STEPS
from canyu.measure.journeys.paths import ORDERS, TOUCHES
from canyu.measure.journeys.spans import parse_span
from canyu.measure.journeys.steps import check_field
from canyu.ops.insight.rules import Bounds, drop_nul, parse_period

BLANK_STEPS = 4
NO_RULE = Words("没有写明起点。", "The start is not named.")
NAME_RULE = Words(
    "选“首次起点”或“任意起点”：两者可差十倍。", "Choose first start or any start: they differ by up to ten times."
)
ONE_STEP = Words("漏斗至少要两步。", "A funnel has two steps at least.")
ADD_STEP = Words("再写一步。", "Write one more.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: ``query`` is None where nothing is asked yet, or where a field is at fault."""

    query: Any
    typed: dict[str, Any]
    faults: dict[str, BadInput]


@dataclass(frozen=True, slots=True)
class CreditQuery:
    """What an attribution is asked for."""

    journeys: JourneyQuery
    model: Model


@dataclass(slots=True)
class Reading:
    """Takes fields from an address and keeps what is wrong with them."""

    params: QueryDict
    bounds: Bounds
    typed: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, BadInput] = field(default_factory=dict)

    def take(self, name: str, read: Callable[[str], Any], usual: str = "") -> Any:
        """Return a field as it is read; None, and its fault, where it cannot be."""
        text = self.params.get(name, "").replace("\0", "").strip() or usual
        self.typed[name] = text
        return self.read(name, text, read)

    def take_field(self, name: str, usual: str = "") -> str:
        """Return the name of a field of events, or nothing."""
        return self.take(name, lambda text: check_field(text) if text else "", usual) or ""

    def take_text(self, name: str) -> str:
        """Return a text as it is."""
        return self.take(name, str) or ""

    def read(self, name: str, text: str, read: Callable[[str], Any]) -> Any:
        """Return a text as it is read; None, and its fault under ``name``, where it cannot be."""
        try:
            return read(text)
        except BadInput as error:
            self.faults[name] = error
            return None

    def take_period(self) -> tuple[Any, Any]:
        """Return first and last day."""
        given = drop_nul({name: self.params.get(name, "") for name in self.params})
        self.typed |= {name: given.get(name, "") for name in ("from", "to")}
        try:
            start, end = parse_period(given, self.bounds)
        except BadInput as error:
            self.faults["period"] = error
            return None, None
        self.typed |= {"from": start.isoformat(), "to": end.isoformat()}
        return start, end

    def finish(self, build: Callable[[], Any], *, is_asked: bool = True) -> Asked:
        """Return the question, where something is asked and nothing is at fault."""
        is_whole = is_asked and not self.faults
        return Asked(build() if is_whole else None, self.typed, self.faults)


def read_funnel(params: QueryDict, bounds: Bounds) -> Asked:
    """Return the funnel that an address asks for; nothing while it names no step."""
    reading = Reading(params, bounds)
    texts = [text.replace("\0", "").strip() for text in params.getlist("step")][:MOST_STEPS]
    texts = [text for text in texts if text]
    steps = [reading.read(f"step{place}", text, parse_step) for place, text in enumerate(texts)]
    start, end = reading.take_period()
    window = reading.take("window", parse_span, "14d")
    hold, by, market = reading.take_field("hold"), reading.take_field("by"), reading.take_text("market")
    rule: Any = reading.take("start", _read_rule) if texts else None
    if len(texts) == 1:
        reading.faults["step1"] = BadInput(ONE_STEP, mend=ADD_STEP)
    blank = max(BLANK_STEPS - len(texts), 1 if len(texts) < MOST_STEPS else 0)
    reading.typed["steps"] = [
        (text, reading.faults.get(f"step{place}")) for place, text in enumerate(texts + [""] * blank)
    ]
    return reading.finish(
        lambda: FunnelQuery(
            start, end, tuple(step for step in steps if step), window, rule, hold, by, bounds.zone, market
        ),
        is_asked=bool(texts),
    )


def read_retention(params: QueryDict, bounds: Bounds) -> Asked:
    """Return the retention that an address asks for; nothing while it does not say what begins."""
    reading = Reading(params, bounds)
    start, end = reading.take_period()
    begins = reading.take("begin", lambda text: parse_step(text) if text else None)
    back = reading.take("back", lambda text: parse_step(text) if text else None)
    quantity = reading.take("quantity", lambda text: _read_choice(text, Quantity), Quantity.PEOPLE)
    market = reading.take_text("market")
    return reading.finish(
        lambda: RetentionQuery(start, end, begins, back or begins, quantity or Quantity.PEOPLE, bounds.zone, market),
        is_asked=begins is not None,
    )


def read_journeys(params: QueryDict, bounds: Bounds) -> Asked:
    """Return the journeys that an address asks for: those to an order, unless told otherwise."""
    reading = Reading(params, bounds)
    query = _take_journeys(reading)
    return reading.finish(query)


def read_attribution(params: QueryDict, bounds: Bounds) -> Asked:
    """Return the attribution that an address asks for: of orders, unless told otherwise."""
    reading = Reading(params, bounds)
    query = _take_journeys(reading)
    half_life = reading.take("half_life", parse_span, "7d")
    order = reading.take("order", lambda text: int(_read_choice(text, tuple("12345"))), "1")
    return reading.finish(lambda: CreditQuery(query(), Model(half_life, order or 1)))


def _take_journeys(reading: Reading) -> Callable[[], JourneyQuery]:
    start, end = reading.take_period()
    touch = reading.take("touch", parse_step, TOUCHES.name)
    conversion = reading.take("conversion", parse_step, ORDERS.name)
    lookback = reading.take("lookback", parse_span, "30d")
    by, market = reading.take_field("by", "channel"), reading.take_text("market")
    zone = reading.bounds.zone
    return lambda: JourneyQuery(start, end, touch, conversion, lookback, by, zone, market)


def _read_rule(text: str) -> StartRule:
    if text not in set(StartRule):
        raise BadInput(NO_RULE, mend=NAME_RULE)
    return StartRule(text)


def _read_choice(text: str, choices: Any) -> Any:
    known = [str(choice) for choice in choices]
    if text not in known:
        listed = ", ".join(known)
        raise BadInput(
            Words(f"没有 {text!r} 这个选项。", f"There is no choice {text!r}."),
            mend=Words(f"可用：{listed}。", f"There are: {listed}."),
        )
    return choices(text) if isinstance(choices, type) else text
