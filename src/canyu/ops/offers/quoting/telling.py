"""A quote in words and as plain values: every step with its reason, for a terminal, a page and an answer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from canyu.events.importers.expressions import MINOR_DIGITS
from canyu.kit.words import Words
from canyu.ops.offers.quoting.offers import Effect, Offer, Rounding, Scope, Share, Spread, Switches
from canyu.ops.offers.quoting.quote import Outcome, Quote, Step
from canyu.ops.offers.quoting.reasons import REASON_WORDS

QUOTE_FORMAT = 1
OUTCOME_WORDS = {
    Outcome.APPLIED: Words("已用", "applied"),
    Outcome.REFUSED: Words("不能用", "refused"),
    Outcome.SKIPPED: Words("未用", "skipped"),
}
ROUNDING_WORDS = {
    Rounding.LINE: Words(
        "百分比按商品四舍五入到最小货币单位；固定金额按比例分摊，每份四舍五入，余数归最后一行。",
        "Percents are rounded half up for each product; an amount is shared in proportion, each part rounded half up, "
        "and what is left goes to the last line.",
    ),
    Rounding.TOTAL: Words(
        "百分比按合计四舍五入一次，再按比例分摊，余数归最后一行。",
        "Percents are rounded half up once on the sum, which is then shared in proportion; what is left goes to the "
        "last line.",
    ),
}


def format_minor(minor: int, currency: str) -> str:
    """Return an amount of minor units with all its decimals.

    >>> format_minor(499900, "CNY"), format_minor(5000, "JPY"), format_minor(-5, "EUR")
    ('4,999.00', '5,000', '-0.05')
    """
    digits = MINOR_DIGITS.get(currency, 2)
    return f"{Decimal(minor).scaleb(-digits):,.{digits}f}"


def format_percent(percent_bp: int) -> str:
    """Return basis points as per cent.

    >>> format_percent(1300), format_percent(3333)
    ('13%', '33.33%')
    """
    return f"{(Decimal(percent_bp) / 100).normalize():f}%"


def describe_effect(offer: Offer, currency: str) -> Words:
    """Return in words what an offer takes off."""
    effect = offer.effect
    zh, en = _say_amount(effect, currency)
    if effect.scope is Scope.SHIPPING:
        zh, en = f"运费减 {zh}", f"{en} off shipping"
    elif effect.scope is Scope.ORDER:
        zh, en = f"商品和运费减 {zh}", f"{en} off goods and shipping"
    elif effect.spread is Spread.EACH and effect.amount_minor:
        zh, en = f"每件减 {zh}", f"{en} off each unit"
    else:
        zh, en = f"减 {zh}", f"{en} off"
    if effect.units is not None:
        per = Words("每套", " per bundle") if offer.parts else Words("", "")
        zh, en = (
            f"{zh}，{per.zh}至多 {effect.units} 件，从便宜的起",
            f"{en}, {effect.units} unit(s) at most{per.en}, cheapest first",
        )
    if effect.at_most_minor is not None:
        most = format_minor(effect.at_most_minor, currency)
        zh, en = f"{zh}，至多 {most}", f"{en}, {most} at most"
    if effect.share is Share.QUANTITY:
        zh, en = f"{zh}，按件数分摊", f"{en}, shared by units"
    return Words(zh, en)


def explain_step(step: Step, currency: str) -> Words:
    """Return one step in a sentence: what was asked, what it took off, or why it did not."""
    if step.reason is not None:
        return REASON_WORDS[step.reason]
    what = describe_effect(step.offer, currency)
    off, before, after = (format_minor(v, currency) for v in (step.discount_minor, step.before_minor, step.after_minor))
    sets = Words(f"，{step.times} 套", f", {step.times} bundle(s)") if step.offer.parts else Words("", "")
    zh, en = f"{what.zh}{sets.zh}：{before} − {off} = {after}。", f"{what.en}{sets.en}: {before} − {off} = {after}."
    if step.unused_minor:
        rest = format_minor(step.unused_minor, currency)
        kept = Words("保留在券上", "stays on the voucher") if step.kept_minor else Words("作废", "is forfeited")
        zh, en = f"{zh}余下 {rest} {kept.zh}。", f"{en} The rest of {rest} {kept.en}."
    return Words(zh, en)


def describe_quote(found: Quote) -> dict[str, Any]:
    """Return a quote as plain values; amounts are integers of the currency's minor unit."""
    cart, discounts = found.cart, found.line_discounts
    return {
        "format": QUOTE_FORMAT,
        "currency": cart.currency,
        "goods_minor": cart.goods_minor,
        "shipping_minor": cart.shipping_minor,
        "shipping_discount_minor": found.shipping_discount_minor,
        "discount_minor": found.discount_minor,
        "total_minor": found.total_minor,
        "is_refused": found.is_refused,
        "short_stock": dict(found.short),
        "switches": describe_switches(found.switches),
        "rounding_rule": str(ROUNDING_WORDS[found.switches.rounding]),
        "lines": [
            {
                "id": line.id,
                "product": line.product,
                "quantity": line.quantity,
                "gross_minor": line.gross_minor,
                "discount_minor": discount,
                "net_minor": line.gross_minor - discount,
            }
            for line, discount in zip(cart.lines, discounts, strict=True)
        ],
        "steps": [describe_step(number, step, found) for number, step in enumerate(found.steps, 1)],
    }


def describe_step(number: int, step: Step, found: Quote) -> dict[str, Any]:
    """Return one step as plain values."""
    lines = zip(found.cart.lines, step.lines, strict=False)
    return {
        "step": number,
        "offer": step.offer.id,
        "kind": step.offer.kind.value,
        "outcome": step.outcome.value,
        "reason": step.reason.value if step.reason else None,
        "explanation": str(explain_step(step, found.cart.currency)),
        "before_minor": step.before_minor,
        "discount_minor": step.discount_minor,
        "after_minor": step.after_minor,
        "lines": [{"id": line.id, "discount_minor": amount} for line, amount in lines if amount],
        "shipping_discount_minor": step.shipping_discount_minor,
        "bundles": step.times if step.offer.parts else None,
        "unused_minor": step.unused_minor,
        "kept_minor": step.kept_minor,
    }


def describe_switches(switches: Switches) -> dict[str, Any]:
    """Return the switches as a file has them."""
    return {
        "policy": switches.policy.value,
        "order": switches.order.value,
        "base": switches.base.value,
        "per_product": switches.per_product.value,
        "no_effect": switches.no_effect.value,
        "rounding": switches.rounding.value,
        "category_limits": dict(switches.category_limits),
        "most_applied": switches.most_applied,
    }


def _say_amount(effect: Effect, currency: str) -> Words:
    text = format_percent(effect.percent_bp) if effect.percent_bp else format_minor(effect.amount_minor, currency)
    return Words(text, text)
