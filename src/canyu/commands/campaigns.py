"""``canyu campaigns``: what campaigns do by themselves, for cron or systemd."""

from __future__ import annotations

import click

from canyu.commands.options import HELP_NAMES, json_option, lake_option
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say


@click.group(
    context_settings=HELP_NAMES,
    help=say(
        "活动：读取订单与退货，计入捐赠，发放到期奖励。",
        "Campaigns: take in orders and refunds, count what is given, pay what is due.",
    ),
)
def command() -> None:
    """Group the words about campaigns."""


@command.command(
    "sweep",
    help=say(
        "从数据湖读取新的订单与退货，把等待期满的奖励与公益捐赠入账，并把事件送进数据湖。"
        "可以反复运行；让 cron 或 systemd 每分钟运行一次。",
        "Read new orders and refunds from the lake, pay rewards whose waiting is over, count what pledges give, lead "
        "events into the lake. Safe to repeat; for cron or systemd, once a minute.",
    ),
)
@lake_option
@json_option
def sweep_command(address: str, as_json: bool) -> None:
    """Follow the lake and pay what is due."""
    from canyu.commands.alerts import prepare_database
    from canyu.commands.serve import configure
    from canyu.events import open_lake

    open_lake(address)  # where there is none, nothing is made
    configure(address, "127.0.0.1")
    prepare_database()
    from canyu.kit.clock import get_now
    from canyu.ops.campaigns.charity.following import follow_gifts
    from canyu.ops.campaigns.referral.following import follow_lake
    from canyu.ops.campaigns.referral.rewards.actions import settle_due
    from canyu.ops.outbox.actions import relay

    followed, paid, counted = follow_lake(get_now()), settle_due(get_now()), follow_gifts(get_now())
    relayed = relay()
    told = {"orders": followed.orders, "refunds": followed.refunds, "refused": followed.refused, "paid": paid}
    told |= {"gifts": counted.given, "gifts_taken_back": counted.returned}
    if as_json:
        click.echo(dump_json(told | {"events": relayed.added}))
        return
    click.echo(
        say(
            f"订单 {followed.orders:,}，退货 {followed.refunds:,}（未收 {followed.refused:,}）；"
            f"奖励入账 {paid:,} 笔；捐赠计入 {counted.given:,} 笔，冲正 {counted.returned:,} 笔；"
            f"送出事件 {relayed.added:,} 条。",
            f"{followed.orders:,} orders, {followed.refunds:,} refunds ({followed.refused:,} refused); "
            f"{paid:,} rewards paid; {counted.given:,} gifts counted, {counted.returned:,} taken back; "
            f"{relayed.added:,} events led into the lake.",
        )
    )
