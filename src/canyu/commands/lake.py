"""The word ``canyu lake``: what a lake holds, its upkeep, exports, and the erasure of a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

import canyu
from canyu.events import Choice, ExportKind, export_rows
from canyu.events.importers.actors import get_salt, hash_actor
from canyu.kit.jsonio import dump_json

Command = Callable[..., Any]

lake_option = click.option("--lake", "address", required=True, help="The lake: a folder, or s3://bucket/lake.")
json_option = click.option("--json", "as_json", is_flag=True, help="End with one line of JSON instead of words.")


@click.group()
def command() -> None:
    """See what a lake holds, keep it tidy, take data out, erase a person."""


@command.command()
@lake_option
@json_option
@click.option("--table", default="events", show_default=True)
@click.option("--limit", default=20, show_default=True, help="How many versions, newest first.")
def history(address: str, as_json: bool, table: str, limit: int) -> None:
    """List the versions of a table."""
    commits = canyu.open(address).history(table, limit=limit)
    _tell(
        as_json,
        {"table": table, "versions": [asdict(commit) for commit in commits]},
        [f"{c.version:>6}  {c.time:%Y-%m-%d %H:%M:%S}  {c.operation:<12} {c.rows or ''}" for c in commits],
    )


@command.command()
@lake_option
@json_option
@click.option("--files-per-day", default=50, show_default=True, help="Days with more files than this become one file.")
def compact(address: str, as_json: bool, files_per_day: int) -> None:
    """Make one file of each day that has many; the rows stay the same."""
    done = [each for each in canyu.open(address).compact(files_per_day=files_per_day) if each.partitions]
    _tell(
        as_json,
        {"tables": [asdict(each) for each in done]},
        [f"{each.table}: {each.files_before} files became {each.files_after}." for each in done] or ["Nothing to do."],
    )


@command.command()
@lake_option
@json_option
@click.option("--keep-hours", default=168.0, show_default=True, help="Versions younger than this stay readable.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
def vacuum(address: str, as_json: bool, keep_hours: float, dry_run: bool) -> None:
    """Remove files that only old versions need; pinned versions stay."""
    removed = canyu.open(address).vacuum(keep_hours=keep_hours, is_rehearsal=dry_run)
    word = "would go" if dry_run else "removed"
    _tell(as_json, {"files": len(removed), "dry_run": dry_run}, [f"{len(removed)} files {word}."])


@command.command()
@lake_option
@json_option
@click.argument("version", type=int)
@click.option("--reason", required=True, help="Which report or figure names this version.")
def pin(address: str, as_json: bool, version: int, reason: str) -> None:
    """Keep a version of events from vacuum."""
    pins = canyu.open(address).pin(version, reason)
    _tell(as_json, {"pins": [asdict(each) for each in pins]}, [f"{p.table} {p.version}: {p.reason}" for p in pins])


@command.command()
@lake_option
@json_option
@click.argument("actor")
@click.option("--source", default="", help="The source whose id ACTOR is; the lake keeps people of files as hashes.")
@click.confirmation_option(prompt="This removes the person from every version, for good. Go on?")
def erase(address: str, as_json: bool, actor: str, source: str) -> None:
    """Erase one person: events, what was computed from them, refused rows; then prove it.

    ACTOR is the actor as the events have it, or, with --source, the user id as the source's files have it.
    """
    lake = canyu.open(address)
    name = hash_actor(get_salt(lake.path), source, actor) if source else actor
    done = lake.erase(name, names=[actor])
    _tell(
        as_json,
        asdict(done),
        [
            f"{done.rows} events erased: {done.files_rewritten} files rewritten, {done.files_removed} removed.",
            f"{done.files_scanned} files scanned: nothing is left. Receipt {done.receipt}.",
            *([f"{done.mentions} texts of others hold the name: read them."] if done.mentions else []),
        ],
    )


@command.command()
@lake_option
@json_option
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--as", "kind", type=click.Choice([kind.value for kind in ExportKind]), help="Default: by OUT's ending.")
@click.option("--table", default="events", show_default=True)
@click.option("--version", type=int, help="As it was at this version.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day (UTC).")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day (UTC).")
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
    """Write a table's rows to OUT as jsonl, csv, parquet, activity or activity-lines (Activity Streams 2.0)."""
    endings = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet", ".json": "activity"}
    chosen = kind or endings.get(out.suffix.lower())
    if chosen is None:
        raise click.UsageError(f"Which format? {out.name} does not tell; give --as.")
    choice = Choice(table, version, first.date() if first else None, last.date() if last else None)
    rows = export_rows(canyu.open(address), out, ExportKind(chosen), choice)
    _tell(as_json, {"rows": rows, "out": str(out), "as": chosen}, [f"{rows} rows written to {out}."])


@command.command()
@lake_option
@json_option
@click.option("--limit", default=20, show_default=True)
def quarantine(address: str, as_json: bool, limit: int) -> None:
    """List refused rows, newest first, with the mend of each."""
    lake = canyu.open(address)
    table = lake.scan("quarantine")
    counted = lake.engine.run(table.group_by(["file", "field", "reason"]).agg(rows=table.count())).to_pylist()
    newest = lake.engine.run(table.order_by([table.received.desc(), table.file, table.row]).limit(limit)).to_pylist()
    counted.sort(key=lambda each: (-each["rows"], each["file"], each["field"]))
    lines = [f"{each['rows']:>8}  {each['file']}  {each['field']}  {each['reason']}" for each in counted]
    lines += [f"{row['file']}:{row['row']} {row['field']} {row['reason']}. {row['mend']}" for row in newest]
    _tell(as_json, {"reasons": counted, "rows": newest}, lines or ["No row was refused."])


@command.command()
@lake_option
@json_option
@click.pass_context
def check(context: click.Context, address: str, as_json: bool) -> None:
    """Look at every live file; ends with 1 where one is absent or damaged."""
    lake = canyu.open(address)
    damage = lake.check()
    lines = [f"{each.path}: {each.reason}." for each in damage] or ["Every file is there and whole."]
    _tell(as_json, {"versions": lake.versions(), "damage": [asdict(each) for each in damage]}, lines)
    if damage:
        context.exit(1)


def _tell(as_json: bool, facts: dict[str, Any], lines: list[str]) -> None:
    click.echo(dump_json(facts) if as_json else "\n".join(_strip_controls(line) for line in lines))


def _strip_controls(line: str) -> str:
    """Text from files must not steer the terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in line)
