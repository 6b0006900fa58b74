"""What the API of metrics takes and sends."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field


class PeriodIn(Schema):
    """Which days, and what they are limited to; a metric refuses a filter that it does not know."""

    start: Annotated[date, Field(alias="from", description="First day.", examples=["2025-04-01"])]
    end: Annotated[date, Field(alias="to", description="Last day, included.", examples=["2025-04-30"])]
    brand: Annotated[str, Field(description="Catalogue id.", examples=["xiaomi"])] = ""
    channel: Annotated[str, Field(examples=["weibo"])] = ""
    against: Annotated[str, Field(description="The channel compared with.", examples=["store"])] = ""
    market: Annotated[str, Field(examples=["cn"])] = ""
    home: Annotated[str, Field(description="The market that is not overseas.", examples=["cn"])] = "cn"
    campaign: Annotated[str, Field(examples=["launch-2025"])] = ""
    object: Annotated[str, Field(description="A product, subject or page.", examples=["xiaomi/su7"])] = ""
    segment: Annotated[str, Field(examples=["premium"])] = ""
    title: Annotated[str, Field(description="What the titles on a list contain.", examples=["SU7"])] = ""
    message: Annotated[str, Field(description="Id of a key message.", examples=["first-for-gaming"])] = ""
    rivals: Annotated[str, Field(description="Brands, with commas between.", examples=["byd,tesla"])] = ""
    currency: Annotated[str, Field(examples=["CNY"])] = "CNY"
    is_once: Annotated[bool, Field(alias="once", description="Leave copies out.")] = False
    window_days: Annotated[int | None, Field(description="Days of the follow-up.", examples=[14])] = None
    minutes: Annotated[int, Field(description="Minutes of the window.", examples=[10])] = 10
    hours: Annotated[int, Field(description="Hours of the limit.", examples=[24])] = 24
    since: Annotated[datetime | None, Field(description="When the window opens, with zone.")] = None
    as_of: Annotated[datetime | None, Field(description="When we look; the last event by default.")] = None


class MetricIn(PeriodIn):
    """A metric's period, dimensions and comparison."""

    by: Annotated[str, Field(description="Dimensions, with commas between.", examples=["market,week"])] = ""
    versus: Annotated[str, Field(description="`previous`, or `year` (festivals aligned).")] = ""


class IndexIn(PeriodIn):
    """A dimension's period and weights."""

    weights: Annotated[str, Field(description="Weights by metric.", examples=["nps=2,k_factor=0.5"])] = ""


class MetricOut(Schema):
    """One record of the catalogue."""

    name: str = Field(examples=["share_of_voice"])
    theme: str = Field(examples=["voice"])
    label_zh: str
    label_en: str
    definition_zh: str
    definition_en: str
    unit_zh: str
    unit_en: str
    grain: str
    interval: str = Field(examples=["wilson"])
    dimensions: list[str]
    filters: list[str]
    needs: list[str]
    window_days: int | None
    owner: str
    target: float | None
    is_more_better: bool
    caveats: list[str]


class EstimateOut(Schema):
    """An answer; where it is missing, null with the reason."""

    value: float | None
    low: float | None
    high: float | None
    p_value: float | None
    method: str
    notes: list[str]
    missing: str | None


class CellOut(EstimateOut):
    """One combination of the dimensions, with the whole numbers it is made of."""

    keys: dict[str, str | None] = Field(examples=[{"market": "cn", "week": "2025-03-31"}])
    previous: EstimateOut | None
    counts: dict[str, int]
    days: int
    observed_days: int


class MetricResultOut(Schema):
    """A metric's cells and how they came to be."""

    name: str
    label_zh: str
    label_en: str
    unit_en: str
    interval: str
    start: date = Field(alias="from")
    end: date = Field(alias="to")
    zone: str
    by: list[str]
    target: float | None
    simulated: bool
    cells: list[CellOut]
    definition_zh: str
    definition_en: str
    sql: str
    versions: dict[str, int]
    rows: int
    engine: str
    caveats: list[str]


class IndexOut(Schema):
    """A dimension with its parts, each with weight, scale and answer."""

    name: str
    label_zh: str
    label_en: str
    definition_zh: str
    definition_en: str
    start: date = Field(alias="from")
    end: date = Field(alias="to")
    value: float | None
    low: float | None
    high: float | None
    notes: list[str]
    missing: str | None
    simulated: bool
    parts: list[dict[str, Any]]
