"""Where figures are computed: DuckDB on one machine, Spark on many, one Ibis expression for both."""

from canyu.engine.base import Engine, Plan, open_engine
from canyu.engine.duck import DuckEngine

__all__ = ["DuckEngine", "Engine", "Plan", "open_engine"]
