"""From evidence to a probability per arc: by credit, or by the most likely independent cascade model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.influence.cascades import Cascades
from canyu.spread.influence.evidence import Evidence, Timing, gather_evidence
from canyu.spread.influence.intervals import compute_wilson
from canyu.spread.kernels.influence import UNSTATED, weigh_exposures, weigh_timed

Real = NDArray[np.float64]
STRENGTHS = (0.5, 2.0, 8.0, 32.0, 128.0)
FALLBACK_STRENGTH = 8.0  # where too little is held out to choose
INNER_SHARE = 0.8


class Method(StrEnum):
    """How probabilities come from cascades."""

    CONSTANT = "constant"
    CREDIT = "credit_distribution"
    EM = "independent_cascade_em"
    TIMED_EM = "continuous_time_em"


@dataclass(frozen=True, slots=True)
class FitSettings:
    """How to fit.

    ``prior_strength``: how many trials at the common probability each arc is given beforehand, so that an arc seen
    twice is not sure; None chooses among STRENGTHS by the latest fifth of the training cascades.
    """

    method: Method = Method.TIMED_EM
    prior_strength: float | None = None
    most_rounds: int = 1000
    tolerance: float = 1e-8


@dataclass(frozen=True)
class Influence:
    """Fitted probabilities, (arcs,), with their 95 % ends, the evidence, and how much each exposure counted as success.

    ``common``: the one probability that arcs without a prior of their own are drawn towards with ``prior_strength``
    trials. ``timing``: centre and
    deviation of the log of delays in seconds, over all arcs.
    """

    method: Method
    evidence: Evidence
    chances: Real
    low: Real
    high: Real
    weights: Real
    common: float
    prior_strength: float
    timing: Timing
    rounds: int

    @property
    def table(self) -> pa.Table:
        """One row per arc: ``make_influence_schema`` says the columns."""
        evidence = self.evidence
        credited = np.bincount(evidence.exposed, self.weights, minlength=len(evidence.arcs))
        columns = [evidence.arcs["source"], evidence.arcs["target"], self.chances, self.low, self.high]
        columns += [evidence.trials, credited, [str(self.method)] * len(evidence.arcs)]
        return pa.table(columns, schema=make_influence_schema(evidence.arcs["source"].type))


def make_influence_schema(ids: pa.DataType) -> pa.Schema:
    """Return the schema of fitted arcs for accounts named by ``ids`` (string or int64).

    ``probability`` that the target follows once the source has posted, with the ends ``low`` and ``high`` of its 95 %
    interval; ``trials``: cascades in which the source was active before the target could be; ``credited``: how many
    activations of the target count for this arc; ``method``.
    """
    numbers = [(name, pa.float64()) for name in ("probability", "low", "high")]
    ends = [("source", ids), ("target", ids)]
    return pa.schema([*ends, *numbers, ("trials", pa.int64()), ("credited", pa.float64()), ("method", pa.string())])


def fit_influence(cascades: Cascades, arcs: pa.Table, settings: FitSettings = FitSettings()) -> Influence:
    """Fit the probability of each candidate arc (columns source, target) on the cascades.

    ``Method.EM``: the independent cascade model by expectation maximisation (Saito, Nakano, Kimura: Prediction of
    Information Diffusion Probabilities for Independent Cascade Model, KES 2008), with any earlier active source as a
    candidate, since times are continuous. ``Method.TIMED_EM``: the same with log-normal delays (after Saito, Kimura,
    Ohara, Motoda: Learning Continuous-Time Information Diffusion Model for Social Behavioral Data Analysis, ACML 2009).
    ``Method.CREDIT``: direct credit that decays with the delay (Goyal, Bonchi,
    Lakshmanan: A Data-Based Approach to Social Influence Maximization, PVLDB 5(1) 2011), summed and divided by
    trials (the same authors, WSDM 2010). ``Method.CONSTANT``: one probability for all arcs. A stated parent has
    all the credit. Where arcs have a column ``prior``, each is drawn towards its own, and an arc that was never tried
    keeps it. No chance is involved: the same input gives the same figures. Raises BadInput where no arc was
    ever tried.
    """
    evidence = gather_evidence(cascades, arcs)
    if not evidence.trials.any():
        raise BadInput(
            Words("没有一条候选边被尝试过。", "No candidate arc was ever tried."),
            mend=Words(
                "请检查边的方向（source 被 target 关注）与编号。",
                "Check the arcs' direction (target reads source) and ids.",
            ),
        )
    strength = settings.prior_strength
    if strength is None:
        strength = 0.0 if settings.method is Method.CONSTANT else _choose_strength(evidence, settings)
    return _fit(evidence, settings, strength)


def compute_credit(evidence: Evidence) -> Real:
    """Return the direct credit of each exposure, (exposures,), 0 to 1 (Goyal et al., PVLDB 2011).

    ``infl(v) / n * exp(-delay / tau)``: n earlier sources share, tau is the arc's mean delay, and infl(v) the share
    of v's actions that followed some source within that source's tau. Who states a parent gives it 1 and others 0.
    """
    arcs, many = evidence.exposed, len(evidence.arcs)
    tau = np.bincount(arcs, evidence.delays_s, minlength=many) / np.maximum(np.bincount(arcs, minlength=many), 1)
    activation = evidence.activation_of
    users = evidence.cascades.users
    is_within = np.bincount(activation, evidence.delays_s <= tau[arcs], minlength=len(evidence.rows)) > 0
    accounts = len(evidence.cascades.ids)
    within = np.bincount(users[evidence.rows], is_within, minlength=accounts)
    influenced = within / np.maximum(np.bincount(users, minlength=accounts), 1)
    sharing = np.diff(evidence.begins)[activation]
    decay = np.exp(-evidence.delays_s / np.maximum(tau[arcs], 1e-9))
    credit = influenced[users[evidence.rows]][activation] / sharing * decay
    is_stated = evidence.stated[activation] != UNSTATED
    answered = evidence.stated[activation] == np.arange(len(arcs))
    return np.where(is_stated, answered.astype(np.float64), credit)


def _fit(evidence: Evidence, settings: FitSettings, strength: float) -> Influence:
    many, trials, timing = len(evidence.arcs), evidence.trials, None
    if settings.method is Method.CREDIT:
        weights = succeeded = compute_credit(evidence)
        common, rounds = float(weights.sum() / trials.sum()), 1
        toward = _read_priors(evidence, common)
        chances = _shrink(np.bincount(evidence.exposed, weights, minlength=many), trials, toward, strength)
    else:
        common, weights, rounds = _fit_constant(evidence, settings)
        chances, succeeded = np.full(many, common), weights
        if settings.method is Method.EM:
            chances, weights, rounds = _maximise(evidence, settings, common, strength)
            succeeded = weights
        elif settings.method is Method.TIMED_EM:
            chances, weights, succeeded, rounds, timing = _maximise_timed(evidence, settings, common, strength)
    timing = timing or _fit_timing(evidence, weights)
    zero = np.zeros(many)
    fit = Influence(settings.method, evidence, chances, zero, zero, weights, common, strength, timing, rounds)
    low, high = _compute_ends(fit, succeeded)
    return replace(fit, low=low, high=high)


def _fit_constant(evidence: Evidence, settings: FitSettings) -> tuple[float, Real, int]:
    chance, total, many = 0.5, evidence.trials.sum(), len(evidence.arcs)
    weights = np.zeros(0)
    for rounds in range(1, settings.most_rounds + 1):
        weights = weigh_exposures(np.full(many, chance), evidence.exposed, evidence.begins, evidence.stated)
        found = float(weights.sum() / total)
        if abs(found - chance) < settings.tolerance:
            return found, weights, rounds
        chance = found
    return chance, weights, settings.most_rounds


def _maximise(evidence: Evidence, settings: FitSettings, common: float, strength: float) -> tuple[Real, Real, int]:
    """Climb from the priors; they are Beta's, so each round is the E and M step of a mode."""
    toward, many = _read_priors(evidence, common), len(evidence.arcs)
    chances = toward
    weights, rounds = np.zeros(0), 0
    while rounds < settings.most_rounds:
        rounds += 1
        weights = weigh_exposures(chances, evidence.exposed, evidence.begins, evidence.stated)
        found = _shrink(np.bincount(evidence.exposed, weights, minlength=many), evidence.trials, toward, strength)
        moved = float(np.abs(found - chances).max(initial=0.0))
        chances = found
        if moved < settings.tolerance:
            break
    return chances, weights, rounds


