"""A file of texts scored row by row: the same rows in the same order, with the scores beside them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby, islice
from threading import Semaphore

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.events.importers.block import Refusal
from canyu.kit.ahead import WORKERS, work_ahead
from canyu.listen import refusals
from canyu.listen.batch import BATCH_SCHEMA, Scorer, score_texts
from canyu.listen.copies import Signatures, compute_signatures, find_clusters
from canyu.listen.copies.signatures import join_signatures
from canyu.listen.kernels.neardup import BANDS
from canyu.listen.score_task import ScoreTask
from canyu.listen.sheet_writers import open_table
from canyu.listen.sheets import JSON_TEXT, Piece, Sheet, read_texts
from canyu.listen.text import pack_texts

SCORE_SCHEMA = BATCH_SCHEMA.append(pa.field("cluster_id", pa.int64()))
"""What is written beside a row's own columns; ``cluster_id`` is the row, from 1, of the first of its near copies."""
RUN_ROWS = 1 << 22
"""Copies are sought among so many rows at a time: half a kilobyte of memory for each."""
WAITING_PIECES = 80


@dataclass(slots=True)
class ScoreReport:
    """How many rows were written and given a sentiment, and which could not be read."""

    rows: int = 0
    scored: int = 0
    refusals: list[Refusal] = field(default_factory=list)


def score_file(task: ScoreTask, sheet: Sheet, *, scorer: Scorer) -> ScoreReport:
    """Write every row of the source to the target, in order, with the columns of ``SCORE_SCHEMA`` after its own.

    ``sheet``: the task's source, opened. Raises BadInput where its column of texts will not do.
    Memory grows by half a kilobyte a row up to about four million rows, and no further. The target appears when it is
    whole; an older one is replaced. A row that cannot be read is written empty in its place and reported; a strict
    task raises BadInput there instead.
    """
    scores = [mark.with_name(task.prefix + mark.name) for mark in SCORE_SCHEMA]
    _check_columns(sheet, task, [mark.name for mark in scores])
    schema = pa.schema([*sheet.schema, *scores])
    report = ScoreReport()
    with open_table(task.target, schema, repeated=_list_repeated(scores)) as out, _open_clerk() as clerk:

        def write(piece: Piece, batch: pa.RecordBatch, run: _Run, at: int) -> None:
            clusters = run.leaders.result()[at : at + batch.num_rows] + (run.first + 1)
            out.write(pa.table([*piece.table.columns, *batch.columns, pa.array(clusters)], schema=schema))

        written: deque[Future[None]] = deque()
        for piece, batch, run, at in _score(sheet, task, scorer, clerk):
            _check_refusals(piece, task)
            report.rows += batch.num_rows
            report.scored += batch.num_rows - batch.column("sentiment").null_count
            report.refusals += piece.refusals
            written.append(clerk.submit(write, piece, batch, run, at))
            while written and (written[0].done() or len(written) > WAITING_PIECES):
                written.popleft().result()
        for done in written:
            done.result()
    return report


@contextmanager
def _open_clerk() -> Iterator[ThreadPoolExecutor]:
    """Open a thread that puts the signatures of a run into clusters and then writes its rows, while others score.

    What waits for it when something fails is not done.
    """
    clerk = ThreadPoolExecutor(1)
    try:
        yield clerk
    finally:
        clerk.shutdown(cancel_futures=True)


@dataclass(frozen=True, slots=True)
class _Run:
    """Rows among which copies are sought: the first of them in the file, and to be, each one's leader in the run."""

    first: int
    leaders: Future[NDArray[np.int64]]


def _score(
    sheet: Sheet, task: ScoreTask, scorer: Scorer, clerk: ThreadPoolExecutor
) -> Iterator[tuple[Piece, pa.RecordBatch, _Run, int]]:
    """Read the file twice, some million rows at a time: for the signatures of copies first, then for the scores.

    Gives each piece, its scores, its run, and where in the run it begins.
    """
    mark = sheet.schema.field(task.text_column)

    def sign(place: _Place) -> tuple[_Place, Signatures]:
        packed = pack_texts(read_texts(place.piece.table[task.text_column], mark))
        return place, compute_signatures(packed, place.room[place.first : place.first + len(packed)])

    cores = Semaphore(WORKERS)

    def score(piece: Piece) -> tuple[Piece, pa.RecordBatch]:
        with cores:
            return piece, score_texts(read_texts(piece.table[task.text_column], mark), scorer=scorer)

    def find_leaders(parts: list[Signatures], keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        with cores:  # a core of its own: nothing can be written before, and writing must not be all that is left
            return find_clusters(join_signatures(parts, keys)).clusters

    signed = work_ahead(sign, _place(sheet.read_pieces()))
    scored = work_ahead(score, sheet.read_pieces())
    first = 0
    for _, group in groupby(signed, key=lambda pair: pair[0].run):
        places, parts = map(list, zip(*group, strict=True))
        count, rows = len(parts), sum(map(len, parts))
        run, at = _Run(first, clerk.submit(find_leaders, parts, places[0].room[:rows])), 0
        first += rows
        del parts, places
        for piece, batch in islice(scored, count):
            yield piece, batch, run, at
            at += batch.num_rows


@dataclass(frozen=True, slots=True)
class _Place:
    """A piece, its run, and where in the run's room for band keys its own begin."""

    piece: Piece
    run: int
    room: NDArray[np.uint64]
    first: int


def _place(pieces: Iterator[Piece]) -> Iterator[_Place]:
    """Give each piece its place: keys are written side by side, in memory that is taken only as it is written to."""
    run, room, first = -1, np.empty((0, BANDS), np.uint64), 0
    for piece in pieces:
        rows = piece.table.num_rows
        if first + rows > len(room):
            run, room, first = run + 1, np.empty((max(RUN_ROWS, rows), BANDS), np.uint64), 0
        yield _Place(piece, run, room, first)
        first += rows


def _list_repeated(scores: list[pa.Field]) -> list[str]:
    return [mark.name for mark in scores if pa.types.is_string(mark.type)]


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
