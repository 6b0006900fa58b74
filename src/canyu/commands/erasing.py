"""``canyu lake erase`` and ``erase-posts``: a person or single posts, gone from the lake and from its console."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import canyu
from canyu.commands.options import json_option, lake_option
from canyu.events import Erasure, Lake, make_event_id
from canyu.events.importers.actors import get_salt, hash_actor
from canyu.events.store import Store
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words, say

if TYPE_CHECKING:
    from canyu.ops.forgetting import Forgotten

MOST_BYTES = 64 << 20
MOST_TOLD = 20
CONSOLE_FILE = "console.sqlite3"


def confirm_option(prompt: str) -> Callable[..., Any]:
    """Return the option without which a person is asked."""
    return click.confirmation_option(prompt=prompt, help=say("不再询问，直接执行。", "Do not ask again."))


@click.command(
    help=say(
        "彻底删除一个人：事件、算出的数据、拒收的行、控制台里的更正，并证明没有残留。\n\n"
        "“人”写事件里的 actor；加 --source 时，写来源文件里的用户编号。",
        "Erase one person: events, what was computed from them, refused rows, corrections in the console; then prove "
        "it.\n\nACTOR is the actor as the events have it, or, with --source, the user id as the source's files have "
        "it.",
    )
)
@lake_option
@json_option
@click.argument("actor", metavar=say("人", "ACTOR"))
@click.option(
    "--source",
    default="",
    help=say(
        "编号出自哪个来源；数据湖只存文件中人的哈希值。",
        "The source whose id ACTOR is; the lake keeps people of files as hashes.",
    ),
)
@confirm_option(
    say("将从所有版本中删除此人，无法恢复。继续吗？", "This removes the person from every version, for good. Go on?")
)
def erase(address: str, as_json: bool, actor: str, source: str) -> None:
    """Erase one person."""
    lake = canyu.open(address)
    name = hash_actor(get_salt(lake.path), source, actor) if source else actor
    _end(lake, lake.erase(name, names=[actor]), as_json)


@click.command(
    name="erase-posts",
    help=say(
        "彻底删除单条帖子：事件、算出的数据、拒收的行、控制台里的更正，并证明没有残留。\n\n"
        "“编号”写事件的 id；加 --source 时，写平台上的帖子编号。有编号找不到时退出码为 1。",
        "Erase single posts: events, what was computed from them, refused rows, corrections in the console; then "
        "prove it.\n\nIDS are ids of events, or, with --source, the ids that the source's files have. Ends with 1 "
        "where the lake holds no such post.",
    ),
)
@lake_option
@json_option
@click.argument("ids", nargs=-1, metavar=say("编号", "IDS"))
@click.option(
    "--from-file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=say("从文件读编号，每行一个。", "Read ids from a file, one per line."),
)
@click.option(
    "--source", default="", help=say("编号出自哪个来源，如 weibo。", "The source whose ids they are, as weibo.")
)
@confirm_option(
    say("将从所有版本中删除这些帖子，无法恢复。继续吗？", "This removes the posts from every version, for good. Go on?")
)
@click.pass_context
def erase_posts(
    context: click.Context, address: str, as_json: bool, ids: tuple[str, ...], file: Path | None, source: str
) -> None:
    """Erase single posts."""
    lake = canyu.open(address)
    given = list(dict.fromkeys(each.strip() for each in (*ids, *_read_ids(file)) if each.strip()))
    names = {make_event_id(source, each): each for each in given} if source else {each: each for each in given}
    done = lake.erase_posts(list(names), names=given)
    _end(lake, done, as_json, unknown=[names[each] for each in done.unknown])
    if done.unknown:
        context.exit(1)


def forget_in_console(lake: Lake) -> Forgotten | None:
    """Drop what the console of this lake keeps of erased posts; None where it has no console."""
    from canyu.ops.config import load_config

    config = load_config()
    if config.database_url.get_secret_value() or config.state_folder:
        # a database elsewhere belongs to the lake of the settings: beside another one, all its posts would look erased
        if Store(config.lake).address != lake.store.address:
            return None
    elif not (lake.store.is_local and Path(lake.store.address, CONSOLE_FILE).exists()):
        return None
    from canyu.commands.alerts import prepare_database
    from canyu.commands.serve import configure

    configure(lake.path, "127.0.0.1")
    prepare_database()
    from canyu.ops.forgetting import forget_erased

    return forget_erased()


def _read_ids(file: Path | None) -> list[str]:
    if file is None:
        return []
    if file.stat().st_size > MOST_BYTES:
        raise BadInput(
            Words(f"{file.name} 超过 {MOST_BYTES >> 20} MiB。", f"{file.name} is over {MOST_BYTES >> 20} MiB."),
            mend=Words("请分成几个文件。", "Split it."),
        )
    try:
        return file.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise BadInput(
            Words(f"{file.name} 不是 UTF-8 文本。", f"{file.name} is not text in UTF-8."),
            mend=Words("每行写一个编号，另存为 UTF-8。", "Write one id per line and save it as UTF-8."),
        ) from error


def _end(lake: Lake, done: Erasure, as_json: bool, *, unknown: list[str] | None = None) -> None:
    """Say what went, from the lake and then from the console."""
    if not as_json:
        _tell_erasure(done, unknown or [])
    forgotten = forget_in_console(lake)
    if as_json:
        console = asdict(forgotten) if forgotten else None
        click.echo(dump_json(asdict(done) | {"unknown": unknown or [], "console": console}))
    elif forgotten:
        click.echo(
            say(
                f"控制台：删除 {forgotten.corrections} 条更正，从 {forgotten.alerts} 条预警里去掉这些帖子，"
                f"从达人库删除 {forgotten.kols} 个账号，从活动中抹去 {forgotten.members} 位参与者，"
                f"隐去 {forgotten.orders} 个订单号，"
                f"撤下 {forgotten.pictures} 张公益故事图片，从话题挑战中抹去 {forgotten.challenges} 处，"
                f"删除 {forgotten.bookings} 个到店预约，清空 {forgotten.wechat} 条微信会话与消息。",
                f"Console: {forgotten.corrections} corrections dropped, posts taken out of {forgotten.alerts} alerts, "
                f"{forgotten.kols} accounts of the roster dropped, {forgotten.members} members of campaigns forgotten, "
                f"{forgotten.orders} numbers of orders hidden, "
                f"{forgotten.pictures} pictures of stories withdrawn, {forgotten.challenges} places of challenges "
                f"forgotten, {forgotten.bookings} bookings dropped, {forgotten.wechat} rows of WeChat emptied.",
            )
        )
        if forgotten.corrections:
            click.echo(tell_retraining())


def tell_retraining() -> str:
    """Return what to do once corrections were dropped."""
    return say("请在控制台重新训练并启用，模型才不再含有它们。", "Retrain in the console, so that no model has them.")


def _tell_erasure(done: Erasure, unknown: list[str]) -> None:
    lines = [
        say(
            f"已删除 {done.rows} 条事件：重写 {done.files_rewritten} 个文件，移除 {done.files_removed} 个。",
            f"{done.rows} events erased: {done.files_rewritten} files rewritten, {done.files_removed} removed.",
        ),
        say(
            f"已扫描 {done.files_scanned} 个文件：没有残留。回执 {done.receipt}。",
            f"{done.files_scanned} files scanned: nothing is left. Receipt {done.receipt}.",
        ),
    ]
    if done.mentions:
        lines.append(
            say(
                f"还有 {done.mentions} 条别人的文本含有这个名字或说了同样的话，请看一看。",
                f"{done.mentions} texts of others hold the name or say the same: read them.",
            )
        )
    if done.relearnt:
        lines.append(
            say(
                f"{done.relearnt} 条别人的帖子是它的转抄，下次 `canyu listen` 会重新评分。",
                f"{done.relearnt} posts of others were copies of it: the next `canyu listen` scores them anew.",
            )
        )
    if unknown:
        shown = "、".join(unknown[:MOST_TOLD]), ", ".join(unknown[:MOST_TOLD])
        lines.append(
            say(
                f"数据湖里没有这 {len(unknown)} 条，以后也不会收下：{shown[0]}",
                f"The lake holds none of these {len(unknown)}, and will not take them in later: {shown[1]}",
            )
        )
    for line in lines:
        click.echo("".join(sign if sign.isprintable() else " " for sign in line))