def _maximise_timed(
    evidence: Evidence, settings: FitSettings, common: float, strength: float
) -> tuple[Real, Real, Real, int, Timing]:
    """Climb like ``_maximise`` with the delays: log-normal, one for all arcs, fitted in the same rounds."""
    toward, many = _read_priors(evidence, common), len(evidence.arcs)
    chances = toward
    timing = _fit_timing(evidence, np.ones(len(evidence.exposed)))
    weights, succeeded, rounds = np.zeros(0), np.zeros(0), 0
    while rounds < settings.most_rounds:
        rounds += 1
        weights, succeeded, _, timing = weigh_timed(
            chances, evidence.exposed, evidence.begins, evidence.stated, evidence.delays_s, timing
        )
        found = _shrink(np.bincount(evidence.exposed, succeeded, minlength=many), evidence.trials, toward, strength)
        moved = float(np.abs(found - chances).max(initial=0.0))
        chances = found
        if moved < settings.tolerance:
            break
    return chances, weights, succeeded, rounds, timing


def _fit_timing(evidence: Evidence, weights: Real) -> Timing:
    total = float(weights.sum())
    if not total:
        return 0.0, 1.0
    logs = np.log(np.maximum(evidence.delays_s, 1.0))
    centre = float(logs @ weights) / total
    return centre, max(float((logs - centre) ** 2 @ weights) / total, 1e-4) ** 0.5


