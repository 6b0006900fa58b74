"""Which scored posts a report reads: a stretch of time, a channel, a market, at one version of each table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from canyu.events import TABLES, Lake
from canyu.events.listenings import find_model_version


@dataclass(frozen=True, slots=True)
class Slice:
    """Posts from ``start`` to before ``end`` (aware); an empty channel or market means all."""

    start: datetime
    end: datetime
    channel: str = ""
    market: str = ""

    def keep(self, rows: ir.Table) -> ir.Table:
        """Return the rows inside; files of other days are not opened."""
        last = (self.end - timedelta(microseconds=1)).astimezone(UTC).date()
        wanted = [
            rows.day.between(ibis.literal(self.start.astimezone(UTC).date()), ibis.literal(last)),
            rows.time >= ibis.literal(self.start),
            rows.time < ibis.literal(self.end),
        ]
        wanted += [rows.channel == self.channel] if self.channel else []
        wanted += [rows.market == self.market] if self.market else []
        return rows.filter(*wanted)


@dataclass(frozen=True, slots=True)
class SliceReader:
    """Reads slices of one lake, at the versions found when it was made, of the model whose listening counts."""

    lake: Lake
    versions: Mapping[str, int] = field(default_factory=dict)
    model: str = ""

    @classmethod
    def open(cls, lake: Lake) -> SliceReader:
        """Return a reader of the lake as it stands now."""
        versions = lake.versions()
        return cls(lake, versions, find_model_version(lake, versions))

    def scan(self, name: str) -> ir.Table:
        """Return a table as it was when the reader was made; of derived ones the rows that count."""
        return self._keep_model(self.lake.scan(name, version=self.versions.get(name)))

    def run(self, build: Callable[[ir.Table], ir.Table], name: str) -> pa.Table:
        """Compute an expression over one table."""
        return self.lake.engine.run(build(self.scan(name)))

    def tell_sql(self, build: Callable[[ir.Table], ir.Table], name: str) -> str:
        """Return the SQL of an expression, with the table under its own name, for the proof."""
        place = ibis.table(ibis.Schema.from_pyarrow(TABLES[name].schema), name=name)
        return self.lake.engine.prepare(build(self._keep_model(place))).sql

    def list_versions(self, *names: str) -> dict[str, int]:
        """Return the versions of these tables, as far as there are any."""
        return {name: self.versions[name] for name in names if name in self.versions}

    def _keep_model(self, rows: ir.Table) -> ir.Table:
        return rows.filter(rows.model_version == self.model) if "model_version" in rows.columns else rows


def count_rows(reader: SliceReader, choose: Callable[[ir.Table], ir.Table], name: str = "scores") -> int:
    """Return how many rows an expression over a table has."""
    found = reader.run(lambda rows: choose(rows).aggregate(n=choose(rows).count()), name)
    return int(found["n"][0].as_py())
