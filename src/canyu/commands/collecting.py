"""What the words of ``canyu collect`` share: their options, where rows go, and how they tell what came."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

import canyu
from canyu.commands.erasing import forget_in_console
from canyu.events import Lake
from canyu.events.sources import Taken, find_state_folder
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

Command = Callable[..., Any]
MOST_REASONS = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Where rows go: the lake (None: only look), where notes are kept, and whether to talk to a program."""

    lake: Lake | None
    state: Path
    is_json: bool


def with_place(command: Command) -> Command:
    """Add the options that every source shares."""
    options = (
        click.option(
            "--lake",
            "lake_path",
            default="my.lake",
            show_default=True,
            help=say("数据湖的文件夹或地址。", "The lake's folder or address."),
        ),
        click.option(
            "--state",
            "state_folder",
            type=click.Path(path_type=Path),
            help=say("收集记录放在哪个文件夹；默认在湖里。", "Folder for the notes; inside the lake's by default."),
        ),
        click.option("--market", default="", help=say("市场，如 cn。", "The market, as cn.")),
        click.option(
            "--dry-run",
            "is_rehearsal",
            is_flag=True,
            help=say("只看会收下什么，不写入。", "Only show what would be kept; write nothing."),
        ),
        click.option(
            "--json",
            "is_json",
            is_flag=True,
            help=say(
                "最后输出一行 JSON：rows、kept、refused、added、version。",
                "End with one line of JSON: rows, kept, refused, added, version.",
            ),
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


zone_option = click.option(
    "--zone",
    default="",
    help=say("时间没写时区时按哪个算，如 Asia/Shanghai。", "The zone of times that state none, as Asia/Shanghai."),
)


def open_place(lake_path: str, state: Path | None, is_rehearsal: bool, is_json: bool) -> Place:
    """Open the lake (a rehearsal needs none) and find the folder of the notes."""
    folder = find_state_folder(lake_path, state)
    return Place(None if is_rehearsal else canyu.open(lake_path, create=True), folder, is_json)


def end(place: Place, total: Taken, has_error: bool) -> None:
    """Forget deleted posts in the console too, write the line that a program reads, leave with 1 after a failure."""
    if total.deletions and place.lake is not None:
        forget_in_console(place.lake)
    if place.is_json:
        click.echo(dump_json(add_version(total, place.lake).as_counts()))
    if has_error:
        sys.exit(1)


def add_version(total: Taken, lake: Lake | None) -> Taken:
    """Return the total with the version the lake has now."""
    version = None if lake is None else lake.version()
    return replace(total, version=-1 if version is None else version)


def tell_taken(name: str, taken: Taken) -> None:
    """Say what came from one place, and why rows were refused."""
    rows, kept, added, refused = (f"{count:,}" for count in (taken.rows, taken.kept, taken.added, taken.refused))
    tell(
        say(
            f"{name}：{rows} 行，收下 {kept} 行（新增 {added} 行），拒收 {refused} 行",
            f"{name}: {rows} rows, {kept} kept ({added} new), {refused} refused",
        )
    )
    if taken.deletions:
        erased = f"{taken.deletions:,}"
        tell(
            say(f"  来源已删除的帖子 {erased} 条，已从湖中删除", f"  {erased} posts deleted by the source, erased here")
        )
    reasons: dict[str, int] = {}
    for refusal in taken.refusals:
        told = say(f"{refusal.reason}（{refusal.field}）", f"{refusal.reason} ({refusal.field})")
        told = say(f"{told}：{refusal.mend}", f"{told}: {refusal.mend}")
        reasons[told] = reasons.get(told, 0) + 1
    for told, times in sorted(reasons.items(), key=lambda item: -item[1])[:MOST_REASONS]:
        tell(f"  {times:,} × {told}")


def tell(line: str) -> None:
    """Write one line for people, without what a terminal would obey."""
    click.echo("".join(letter if letter.isprintable() else " " for letter in line), err=True)
