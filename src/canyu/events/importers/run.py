"""An import from end to end: read, translate, check, commit; in bounded memory, safe to stop and to repeat."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from pathlib import Path

import pyarrow as pa

from canyu.events.identity import make_event_id, make_event_ids
from canyu.events.importers.actors import get_salt
from canyu.events.importers.block import Block, Deletion, Reader, Refusal
from canyu.events.importers.deletions import erase_deleted
from canyu.events.importers.exports import ExportTranslator
from canyu.events.importers.guess import Stated, guess_mapping, list_rounded
from canyu.events.importers.mapping import Cell, Mapping
from canyu.events.importers.mends import get_kept
from canyu.events.importers.occurrences import Occurrences
from canyu.events.importers.readers import FileFormat, open_reader
from canyu.events.importers.report import FileReport, ImportReport, Reason
from canyu.events.importers.translate import Translated, Translator
from canyu.events.lake import Lake
from canyu.events.schema import EVENT_SCHEMA
from canyu.events.tables import QUARANTINE_SCHEMA
from canyu.events.validate import MENDS, split_valid
from canyu.kit.ahead import work_ahead
from canyu.kit.errors import BadInput
from canyu.kit.memory import release_memory
from canyu.kit.words import Words

COMMIT_ROWS = 250_000
COMMIT_BYTES = 128 << 20  # an append holds about four times this while it sorts rows into days
FINGERPRINT_BYTES = 1 << 20

Progress = Callable[[Path, float, FileReport], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known of one file before its import: its name in reports, its reader, first block and mapping."""

    path: Path
    name: str
    reader: Reader
    blocks: Iterator[Block]
    first: Block
    mapping: Mapping


@dataclass(slots=True)
class _Batch:
    """What waits for the next commit."""

    events: list[pa.Table] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    rows: int = 0
    size: int = 0

    @property
    def is_full(self) -> bool:
        return self.rows >= COMMIT_ROWS or self.size >= COMMIT_BYTES or len(self.refusals) >= COMMIT_ROWS


def plan_import(path: Path, mapping: Mapping | None = None, stated: Stated | None = None, *, name: str = "") -> Plan:
    """Open a file and settle how its columns become events. Raises BadInput or NotFound with the mend.

    ``name`` is what reports and the quarantine call the file; the file's own name where none is given.
    """
    stated = stated or Stated()
    reader = open_reader(path, _read_format(mapping or Mapping(), stated))
    blocks = reader.read_blocks()
    first = next((block for block in blocks if len(block.rows)), None)
    if first is None:
        raise BadInput(
            Words(
                f"{path.name} 有表头，但没有一行读得出来。", f"{path.name} has a header and no rows that can be read."
            ),
            mend=Words("请给有数据行的文件。", "Give a file with rows."),
        )
    chosen = guess_mapping(first, stated) if mapping is None else _apply_stated(mapping, stated)
    for column in list_rounded(first, chosen):
        reader.notes.add(
            Words(
                f"“{column}”列的长编号末尾全是零：已被表格软件取整。请按文本重新导出。",
                f"All long ids in “{column}” end in zeros: a spreadsheet rounded them. Export them as text.",
            )
        )
    return Plan(path, name or path.name, reader, blocks, first, chosen)


def preview_events(plan: Plan, *, salt: str = "preview", rows: int = 5) -> pa.Table:
    """Return what the first rows of a file become. Raises BadInput where their times lack a zone."""
    table = plan.first.columns.slice(0, 200)
    block = replace(plan.first, columns=table, rows=plan.first.rows[:200])
    found = _open_translator(plan, salt).translate(block)
    zoneless = [refusal for refusal in found.refusals if refusal.reason == "no_zone"]
    if zoneless:
        raise BadInput(
            Words(
                f"{plan.name} 的时间（“{zoneless[0].field}”列）没有写明时区。",
                f"The times of {plan.name} (column “{zoneless[0].field}”) state no time zone.",
            ),
            mend=Words("用 --zone 写明，如 --zone Asia/Shanghai。", "State it: --zone Asia/Shanghai."),
        )
    return found.events.slice(0, rows)


