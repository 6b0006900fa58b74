"""``canyu rehearse``: play a simulated brand year into a folder, with its truth beside it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from canyu.kit.jsonio import dump_json
from canyu.rehearse import MarketPlan, WrittenRehearsal, write_market


@click.command()
@click.option("--year", default=2025, show_default=True, help="The year to play; its festivals fall where they fell.")
@click.option("--scale", default=0.001, show_default=True, help="1 is the whole market; 0.001 about a million events.")
@click.option("--seed", default=7, show_default=True, help="Equal seeds give equal files, byte for byte.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to make.")
@click.option("--force", is_flag=True, help="Replace an earlier rehearsal in that folder.")
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")
def command(year: int, scale: float, seed: int, out: Path, force: bool, as_json: bool) -> None:
    """Play a simulated market: people, posts, campaigns and orders, and truth.json with every planted number."""
    started = time.perf_counter()
    written = write_market(MarketPlan(year, scale, seed), out, force=force, progress=_tell_progress)
    seconds = round(time.perf_counter() - started, 2)
    if as_json:
        click.echo(dump_json(_summarise(written, seconds)))
        return
    counts = written.truth["counts"]
    click.echo(f"{counts['events']:,} simulated events in {len(written.files)} files: {written.folder}/events")
    click.echo(f"The truth about them: {written.folder}/truth.json, labels.parquet, orders.parquet")
    click.echo(f"Next: canyu import {written.folder}/events/*.parquet --lake my.lake")


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
