"""``canyu rehearse``: play a simulated brand year into a folder, with its truth beside it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from canyu.kit.jsonio import dump_json
from canyu.kit.words import say
from canyu.rehearse import MarketPlan, WrittenRehearsal, write_market


@click.command(
    help=say(
        "彩排一个模拟市场：人物、帖子、活动和订单，并把埋下的每个数写进 truth.json。",
        "Play a simulated market: people, posts, campaigns and orders, and truth.json with every planted number.",
    )
)
@click.option(
    "--year",
    default=2025,
    show_default=True,
    help=say("彩排哪一年；节日与当年一致。", "The year to play; its festivals fall where they fell."),
)
@click.option(
    "--scale",
    default=0.001,
    show_default=True,
    help=say("1 是整个市场；0.001 约一百万条事件。", "1 is the whole market; 0.001 about a million events."),
)
@click.option(
    "--seed",
    default=7,
    show_default=True,
    help=say("种子相同，文件逐字节相同。", "Equal seeds give equal files, byte for byte."),
)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help=say("要新建的文件夹。", "The folder to make.")
)
@click.option(
    "--force", is_flag=True, help=say("替换该文件夹里以前的彩排。", "Replace an earlier rehearsal in that folder.")
)
@click.option("--json", "as_json", is_flag=True, help=say("最后输出一行 JSON。", "End with one line of JSON."))
def command(year: int, scale: float, seed: int, out: Path, force: bool, as_json: bool) -> None:
    """Play a simulated market into a folder."""
    started = time.perf_counter()
    written = write_market(MarketPlan(year, scale, seed), out, force=force, progress=_tell_progress)
    seconds = round(time.perf_counter() - started, 2)
    if as_json:
        click.echo(dump_json(_summarise(written, seconds)))
        return
    counts = written.truth["counts"]
    events, files, folder = f"{counts['events']:,}", len(written.files), written.folder
    click.echo(
        say(
            f"{events} 条模拟事件，{files} 个文件：{folder}/events",
            f"{events} simulated events in {files} files: {folder}/events",
        )
    )
    truth = f"{folder}/truth.json, labels.parquet, orders.parquet"
    click.echo(say(f"它们的真相：{truth}", f"The truth about them: {truth}"))
    following = f"canyu import {folder}/events/*.parquet --lake my.lake"
    click.echo(say(f"下一步：{following}", f"Next: {following}"))


def _summarise(written: WrittenRehearsal, seconds: float) -> dict[str, object]:
    counts = written.truth["counts"]
    return {
        "events": counts["events"],
        "texts": counts["texts"],
        "orders": counts["orders"],
        "files": len(written.files),
        "folder": str(written.folder),
        "seconds": seconds,
    }


def _tell_progress(part: str, rows: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"{part}  {rows:,}", err=True)
