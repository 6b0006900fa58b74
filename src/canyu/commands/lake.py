"""The word ``canyu lake``: what a lake holds, its upkeep, exports, and the erasure of a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

import canyu
from canyu.commands.erasing import erase, erase_posts
from canyu.commands.options import lake_option
from canyu.events import Choice, ExportKind, export_rows
from canyu.events.importers import find_mend
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

Command = Callable[..., Any]
DAY = click.DateTime(["%Y-%m-%d"])

json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help=say("不用文字，只输出一行 JSON。", "End with one line of JSON instead of words."),
)
table_option = click.option("--table", default="events", show_default=True, help=say("哪张表。", "The table."))


@click.group(
    help=say(
        "查看数据湖里有什么，整理、导出，删除某个人的数据。",
        "See what a lake holds, keep it tidy, take data out, erase a person.",
    )
)
def command() -> None:
    """Group the words that look after a lake."""


command.add_command(erase)
command.add_command(erase_posts)


@command.command(help=say("列出一张表的版本。", "List the versions of a table."))
@lake_option
@json_option
@table_option
@click.option(
    "--limit", default=20, show_default=True, help=say("列出几个版本，新的在前。", "How many versions, newest first.")
)
def history(address: str, as_json: bool, table: str, limit: int) -> None:
    """List the versions of a table."""
    commits = canyu.open(address).history(table, limit=limit)
    _tell(
        as_json,
        {"table": table, "versions": [asdict(commit) for commit in commits]},
        [f"{c.version:>6}  {c.time:%Y-%m-%d %H:%M:%S}  {c.operation:<12} {c.rows or ''}" for c in commits],
    )


@command.command(
    help=say(
        "压实：把文件多的日子各并成一个文件，行不变。",
        "Make one file of each day that has many; the rows stay the same.",
    )
)
@lake_option
@json_option
@click.option(
    "--files-per-day",
    default=50,
    show_default=True,
    help=say("一天的文件多于此数就并成一个。", "Days with more files than this become one file."),
)
def compact(address: str, as_json: bool, files_per_day: int) -> None:
    """Compact the days that have many files."""
    done = [each for each in canyu.open(address).compact(files_per_day=files_per_day) if each.partitions]
    _tell(
        as_json,
        {"tables": [asdict(each) for each in done]},
        [
            say(
                f"{each.table}：{each.files_before} 个文件并成 {each.files_after} 个。",
                f"{each.table}: {each.files_before} files became {each.files_after}.",
            )
            for each in done
        ]
        or [say("没有需要压实的。", "Nothing to do.")],
    )


@command.command(
    help=say(
        "清理只有旧版本才用到的文件；固定的版本保留。",
        "Remove files that only old versions need; pinned versions stay.",
    )
)
@lake_option
@json_option
@click.option(
    "--keep-hours",
    default=168.0,
    show_default=True,
    help=say("这么多小时以内的版本仍可读取。", "Versions younger than this stay readable."),
)
@click.option("--dry-run", is_flag=True, help=say("只说会清理什么，不动手。", "Only say what would go."))
def vacuum(address: str, as_json: bool, keep_hours: float, dry_run: bool) -> None:
    """Remove the files of old versions."""
    removed = canyu.open(address).vacuum(keep_hours=keep_hours, is_rehearsal=dry_run)
    files = len(removed)
    told = (
        say(f"将清理 {files} 个文件。", f"{files} files would go.")
        if dry_run
        else say(f"已清理 {files} 个文件。", f"{files} files removed.")
    )
    _tell(as_json, {"files": files, "dry_run": dry_run}, [told])


@command.command(help=say("固定事件表的一个版本，清理时保留。", "Keep a version of events from vacuum."))
@lake_option
@json_option
@click.argument("version", type=int, metavar=say("版本", "VERSION"))
@click.option(
    "--reason",
    required=True,
    help=say("哪份报告或哪个数字引用了它。", "Which report or figure names this version."),
)
def pin(address: str, as_json: bool, version: int, reason: str) -> None:
    """Keep a version of events from vacuum."""
    pins = canyu.open(address).pin(version, reason)
    _tell(as_json, {"pins": [asdict(each) for each in pins]}, [f"{p.table} {p.version}: {p.reason}" for p in pins])


@command.command(
    help=say(
        "导出一张表：JSON Lines、CSV、Parquet 或 Activity Streams 2.0。",
        "Write a table's rows to OUT as jsonl, csv, parquet, activity or activity-lines (Activity Streams 2.0).",
    )
)
@lake_option
@json_option
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path), metavar=say("文件", "OUT"))
@click.option(
    "--as",
    "kind",
    type=click.Choice([kind.value for kind in ExportKind]),
    help=say("格式；默认看文件的扩展名。", "Default: by OUT's ending."),
)
@table_option
@click.option("--version", type=int, help=say("按这个版本时的样子。", "As it was at this version."))
@click.option("--from", "first", type=DAY, help=say("第一天（UTC）。", "First day (UTC)."))
@click.option("--to", "last", type=DAY, help=say("最后一天（UTC）。", "Last day (UTC)."))
def export(
    address: str,
    as_json: bool,
    out: Path,
    kind: str | None,
    table: str,
    version: int | None,
    first: datetime | None,
    last: datetime | None,
) -> None:
    """Write a table's rows to a file."""
    endings = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet", ".json": "activity"}
    chosen = kind or endings.get(out.suffix.lower())
    if chosen is None:
        raise click.UsageError(
            say(
                f"要哪种格式？从 {out.name} 看不出来，请用 --as 写明。",
                f"Which format? {out.name} does not tell; give --as.",
            )
        )
    choice = Choice(table, version, first.date() if first else None, last.date() if last else None)
    rows = export_rows(canyu.open(address), out, ExportKind(chosen), choice)
    told = say(f"已把 {rows} 行写入 {out}。", f"{rows} rows written to {out}.")
    _tell(as_json, {"rows": rows, "out": str(out), "as": chosen}, [told])


