"""What a metric answers: a cell for each combination of its dimensions, and how all of it came to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from canyu.measure.catalogue.metric import Metric
from canyu.measure.catalogue.query import MetricQuery
from canyu.measure.estimate import Estimate, describe_estimate
from canyu.measure.figure import Proof


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination: its keys by dimension (None: not stated), the answer, and the whole numbers it is made of.

    ``days`` is how many days it spans, ``observed_days`` those of which anything was collected. ``previous`` is what it
    is compared with, where that was asked for.
    """

    keys: tuple[tuple[str, str | None], ...]
    estimate: Estimate
    counts: tuple[tuple[str, int], ...]
    days: int
    observed_days: int
    previous: Estimate | None = None

    @property
    def rows(self) -> int:
        """How many rows of the lake it is made of."""
        return dict(self.counts).get("rows", 0)


@dataclass(frozen=True, slots=True)
class MetricResult:
    """A metric over a period: its cells in order, its proof, and whether any event of the lake is simulated."""

    metric: Metric
    query: MetricQuery
    cells: tuple[Cell, ...]
    proof: Proof
    is_simulated: bool

    @property
    def value(self) -> float | int | None:
        """The one answer where no dimension was asked for; of several cells there is no one value."""
        return self.cells[0].estimate.value if len(self.cells) == 1 else None


def describe_metric(metric: Metric) -> dict[str, Any]:
    """Return a record as a program reads it."""
    return {
        "name": metric.name,
        "theme": metric.theme.value,
        "label_zh": metric.label.zh,
        "label_en": metric.label.en,
        "definition_zh": metric.definition.zh,
        "definition_en": metric.definition.en,
        "unit_zh": metric.unit.zh,
        "unit_en": metric.unit.en,
        "grain": metric.grain.en,
        "interval": metric.method.value,
        "dimensions": list(metric.dimensions),
        "filters": list(metric.filters),
        "needs": list(metric.needs),
        "window_days": metric.window_days,
        "owner": metric.owner.en,
        "target": metric.target,
        "is_more_better": metric.is_more_better,
        "caveats": [caveat.en for caveat in metric.caveats],
    }


def describe_result(result: MetricResult) -> dict[str, Any]:
    """Return an answer as a program reads it; what is missing is null, with the reason beside it."""
    query = result.query
    return {
        **{name: describe_metric(result.metric)[name] for name in ("name", "label_zh", "label_en", "unit_en")},
        "interval": result.metric.method.value,
        "from": query.start.isoformat(),
        "to": query.end.isoformat(),
        "zone": query.zone,
        "by": list(query.by),
        "target": result.metric.target if query.target is None else query.target,
        "simulated": result.is_simulated,
        "cells": [describe_cell(cell) for cell in result.cells],
        **describe_proof(result.proof),
    }


def describe_proof(proof: Proof) -> dict[str, Any]:
    """Return how an answer came to be as a program reads it."""
    return {
        "definition_zh": proof.definition.zh,
        "definition_en": proof.definition.en,
        "sql": proof.sql,
        "versions": proof.versions,
        "rows": proof.rows,
        "engine": proof.engine,
        "caveats": [caveat.en for caveat in proof.caveats],
    }


def describe_cell(cell: Cell) -> dict[str, Any]:
    """Return one combination as a program reads it."""
    return {
        "keys": dict(cell.keys),
        **describe_estimate(cell.estimate),
        "previous": None if cell.previous is None else describe_estimate(cell.previous),
        "counts": dict(cell.counts),
        "days": cell.days,
        "observed_days": cell.observed_days,
    }
