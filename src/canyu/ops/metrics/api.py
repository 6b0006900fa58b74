"""The HTTP API of the catalogue: every metric with its interval, query and data version."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.catalogue import (
    METRICS,
    MetricQuery,
    describe_index,
    describe_metric,
    describe_result,
    make_query,
)
from canyu.ops.config import load_config
from canyu.ops.gate import Holder, get_viewer
from canyu.ops.insight.schemas import ErrorOut
from canyu.ops.metrics import queries
from canyu.ops.metrics.schemas import IndexIn, IndexOut, MetricIn, MetricOut, MetricResultOut, PeriodIn
from canyu.ops.people.rules import VIEW_PULSE

router = Router()
REFUSALS = {400: ErrorOut, 401: ErrorOut, 403: ErrorOut, 404: ErrorOut}


@router.get("", response={200: list[MetricOut], **REFUSALS}, auth=Holder(VIEW_PULSE), summary="The catalogue")
def list_metrics(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001 - ninja's signature
    """Return every record of the catalogue."""
    return [describe_metric(metric) for metric in METRICS.values()]


@router.get(
    "/index/{name}",
    response={200: IndexOut, **REFUSALS},
    auth=Holder(VIEW_PULSE),
    summary="A dimension",
    by_alias=True,
)
def get_index(request: HttpRequest, name: str, asked: Query[IndexIn]) -> dict[str, Any]:
    """Return one of the three dimensions, with every part."""
    weights = dict(_read_weight(told) for told in asked.weights.split(",") if told)
    return describe_index(queries.get_index(get_viewer(request), _make_query(name, asked), weights))


@router.get(
    "/{name}",
    response={200: MetricResultOut, **REFUSALS},
    auth=Holder(VIEW_PULSE),
    summary="One metric",
    by_alias=True,
)
def get_metric(request: HttpRequest, name: str, asked: Query[MetricIn]) -> dict[str, Any]:
    """Return a metric over a period, by its dimensions."""
    return describe_result(queries.get_metric(get_viewer(request), _make_query(name, asked, by=asked.by)))


def _make_query(name: str, asked: PeriodIn, by: str = "") -> MetricQuery:
    given = asked.model_dump(exclude={"start", "end", "by", "weights"})
    given |= {"rivals": tuple(part for part in asked.rivals.split(",") if part), "zone": load_config().zone}
    return make_query(name, asked.start, asked.end, by, given)  # type: ignore[arg-type]  # its fields, by name


def _read_weight(told: str) -> tuple[str, float]:
    metric, _equals, number = told.partition("=")
    try:
        return metric, float(number)
    except ValueError as error:
        raise BadInput(
            Words(f"权重 {told!r} 不是数字。", f"The weight {told!r} is no number."),
            mend=Words("请写成 nps=2。", "Write it as nps=2."),
        ) from error