def _read_priors(evidence: Evidence, common: float) -> Real:
    """Return what each arc is drawn towards, (arcs,): its own prior, or the common probability."""
    if "prior" not in evidence.arcs.column_names:
        return np.full(len(evidence.arcs), common)
    priors: Real = pc.fill_null(evidence.arcs["prior"], common).to_numpy()
    return priors


def _shrink(credited: NDArray[Any], trials: NDArray[Any], toward: Real, strength: float) -> Real:
    tried = trials + strength
    return np.where(tried > 0, (credited + strength * toward) / np.maximum(tried, 1e-300), toward)


def _compute_ends(fit: Influence, succeeded: Real) -> tuple[Real, Real]:
    """Return Wilson's 95 % ends for as many clear trials as would tell as much as the evidence does.

    A trial that may have succeeded with chance w, given what is seen, lacks information w (1 - w) / (p (1 - p))^2 of
    n / (p (1 - p)) in all (Louis, JRSS B 44, 1982, arc by arc). Credit has no such likelihood: its trials count full.
    """
    p, tried = fit.chances, fit.evidence.trials.astype(np.float64)
    if fit.method is Method.CONSTANT:
        tried = np.full(len(p), tried.sum())
    elif fit.method is not Method.CREDIT:
        unsure = np.bincount(fit.evidence.exposed, succeeded * (1 - succeeded), minlength=len(p))
        tried = np.clip(tried - unsure / np.maximum(p * (1 - p), 1e-300), 0.0, tried)
    return compute_wilson(p, tried + fit.prior_strength)


def _choose_strength(evidence: Evidence, settings: FitSettings) -> float:
    """Return the strength under which the latest cascades were likeliest, for probabilities of the earlier ones."""
    if len(evidence.cascades) < 2:
        return FALLBACK_STRENGTH
    earlier, later = evidence.cascades.split(INNER_SHARE)
    known, held = evidence.look_at(earlier), evidence.look_at(later)
    if not known.trials.any() or not held.trials.any():
        return FALLBACK_STRENGTH
    quick = replace(settings, tolerance=max(settings.tolerance, 1e-5))
    scores = []
    for strength in STRENGTHS:
        fit = _fit(known, quick, strength)
        timing = fit.timing if settings.method is Method.TIMED_EM else None
        scores.append(held.score_cascades(fit.chances, timing)[0].sum())
    return STRENGTHS[int(np.argmax(scores))]
