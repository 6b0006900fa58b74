"""What the API sends of spread: cascades, one with its reposts, and forecasts, each with an example."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from canyu.measure import Proof
from canyu.ops.insight.schemas import FigureOut, ProofOut
from canyu.ops.travel.forecast_pictures import draw_forecast
from canyu.ops.travel.forecasts import Forecast, Forecasts, foresee_curve
from canyu.ops.travel.one import Repost


class CarrierOut(Schema):
    """What one account carried of the reposts of a period."""

    account: str = Field(description="Its key; its number for those who may not see posts.", examples=["9f86d081"])
    carried: int = Field(description="Reposts by others below its own.", examples=[1158])
    carried_before: int | None = Field(
        None, description="In equally many days before; null where there are no data of them.", examples=[873]
    )
    share: float = Field(description="Of all reposts, in per cent.", examples=[11.6])
    bridging: float = Field(description="Of all pairs of other nodes, from 0 to 1.", examples=[0.207])
    cascades: int = Field(examples=[3])
    reposts: int = Field(examples=[4])


class CascadeOut(Schema):
    """One cascade, as measured."""

    post: str = Field(description="The id of the post.")
    time: datetime = Field(description="Of the post; of its first repost where the lake does not hold it.")
    is_known: bool = Field(description="Whether the lake holds the post.")
    channel: str | None = Field(examples=["weibo"])
    market: str | None = Field(examples=["cn"])
    campaign: str | None = None
    reposts: int = Field(examples=[10_000])
    accounts: int = Field(examples=[8_800])
    depth: int = Field(examples=[8])
    width: int = Field(examples=[5_200])
    structural_virality: float | None = Field(examples=[4.2])
    half_life_s: float | None = Field(examples=[8_160.0])
    confidence: float | None = Field(description="Mean over the edges, from 0 to 1.", examples=[0.93])

    @classmethod
    def make(cls, root: dict[str, Any], shape: dict[str, Any]) -> CascadeOut:
        """Return the cascade as it is sent."""
        names = ("reposts", "depth", "width", "structural_virality", "half_life_s", "confidence")
        told = {name: root[name] for name in ("time", "is_known", "channel", "market", "campaign")}
        return cls(post=root["root"], accounts=shape["authors"], **told, **{name: shape[name] for name in names})


class TravelOut(Schema):
    """Who carried the reposts of a period, and its cascades by page."""

    figures: list[FigureOut]
    carriers: list[CarrierOut]
    cascades: list[CascadeOut]
    total: int = Field(description="Cascades in all.", examples=[312])
    page: int
    pages: int


class RepostOut(Schema):
    """One repost in its tree."""

    id: str
    account: str
    time: datetime | None
    parent: str = Field(description="The account that it hangs on; empty for the post.")
    how: str = Field(description="How the parent was found.", examples=["stated"])
    confidence: float = Field(description="The chance that this is right.", examples=[1.0])
    depth: int
    below: int = Field(description="Reposts under it.")

    @classmethod
    def make(cls, row: Repost, may_see: bool) -> RepostOut:
        """Return the repost as it is sent."""
        return cls(
            id=row.id,
            account=row.actor if may_see and row.actor else row.account.en,
            time=row.time,
            parent=row.parent.en,
            how=str(row.how),
            confidence=row.confidence,
            depth=row.depth,
            below=row.below,
        )


class OneOut(Schema):
    """One cascade with its carriers, and its reposts by page: those passed on most first."""

    cascade: CascadeOut
    stated: float = Field(description="Edges that the source states, in per cent.", examples=[93.1])
    carriers: list[CarrierOut]
    reposts: list[RepostOut]
    page: int
    pages: int
    proof: ProofOut


class SizeOut(Schema):
    """A predicted number of reactions with its 80 % interval."""

    size: int = Field(examples=[312])
    low: int = Field(examples=[210])
    high: int = Field(examples=[480])
    passes: float | None = Field(description="The probability to pass the asked number.", examples=[0.73])


class CurveOut(Schema):
    """What is foreseen for an age."""

    hours: float
    low: float
    middle: float
    high: float


class ForecastOut(Schema):
    """What is foreseen of one post, and what came where that is known."""

    post: str
    posted: datetime
    age_h: float
    seen: int
    day: SizeOut
    end: SizeOut
    peak: datetime
    peak_passed: float
    is_beyond_data: bool
    day_actual: int | None = Field(description="Reactions of the first 24 hours, null while they are not over.")
    end_actual: int | None = Field(description="Reactions of 30 days, null while they are not over.")
    model: str
    curve: list[CurveOut] = Field(description="The band to 24 hours; empty in a list.")
    proof: ProofOut | None = None

    @classmethod
    def make(cls, one: Forecast) -> ForecastOut:
        """Return the forecast as it is sent in a list."""
        found, reactions = one.found, one.reactions
        return cls(
            post=reactions.root.id,
            posted=reactions.root.time,
            age_h=found.age.total_seconds() / 3600,
            seen=found.seen,
            day=_make_size(found.day),
            end=_make_size(found.final),
            peak=found.peak.time,
            peak_passed=found.peak.passed_probability,
            is_beyond_data=found.is_beyond_data,
            day_actual=reactions.count_day(),
            end_actual=reactions.count_end(),
            model=found.version,
            curve=[],
        )

    @classmethod
    def make_whole(cls, one: Forecast, engine: str) -> ForecastOut:
        """Return the forecast with its band and its proof."""
        sent = cls.make(one)
        hours = [hour for hour in (*range(1, 25),) if hour > sent.age_h]
        sent.curve = [
            CurveOut(hours=point.hour, low=point.low, middle=point.size, high=point.high)
            for point in foresee_curve(one, hours)
        ]
        sent.proof = make_proof_out(draw_forecast(one, one.reactions.answer, engine).proof)
        return sent


class ForecastsOut(Schema):
    """What can be foreseen at a moment, the likeliest to pass the asked number first."""

    moment: datetime
    passes: int
    forecasts: list[ForecastOut]
    left: int = Field(description="Posts that were not computed.")

    @classmethod
    def make(cls, found: Forecasts) -> ForecastsOut:
        """Return the forecasts as they are sent."""
        rows = [ForecastOut.make(one) for one in found.rows]
        return cls(moment=found.moment, passes=found.passes, forecasts=rows, left=found.left)


def make_proof_out(proof: Proof) -> ProofOut:
    """Return a proof as it is sent."""
    return ProofOut(
        definition_zh=proof.definition.zh,
        definition_en=proof.definition.en,
        sql=proof.sql,
        versions=proof.versions,
        rows=proof.rows,
        engine=proof.engine,
    )


def _make_size(size: Any) -> SizeOut:
    return SizeOut(size=size.size, low=size.low, high=size.high, passes=size.pass_probability)
