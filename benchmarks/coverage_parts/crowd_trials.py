"""Catalogue metrics with intervals, retention in money, and what buyers say: crowds whose habits are planted."""

from __future__ import annotations

from datetime import date
from functools import partial

import numpy as np

from canyu.measure.catalogue import METHODS, Method, MetricQuery
from canyu.measure.catalogue import reckoning as reckon
from canyu.measure.catalogue.metric import Counted
from canyu.measure.journeys.retention import estimate_mean
from canyu.rehearse.worlds import draw_amounts, draw_answers, draw_share, draw_sharing
from coverage_parts.judging import Answer, Trial

QUERY = MetricQuery("share", date(2025, 1, 1), date(2025, 1, 31))
WORDS = METHODS[Method.WILSON]


def count(**numbers: float) -> Counted:
    return Counted(numbers, 31, 31, QUERY)


def ask_share(chance: np.random.Generator) -> Answer:
    part, whole, planted = draw_share(chance)
    return Answer(reckon.tell_share(count(part=part, whole=whole), WORDS), 100 * planted)


def ask_k_factor(chance: np.random.Generator, influence: float) -> Answer:
    world = draw_sharing(chance, influence)
    part, squares = int(world.joiners.sum()), int((world.joiners**2).sum())
    counted = count(part=part, whole=len(world.joiners), squares=squares)
    return Answer(reckon.tell_rate(counted, WORDS), world.planted)


def ask_nps(chance: np.random.Generator, fewest: int, most: int) -> Answer:
    promoters, detractors, whole, planted = draw_answers(chance, fewest, most)
    counted = count(promoters=promoters, detractors=detractors, whole=whole)
    return Answer(reckon.tell_nps(counted, WORDS), 100 * planted)


def ask_net(chance: np.random.Generator) -> Answer:
    positive, negative, whole, planted = draw_answers(chance, 20, 400)
    counted = count(positive=positive, negative=negative, whole=whole)
    return Answer(reckon.tell_net(counted, WORDS), 100 * planted)


def ask_lift(chance: np.random.Generator) -> Answer:
    base = chance.uniform(0.05, 0.4)
    ratio = 1.0 if chance.random() < 0.5 else chance.uniform(1.1, 1.8)
    sizes = chance.integers(80, 600, 2).tolist()
    parts = [int(chance.binomial(size, share)) for size, share in zip(sizes, (base * ratio, base), strict=True)]
    counted = count(part=parts[0], whole=sizes[0], other_part=parts[1], other_whole=sizes[1])
    return Answer(reckon.tell_lift(counted, WORDS), 100 * (ratio - 1))


def ask_mean(chance: np.random.Generator, spread: float) -> Answer:
    people = int(chance.integers(40, 300))
    amounts, planted = draw_amounts(chance, people, 1.0, spread)
    counted = count(whole=people, total=int(amounts.sum()), squares=int((amounts**2).sum()))
    return Answer(reckon.tell_mean(counted, WORDS), planted)


def ask_money(chance: np.random.Generator) -> Answer:
    people = int(chance.integers(80, 400))
    amounts, planted = draw_amounts(chance, people, 0.3, 0.6)
    cell = {"total": int(amounts.sum()), "squares": int((amounts**2).sum())}
    return Answer(estimate_mean([cell], people, None), planted)


CATALOGUE = "catalogue"
TRIALS = (
    Trial(CATALOGUE, "share (Wilson)", "30 to 400 people", ask_share, is_quick=True),
    Trial(CATALOGUE, "K-factor", "sharers alike", partial(ask_k_factor, influence=0.0), is_quick=True),
    Trial(CATALOGUE, "K-factor", "influence log-normal", partial(ask_k_factor, influence=0.8), is_quick=True),
    Trial(CATALOGUE, "NPS", "30 to 400 answers", partial(ask_nps, fewest=30, most=400), is_quick=True),
    Trial(CATALOGUE, "NPS", "8 to 29 answers", partial(ask_nps, fewest=8, most=30), is_quick=True),
    Trial(CATALOGUE, "net sentiment (Tango)", "20 to 400 posts", ask_net, is_quick=True),
    Trial(CATALOGUE, "conversion lift (score ratio)", "80 to 600 people each", ask_lift, is_quick=True),
    Trial(CATALOGUE, "mean (Student)", "log-normal .4", partial(ask_mean, spread=0.4), is_quick=True),
    Trial(CATALOGUE, "mean (Student)", "log-normal .8", partial(ask_mean, spread=0.8), is_quick=True),
    Trial("journeys", "retention in money", "80 to 400 people, 30 % spend", ask_money, is_quick=True),
)
