"""The lake: everything that happened, kept once, appended only, every version readable again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import TableNotFoundError

from canyu.engine import DuckEngine, Engine
from canyu.events.schema import EVENT_SCHEMA
from canyu.events.tables import TABLES
from canyu.kit.errors import BadInput, NotFound


@dataclass(frozen=True, slots=True)
class AppendResult:
    """What one append did: the version it made, rows added, rows that were there already."""

    version: int
    added: int
    repeated: int


class Lake:
    """A folder (or object store address) of Delta tables; ``events`` is the truth, the others are computed."""

    def __init__(self, path: str | Path, *, engine: Engine | None = None) -> None:
        self.path = str(path)
        self.engine: Engine = engine or DuckEngine()

    def append(self, events: pa.Table) -> AppendResult:
        """Add the events not there yet; returns after the commit. Raises BadInput where a column is missing."""
        missing = [field.name for field in EVENT_SCHEMA if field.name not in events.column_names]
        if missing:
            raise BadInput(f"events lack the columns {missing}.", mend="Build them with build_event_table().")
        events = events.select(EVENT_SCHEMA.names).cast(EVENT_SCHEMA)
        fresh = self._drop_known(events)
        if fresh.num_rows:
            day = pc.cast(fresh["time"], pa.date32())
            write_deltalake(
                self._address("events"), fresh.append_column("day", day), partition_by=["day"], mode="append"
            )
        version = self.version("events")
        return AppendResult(version if version is not None else -1, fresh.num_rows, events.num_rows - fresh.num_rows)

    def refuse(self, rows: pa.Table) -> int:
        """Put refused rows (``QUARANTINE_SCHEMA``) in quarantine, each id once; returns how many were new."""
        known = self.engine.run(self.scan("quarantine").select("id"))["id"]
        fresh = rows.filter(pc.invert(pc.is_in(rows["id"], value_set=known)))
        first = pa.table({"id": fresh["id"], "row": range(fresh.num_rows)}).group_by("id").aggregate([("row", "min")])
        fresh = fresh.take(pc.sort_indices(first["row_min"]))
        if fresh.num_rows:
            self.write_derived("quarantine", fresh)
        return int(fresh.num_rows)

    def write_derived(self, name: str, rows: pa.Table, *, mode: str = "append") -> int:
        """Append to, or overwrite, one derived table; returns its new version."""
        spec = TABLES[name]
        write_deltalake(
            self._address(name),
            rows.select(spec.schema.names).cast(spec.schema),
            partition_by=["day"] if spec.by_day else None,
            mode="overwrite" if mode == "overwrite" else "append",
        )
        version = self.version(name)
        return version if version is not None else -1

    def scan(self, name: str = "events", *, version: int | None = None) -> ibis.Table:
        """Return one table of the lake, now or at ``version``, as an Ibis table on the lake's engine."""
        spec = TABLES[name]
        table = self._open(name)
        if table is None:
            return self.engine.read_files([], self._address(name), spec.schema)
        if version is not None:
            table.load_as_version(version)
        return self.engine.read_files(table.file_uris(), self._address(name), spec.schema)

    def version(self, name: str = "events") -> int | None:
        """Return the present version of one table, or None where nothing was written yet."""
        table = self._open(name)
        return None if table is None else table.version()

    def versions(self) -> dict[str, int]:
        """Return the present version of every table there is: what a figure names as its data version."""
        found = {name: self.version(name) for name in TABLES}
        return {name: version for name, version in found.items() if version is not None}

    def _drop_known(self, events: pa.Table) -> pa.Table:
        known: Any = self.engine.run(self.scan().select("id"))["id"]
        fresh = events.filter(pc.invert(pc.is_in(events["id"], value_set=known)))
        row = pa.array(range(fresh.num_rows), pa.int64())
        first = fresh.append_column("__row", row).group_by("id").aggregate([("__row", "min")])
        return fresh.take(pc.sort_indices(first["__row_min"]))

    def _open(self, name: str) -> DeltaTable | None:
        try:
            return DeltaTable(self._address(name))
        except TableNotFoundError:
            return None

    def _address(self, name: str) -> str:
        return f"{self.path}/{name}"


def open_lake(path: str | Path, *, create: bool = False, engine: Engine | None = None) -> Lake:
    """Open the lake at ``path``; with ``create`` an absent one is made. Raises NotFound where there is none."""
    if not create and "://" not in str(path) and not Path(path, "events").exists():
        raise NotFound(f"There is no lake at {path}.", mend="Import a file first, or pass create=True.")
    return Lake(path, engine=engine)
