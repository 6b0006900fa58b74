"""``canyu import``: files into the lake, with a look before and a report after."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import canyu
from canyu.commands.erasing import forget_in_console
from canyu.events.importers import (
    FileReport,
    ImportReport,
    Mapping,
    Plan,
    Stated,
    dump_mapping,
    find_preset_files,
    get_preset,
    import_file,
    load_mapping,
    plan_import,
    preview_events,
    render_table,
)
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput, CanyuError
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words, say

Follow = Callable[[Path, float, FileReport], None]
MOST_SHOWN = 6  # with more files than that, their columns and first rows are shown only when asked for
PREVIEW_FIELDS = ("type", "time", "channel", "actor", "object", "text", "value", "currency", "props")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file to import: where it is, what reports call it, and its mapping where one is given."""

    path: Path
    name: str
    mapping: Mapping | None


@dataclass(frozen=True, slots=True)
class Options:
    """How an import talks: to a person, or with one JSON line."""

    is_json: bool
    is_preview: bool
    is_sure: bool
    table: Path | None


@click.command(
    help=say(
        "把 CSV、TSV、JSON Lines、XLSX、Parquet 文件导入数据湖。\n\n每一行要么收下，要么拒收并写明改法。",
        "Bring FILES (CSV, TSV, JSON Lines, XLSX, Parquet) into the lake: every row is kept or refused with its mend.",
    )
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar=say("[文件]...", "[FILES]..."))
@click.option(
    "--lake",
    "lake_path",
    default="my.lake",
    show_default=True,
    help=say("数据湖的文件夹或地址。", "The lake's folder or address."),
)
@click.option(
    "--mapping",
    "mapping_path",
    type=click.Path(path_type=Path),
    help=say("列怎样变成事件（YAML 映射文件）。", "How columns become events (YAML)."),
)
@click.option(
    "--write-mapping",
    type=click.Path(path_type=Path),
    help=say("把猜出的映射写到这里，然后停下。", "Write the guessed mapping here and stop."),
)
@click.option("--preset", help=say("公开数据集的现成映射。", "A ready-made mapping for a public data set."))
@click.option(
    "--preset-folder",
    type=click.Path(path_type=Path),
    help=say("导入这个文件夹里的全部数据集。", "Import every data set of this folder."),
)
@click.option(
    "--zone",
    default="",
    help=say("时间没写时区时按哪个算，如 Asia/Shanghai。", "The zone of times that state none, as Asia/Shanghai."),
)
@click.option("--market", default="", help=say("市场，如 cn。", "The market, as cn."))
@click.option("--channel", default="", help=say("渠道，如 weibo。", "The channel, as weibo."))
@click.option(
    "--source",
    default="",
    help=say(
        "编号出自哪个来源；内容有重叠的文件用同一个。", "The source whose ids these are; overlapping files share one."
    ),
)
@click.option(
    "--verb",
    default="",
    help=say("每一行的事件类型，如 post 或 order。", "The event type of every row, as post or order."),
)
@click.option(
    "--currency",
    default="",
    help=say("金额没写币种时按哪种算，如 CNY。", "The currency of amounts that state none, as CNY."),
)
@click.option(
    "--encoding",
    default="",
    help=say("文件的编码，自动识别不对时写明。", "The files' encoding, where it is not found out rightly."),
)
@click.option(
    "--preview",
    "is_preview",
    is_flag=True,
    help=say("看看前几行变成什么，然后停下。", "Show what the first rows become, and stop."),
)
@click.option("--yes", "is_sure", is_flag=True, help=say("导入前不再询问。", "Do not ask before importing."))
@click.option(
    "--json",
    "is_json",
    is_flag=True,
    help=say(
        "最后输出一行 JSON：rows、kept、refused、added、version。",
        "End with one line of JSON: rows, kept, refused, added, version.",
    ),
)
@click.option(
    "--table",
    type=click.Path(path_type=Path),
    help=say("把每个文件的计数写到这里（Markdown）。", "Write the counts of every file here, as Markdown."),
)
def command(
    files: tuple[Path, ...],
    lake_path: str,
    mapping_path: Path | None,
    write_mapping: Path | None,
    preset: str | None,
    preset_folder: Path | None,
    zone: str,
    market: str,
    channel: str,
    source: str,
    verb: str,
    currency: str,
    encoding: str,
    is_preview: bool,
    is_sure: bool,
    is_json: bool,
    table: Path | None,
) -> None:
    """Bring files into the lake."""
    stated = Stated(source, market, channel, zone, verb, currency, encoding)
    options = Options(is_json, is_preview, is_sure, table)
    wanted = _list_wanted(files, mapping_path, preset, preset_folder)
    if write_mapping is not None:
        _write_mapping(write_mapping, wanted[0].path, stated)
        return
    _import(lake_path, wanted, stated, options)


