"""Rows of some days of a computed table put in place of the ones before, in one commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake.exceptions import CommitFailedError

from canyu.events.failures import Doing, tell_failure, tell_overtaken
from canyu.events.lake import Lake
from canyu.events.store import Store
from canyu.events.tables import TABLES, find_spec
from canyu.events.writing import Change, commit, drop_files, fit_part, fit_rows, read_folder, write_files
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

BUILT_FROM = ("event_ids", "quoted")
ERASURE = "erase"


def replace_days(
    lake: Lake, name: str, days: Iterable[date], change: Callable[[pa.Table], pa.Table], *, read_at: int
) -> int:
    """Put ``change`` of the rows of these days in their place, in one commit; return how many rows they have then.

    ``change`` gets the rows that stand there and returns those that shall, of the same days; nobody writes in between.
    A row built from an event that was erased after version ``read_at`` of the events is left out. Raises BadInput
    where the table is not kept by day, Conflict where another writer came first.
    """
    if not find_spec(name).by_day:
        raise BadInput(
            Words(f"表 {name} 不按天分区。", f"The table {name} is not kept by day."),
            mend=Words("请用 replace_derived()。", "Use replace_derived()."),
        )
    with lake.store.writing():
        table = lake.store.create(name)
        folders = {str(day) for day in days}
        gone = [path for path in lake.store.list_files(table) if read_folder(path) in folders]
        rows = fit_rows(name, change(_read_files(lake.store, name, gone)))
        if _was_erased(lake, read_at):
            rows = _leave_erased(lake, rows)
        adds = write_files(lake.store, name, rows)
        try:
            commit(lake.store, name, table, Change(adds, gone, {"canyu": "replace", "rows": rows.num_rows}), retries=0)
        except CommitFailedError as error:
            drop_files(lake.store, name, [add.path for add in adds])
            raise tell_overtaken(name) from error
        return int(rows.num_rows)


def _read_files(store: Store, name: str, paths: list[str]) -> pa.Table:
    schema = TABLES[name].schema
    files = store.open_files(name)
    parts = [schema.empty_table()]
    for path in paths:
        with tell_failure(Doing.READ, f"{store.locate(name)}/{path}"), files.open_input_file(path) as file:
            rows = pq.ParquetFile(file).read()
        day = pa.scalar(date.fromisoformat(str(read_folder(path))), pa.date32())
        parts.append(fit_part(rows.append_column("day", pa.repeat(day, rows.num_rows)), schema))
    return pa.concat_tables(parts)


def _was_erased(lake: Lake, read_at: int) -> bool:
    commits = lake.history("events", limit=max((lake.version("events") or 0) - read_at, 0))
    return any(one.operation == ERASURE for one in commits)


def _leave_erased(lake: Lake, rows: pa.Table) -> pa.Table:
    """Leave out rows built from events that are not there any more: they were read before an erasure."""
    columns = [name for name in BUILT_FROM if name in rows.column_names]
    if not rows.num_rows or not columns:
        return rows
    ids = pa.concat_arrays([chunk for name in columns for chunk in pc.list_flatten(rows[name]).chunks]).unique()
    there = lake.engine.run(lake.scan("events").select("id"))["id"]
    lost = ids.filter(pc.invert(pc.is_in(ids, value_set=there)))
    if not len(lost):
        return rows
    marks = pa.array([False] * rows.num_rows)
    for name in columns:
        lists = rows[name].combine_chunks()
        hit = pc.list_parent_indices(lists).filter(pc.is_in(pc.list_flatten(lists), value_set=lost)).unique()
        marks = pc.or_(marks, pc.is_in(pa.array(range(rows.num_rows), pa.int64()), value_set=hit.cast(pa.int64())))
    return rows.filter(pc.invert(marks))
