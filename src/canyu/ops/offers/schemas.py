"""What crosses the border of the offers' API beside quotes, whose shape is that of ``canyu quote --json``."""

from __future__ import annotations

from typing import Annotated

from ninja import Schema
from pydantic import Field


class BoughtIn(Schema):
    """An order that was paid, and what it holds."""

    order: Annotated[str, Field(min_length=1, max_length=120, examples=["car-1024"])]
    person: Annotated[str, Field(max_length=200, description="An opaque id.", examples=["p-1024"])] = ""
    products: Annotated[list[str], Field(max_length=1000, examples=[["su7"]])]


class OrderAsked(Schema):
    """An order by its id."""

    order: Annotated[str, Field(min_length=1, max_length=120, examples=["car-1024"])]


class RefundIn(OrderAsked):
    """An order that was given back, or a part of it."""

    amount_minor: Annotated[
        int | None, Field(ge=1, description="So much of what was paid; left out, the whole order.", examples=[50_000])
    ] = None
    refund: Annotated[
        str, Field(max_length=120, description="The refund's own id; a part needs it.", examples=["rf-1"])
    ] = ""


class PaidIn(Schema):
    """A payment for a unit of a drop."""

    claim: Annotated[str, Field(min_length=1, max_length=32, description="The claim's token.")]
    reference: Annotated[str, Field(min_length=1, max_length=120, examples=["wx-20260618-7"])]


class PaidOut(Schema):
    """What the payment bought; ``is_late``: nothing, it is to be given back."""

    claim: str
    serial: int
    state: str
    is_late: bool


class EntitlementOut(Schema):
    """A code that an order brought about."""

    offer: str
    code: str
    state: str


class RefundOut(Schema):
    """What a refund gave back and claimed back."""

    order: str
    state: str | None
    refunded_minor: int
    voided: list[str]
    clawed_minor: int
