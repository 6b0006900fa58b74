"""The lake as a person holds it in a notebook: all that is kept, and what it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Unpack

from canyu.events import Lake as KeptLake

if TYPE_CHECKING:
    from canyu.measure.catalogue import Asked, IndexResult, MetricResult


class Lake(KeptLake):
    """A lake that answers the metrics of the catalogue by name."""

    def metric(
        self, name: str, start: date, end: date, *, by: Iterable[str] = (), **asked: Unpack[Asked]
    ) -> MetricResult:
        """Return a metric over days (both included), with its interval and proof; see ``canyu metric --list``.

        ``by``: dimensions such as ``market``, ``channel``, ``week``. Raises NotFound for a name that is none, BadInput
        for what the metric cannot be asked.
        """
        from canyu.measure.catalogue import compute_metric, make_query

        return compute_metric(self, make_query(name, start, end, by, asked))

    def index(
        self,
        name: str,
        start: date,
        end: date,
        *,
        weights: Mapping[str, float] | None = None,
        **asked: Unpack[Asked],
    ) -> IndexResult:
        """Return one of the three dimensions over days, from 0 to 100, with every part; ``weights`` by metric."""
        from canyu.measure.catalogue import compute_index, make_query

        return compute_index(self, make_query(name, start, end, (), asked), weights)


open = Lake.open
