"""``canyu collect``: what a brand may lawfully read comes into the lake, again and again, and nothing comes twice."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click

from canyu.commands import collect_platforms as platforms
from canyu.commands.collecting import add_version, end, open_place, tell, tell_taken, with_place, zone_option
from canyu.commands.erasing import forget_in_console
from canyu.events import Lake
from canyu.events.importers import FileReport, Stated, get_preset, load_mapping
from canyu.events.sources import FeedWish, FolderWatch, Notebook, Taken, Way, collect_feed
from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say


@click.group(
    help=say(
        "持续收集品牌有权读取的内容：文件夹、订阅、各平台的官方接口。\n\n每一行要么收下，要么拒收并写明改法；重复运行不会重复收下。",
        "Collect what a brand may lawfully read: folders, feeds, the platforms' official interfaces.\n\n"
        "Every row is kept or refused with its mend; run again, nothing is kept twice.",
    )
)
def command() -> None:
    """Group the words that collect."""


@command.command(
    help=say(
        "导入一个文件夹里的新文件，写完整的才读；不移动、不删除。",
        "Import the new files of FOLDER once they are complete; nothing is moved or deleted.",
    )
)
@click.argument("folder", type=click.Path(path_type=Path), metavar=say("文件夹", "FOLDER"))
@with_place
@click.option(
    "--once", "is_once", is_flag=True, help=say("看一遍就结束，不一直守着。", "Look once and end, instead of watching.")
)
@click.option(
    "--every", "every_s", default=5.0, show_default=True, help=say("隔几秒看一遍。", "Seconds between two looks.")
)
@click.option(
    "--settle",
    "settle_s",
    default=2.0,
    show_default=True,
    help=say("文件几秒不变算写完。", "Seconds without a change after which a file is complete."),
)
@click.option(
    "--mapping",
    "mapping_path",
    type=click.Path(path_type=Path),
    help=say("列怎样变成事件（YAML 映射文件）。", "How columns become events (YAML)."),
)
@click.option("--preset", default="", help=say("常见导出的现成映射。", "A ready-made mapping for a common export."))
@click.option(
    "--captured-when-saved",
    "is_captured_when_saved",
    is_flag=True,
    help=say("“3分钟前”从文件的修改时间往回算。", "Count “3分钟前” back from when the file was last changed."),
)
@click.option("--channel", default="", help=say("渠道，如 weibo。", "The channel, as weibo."))
@click.option(
    "--source",
    default="",
    help=say(
        "编号出自哪个来源；内容有重叠的文件用同一个。", "The source whose ids these are; overlapping files share one."
    ),
)
@zone_option
def folder(
    folder: Path,
    lake_path: str,
    state_folder: Path | None,
    market: str,
    is_rehearsal: bool,
    is_json: bool,
    is_once: bool,
    every_s: float,
    settle_s: float,
    mapping_path: Path | None,
    preset: str,
    is_captured_when_saved: bool,
    channel: str,
    source: str,
    zone: str,
) -> None:
    """Watch a folder, or look into it once."""
    if preset and mapping_path:
        raise click.UsageError(say("--preset 和 --mapping 只能用一个。", "Use --preset or --mapping, not both."))
    mapping = get_preset(preset).mapping if preset else load_mapping(mapping_path) if mapping_path else None
    way = Way(mapping, Stated(source, market, channel, zone), is_captured_when_saved)
    place = open_place(lake_path, state_folder, is_rehearsal, is_json)
    watch = FolderWatch(folder, place.state, way, settle_s=settle_s)
    if place.lake is None:
        _tell_waiting(watch.list_waiting())
        return
    has_error = False
    total = Taken()
    for report in _follow(watch, place.lake, None if is_once else every_s, settle_s):
        total += _tell_file(report)
        has_error |= bool(report.error)
        if report.deletions:
            forget_in_console(place.lake)
        if is_json and not is_once:
            click.echo(dump_json({"file": report.file, **add_version(total, place.lake).as_counts()}))
    if is_json:
        click.echo(dump_json(add_version(total, place.lake).as_counts()))
    if has_error:
        sys.exit(1)


@command.command(
    help=say(
        "收 RSS 和 Atom 订阅；没有变化的不再下载。",
        "Collect RSS and Atom feeds at the ADDRESSES; one that did not change is not fetched again.",
    )
)
@click.argument("addresses", nargs=-1, required=True, metavar=say("网址...", "ADDRESSES..."))
@with_place
@click.option("--channel", default="web", show_default=True, help=say("渠道，如 news。", "The channel, as news."))
@zone_option
def feed(
    addresses: tuple[str, ...],
    lake_path: str,
    state_folder: Path | None,
    market: str,
    is_rehearsal: bool,
    is_json: bool,
    channel: str,
    zone: str,
) -> None:
    """Collect feeds, one after the other; one that fails does not keep the others out."""
    place = open_place(lake_path, state_folder, is_rehearsal, is_json)
    notebook = Notebook(place.state, "feeds")
    total, has_error = Taken(), False
    for address in addresses:
        try:
            reading = collect_feed(FeedWish(address, channel, market, zone), place.lake, notebook, now=get_now())
        except CanyuError as error:
            tell(say(f"canyu：{error}", f"canyu: {error}"))
            has_error = True
            continue
        if reading.is_unchanged:
            tell(say(f"{reading.url}：没有变化", f"{reading.url}: not changed"))
        else:
            tell_taken(reading.url, reading.taken)
        if reading.note is not None:
            tell(say(f"  说明：{reading.note}", f"  note: {reading.note}"))
        total += reading.taken
    end(place, total, has_error)


def _follow(watch: FolderWatch, lake: Lake, every_s: float | None, settle_s: float) -> Iterator[FileReport]:
    """Yield the reports of one look, and of a second where files were still growing; or of looks without end."""
    yield from watch.look(lake, now=get_now())
    if every_s is None:
        if watch.list_waiting():
            time.sleep(settle_s)
            yield from watch.look(lake, now=get_now())
        for name in watch.list_waiting():
            tell(say(f"{name}：还没写完，下次再读", f"{name}: not complete yet, left for the next run"))
        return
    while True:
        time.sleep(every_s)
        yield from watch.look(lake, now=get_now())


def _tell_file(report: FileReport) -> Taken:
    """Say what one file brought; return it as a total that refused rows count in."""
    if report.error:
        tell(say(f"{report.file}：没有读。{report.error}", f"{report.file}: not read. {report.error}"))
    rows, kept, added, refused = (f"{count:,}" for count in (report.rows, report.kept, report.added, report.refused))
    tell(
        say(
            f"{report.file}：{rows} 行，收下 {kept} 行（新增 {added} 行），拒收 {refused} 行",
            f"{report.file}: {rows} rows, {kept} kept ({added} new), {refused} refused",
        )
    )
    for note in report.notes:
        tell(say(f"  说明：{note}", f"  note: {note}"))
    return Taken(report.rows, report.kept, report.added, deletions=report.deletions)


def _tell_waiting(names: list[str]) -> None:
    for name in names:
        tell(name)
    tell(say(f"共 {len(names)} 个文件要看。", f"{len(names)} files to look at."))


for word in (platforms.youtube, platforms.x, platforms.reddit, platforms.weibo):
    command.add_command(word)
