"""``canyu score``: score a file of texts, without a lake."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from canyu.commands.options import HELP_NAMES, catalogue_option, json_option, model_option, storylines_option
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "按原顺序写出文件的每一行，并加上语言、情感及其概率、情绪、提到的品牌和产品、观点、核心信息、雷同帖子的编号和模型版本。",
        "Write every row of a file again, in order, with its language, sentiment, emotion, links, aspects, storylines, "
        "the cluster of its copies, and the model's version.",
    ),
)
@click.option(
    "--in",
    "source",
    required=True,
    help=say("CSV、TSV、JSON Lines、XLSX 或 Parquet。", "CSV, TSV, JSON Lines, XLSX or Parquet."),
)
@click.option("--text-column", required=True, help=say("文本所在的列。", "The column that holds the texts."))
@click.option(
    "--out",
    "target",
    required=True,
    help=say(
        "写到哪里；格式看扩展名：.csv、.tsv、.jsonl 或 .parquet。",
        "What to write; .csv, .tsv, .jsonl or .parquet says the form.",
    ),
)
@catalogue_option
@model_option
@storylines_option
@click.option(
    "--prefix",
    default="",
    help=say("新列与已有的列重名时，加在新列名前。", "Put before the names of the new columns, where they are taken."),
)
@click.option(
    "--encoding",
    default="",
    help=say("文本文件的编码；默认自动识别。", "The encoding of a text file; found out by default."),
)
@click.option(
    "--delimiter",
    default="",
    help=say("文本文件的分隔符；默认自动识别。", "The delimiter of a text file; found out by default."),
)
@click.option(
    "--sheet", default="", help=say("工作簿里的哪张表；默认第一张。", "The sheet of a workbook; the first by default.")
)
@click.option(
    "--strict",
    is_flag=True,
    help=say(
        "遇到读不了的行就停；不加则把该行的新列留空。",
        "Stop at a row that cannot be read; otherwise it is written empty.",
    ),
)
@json_option
def command(
    source: str,
    text_column: str,
    target: str,
    catalogue_path: str,
    model: str,
    storylines_path: str,
    prefix: str,
    encoding: str,
    delimiter: str,
    sheet: str,
    strict: bool,
    as_json: bool,
) -> None:
    """Score a file of texts, without a lake."""
    from canyu.events.importers.readers import FileFormat
    from canyu.kit.memory import hold_memory
    from canyu.listen.score_task import ScoreTask, open_source

    hold_memory()
    stated = FileFormat(encoding, delimiter.replace("\\t", "\t"), sheet)
    task = ScoreTask(Path(source), text_column, Path(target), prefix, strict)
    with ThreadPoolExecutor(1) as reader:  # the models load while the file is read
        opened = reader.submit(open_source, task, stated)
        from canyu.events.catalogue import load_catalogue
        from canyu.listen.score_file import score_file
        from canyu.listen.scorer import load_scorer

        scorer = load_scorer(load_catalogue(catalogue_path), model=model, storylines=storylines_path)
        report = score_file(task, opened.result(), scorer=scorer)
    if as_json:
        click.echo(dump_json({"rows": report.rows, "scored": report.scored, "refused": len(report.refusals)}))
        return
    for refusal in report.refusals[:10]:
        told = say(
            f"第 {refusal.row} 行：{refusal.reason}。{refusal.mend}",
            f"row {refusal.row}: {refusal.reason}. {refusal.mend}",
        )
        click.echo(told, err=True)
    if len(report.refusals) > 10:
        more = f"{len(report.refusals) - 10:,}"
        click.echo(say(f"……另有 {more} 行。", f"… and {more} more."), err=True)
    rows, scored = f"{report.rows:,}", f"{report.scored:,}"
    click.echo(
        say(
            f"已把 {rows} 行写入 {target}，其中 {scored} 行打了分，模型 {scorer.version}。",
            f"{rows} rows written to {target}, {scored} of them scored, by {scorer.version}.",
        )
    )
    sys.stdout.flush()
