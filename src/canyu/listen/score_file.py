"""A file of texts scored row by row: the same rows in the same order, with the scores beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from canyu.events.importers.block import Refusal
from canyu.events.importers.readers import FileFormat
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import Words
from canyu.listen import refusals
from canyu.listen.batch import BATCH_SCHEMA, Scorer, score_texts
from canyu.listen.sheet_writers import JSON_LINES, check_suffix, open_table
from canyu.listen.sheets import JSON_TEXT, Piece, Sheet, open_sheet, read_texts


@dataclass(frozen=True, slots=True)
class ScoreTask:
    """What to score: a file, its column of texts, where to write, how to name, and whether to stop at a bad row."""

    source: Path
    text_column: str
    target: Path
    prefix: str = ""
    is_strict: bool = False


@dataclass(slots=True)
class ScoreReport:
    """How many rows were written and given a sentiment, and which could not be read."""

    rows: int = 0
    scored: int = 0
    refusals: list[Refusal] = field(default_factory=list)


def score_file(task: ScoreTask, stated: FileFormat, *, scorer: Scorer) -> ScoreReport:
    """Write every row of the source to the target, in order, with the columns of ``BATCH_SCHEMA`` after its own.

    Memory does not grow with the file. The target appears when it is whole; an older one is replaced. A row
    that cannot be read is written empty in its place and reported; a strict task raises BadInput there instead.
    """
    is_json = check_suffix(task.target) in JSON_LINES
    if task.source.resolve() == task.target.resolve():
        raise BadInput(
            Words("--in 和 --out 是同一个文件。", "--in and --out are the same file."),
            mend=Words("请写到另一个文件。", "Write to another one."),
        )
    if not task.target.resolve().parent.is_dir():
        raise NotFound(
            Words(f"没有文件夹 {task.target.parent}。", f"there is no folder {task.target.parent}."),
            mend=Words("请先建好它。", "Make it first."),
        )
    sheet = open_sheet(task.source, stated, keep_json=is_json)
    scores = [mark.with_name(task.prefix + mark.name) for mark in BATCH_SCHEMA]
    _check_columns(sheet, task, [mark.name for mark in scores])
    schema = pa.schema([*sheet.schema, *scores])
    report = ScoreReport()
    with open_table(task.target, schema) as out:
        for piece in sheet.read_pieces():
            _check_refusals(piece, task)
            texts = read_texts(piece.table[task.text_column], sheet.schema.field(task.text_column))
            batch = score_texts(texts, scorer=scorer)
            out.write(pa.table([*piece.table.columns, *batch.columns], schema=schema))
            report.rows += batch.num_rows
            report.scored += batch.num_rows - batch.column("sentiment").null_count
            report.refusals += piece.refusals
    return report


def _check_columns(sheet: Sheet, task: ScoreTask, fresh: list[str]) -> None:
    names = sheet.schema.names
    if task.text_column not in names:
        raise refusals.refuse_missing_column(task.source.name, task.text_column, names)
    if names.count(task.text_column) > 1:
        raise refusals.refuse_repeated_column(task.source.name, task.text_column)
    mark = sheet.schema.field(task.text_column)
    kind = mark.type.value_type if pa.types.is_dictionary(mark.type) else mark.type
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    if not (is_text or pa.types.is_null(kind) or mark.metadata == JSON_TEXT):
        raise refusals.refuse_no_texts(task.text_column, mark.type)
    taken = [name for name in fresh if name in names]
    if taken:
        raise refusals.refuse_taken_names(task.source.name, taken)


def _check_refusals(piece: Piece, task: ScoreTask) -> None:
    if piece.refusals and task.is_strict:
        raise refusals.refuse_row(task.source.name, piece.refusals[0])
