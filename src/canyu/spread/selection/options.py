"""What may be said to every selection and simulation besides what must be."""

from __future__ import annotations

from typing import Any, TypedDict


class Options(TypedDict, total=False):
    """What else may be said to ``select``.

    ``probability``: of every arc, for the model uniform. ``delta``: the chance that a bound fails, one over the number
    of nodes by default. ``samples``: draw exactly so many sets, in one round. ``workers``: threads; they change the
    time alone. ``is_quick``: stop as soon as the ratio is proved; such seeds may reach a tenth less than they could.
    ``spark``: a Spark session (``canyu.engine.spark.SparkEngine(address).session``) on whose workers sets are drawn
    instead, with the same answer; of ``select`` alone.
    """

    probability: float
    delta: float
    samples: int
    workers: int
    is_quick: bool
    spark: Any
