"""``canyu draw``: recompute the lottery of a limited edition from its published file."""

from __future__ import annotations

import click

from canyu.commands.options import HELP_NAMES, json_option
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words, say

MOST_BYTES = 512 << 20


@click.group(
    context_settings=HELP_NAMES,
    help=say("限量活动的抽签：任何人都可以重算。", "The draw of a limited edition: anybody can recompute it."),
)
def command() -> None:
    """Recompute the lottery of a limited edition."""


@command.command(
    "verify",
    help=say(
        "用公布的文件重算抽签：种子是否事先承诺的那个，次序是否如公布。退出码：0 相符，1 不符，2 文件有误。",
        "Recompute a draw from its published file: the seed against the commitment, the order against the one told. "
        "Exit code: 0 it holds, 1 it does not, 2 bad input.",
    ),
)
@click.argument("path", metavar=say("文件", "FILE"))
@json_option
@click.pass_context
def verify(context: click.Context, path: str, as_json: bool) -> None:
    """Recompute a draw from its published file."""
    from canyu.kit.written import read_written
    from canyu.ops.offers.drops.verify import verify_draw

    text = read_written(
        path,
        absent=Words(f"{path} 处没有抽签文件。", f"There is no file of a draw at {path}."),
        too_long=Words("请用活动页下载的文件。", "Take the file from the page of the drop."),
        most_bytes=MOST_BYTES,
    )
    found = verify_draw(text)
    if as_json:
        click.echo(dump_json(found))
    else:
        entrants, winners = f"{found['entrants']:,}", f"{len(found['winners']):,}"
        click.echo(say(f"{entrants} 人参加，{winners} 人抽中。", f"{entrants} took part, {winners} got a unit."))
        click.echo(
            found["fault"] or say("抽签与承诺和名单相符。", "The draw is what its commitment and entrants make it.")
        )
    context.exit(0 if found["is_right"] else 1)
