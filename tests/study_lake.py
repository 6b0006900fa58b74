"""A lake for every kind of study: journeys with shares and survey answers, four experiments, a lift by market."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import canyu
from canyu.kit.jsonio import dump_json
from canyu.measure.experiments import assign
from canyu.measure.experiments.experiment_file import parse_experiments
from journey_lake import START, draw_events, make_event, write_events

Draw = Callable[..., dict[str, Any]]
HOSTILE = "<script>alert(1)</script>"
DAYS = "from=2025-03-03&to=2025-04-06"
EXPERIMENTS = """format: 1
experiments:
  - name: button
    unit: person
    arms: [{name: control, weight: 0.5}, {name: big, weight: 0.5}]
    start: 2025-03-03T00:00:00+08:00
    end: 2025-03-10T00:00:00+08:00
    looks: 7
    expected_units: 200
    outcomes:
      - {name: orders, label: {zh: 下单, en: orders placed}, event: order}
  - name: broken
    unit: person
    arms: [{name: control, weight: 0.5}, {name: big, weight: 0.5}]
    start: 2025-03-03T00:00:00+08:00
    end: 2025-03-10T00:00:00+08:00
    outcomes:
      - {name: orders, event: order}
  - name: invite
    shareable: true
    unit: person
    arms: [{name: control, weight: 0.5}, {name: big, weight: 0.5}]
    start: 2025-03-03T00:00:00+08:00
    end: 2025-03-10T00:00:00+08:00
    outcomes:
      - {name: shares, event: share}
      - {name: orders, event: order}
  - name: towns
    shareable: true
    arms: [{name: control, weight: 0.5, saturation: 0}, {name: big, weight: 0.5, saturation: 0.5}]
    start: 2025-03-03T00:00:00+08:00
    end: 2025-03-10T00:00:00+08:00
    outcomes:
      - {name: orders, event: order}
"""
LIFT = """format: 1
id: spring
name: {zh: 春季广告, en: Spring ads}
kind: geo_lift
outcome: {event: order, unit: market, grain: day}
treated: [m0]
first: 2025-03-03
start: 2025-05-22
end: 2025-05-31
untouched: the ads ran in one market alone
"""
MARKETS, LIFT_DAYS, LIFT_START = 8, 90, 80


def fill_study_lake(path: Path) -> canyu.Lake:
    """Write the events; the same every time."""
    return write_events(canyu.open(path, create=True), list(list_events()))


def list_events() -> Iterator[dict[str, Any]]:
    yield from draw_events()
    numbers = iter(range(10_000, 1_000_000))

    def draw(kind: str, actor: str, hours: float, **given: Any) -> dict[str, Any]:
        name = f"s{next(numbers)}"
        return make_event(
            0, **{"id": name, "type": kind, "actor": actor, "time": START + timedelta(hours=hours), **given}
        )

    yield from list_referrals(draw)
    yield from list_exposed(draw)
    yield from list_markets(draw)


def list_referrals(draw: Draw) -> Iterator[dict[str, Any]]:
    """Three orders through a share, two buyers who say where they heard of it, a campaign with a hostile name."""
    for number in range(3):
        share = draw("share", "sharer", 10, object="su7", channel="wechat")
        click = draw("click", f"friend{number}", 11, parent=share["id"], channel="wechat", campaign=HOSTILE)
        yield from (share, click, draw("order", f"friend{number}", 12, parent=click["id"], channel="wechat"))
    for number, word in enumerate(("friend", HOSTILE)):
        props = dump_json({"answer": word})
        yield draw("submit", f"friend{number}", 13, object="survey/heard-from", props=props)


def list_exposed(draw: Draw) -> Iterator[dict[str, Any]]:
    """One order a day each, a second one for those with the big button; the broken one lost half of an arm."""
    found = parse_experiments(EXPERIMENTS)
    for name in ("button", "broken", "invite"):
        for number in range(200):
            given = assign(found[name], f"{name}{number}")
            assert given is not None
            if name == "broken" and given.arm == "big" and number % 2:
                continue
            hour = number % 100
            yield draw("view", f"{name}{number}", hour, object=given.object)
            for again in range(number % 3 + 2 * (given.arm == "big")):
                yield draw("order", f"{name}{number}", hour + again + 1)
    for town in range(50):
        for number in range(6):
            person = f"t{town}-{number}"
            given = assign(found["towns"], person, cluster=f"town{town}")
            assert given is not None
            props = dump_json({"cluster": f"town{town}"})
            yield draw("view", person, 1, object=given.object, props=props)
            for again in range((town + number) % 3 + (given.arm == "big") + given.is_treated):
                yield draw("order", person, 2 + again)


def list_markets(draw: Draw) -> Iterator[dict[str, Any]]:
    """Orders by market and day that share a week and some noise; m0 has half as many again from day 80 on."""
    chance = random.Random(7)
    for day in range(LIFT_DAYS):
        common = 6 + 2 * (day % 7 in {5, 6}) + chance.randrange(2)
        for market in range(MARKETS):
            many = common + market % 3 + chance.randrange(2) + 4 * (market == 0 and day >= LIFT_START)
            for number in range(many):
                yield draw("order", f"m{market}-{day}-{number}", 24 * day + 1 + number / 10, market=f"m{market}")
