"""What may be said to every selection and simulation besides what must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from canyu.spread.selection.budgets import Limits
    from canyu.spread.selection.fatigue import Fatigue
    from canyu.spread.selection.timing import Timing


class Options(TypedDict, total=False):
    """What else may be said to ``select``.

    ``probability``: of every arc, for the model uniform. ``delta``: the chance that a bound fails, one over the number
    of nodes by default. ``samples``: draw exactly so many sets, in one round. ``workers``: threads; they change the
    time alone. ``is_quick``: stop as soon as the ratio is proved; such seeds may reach a tenth less than they could.
    ``spark``: a Spark session (``canyu.engine.spark.SparkEngine(address).session``) on whose workers sets are drawn
    instead, with the same answer; of ``select``, ``select_within``, plans in waves and ``explain``, not of blocking.
    """

    probability: float
    delta: float
    samples: int
    workers: int
    is_quick: bool
    spark: Any


class SeededOptions(Options, total=False):
    """``Options``, what ``select`` takes by place, and what reaching each node is worth."""

    seed: int
    values: NDArray[np.float64]


class PlanOptions(SeededOptions, total=False):
    """``SeededOptions``, and what a plan of paid posts adds.

    ``timing``: the deadline and the delays. ``fatigue``: how far an account that was used lately is worth less; it
    reads the columns ``last_used_h`` and ``uses`` of the accounts. ``reached``: the probability that earlier waves have
    reached each node, float64, (nodes,): its value counts by what is left.
    """

    timing: Timing
    fatigue: Fatigue
    reached: NDArray[np.float64]


class WaveOptions(PlanOptions, total=False):
    """``PlanOptions``, and the ``model``, "wc" by default."""

    model: str


class ExplainOptions(PlanOptions, total=False):
    """``PlanOptions``, and the ``limits`` whose quotas a replacement keeps."""

    limits: Limits