def _import(lake_path: str, wanted: list[Wanted], stated: Stated, options: Options) -> None:
    console = Console(stderr=True, highlight=False)
    report = ImportReport()
    plans = [found for one in wanted if (found := _plan(one, stated, report)) is not None]
    for plan in plans:
        if len(plans) < MOST_SHOWN or options.is_preview:
            _show_plan(console, plan)
    if options.is_preview:
        _fail_on_errors(report)
        return
    if plans and not options.is_sure and not options.is_json and _is_terminal():
        click.confirm(say("导入吗？", "Import?"), default=True, abort=True, err=True)
    lake = canyu.open(lake_path, create=True)
    with _open_progress(console) as bar:
        for plan in plans:
            report.files.append(import_file(plan, lake, now=get_now(), progress=_follow(bar, plan)))
    if any(file.deletions for file in report.files):
        forget_in_console(lake)
    version = lake.version("events")
    report.version = -1 if version is None else version
    _show_report(console, report, lake_path)
    if options.table is not None:
        options.table.parent.mkdir(parents=True, exist_ok=True)
        options.table.write_text(render_table(report), encoding="utf-8")
    if options.is_json:
        click.echo(dump_json_line(report))
    if not report.is_success:
        sys.exit(1)


def dump_json_line(report: ImportReport) -> str:
    """Return the one line a program reads: rows, kept, refused, added, deletions, version."""
    return dump_json(report.as_counts())


def _follow(bar: Progress, plan: Plan) -> Follow:
    """Open a line of the progress bar for one file; return what moves it on."""
    task = bar.add_task(plan.name, total=1.0, rows="")

    def move(_: Path, share: float, so_far: FileReport) -> None:
        bar.update(task, completed=share, rows=f"{so_far.rows:,}")

    return move


def _list_wanted(
    files: tuple[Path, ...], mapping_path: Path | None, preset: str | None, folder: Path | None
) -> list[Wanted]:
    if folder is not None:
        if files or preset or mapping_path:
            raise click.UsageError(
                say(
                    "--preset-folder 要单独使用：其中的文件各有自己的映射。",
                    "--preset-folder stands alone: its files have their own mappings.",
                )
            )
        return [Wanted(path, found.dataset, found.mapping) for path, found in find_preset_files(folder)]
    if not files:
        raise click.UsageError(
            say(
                "请写明要导入的文件，或用 --preset-folder 文件夹。",
                "Name the files to import, or --preset-folder FOLDER.",
            )
        )
    if preset and mapping_path:
        raise click.UsageError(say("--preset 和 --mapping 只能用一个。", "Use --preset or --mapping, not both."))
    mapping = get_preset(preset).mapping if preset else load_mapping(mapping_path) if mapping_path else None
    return [Wanted(path, path.name, mapping) for path in files]


def _plan(wanted: Wanted, stated: Stated, report: ImportReport) -> Plan | None:
    """Open one file; one that cannot be used is told at once and does not keep the others out."""
    try:
        plan = plan_import(wanted.path, wanted.mapping, stated, name=wanted.name)
        preview_events(plan)
    except CanyuError as error:
        click.echo(say(f"canyu：{wanted.name}：{error}", f"canyu: {wanted.name}: {error}"), err=True)
        report.files.append(FileReport(wanted.name, error=str(error)))
        return None
    return plan


def _write_mapping(target: Path, path: Path, stated: Stated) -> None:
    plan = plan_import(path, None, stated)
    if plan.mapping.is_export:
        raise BadInput(
            Words(f"{path.name} 是参与导出的文件。", f"{path.name} is an export of Canyu."),
            mend=Words("直接导入即可，不需要映射。", "Import it as it is: it needs no mapping."),
        )
    target.write_text(dump_mapping(plan.mapping), encoding="utf-8")
    following = f"canyu import {path} --mapping {target}"
    click.echo(
        say(f"已写好 {target}。改好后运行：{following}", f"Wrote {target}. Edit it, then: {following}"), err=True
    )