@command.command(help=say("列出拒收的行和改法，新的在前。", "List refused rows, newest first, with the mend of each."))
@lake_option
@json_option
@click.option("--limit", default=20, show_default=True, help=say("最多列出几行。", "How many rows at most."))
def quarantine(address: str, as_json: bool, limit: int) -> None:
    """List refused rows."""
    lake = canyu.open(address)
    table = lake.scan("quarantine")
    counted = lake.engine.run(table.group_by(["file", "field", "reason"]).agg(rows=table.count())).to_pylist()
    newest = lake.engine.run(table.order_by([table.received.desc(), table.file, table.row]).limit(limit)).to_pylist()
    newest = [row | {"mend": str(find_mend(row["mend"]))} for row in newest]
    counted.sort(key=lambda each: (-each["rows"], each["file"], each["field"]))
    lines = [f"{each['rows']:>8}  {each['file']}  {each['field']}  {each['reason']}" for each in counted]
    lines += [f"{row['file']}:{row['row']} {row['field']} {row['reason']}. {row['mend']}" for row in newest]
    _tell(as_json, {"reasons": counted, "rows": newest}, lines or [say("没有拒收的行。", "No row was refused.")])


@command.command(
    help=say(
        "检查每个现用的文件；缺失或损坏时退出码为 1。",
        "Look at every live file; ends with 1 where one is absent or damaged.",
    )
)
@lake_option
@json_option
@click.pass_context
def check(context: click.Context, address: str, as_json: bool) -> None:
    """Look at every live file."""
    lake = canyu.open(address)
    damage = lake.check()
    lines = [say(f"{each.path}：{each.reason}。", f"{each.path}: {each.reason}.") for each in damage]
    found = [{"table": each.table, "path": each.path, "reason": str(each.reason)} for each in damage]
    whole = say("文件齐全，完好无损。", "Every file is there and whole.")
    _tell(as_json, {"versions": lake.versions(), "damage": found}, lines or [whole])
    if damage:
        context.exit(1)


def _tell(as_json: bool, facts: dict[str, Any], lines: list[str]) -> None:
    click.echo(dump_json(facts) if as_json else "\n".join(_strip_controls(line) for line in lines))


def _strip_controls(line: str) -> str:
    """Text from files must not steer the terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in line)
