"""Why an offer is not applied: an enumerated list, each with its words, so that no refusal is without a reason."""

from __future__ import annotations

from enum import StrEnum

from canyu.kit.words import Words


class Reason(StrEnum):
    """Why an offer was refused (it cannot be used) or skipped (it could, the stacking switches forbid it)."""

    NOT_FOUND = "not_found"
    NOT_RELEASED = "not_released"
    NOT_STARTED = "not_started"
    EXPIRED = "expired"
    VOID = "void"
    WRONG_CURRENCY = "wrong_currency"
    WRONG_MARKET = "wrong_market"
    WRONG_PERSON = "wrong_person"
    NOT_FIRST_ORDER = "not_first_order"
    BELOW_MINIMUM_AMOUNT = "below_minimum_amount"
    BELOW_MINIMUM_QUANTITY = "below_minimum_quantity"
    NO_PRODUCT = "no_product"
    BUNDLE_INCOMPLETE = "bundle_incomplete"
    QUANTITY_EXCEEDED = "quantity_exceeded"
    PERSON_LIMIT = "person_limit"
    BUDGET_EXCEEDED = "budget_exceeded"
    NO_EFFECT = "no_effect"
    GIVEN_TWICE = "given_twice"
    STOCK_EXCEEDED = "stock_exceeded"
    ANOTHER_REFUSED = "another_refused"
    EXCLUSIVE = "exclusive"
    CATEGORY_LIMIT = "category_limit"
    PRODUCT_TAKEN = "product_taken"
    TOO_MANY = "too_many"


SKIPS = frozenset(
    {Reason.EXCLUSIVE, Reason.CATEGORY_LIMIT, Reason.PRODUCT_TAKEN, Reason.TOO_MANY, Reason.ANOTHER_REFUSED}
)
"""Reasons of the stacking switches: the offer is good, and under the policy "all" does not make the others fail."""

REASON_WORDS: dict[Reason, Words] = {
    Reason.NOT_FOUND: Words("没有这个码。", "There is no such code."),
    Reason.NOT_RELEASED: Words("优惠还没有发布。", "The offer is not released."),
    Reason.NOT_STARTED: Words("还没有开始。", "It has not begun."),
    Reason.EXPIRED: Words("已过期。", "It has expired."),
    Reason.VOID: Words("已作废。", "It is void."),
    Reason.WRONG_CURRENCY: Words("币种不同。", "It is in another currency."),
    Reason.WRONG_MARKET: Words("这个市场不能用。", "It is not for this market."),
    Reason.WRONG_PERSON: Words("是发给别人的。", "It belongs to somebody else."),
    Reason.NOT_FIRST_ORDER: Words("只限首单。", "It is for a first order only."),
    Reason.BELOW_MINIMUM_AMOUNT: Words("没有达到最低金额。", "The minimum amount is not reached."),
    Reason.BELOW_MINIMUM_QUANTITY: Words("没有达到最低件数。", "The minimum quantity is not reached."),
    Reason.NO_PRODUCT: Words("购物车里没有适用的商品。", "The cart holds nothing that it is for."),
    Reason.BUNDLE_INCOMPLETE: Words("套装没有凑齐。", "The bundle is not complete."),
    Reason.QUANTITY_EXCEEDED: Words("可用次数已用完。", "It has no uses left."),
    Reason.PERSON_LIMIT: Words("这个人的可用次数已用完。", "This person has no uses left."),
    Reason.BUDGET_EXCEEDED: Words("预算不够。", "The budget is too small."),
    Reason.NO_EFFECT: Words("减不了任何金额，不占用次数。", "It would take nothing off; no use is counted."),
    Reason.GIVEN_TWICE: Words("同一个优惠给了两次，只算一次。", "It is given twice and counted once."),
    Reason.STOCK_EXCEEDED: Words("库存不够。", "The stock is too small."),
    Reason.ANOTHER_REFUSED: Words(
        "另一个优惠不能用，按“全部”规则整单不用。", "Another one was refused, and all must hold."
    ),
    Reason.EXCLUSIVE: Words("不能与独享优惠同用。", "It does not go with one that stands alone."),
    Reason.CATEGORY_LIMIT: Words("这一类优惠的个数已满。", "Its category is full."),
    Reason.PRODUCT_TAKEN: Words(
        "商品已有一个优惠，每个商品只用一个。", "Its products have one already, and one each is all."
    ),
    Reason.TOO_MANY: Words("优惠的个数已满。", "So many offers are all that one order takes."),
}
