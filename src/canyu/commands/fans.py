"""``canyu fans``: link what clients said, take out a copy, finish erasures, and check a receipt."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import click

from canyu.commands.options import HELP_NAMES, json_option, lake_option
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json, parse_json
from canyu.kit.words import Words, say


@click.group(
    context_settings=HELP_NAMES,
    help=say("粉丝：合并标识、导出、删除与回执。", "Fans: who is one person, copies, erasures and receipts."),
)
def command() -> None:
    """Group the words about fans."""


@command.command(
    "link",
    help=say(
        "从数据湖读取 identify 与 alias，把同一个人的标识连起来。可以反复运行；服务运行时每分钟自动做一次。",
        "Tie the identifiers that the lake's identify and alias events name. Safe to repeat; a server does so every "
        "minute.",
    ),
)
@lake_option
@click.option("--whole", is_flag=True, help=say("从头读整个湖。", "Read the whole lake, not only what is new."))
@json_option
def link_command(address: str, whole: bool, as_json: bool) -> None:
    """Follow the lake."""
    _prepare(address)
    from canyu.kit.clock import get_now
    from canyu.ops.fans.identity.following import follow_lake

    done = follow_lake(get_now(), is_whole=whole)
    zh = f"读了 {done.events:,} 条事件，新连接 {done.links:,} 条，合并或拆分 {done.merges:,} 次。"
    en = f"{done.events:,} events read, {done.links:,} new links, {done.merges:,} people merged or parted."
    click.echo(dump_json(asdict(done)) if as_json else say(zh, en))


@command.command(
    "export",
    help=say("把一个人的全部数据写成 zip。请输入粉丝编号。", "Write everything that is held of a person to a zip."),
)
@lake_option
@click.argument("fan", metavar=say("粉丝编号", "FAN"))
@click.option("--out", required=True, type=click.Path(path_type=Path), help=say("写到哪个文件。", "The file to write."))
@click.option("--by", required=True, help=say("谁在导出：控制台的用户名。", "Who takes it out: a username."))
@json_option
def export_command(address: str, fan: str, out: Path, by: str, as_json: bool) -> None:
    """Take out a copy."""
    _prepare(address)
    from canyu.events.failures import Doing, tell_failure
    from canyu.kit.clock import get_now
    from canyu.ops.fans.copying import write_copy
    from canyu.ops.fans.queries import describe_whose, get_fan
    from canyu.ops.fans.subject.actions import log_copy

    viewer = _get_viewer(by)
    found = get_fan(viewer, fan)
    log_copy(viewer, found, found.key, get_now())
    with tell_failure(Doing.WRITE, out), _open_private(out) as file:
        for piece in write_copy(describe_whose(found), get_now()):
            file.write(piece)
        size = file.tell()
    told = {"fan": found.key, "out": str(out), "bytes": size}
    click.echo(dump_json(told) if as_json else say(f"已写入 {out}（{size} 字节）。", f"Wrote {out} ({size} bytes)."))


@command.command(
    "erase",
    help=say(
        "完成所有已由第二人放行的删除，打印回执。服务运行时每分钟自动做一次。",
        "Finish every erasure that a second person released, and print the receipts. A server does so every minute.",
    ),
)
@lake_option
@json_option
def erase_command(address: str, as_json: bool) -> None:
    """Finish erasures."""
    _prepare(address)
    from canyu.kit.clock import get_now
    from canyu.ops.fans.erasing.actions import finish_erasures

    receipts = finish_erasures(get_now)
    if as_json:
        click.echo(dump_json([row.document for row in receipts]))
        return
    for row in receipts:
        click.echo(say(f"已删除，回执 {row.number}。", f"Erased: receipt {row.number}."))
    if not receipts:
        click.echo(say("没有已放行的删除。", "No erasure was released."))


@command.command(
    "verify",
    help=say(
        "核对一份删除回执：内容未改、由本系统签发、在回执链上。不符时以非零状态结束。",
        "Check the receipt of an erasure: unchanged, signed by this house, in its chain. Ends with 1 where it is not.",
    ),
)
@lake_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar=say("文件", "FILE"))
@json_option
@click.pass_context
def verify_command(context: click.Context, address: str, file: Path, as_json: bool) -> None:
    """Check a receipt."""
    document = _read_receipt(file)
    _prepare(address)
    from canyu.ops.fans.erasing.actions import get_signing_key
    from canyu.ops.fans.erasing.receipts import check
    from canyu.ops.fans.queries import find_known_receipt

    found = check(document, get_signing_key(), find_known_receipt(str(document.get("number", ""))))
    if as_json:
        click.echo(dump_json({**asdict(found), "is_valid": found.is_valid}))
    else:
        click.echo(
            say("回执有效。", "The receipt is valid.")
            if found.is_valid
            else say(
                "回执无效：被改动过，或不是本系统签发。", "The receipt is not valid: changed, or not of this house."
            )
        )
    if not found.is_valid:
        context.exit(1)


def _open_private(path: Path) -> IO[bytes]:
    """Open a file to write that nobody else on the machine may read."""
    file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb")
    os.fchmod(file.fileno(), 0o600)  # also where it was there before, and before anything is in it
    file.truncate()
    return file


def _prepare(address: str) -> None:
    from canyu.commands.alerts import prepare_database
    from canyu.commands.serve import configure
    from canyu.events import open_lake

    open_lake(address)  # where there is none, nothing is made
    configure(address, "127.0.0.1")
    prepare_database()


def _get_viewer(username: str) -> Any:
    from canyu.ops.people.models import Person

    found = Person.objects.filter(username=username, is_active=True).first()
    if found is None or not found.has_perm("fans.manage_fans"):
        raise BadInput(
            Words(f"{username} 不能导出个人数据。", f"{username} may not take out people's data."),
            mend=Words("请写有此权限的用户名。", "Name somebody who may."),
        )
    return found


def _read_receipt(file: Path) -> dict[str, Any]:
    try:
        found = parse_json(file.read_bytes())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BadInput(
            Words(f"{file.name} 不是回执。", f"{file.name} is no receipt."),
            mend=Words("请从回执页面下载。", "Download it from the page of receipts."),
        )
    return found
