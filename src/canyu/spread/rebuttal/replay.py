"""What a plan saves: of the people foreseen, and of those who really came, by going through the real tree again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.spread.kernels.rebuttal import foresee_people, replay_tree
from canyu.spread.rebuttal.habits import Habits
from canyu.spread.rebuttal.planning import Board

DRAWS = 400
Z80 = 1.281552
Real = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Replay:
    """People who came after the plan was made, and ``saved`` of them per draw, float64, (draws,)."""

    to_come: int
    saved: Real

    @property
    def shares(self) -> Real:
        """The share saved of the people to come, per draw; 0 where nobody came."""
        return np.asarray(self.saved / max(self.to_come, 1))


def make_pace(habits: Habits, draws: int = DRAWS) -> Real:
    """Return the fitted delays once per draw, float64, (draws, 2): median in hours and log deviation."""
    return np.tile([habits.median_h, habits.sigma], (draws, 1))


def foresee_saved(board: Board, chosen: pa.Array, pace: Real, seed: int = 7) -> Real:
    """Return how many of the people to come the chosen accounts will save, per row of ``pace``, float64, (draws,).

    In each draw every carrier draws a number of its own (gamma around what is expected, then Poisson), and the post
    what is left of a number to come drawn from its range.
    """
    ahead, situation = board.ahead, board.situation
    voices = ahead.voices.pick(chosen, situation.reads)
    saved = foresee_people(board.waited_h, voices, pace, situation.delay_h, seed)
    random, shape = np.random.default_rng(seed), situation.habits.shape
    pulls = random.gamma(shape, 1.0 / shape, (len(pace), board.seen + 1))
    pulls[:, -1] = draw_rest(board, len(pace), random)
    counts = random.poisson(ahead.values * pulls[:, ahead.carriers])
    return np.asarray((counts * saved).sum(axis=1).astype(np.float64))


def draw_rest(board: Board, draws: int, random: np.random.Generator) -> Real:
    """Return how many times as many as expected hang on the post, (draws,): log-normal halves through the range."""
    ahead, situation = board.ahead, board.situation
    on_post, total = float(ahead.values[ahead.carriers < 0].sum()), max(situation.to_come, 1.0)
    if situation.to_come_range is None or on_post <= 0.0:
        return np.ones(draws)
    low, high = (min(max(end, 1.0) / total, 1e6) for end in situation.to_come_range)
    normal = random.standard_normal(draws) / Z80
    drawn = total * np.where(normal > 0.0, max(high, 1.0) ** normal, min(low, 1.0) ** -normal)
    return np.asarray(np.maximum(drawn - (total - on_post), 0.0) / on_post)


def replay_plan(board: Board, chosen: pa.Array, pace: Real, seed: int = 7) -> Replay:
    """Go through the real cascade with the rebuttals of the ``chosen`` accounts, once per row of ``pace``.

    A person who comes later is saved where each of its reactions is: where a rebuttal of an account that it answered,
    or was tied to before the plan, reaches it before it reacted, or reaches somebody on its way from the post after
    the plan. ``pace``: median and log deviation of delays, (draws, 2).
    """
    case, situation, seen = board.case, board.situation, board.seen
    voices = board.voices.pick(chosen, situation.reads)
    moments = (situation.age_h, situation.age_h + situation.delay_h)
    saved = replay_tree(case.times_h, case.parents, voices, pace, moments, seed)
    is_new = np.ones(len(case.accounts), np.bool_)
    is_new[case.people[:seen]] = False
    if case.author >= 0:
        is_new[case.author] = False
    late = case.people[seen:]
    comes = np.unique(late[is_new[late]])
    lost = np.zeros((len(pace), len(case.accounts)), np.bool_)
    rows, at = np.nonzero(saved[:, seen:] == 0)
    lost[rows, late[at]] = True
    return Replay(len(comes), (~lost[:, comes]).sum(axis=1).astype(np.float64))
