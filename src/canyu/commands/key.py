"""``canyu key``: write keys of tracking clients, from the command line."""

from __future__ import annotations

import click

from canyu.commands.options import HELP_NAMES, json_option, lake_option
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

COMMAND = "canyu key"
"""Who made it, where no person was signed in."""


@click.group(
    context_settings=HELP_NAMES,
    help=say("写入密钥：让埋点客户端把事件发给采集端。", "Write keys: with one, a tracking client sends events here."),
)
def command() -> None:
    """Group the words about write keys."""


@command.command(
    "create",
    help=say(
        "新建一个事件来源，并打印它的写入密钥（只显示这一次）。来源名就是这些事件在数据湖里的 source，以后不能改。",
        "Make a source of events and print its write key, this once. The name is the events' source in the lake, "
        "for good.",
    ),
)
@click.argument("name", metavar=say("名称", "NAME"))
@lake_option
@click.option("--market", default="", help=say("事件没有写明市场时用它，如 cn。", "Market of events that name none."))
@click.option("--channel", default="", help=say("这些事件的渠道，如 site。", "Channel of its events, such as site."))
@click.option(
    "--origin",
    "origins",
    multiple=True,
    metavar="URL",
    help=say("允许从哪些网站发送（可重复），如 https://shop.example。", "Origin whose pages may send; repeatable."),
)
@click.option(
    "--per-minute",
    default=0,
    type=click.IntRange(0),
    help=say("每分钟最多多少条事件；0 表示不限。", "Events per minute at most; 0: no limit."),
)
@json_option
def create_command(
    name: str, address: str, market: str, channel: str, origins: tuple[str, ...], per_minute: int, as_json: bool
) -> None:
    """Make a source and print its key."""
    from canyu.commands.alerts import prepare_database
    from canyu.commands.serve import configure

    configure(address, "127.0.0.1")
    prepare_database()
    from canyu.kit.clock import get_now
    from canyu.ops.sources.actions import create_source
    from canyu.ops.sources.rules import SourceDraft

    draft = SourceDraft(market, channel, origins, per_minute)
    key = create_source(COMMAND, name, draft, get_now())
    if as_json:
        click.echo(dump_json({"name": name, "key": key}))
        return
    click.echo(
        say(
            f"来源 {name} 的写入密钥（只显示这一次）：\n{key}",
            f"Write key of the source {name}, shown this once:\n{key}",
        )
    )
