"""Holds answers against the planted truth: whether the interval holds it, and whether a claim about it is judged so."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from zlib import crc32

import numpy as np

from canyu.kit.words import Words
from canyu.measure.claims import Claim, Ground, Relation, Verdict, judge
from canyu.measure.estimate import Estimate
from canyu.measure.intervals import compute_share_interval

LEVEL = 0.05
HAIR = 1e-9
WITHIN = 5.0


class Answer(NamedTuple):
    """What a method said of one world, and what was planted in it."""

    estimate: Estimate
    truth: float


class Named(Protocol):
    """What every trial is called by."""

    room: str
    method: str
    world: str

    @property
    def name(self) -> str:
        """How the trial is called."""
        ...


@dataclass(frozen=True, slots=True)
class Trial:
    """One method in one kind of world. ``draw`` makes a world and asks; ``is_quick``: some milliseconds a world."""

    room: str
    method: str
    world: str
    draw: Callable[[np.random.Generator], Answer]
    is_quick: bool = False

    @property
    def name(self) -> str:
        """How the trial is called."""
        return f"{self.room}: {self.method}, {self.world}"


@dataclass(slots=True)
class Score:
    """How a method did. ``alarms`` of ``idle``: effects that it found in worlds without any."""

    worlds: int = 0
    unanswered: int = 0
    covered: int = 0
    wrong: int = 0
    idle: int = 0
    alarms: int = 0
    seconds: float = 0.0

    @property
    def answered(self) -> int:
        """Worlds with an interval."""
        return self.worlds - self.unanswered

    @property
    def coverage(self) -> float:
        """The share of intervals that hold the truth."""
        return self.covered / self.answered if self.answered else float("nan")

    def bound_coverage(self) -> tuple[float, float]:
        """Return Wilson's interval of the coverage."""
        return compute_share_interval(self.covered, self.answered)

    def add(self, answer: Answer, chance: np.random.Generator) -> None:
        """Count one world."""
        self.worlds += 1
        estimate, truth = answer
        if estimate.value is None or estimate.low is None or estimate.high is None:
            self.unanswered += 1
            return
        slack = HAIR * max(1.0, abs(truth))
        self.covered += int(estimate.low - slack <= truth <= estimate.high + slack)
        self.wrong += is_misjudged(estimate, truth, chance)
        if truth == 0:
            self.idle += 1
            is_found = not estimate.low <= 0 <= estimate.high
            self.alarms += int(is_found if estimate.p_value is None else estimate.p_value < LEVEL)


def is_misjudged(estimate: Estimate, truth: float, chance: np.random.Generator) -> bool:
    """Say whether one claim at the very edge of the truth, true or false by lot, is given the wrong verdict."""
    relations = (Relation.AT_LEAST, Relation.EXCEEDS, Relation.ABOUT) if truth > 0 else (Relation.AT_LEAST,)
    relation = relations[int(chance.integers(len(relations)))]
    is_true = bool(chance.random() < 0.5)
    hair = 10 * HAIR * max(1.0, abs(truth))
    edge = truth / (1 + WITHIN / 100) if relation is Relation.ABOUT else truth
    is_raised = is_true if relation is Relation.ABOUT else not is_true  # what is stated lies above the edge
    claim = Claim("edge", Words("", ""), "", edge + (hair if is_raised else -hair), relation, within=WITHIN)
    verdict = judge(claim, Ground(estimate.value or 0.0, estimate.low, estimate.high)).verdict
    return verdict is (Verdict.CONTRADICTED if is_true else Verdict.VERIFIED)


def run_trial(trial: Trial, worlds: int, seed: int) -> Score:
    """Return the score of a trial; equal seeds give equal worlds, whatever other trials run."""
    begun, score = time.process_time(), Score()
    for number in range(worlds):
        chance = np.random.default_rng([seed, crc32(trial.name.encode()), number])
        score.add(trial.draw(chance), chance)
    score.seconds = time.process_time() - begun
    return score


def describe_score(trial: Named, score: Score) -> dict[str, Any]:
    """Return a trial and its score as a line of JSON says them."""
    low, high = score.bound_coverage()
    return {
        "name": trial.name,
        "room": trial.room,
        "method": trial.method,
        "world": trial.world,
        "worlds": score.worlds,
        "unanswered": score.unanswered,
        "covered": score.covered,
        "share": round(score.coverage, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "wrong_verdicts": score.wrong,
        "idle": score.idle,
        "alarms": score.alarms,
        "cpu_s": round(score.seconds, 1),
    }


def score_answers(answers: Iterable[Answer], seed: int) -> Score:
    """Return the score of answers that were all read at once, as from one lake."""
    chance, score = np.random.default_rng(seed), Score()
    for answer in answers:
        score.add(answer, chance)
    return score
