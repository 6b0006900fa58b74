"""``canyu quote``: what a cart costs with its offers, every step and every refusal explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from canyu.commands.options import HELP_NAMES, json_option
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.ops.offers.quoting import Quote


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "算出购物车用上优惠后要付多少，逐步说明，每个没用上的优惠都说明原因。"
        "文件是 YAML：购物车、优惠、叠加规则。退出码：0 已报价，1 整单被拒，2 输入有误。",
        "Price a cart with its offers, step by step, with the reason for every offer that was not used. The file is "
        "YAML: a cart, offers, stacking switches. Exit code: 0 quoted, 1 the request was refused whole, 2 bad input.",
    ),
)
@click.argument("path", metavar=say("文件", "FILE"))
@json_option
@click.pass_context
def command(context: click.Context, path: str, as_json: bool) -> None:
    """Price a cart with its offers."""
    from canyu.ops.offers.quoting import describe_quote, open_request, quote

    found = quote(*open_request(path))
    if as_json:
        click.echo(dump_json(describe_quote(found)))
    else:
        _tell(found)
    context.exit(1 if found.is_refused else 0)


def _tell(found: Quote) -> None:
    from canyu.ops.offers.quoting import explain_step, format_minor
    from canyu.ops.offers.quoting.telling import OUTCOME_WORDS, ROUNDING_WORDS

    currency = found.cart.currency

    def show(minor: int) -> str:
        return f"{currency} {format_minor(minor, currency)}"

    goods, shipping = show(found.cart.goods_minor), show(found.cart.shipping_minor)
    click.echo(say(f"商品 {goods}，运费 {shipping}。", f"Goods {goods}, shipping {shipping}."))
    for number, step in enumerate(found.steps, 1):
        outcome, why = OUTCOME_WORDS[step.outcome], explain_step(step, currency)
        zh = f"{number}. {step.offer.id}【{outcome.zh}】{why.zh}"
        click.echo(say(zh, f"{number}. {step.offer.id} [{outcome.en}] {why.en}"))
    for item, units in found.short.items():
        click.echo(say(f"库存 {item} 差 {units} 件。", f"Stock item {item} is {units} short."))
    for line, off in zip(found.cart.lines, found.line_discounts, strict=True):
        gross, less, net = show(line.gross_minor), show(off), show(line.gross_minor - off)
        click.echo(f"   {line.id}  {line.product} × {line.quantity}: {gross} − {less} = {net}")
    if found.is_refused:
        click.echo(say("整单被拒：没有用上任何优惠。", "The request was refused whole: nothing was applied."))
    total, less = show(found.total_minor), show(found.discount_minor)
    click.echo(say(f"应付 {total}，共减 {less}。", f"To pay {total}, {less} off in all."))
    click.echo(str(ROUNDING_WORDS[found.switches.rounding]))