def import_file(plan: Plan, lake: Lake, *, now: datetime, progress: Progress | None = None) -> FileReport:
    """Bring one file into the lake; returns after its last commit. Repeated, or after a kill, it adds no row twice."""
    report = FileReport(plan.name)
    needs_salt = not plan.mapping.is_export and plan.mapping.actor == "hash" and "actor" in plan.mapping.cells
    translator = _open_translator(plan, get_salt(lake.path) if needs_salt else "")
    keeper = _Keeper(lake, report, plan, now)
    try:
        for found, events in _translate(plan, translator):
            keeper.keep(found, events)
            if progress is not None:
                progress(plan.path, plan.reader.notes.share, report)
    except BadInput as error:
        report.error = str(error)
    finally:
        keeper.close()
    report.notes = dict(plan.reader.notes.counts)
    return report


def import_files(plans: list[Plan], lake: Lake, *, now: datetime, progress: Progress | None = None) -> ImportReport:
    """Bring several files into the lake, one after the other."""
    report = ImportReport([import_file(plan, lake, now=now, progress=progress) for plan in plans])
    version = lake.version("events")
    report.version = -1 if version is None else version
    return report


def build_events(found: Translated, mapping: Mapping, keys: pa.ChunkedArray | None = None) -> pa.Table:
    """Return the events of a block with their ids and parents' ids, as a table of ``EVENT_SCHEMA``'s columns."""
    events = found.events
    if mapping.is_export:
        return events
    keys = events["key"] if keys is None else keys
    events = events.append_column("id", make_event_ids(mapping.source, keys))
    parents = events["parent_key"]
    if mapping.parent_key:
        parents = make_event_ids(mapping.source, parents)
    events = events.append_column("parent", parents)
    return events.select([name for name in EVENT_SCHEMA.names if name in events.column_names])


def fingerprint_file(path: Path) -> str:
    """Return a short name for a file's content (size, first and last megabyte), the same wherever it is copied to."""
    size = path.stat().st_size
    digest = hashlib.blake2b(str(size).encode(), digest_size=16)
    with path.open("rb") as file:
        digest.update(file.read(FINGERPRINT_BYTES))
        file.seek(max(0, size - FINGERPRINT_BYTES))
        digest.update(file.read(FINGERPRINT_BYTES))
    return digest.hexdigest()


