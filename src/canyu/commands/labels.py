"""``canyu labels``: corrections of erased posts are forgotten."""

from __future__ import annotations

import click

from canyu.commands.erasing import tell_retraining
from canyu.commands.options import HELP_NAMES, json_option, lake_option
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say


@click.group(
    context_settings=HELP_NAMES,
    help=say("分析师对情感的更正。", "Corrections of sentiment by analysts."),
)
def command() -> None:
    """Corrections of sentiment."""


@command.command(
    "forget",
    help=say(
        "删除数据湖里已不存在的帖子的更正及其文本；抹除时会自动做，只有别的程序删过帖子时才用。",
        "Drop the corrections, with their texts, of posts that the lake does not hold any more. `canyu lake erase` "
        "does so by itself; this is for posts that another program removed.",
    ),
)
@lake_option
@json_option
def forget_command(address: str, as_json: bool) -> None:
    """Drop the corrections of erased posts."""
    from canyu.commands.alerts import prepare_database
    from canyu.commands.serve import configure
    from canyu.events import open_lake

    open_lake(address)  # where there is none, nothing is made
    configure(address, "127.0.0.1")
    prepare_database()
    from canyu.ops.labels.actions import forget_erased

    dropped = forget_erased()
    if as_json:
        click.echo(dump_json({"dropped": dropped}))
        return
    click.echo(say(f"已删除 {dropped} 条更正。", f"{dropped} corrections dropped."))
    if dropped:
        click.echo(tell_retraining())