def _show_plan(console: Console, plan: Plan) -> None:
    if not plan.mapping.is_export:
        columns = Table(title=say(f"{plan.name}：列", f"{plan.name}: columns"), title_justify="left")
        columns.add_column(say("字段", "field"))
        columns.add_column(say("来自", "from"))
        for name, origin in _list_origins(plan).items():
            columns.add_row(name, origin.replace("[", "\\["))
        console.print(columns, markup=False)
    title = say(f"{plan.name}：前几行变成的事件（时间为 UTC）", f"{plan.name}: first rows as events (times in UTC)")
    rows = Table(title=title, title_justify="left")
    events = [{name: _show_cell(name, cell) for name, cell in row.items()} for row in preview_events(plan).to_pylist()]
    names = [name for name in PREVIEW_FIELDS if any(event.get(name) for event in events)]
    for name, width in _share_width(console.width, names, events).items():
        rows.add_column(name, overflow="ellipsis", no_wrap=True, width=width)
    for event in events:
        rows.add_row(*[event[name].replace("[", "\\[") for name in names])
    console.print(rows, markup=False)


def _share_width(total: int, names: list[str], events: list[dict[str, str]]) -> dict[str, int]:
    """Return a width for each column: short ones what they need, text and the like what is left."""
    needs = {name: max(len(name), *(cell_len(event[name]) for event in events)) for name in names}
    short = {name: need for name, need in needs.items() if need <= 16}
    left = total - 1 - 3 * len(names) - sum(short.values())
    return {name: short.get(name) or max(8, left // (len(names) - len(short))) for name in names}


def _list_origins(plan: Plan) -> dict[str, str]:
    """Return each field and where it comes from, and what becomes of the columns that are no field."""
    mapping = plan.mapping
    found = {name: cell.column or cell.constant or cell.template or cell.sql for name, cell in mapping.cells.items()}
    found |= {
        "key": ", ".join(mapping.key) or say("（整行内容）", "(the row's content)"),
        "parent": ", ".join(mapping.parent_key),
    }
    found |= {f"props.{name}": cell.column for name, cell in mapping.props.items()}
    used = {*found.values(), *mapping.key, *mapping.parent_key, *mapping.drop}
    others = [name for name in plan.first.columns.column_names if name not in used]
    left_out = say("不导入", "left out")
    found |= {"props" if mapping.rest == "keep" else left_out: ", ".join(others)}
    if mapping.drop:
        found[left_out] = ", ".join(mapping.drop)
    return {name: origin for name, origin in found.items() if origin}


def _show_cell(name: str, value: object) -> str:
    """Return a cell for the terminal: short, and without what a terminal would obey."""
    text = "" if value is None else f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)
    return "".join(letter if letter.isprintable() else " " for letter in text[: 8 if name == "actor" else 60])


def _show_report(console: Console, report: ImportReport, lake_path: str) -> None:
    for file in report.files:
        if file.error:
            stopped = say(f"{file.file}：已停下。{file.error}", f"{file.file}: stopped. {file.error}")
            console.print(stopped, markup=False, soft_wrap=True, style="red")
        for line in _describe_file(file):
            console.print(line, markup=False, soft_wrap=True)
    if any(file.refused for file in report.files):
        look = f"canyu lake quarantine --lake {lake_path}"
        told = say(f"查看拒收的行及原文：{look}", f"Refused rows, with their text: {look}")
        console.print(told, markup=False, soft_wrap=True)


def _describe_file(file: FileReport) -> Iterator[str]:
    """Yield the lines on one file: its counts, why rows were refused, what else is to be known."""
    rows, kept, added, refused = (f"{count:,}" for count in (file.rows, file.kept, file.added, file.refused))
    yield say(
        f"{file.file}：{rows} 行，收下 {kept} 行（新增 {added} 行），拒收 {refused} 行",
        f"{file.file}: {rows} rows, {kept} kept ({added} new), {refused} refused",
    )
    if file.deletions:
        yield say(
            f"  来源已删除的帖子 {file.deletions:,} 条，已从湖中删除",
            f"  {file.deletions:,} posts deleted by the source, erased here",
        )
    for reason, times in sorted(file.reasons.items(), key=lambda item: -item[1]):
        where = say(f"（{reason.field}）", f" ({reason.field})") if reason.field else ""
        told = f"  {times:,} × {reason.reason}{where}"
        yield say(f"{told}：{reason.mend}", f"{told}: {reason.mend}")
    for note, times in file.notes.items():
        often = say(f"（{times:,} 次）", f" ({times:,})") if times > 1 else ""
        yield say(f"  说明：{note}{often}", f"  note: {note}{often}")


def _open_progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn(
            "{task.percentage:>3.0f}% " + say("{task.fields[rows]} 行", "{task.fields[rows]} rows"), markup=False
        ),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _fail_on_errors(report: ImportReport) -> None:
    if report.files:
        sys.exit(1)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()