class _Keeper:
    """Checks events, counts them, and commits them some hundred thousand at a time."""

    def __init__(self, lake: Lake, report: FileReport, plan: Plan, now: datetime) -> None:
        self._lake = lake
        self._report = report
        self._fingerprint = fingerprint_file(plan.path)
        self._has_sound_props = _writes_sound_props(plan.mapping)
        self._now = now
        self._batch = _Batch()
        self._writer = ThreadPoolExecutor(1)
        self._written: Future[int] | None = None
        self._deletions: list[Deletion] = []

    def keep(self, found: Translated, events: pa.Table) -> None:
        """Take a block's events and refusals; commit when enough wait."""
        verdict = split_valid(events, now=self._now, has_sound_props=self._has_sound_props)
        refusals = [*found.block.refusals, *found.refusals]
        refusals += [
            found.refuse(fault["row"], fault["field"], fault["reason"], MENDS[fault["reason"]])
            for fault in verdict.refused.to_pylist()
        ]
        kept = verdict.kept.num_rows + len(found.block.deletions)
        self._report.rows += kept + len(refusals)
        self._report.kept += kept
        self._report.deletions += len(found.block.deletions)
        self._deletions += found.block.deletions
        self._report.refused += len(refusals)
        for refusal in refusals:
            reason = Reason(refusal.field, refusal.reason, refusal.mend)
            self._report.reasons[reason] = self._report.reasons.get(reason, 0) + 1
        batch = self._batch
        batch.events.append(verdict.kept)
        batch.refusals += refusals
        batch.rows += verdict.kept.num_rows
        batch.size += verdict.kept.nbytes
        if batch.is_full:
            self.commit()

    def commit(self) -> None:
        """Hand what waits to the writer, after its last commit is through: at most two batches are in memory."""
        self._wait()
        batch, self._batch = self._batch, _Batch()
        self._written = self._writer.submit(self._write, batch)

    def close(self) -> None:
        """Commit the rest; returns when everything kept is in the lake and what was deleted has left it."""
        try:
            self.commit()
            self._wait()
            erase_deleted(self._lake, self._deletions, now=self._now)
        finally:
            self._writer.shutdown()

    def _wait(self) -> None:
        if self._written is not None:
            written, self._written = self._written, None
            self._report.added += written.result()

    def _write(self, batch: _Batch) -> int:
        """Write refusals first, so that no row is passed over without a trace of it; return the events added."""
        if batch.refusals:
            self._lake.refuse(self._build_quarantine(batch.refusals))
        if not batch.rows:
            return 0
        events = pa.concat_tables(batch.events)
        batch.events.clear()
        added = self._lake.append(events).added
        del events
        release_memory()
        return added

    def _build_quarantine(self, refusals: list[Refusal]) -> pa.Table:
        return pa.Table.from_pylist(
            [
                {
                    "id": make_event_id(self._fingerprint, str(refusal.row), refusal.field),
                    "received": self._now,
                    "file": self._report.file,
                    "row": refusal.row,
                    "field": refusal.field,
                    "reason": refusal.reason,
                    "mend": get_kept(refusal.mend),
                    "raw": refusal.raw,
                }
                for refusal in refusals
            ],
            schema=QUARANTINE_SCHEMA,
        )


def _translate(plan: Plan, translator: Translator | ExportTranslator) -> Iterator[tuple[Translated, pa.Table]]:
    """Yield the blocks of a file, in order, with their events; rows without a key are numbered among their equals."""
    blocks = chain([plan.first], plan.blocks)
    if plan.mapping.is_export or plan.mapping.key:

        def work(block: Block) -> tuple[Translated, pa.Table]:
            found = translator.translate(block)
            return found, build_events(found, plan.mapping)

        yield from work_ahead(work, blocks)
        return
    with Occurrences() as occurrences:
        for found in work_ahead(translator.translate, blocks):
            yield found, build_events(found, plan.mapping, occurrences.number_rows(found.events["key"]))


def _open_translator(plan: Plan, salt: str) -> Translator | ExportTranslator:
    if plan.mapping.is_export:
        return ExportTranslator(zone=plan.mapping.zone)
    return Translator(plan.mapping, salt=salt, folder=plan.path.parent)


def _writes_sound_props(mapping: Mapping) -> bool:
    """Say whether props are written by us alone, with a metric wherever a measured fact may stand."""
    verb = mapping.cells.get("verb", Cell()).constant
    has_metric = bool(mapping.props.get("metric", Cell()).constant)
    is_foreign = mapping.is_export or any(cell.kind == "json" for cell in mapping.props.values())
    return not is_foreign and bool(verb) and (verb != "observe" or has_metric)


def _read_format(mapping: Mapping, stated: Stated) -> FileFormat:
    return FileFormat(stated.encoding or mapping.encoding, mapping.delimiter, mapping.sheet, mapping.arrange)


def _apply_stated(mapping: Mapping, stated: Stated) -> Mapping:
    """Put what is stated on the command line before what the mapping file says."""
    cells = dict(mapping.cells)
    for name in ("market", "channel", "verb", "currency"):
        if getattr(stated, name):
            cells[name] = Cell(constant=getattr(stated, name))
    return replace(mapping, cells=cells, zone=stated.zone or mapping.zone, source=stated.source or mapping.source)
