"""Small lakes with experiments in them: people, orders and exposures told one by one, so that Python can count anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import canyu
from canyu.events import Event, build_event_table
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words
from canyu.measure.experiments import Arm, Experiment, Kind, Outcome, Unit

START = datetime(2025, 4, 1, tzinfo=UTC)
END = START + timedelta(days=14)
ARMS = (Arm("control", 0.5), Arm("big-button", 0.5))
ORDERS = Outcome("orders", Words("下单", "orders"), "order")
SPENT = Outcome("spent", Words("消费", "spent"), "order", currency="CNY", days_before=30)
BUYERS = Outcome("buyers", Words("下单者", "buyers"), "order", Kind.PROPORTION, days=7)
PER_VISIT = Outcome("per-visit", Words("每次访问下单", "orders per visit"), "order", Kind.RATIO, per="visit")


@dataclass
class Teller:
    """Tells a lake what happened, hour by hour from the start of the experiment."""

    events: list[Event] = field(default_factory=list)

    def tell(self, verb: str, actor: str, hour: float, **given: Any) -> None:
        moment = START + timedelta(hours=hour)
        name = f"e{len(self.events)}"
        given.setdefault("object", "shop")
        self.events.append(Event(name, verb, moment, moment, "test", actor=actor, **given))

    def expose(self, actor: str, hour: float, arm: str, name: str = "button", cluster: str = "") -> None:
        props = dump_json({"cluster": cluster}) if cluster else "{}"
        self.tell("view", actor, hour, object=f"experiment:{name}/{arm}", props=props)

    def order(self, actor: str, hour: float, value: int = 100, currency: str = "CNY") -> None:
        self.tell("order", actor, hour, value=value, currency=currency)

    def write(self, path: Path) -> canyu.Lake:
        lake = canyu.open(path, create=True)
        lake.append(build_event_table(self.events))
        return lake


@pytest.fixture
def teller() -> Teller:
    return Teller()


@pytest.fixture
def make() -> Callable[..., Experiment]:
    """Return an experiment of two arms over fourteen days, changed as is said."""

    def build(*outcomes: Outcome, unit: Unit = Unit.PERSON, **given: Any) -> Experiment:
        given = {"arms": ARMS, **given}
        return Experiment("button", unit, given.pop("arms"), START, END, outcomes or (ORDERS,), **given)

    return build
