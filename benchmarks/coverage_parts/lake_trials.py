"""The same from a real lake, end to end: events that come late, twice or not at all, read as the commands read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

import numpy as np
import pyarrow as pa

import canyu
from canyu.kit.words import Words
from canyu.measure.attribution import Method, Model, compute_attribution
from canyu.measure.experiments import Arm, Experiment, Outcome, Sums, Unit, analyse, compare
from canyu.measure.experiments.comparing import Asking
from canyu.measure.journeys import FunnelQuery, JourneyQuery, StartRule, compute_funnel, parse_step
from canyu.measure.lift import LiftDesign, LiftKind, compute_lift, read_study
from canyu.measure.lift import Outcome as Counted
from canyu.measure.loyalty import BgNbd, Customers, LoyaltyQuery, measure_loyalty
from canyu.rehearse.worlds import (
    PanelPlan,
    PathWorld,
    draw_leaving_buyers,
    draw_panel,
    draw_paths,
    draw_people,
    get_day,
    name_world,
    tell_buyers,
    tell_experiment,
    tell_funnels,
    tell_journeys,
    tell_panels,
    tell_returning,
    tell_sharing,
)
from canyu.rehearse.worlds.paths import CHANNELS
from coverage_parts.judging import Answer, Score, score_answers

ROOM = "lake"
START = datetime(2025, 3, 2, 16, tzinfo=UTC)
DAYS, LIFT_AT = 56, 46
DAYS_PER_WEEK = 10
"""A week of the customers' worlds is told as so many days: what falls on one day is one purchase."""


@dataclass(frozen=True, slots=True)
class LakeTrial:
    """One question asked of a lake that holds many worlds. ``worlds`` is as many as it is asked over."""

    method: str
    world: str
    ask: Callable[[np.random.Generator, int], list[Answer]]
    worlds: int
    room: str = ROOM

    @property
    def name(self) -> str:
        """How the trial is called."""
        return f"{self.room}: {self.method}, {self.world}"

    def run(self, share: float, seed: int) -> Score:
        """Return the score over this share of the worlds."""
        begun = time.process_time()
        chance = np.random.default_rng([seed, crc32(self.name.encode())])
        score = score_answers(self.ask(chance, max(4, round(self.worlds * min(1.0, share)))), seed)
        score.seconds = time.process_time() - begun
        return score


@contextmanager
def open_lake(*tables: pa.Table) -> Iterator[canyu.Lake]:
    """Open a lake that holds the tables, each appended in two halves."""
    with TemporaryDirectory() as folder:
        lake = canyu.open(Path(folder) / "told.lake", create=True)
        for table in tables:
            half = table.num_rows // 2
            lake.append(table.slice(0, half))
            lake.append(table.slice(half))
        yield lake


def ask_k_factors(chance: np.random.Generator, worlds: int) -> list[Answer]:
    table, planted = tell_sharing(chance, worlds, 0.8)
    with open_lake(table) as lake:
        found = lake.metric("k_factor", get_day(0), get_day(9), by=("market",))
    cells = {dict(cell.keys)["market"]: cell.estimate for cell in found.cells}
    return [Answer(cells[name_world(number)], truth) for number, truth in enumerate(planted)]


def ask_funnels(chance: np.random.Generator, worlds: int) -> list[Answer]:
    table, planted = tell_funnels(chance, worlds)
    steps = tuple(parse_step(kind) for kind in ("view", "click", "order"))
    query = FunnelQuery(get_day(0), get_day(9), steps, timedelta(days=7), StartRule.FIRST, by="market")
    with open_lake(table) as lake:
        found = {group.value: group.steps[-1].of_start for group in compute_funnel(lake, query).groups}
    return [Answer(found[name_world(number)], truth) for number, truth in enumerate(planted)]


def ask_returned(chance: np.random.Generator, worlds: int, metric: str, kind: str, days: int) -> list[Answer]:
    """Ask who came back, as the catalogue says it of each market; its figures are in per cent."""
    table, planted = tell_returning(chance, worlds, kind)
    with open_lake(table) as lake:
        asked = [
            lake.metric(metric, get_day(0), get_day(6), market=name_world(number), window_days=days)
            for number in range(worlds)
        ]
    return [Answer(found.cells[0].estimate, 100 * truth) for found, truth in zip(asked, planted, strict=True)]


def ask_credits(chance: np.random.Generator, worlds: int, method: Method) -> list[Answer]:
    """Ask what a channel gets of each market's journeys; clicks are a day apart, so that every share is known."""
    drawn = [draw_paths(chance, 400) for _ in range(worlds)]
    answers = []
    with open_lake(tell_journeys(chance, drawn)) as lake:
        for number, world in enumerate(drawn):
            query = JourneyQuery(get_day(0), get_day(20), market=name_world(number), by="channel")
            (found,) = compute_attribution(lake, query, (method,)).methods
            channel = str(chance.choice(CHANNELS))
            credit = next(one for one in found.channels if one.name == channel)
            answers.append(Answer(credit.conversions, _find_credit(world, method, channel)))
    return answers


