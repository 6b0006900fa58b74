"""``canyu score``: score a file of texts, without a lake."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from canyu.kit.jsonio import dump_json


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--in", "source", required=True, help="CSV, TSV, JSON Lines, XLSX or Parquet.")
@click.option("--text-column", required=True, help="The column that holds the texts.")
@click.option("--out", "target", required=True, help="What to write; .csv, .tsv, .jsonl or .parquet says the form.")
@click.option("--catalogue", "catalogue_path", default="", help="A catalogue file; the shipped example by default.")
@click.option("--model", default="", help="A sentiment model by its version; the newest installed one by default.")
@click.option("--prefix", default="", help="Put before the names of the new columns, where they are taken.")
@click.option("--encoding", default="", help="The encoding of a text file; found out by default.")
@click.option("--delimiter", default="", help="The delimiter of a text file; found out by default.")
@click.option("--sheet", default="", help="The sheet of a workbook; the first by default.")
@click.option("--strict", is_flag=True, help="Stop at a row that cannot be read; otherwise it is written empty.")
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON and print nothing else.")
def command(
    source: str,
    text_column: str,
    target: str,
    catalogue_path: str,
    model: str,
    prefix: str,
    encoding: str,
    delimiter: str,
    sheet: str,
    strict: bool,
    as_json: bool,
) -> None:
    """Write every row of a file again, in order, with lang, sentiment, its probabilities, links and model_version."""
    from canyu.events.catalogue import load_catalogue
    from canyu.events.importers.readers import FileFormat
    from canyu.listen.batch import Scorer
    from canyu.listen.linking import Linker
    from canyu.listen.score_file import ScoreTask, score_file
    from canyu.listen.sentiment import load_sentiment

    scorer = Scorer(load_sentiment(model), Linker(load_catalogue(catalogue_path)))
    stated = FileFormat(encoding, delimiter.replace("\\t", "\t"), sheet)
    task = ScoreTask(Path(source), text_column, Path(target), prefix, strict)
    report = score_file(task, stated, scorer=scorer)
    if as_json:
        click.echo(dump_json({"rows": report.rows, "scored": report.scored, "refused": len(report.refusals)}))
        return
    for refusal in report.refusals[:10]:
        click.echo(f"row {refusal.row}: {refusal.reason}. {refusal.mend}", err=True)
    if len(report.refusals) > 10:
        click.echo(f"… and {len(report.refusals) - 10:,} more.", err=True)
    click.echo(f"{report.rows:,} rows written to {target}, {report.scored:,} of them scored, by {scorer.version}.")
    sys.stdout.flush()
