"""The offers' API for shops: quote, hold, redeem, refund; a signed program, or a person who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from ninja import Router

from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.ops.config import load_config
from canyu.ops.gate import Holder
from canyu.ops.insight.schemas import ErrorOut
from canyu.ops.offers import actions, queries
from canyu.ops.offers.drops.claiming import actions as claiming
from canyu.ops.offers.drops.models import ClaimState
from canyu.ops.offers.models import CodeState, Redemption, RedemptionState
from canyu.ops.offers.quoting import Checkout, describe_quote, parse_checkout
from canyu.ops.offers.redeeming import actions as redeeming
from canyu.ops.offers.redeeming.parts import actions as parts
from canyu.ops.offers.schemas import BoughtIn, EntitlementOut, OrderAsked, PaidIn, PaidOut, RefundIn, RefundOut
from canyu.ops.order_names import list_forms
from canyu.ops.people.rules import REDEEM_OFFERS, VIEW_OFFERS
from canyu.ops.webhook.rules import is_fresh, is_signed, read_secrets

router = Router(tags=["offers"])
REFUSALS = {400: ErrorOut, 401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 409: ErrorOut}
SOURCE, STAMP, SIGNATURE = "X-Canyu-Source", "X-Canyu-Time", "X-Canyu-Signature"
HOLD_MINUTES = 15
BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object", "description": "See docs: reference/quotes.md"}}},
    }
}


def find_program(request: HttpRequest) -> str | None:
    """Return the source whose secret signed the time and the body (as for ``/hooks/``), None where none did."""
    source, stamp = request.headers.get(SOURCE, ""), request.headers.get(STAMP, "")
    secrets = read_secrets(load_config().hook_secrets.get_secret_value()).get(source, ())
    signature = request.headers.get(SIGNATURE, "")
    is_right = bool(secrets) and is_signed(secrets, stamp, request.body, signature) and is_fresh(stamp, get_now())
    return source if is_right else None


@router.post("/quote", auth=[find_program, Holder(VIEW_OFFERS)], openapi_extra=BODY, summary="Price a cart")
def quote(request: HttpRequest) -> dict[str, Any]:
    """Return what a cart costs with the released offers and the codes that were entered; nothing is used."""
    return describe_quote(queries.prepare_quote(_read(request), get_now()).quote)


@router.post("/hold", auth=[find_program, Holder(REDEEM_OFFERS)], openapi_extra=BODY, summary="Hold while it is paid")
def hold(request: HttpRequest) -> dict[str, Any]:
    """Keep offers for an order for 15 minutes; the same order again gets the same answer."""
    now = get_now()
    return redeeming.hold(_need_order(_read(request)), now + timedelta(minutes=HOLD_MINUTES), now)


@router.post("/redeem", auth=[find_program, Holder(REDEEM_OFFERS)], openapi_extra=BODY, summary="Use offers, once")
def redeem(request: HttpRequest) -> dict[str, Any]:
    """Use offers for an order; the same order again gets the same answer, with another body it is refused (409)."""
    return redeeming.redeem(_need_order(_read(request)), get_now())


@router.post("/let-go", auth=[find_program, Holder(REDEEM_OFFERS)], summary="Let go what was held")
def let_go(request: HttpRequest, asked: OrderAsked) -> dict[str, str]:  # noqa: ARG001 - ninja's signature
    """Give back what was held for an order that is not paid."""
    redeeming.let_go(asked.order, get_now())
    return {"order": asked.order, "state": "released"}


@router.post(
    "/orders", response={200: list[EntitlementOut], **REFUSALS}, auth=[find_program, Holder(REDEEM_OFFERS)],
    summary="Give what an order entitles to",
)  # fmt: skip
def take_order(request: HttpRequest, asked: BoughtIn) -> list[EntitlementOut]:  # noqa: ARG001 - ninja's signature
    """Give the codes that a paid order entitles to; asked again, the same ones."""
    issued = actions.issue_entitlements(asked.order, asked.person, asked.products, get_now())
    return [EntitlementOut(offer=code.offer.key, code=text, state=code.state) for code, text in issued]


@router.post(
    "/refunds", response={200: RefundOut, **REFUSALS}, auth=[find_program, Holder(REDEEM_OFFERS)],
    summary="Undo an order, once",
)  # fmt: skip
def take_refund(request: HttpRequest, asked: RefundIn) -> RefundOut:  # noqa: ARG001 - ninja's signature
    """Give back what an order used, void what it entitled to, claim back what of that was used.

    Of a part, so much of the discount as the part is of the total; what the order entitled to stays until the whole is.
    """
    if asked.amount_minor is not None and not asked.refund:
        raise BadInput(
            Words("部分退款没有写 refund。", "A part has no `refund`."),
            mend=Words("每笔退款写一个自己的 refund。", "Give every refund a `refund` of its own."),
        )
    if asked.amount_minor is None:
        row = redeeming.reverse(asked.order, get_now())
    else:
        row = parts.reverse_part(asked.order, asked.refund, asked.amount_minor, get_now())
    codes = queries.list_order_codes(asked.order)
    return RefundOut(
        order=asked.order,
        state=row.state if row else None,
        refunded_minor=_sum_refunded(row),
        voided=[code.offer.key for code in codes if code.state == CodeState.VOID],
        clawed_minor=sum(code.clawed_minor for code in codes),
    )


@router.post(
    "/drops/paid", response={200: PaidOut, **REFUSALS}, auth=[find_program, Holder(REDEEM_OFFERS)],
    summary="A unit was paid",
)  # fmt: skip
def take_payment(request: HttpRequest, asked: PaidIn) -> PaidOut:  # noqa: ARG001 - ninja's signature
    """Sell a held unit; a payment that comes too late is kept as one to give back, and told so."""
    claim = claiming.pay_claim(asked.claim, asked.reference, get_now())
    is_late = claim.state != ClaimState.SOLD or claim.payment not in list_forms([asked.reference])
    return PaidOut(claim=claim.token, serial=claim.serial, state=claim.state, is_late=is_late)


def _sum_refunded(row: Redemption | None) -> int:
    if row is None:
        return 0
    return row.total_minor if row.state == RedemptionState.REVERSED else row.refunded_minor


def _read(request: HttpRequest) -> Checkout:
    try:
        return parse_checkout(request.body.decode("utf-8"))
    except UnicodeDecodeError:
        raise BadInput(
            Words("内容不是 UTF-8。", "The body is not UTF-8."), mend=Words("请用 UTF-8 发送。", "Send UTF-8.")
        ) from None


def _need_order(checkout: Checkout) -> Checkout:
    if not checkout.order:
        raise BadInput(
            Words("没有订单号 order。", "The order has no id."),
            mend=Words("每个订单写一个自己的 order。", "Give every order an `order` of its own."),
        )
    return checkout