def _find_credit(world: PathWorld, method: Method, channel: str) -> float:
    """Return what a channel gets of the orders that are expected."""
    total, half_life_days = 0.0, Model().half_life / timedelta(days=1)
    for path, won in zip(world.paths, world.expected[0], strict=True):
        ages = np.arange(len(path))[::-1]
        weights = 2.0 ** (-ages / half_life_days) if method is Method.DECAY else np.ones(len(path))
        total += float(won * weights[[step == channel for step in path]].sum() / weights.sum())
    return total


def ask_loyalty(chance: np.random.Generator, worlds: int) -> list[Answer]:
    """Ask what all customers of a shop will buy in the time ahead; a lake for each shop."""
    answers = []
    for _ in range(worlds):
        world = draw_leaving_buyers(chance, int(chance.integers(400, 900)))
        end = round(DAYS_PER_WEEK * float(world.known.max()))
        with open_lake(tell_buyers(chance, world, DAYS_PER_WEEK)) as lake:
            query = LoyaltyQuery(get_day(0), get_day(end), ahead_days=26 * DAYS_PER_WEEK)
            found = measure_loyalty(lake, query)
        customers = Customers.of_columns(world.repeats, world.last, world.known)
        more = BgNbd().expect_more(np.array(world.planted), customers, 26.0)
        answers.append(Answer(found.expected_orders, float(customers.weights @ more)))
    return answers


def ask_lifts(chance: np.random.Generator, worlds: int) -> list[Answer]:
    """Geo lifts of one lake; the source was down on three days."""
    plan = PanelPlan(donors=12, before=LIFT_AT, after=DAYS - LIFT_AT)
    lifts = [0.0 if number % 2 else float(chance.uniform(0.5, 2.0)) for number in range(worlds)]
    drawn = [draw_panel(chance, plan, lift) for lift in lifts]
    is_down = np.isin(np.arange(DAYS), chance.choice(np.arange(5, DAYS - 5), 3, replace=False))
    answers = []
    with open_lake(tell_panels(chance, [world.values for world in drawn], is_down)) as lake:
        for number, world in enumerate(drawn):
            design = LiftDesign(
                LiftKind.GEO_LIFT,
                {"m00": get_day(LIFT_AT)},
                untouched="planted so",
                first=get_day(0),
                end=get_day(DAYS - 1),
                outcome=Counted("order", "CNY", object=name_world(number)),
            )
            answers.append(Answer(compute_lift(read_study(lake, design), design).effect, 100 * world.lift))
    return answers


def ask_experiments(chance: np.random.Generator, worlds: int) -> list[Answer]:
    """Experiments of one lake; each must say to the last digit what the raw values say."""
    drawn = [draw_people(chance, float(chance.choice([0.0, 0.3]))) for _ in range(worlds)]
    names = [f"test-{number}" for number in range(worlds)]
    told = [
        tell_experiment(chance, name, {"control": world.control.orders, "new": world.treated.orders})
        for name, world in zip(names, drawn, strict=True)
    ]
    answers = []
    with open_lake(pa.concat_tables(told)) as lake:
        for name, world in zip(names, drawn, strict=True):
            effect = analyse(lake, declare(name)).find("orders")
            arms = [Sums.of_columns({"y": arm.orders.tolist()}) for arm in (world.control, world.treated)]
            assert effect is not None
            assert effect.difference == compare(*arms, Asking())
            answers.append(Answer(effect.difference, world.lift))
    return answers


def declare(name: str) -> Experiment:
    return Experiment(
        name,
        Unit.PERSON,
        (Arm("control", 0.5), Arm("new", 0.5)),
        START,
        START + timedelta(days=5),
        (Outcome("orders", Words("下单", "orders"), "order", days=7),),
    )


TRIALS = (
    LakeTrial("K-factor", "influence log-normal; late, twice", ask_k_factors, 300),
    LakeTrial("funnel, first start", "60 to 160 people; late, twice", ask_funnels, 300),
    LakeTrial(
        "retention",
        "60 to 160 people; late, twice",
        partial(ask_returned, metric="retention", kind="visit", days=7),
        200,
    ),
    LakeTrial(
        "repurchase rate",
        "60 to 160 buyers; late, twice",
        partial(ask_returned, metric="repurchase_rate", kind="order", days=14),
        200,
    ),
    *(
        LakeTrial(
            f"attribution, {method.value}",
            "400 journeys, some dark; late, twice",
            partial(ask_credits, method=method),
            150,
        )
        for method in (Method.LINEAR, Method.DECAY)
    ),
    LakeTrial("loyalty, purchases to come", "400 to 900 customers; late, twice", ask_loyalty, 30),
    LakeTrial("geo lift", "12 donors, 46 + 10 days, source down on 3", ask_lifts, 60),
    LakeTrial("experiment, mean", "120 to 500 people an arm", ask_experiments, 30),
)
