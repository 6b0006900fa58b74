"""``canyu import``: files into the lake, with a look before and a report after."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import canyu
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


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--lake", "lake_path", default="my.lake", show_default=True, help="The lake's folder or address.")
@click.option("--mapping", "mapping_path", type=click.Path(path_type=Path), help="How columns become events (YAML).")
@click.option("--write-mapping", type=click.Path(path_type=Path), help="Write the guessed mapping here and stop.")
@click.option("--preset", help="A ready-made mapping for a public data set.")
@click.option("--preset-folder", type=click.Path(path_type=Path), help="Import every data set of this folder.")
@click.option("--zone", default="", help="The zone of times that state none, as Asia/Shanghai.")
@click.option("--market", default="", help="The market, as cn.")
@click.option("--channel", default="", help="The channel, as weibo.")
@click.option("--source", default="", help="The source whose ids these are; overlapping files share one.")
@click.option("--verb", default="", help="The event type of every row, as post or order.")
@click.option("--currency", default="", help="The currency of amounts that state none, as CNY.")
@click.option("--encoding", default="", help="The files' encoding, where it is not found out rightly.")
@click.option("--preview", "is_preview", is_flag=True, help="Show what the first rows become, and stop.")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask before importing.")
@click.option("--json", "is_json", is_flag=True, help="End with one line of JSON: rows, kept, refused, added, version.")
@click.option("--table", type=click.Path(path_type=Path), help="Write the counts of every file here, as Markdown.")
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
    """Bring FILES (CSV, TSV, JSON Lines, XLSX, Parquet) into the lake: every row is kept or refused with its mend."""
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
        click.confirm("Import?", default=True, abort=True, err=True)
    lake = canyu.open(lake_path, create=True)
    with _open_progress(console) as bar:
        for plan in plans:
            report.files.append(import_file(plan, lake, now=get_now(), progress=_follow(bar, plan)))
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
    """Return the one line a program reads: rows, kept, refused, added, version."""
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
            raise click.UsageError("--preset-folder stands alone: its files have their own mappings.")
        return [Wanted(path, found.dataset, found.mapping) for path, found in find_preset_files(folder)]
    if not files:
        raise click.UsageError("Name the files to import, or --preset-folder FOLDER.")
    if preset and mapping_path:
        raise click.UsageError("Use --preset or --mapping, not both.")
    mapping = get_preset(preset).mapping if preset else load_mapping(mapping_path) if mapping_path else None
    return [Wanted(path, path.name, mapping) for path in files]


def _plan(wanted: Wanted, stated: Stated, report: ImportReport) -> Plan | None:
    """Open one file; one that cannot be used is told at once and does not keep the others out."""
    try:
        plan = plan_import(wanted.path, wanted.mapping, stated, name=wanted.name)
        preview_events(plan)
    except CanyuError as error:
        click.echo(f"canyu: {wanted.name}: {error}", err=True)
        report.files.append(FileReport(wanted.name, error=str(error)))
        return None
    return plan


def _write_mapping(target: Path, path: Path, stated: Stated) -> None:
    plan = plan_import(path, None, stated)
    if plan.mapping.is_export:
        raise BadInput(f"{path.name} is an export of Canyu.", mend="Import it as it is: it needs no mapping.")
    target.write_text(dump_mapping(plan.mapping), encoding="utf-8")
    click.echo(f"Wrote {target}. Edit it, then: canyu import {path} --mapping {target}", err=True)


def _show_plan(console: Console, plan: Plan) -> None:
    if not plan.mapping.is_export:
        columns = Table(title=f"{plan.name}: columns", title_justify="left")
        columns.add_column("field")
        columns.add_column("from")
        for name, origin in _list_origins(plan).items():
            columns.add_row(name, origin.replace("[", "\\["))
        console.print(columns, markup=False)
    rows = Table(title=f"{plan.name}: first rows as events (times in UTC)", title_justify="left")
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
    found |= {"key": ", ".join(mapping.key) or "(the row's content)", "parent": ", ".join(mapping.parent_key)}
    found |= {f"props.{name}": cell.column for name, cell in mapping.props.items()}
    used = {*found.values(), *mapping.key, *mapping.parent_key, *mapping.drop}
    others = [name for name in plan.first.columns.column_names if name not in used]
    found |= {"props" if mapping.rest == "keep" else "left out": ", ".join(others)}
    if mapping.drop:
        found["left out"] = ", ".join(mapping.drop)
    return {name: origin for name, origin in found.items() if origin}


def _show_cell(name: str, value: object) -> str:
    """Return a cell for the terminal: short, and without what a terminal would obey."""
    text = "" if value is None else f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)
    return "".join(letter if letter.isprintable() else " " for letter in text[: 8 if name == "actor" else 60])


def _show_report(console: Console, report: ImportReport, lake_path: str) -> None:
    for file in report.files:
        if file.error:
            console.print(f"{file.file}: stopped. {file.error}", markup=False, soft_wrap=True, style="red")
        console.print(
            f"{file.file}: {file.rows:,} rows, {file.kept:,} kept ({file.added:,} new), {file.refused:,} refused",
            markup=False,
            soft_wrap=True,
        )
        for reason, times in sorted(file.reasons.items(), key=lambda item: -item[1]):
            where = f" ({reason.field})" if reason.field else ""
            console.print(f"  {times:,} × {reason.reason}{where}: {reason.mend}", markup=False, soft_wrap=True)
        for note, times in file.notes.items():
            console.print(f"  note: {note}{f' ({times:,})' if times > 1 else ''}", markup=False, soft_wrap=True)
    if any(file.refused for file in report.files):
        console.print(
            f"Refused rows, with their text: canyu lake quarantine --lake {lake_path}", markup=False, soft_wrap=True
        )


def _open_progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}% {task.fields[rows]} rows", markup=False),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _fail_on_errors(report: ImportReport) -> None:
    if report.files:
        sys.exit(1)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()
