"""How well fitted probabilities foretell cascades they were not fitted on."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.influence.cascades import Cascades
from canyu.spread.influence.fitting import Influence

DRAWS = 2000
HELD_OUT_SCHEMA = pa.schema(
    [
        ("method", pa.string()),
        ("prior_strength", pa.float64()),
        ("cascades", pa.int64()),
        ("trials", pa.int64()),
        ("log_likelihood", pa.float64()),
        ("gain", pa.float64()),
        ("gain_low", pa.float64()),
        ("gain_high", pa.float64()),
    ]
)
"""One row per fit: ``log_likelihood`` in nats per trial on the held-out cascades, and ``gain`` over the first fit in
nats per trial with its 95 % interval, cascades drawn anew. Fits of one table are judged on the same trials."""


def compare_fits(fits: list[Influence], held_out: Cascades, *, with_times: bool = False, seed: int = 0) -> pa.Table:
    """Return HELD_OUT_SCHEMA for fits of the same arcs, the baseline first.

    With ``with_times`` the likelihood is of who and when, each fit with its own log-normal delays; without, of who.
    The interval is the percentile bootstrap over cascades, ``DRAWS`` draws from ``seed``, paired. Raises BadInput where
    the held-out cascades try no arc, or fits are of different arcs.
    """
    arcs = fits[0].evidence.arcs
    if any(not fit.evidence.arcs.equals(arcs) for fit in fits):
        raise BadInput(
            Words("各次拟合的候选边不同。", "The fits are of different arcs."),
            mend=Words("请用同一组边拟合后再比较。", "Fit all of them on the same arcs."),
        )
    evidence = fits[0].evidence.look_at(held_out)
    scored = [evidence.score_cascades(fit.chances, fit.timing if with_times else None) for fit in fits]
    trials = scored[0][1]
    if not trials.any():
        raise BadInput(
            Words("留出的传播链没有尝试任何候选边。", "The held-out cascades try none of the arcs."),
            mend=Words("请留出更多传播链。", "Hold out more cascades."),
        )
    rows = []
    for fit, (sums, _) in zip(fits, scored, strict=True):
        gain, low, high = _compute_gain(sums - scored[0][0], trials, seed)
        likely = float(sums.sum() / trials.sum())
        many = int((trials > 0).sum())
        rows.append((str(fit.method), fit.prior_strength, many, int(trials.sum()), likely, gain, low, high))
    listed = [dict(zip(HELD_OUT_SCHEMA.names, row, strict=True)) for row in rows]
    return pa.Table.from_pylist(listed, schema=HELD_OUT_SCHEMA)


def _compute_gain(gains: NDArray[np.float64], trials: NDArray[np.int64], seed: int) -> tuple[float, float, float]:
    used = np.flatnonzero(trials > 0)
    gains, weights = gains[used], trials[used].astype(np.float64)
    random = np.random.default_rng(seed)
    drawn = np.empty(DRAWS)
    for draw in range(DRAWS):
        rows = random.integers(0, len(used), len(used))
        drawn[draw] = gains[rows].sum() / weights[rows].sum()
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(gains.sum() / weights.sum()), float(low), float(high)
