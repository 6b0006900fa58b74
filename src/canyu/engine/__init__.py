"""Where figures are computed: DuckDB on one machine, Spark on many, one Ibis expression for both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.engine.base import Engine, Plan, open_engine
    from canyu.engine.duck import DuckEngine

__all__ = ["DuckEngine", "Engine", "Plan", "open_engine"]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.engine.base": "Engine Plan open_engine",
        "canyu.engine.duck": "DuckEngine",
    },
)
