"""The HTTP API of the scorecard: the same card as the page, with the same targets and verdicts."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from canyu.kit.errors import Conflict, NotFound
from canyu.kit.words import Words
from canyu.measure.scorecard.describing import describe_card
from canyu.ops.gate import Holder
from canyu.ops.insight.schemas import ErrorOut
from canyu.ops.lakes import find_facts
from canyu.ops.people.rules import VIEW_PROOF
from canyu.ops.proof.card.queries import FILE_WAIT_S, find_card
from canyu.ops.proof.card.rules import WEIGHT, parse_asked

router = Router()
REFUSALS = {400: ErrorOut, 401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 409: ErrorOut}


class CardAsked(Schema):
    """Which week or month, what changes are taken apart by, and the weights of the indices."""

    rhythm: Annotated[str, Field(description="`week` or `month`.", examples=["month"])] = "week"
    day: Annotated[str, Field(description="A day of it; by default the last whole one.", examples=["2025-04-10"])] = ""
    by: Annotated[str, Field(examples=["channel"])] = "channel"
    weights: Annotated[str, Field(description="Weights by metric.", examples=["nps=2,k_factor=0.5"])] = ""


class CardOut(Schema):
    """A scorecard; every line and index with its query, data version and interval."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")
    simulated: bool
    lines: list[dict[str, Any]]
    indices: list[dict[str, Any]]
    moved: list[dict[str, Any]]
    claims: list[dict[str, Any]]


@router.get(
    "", response={200: CardOut, **REFUSALS}, auth=Holder(VIEW_PROOF), summary="The scorecard of a period", by_alias=True
)
def get_card(request: HttpRequest, asked: Query[CardAsked]) -> dict[str, Any]:  # noqa: ARG001 - ninja's signature
    """Return the card of a week or month."""
    facts = find_facts()
    if facts is None:
        raise NotFound(Words("还没有数据。", "There is no data yet."))
    pairs = dict(told.partition("=")[::2] for told in asked.weights.split(",") if told)
    params = {"rhythm": asked.rhythm, "day": asked.day, "by": asked.by}
    params |= {f"{WEIGHT}{name}": number for name, number in pairs.items()}
    card = find_card(parse_asked(params, facts.last_day), FILE_WAIT_S)
    if card is None:
        raise Conflict(
            Words("记分卡还在计算。", "The scorecard is still being worked out."),
            mend=Words("请一分钟后再试。", "Try again in a minute."),
        )
    return describe_card(card)
