"""Canyu's own export, in any format: taken back as it is, ids and all."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from canyu.events.importers.block import RAW_CHARACTERS, Block, Refusal
from canyu.events.importers.expressions import Columns
from canyu.events.importers.times import MENDS, read_times
from canyu.events.importers.translate import Translated
from canyu.events.schema import EVENT_SCHEMA


class ExportTranslator:
    """Turns blocks with the columns of ``EVENT_SCHEMA`` back into events."""

    def __init__(self, *, zone: str = "") -> None:
        self._zone = zone

    def translate(self, block: Block) -> Translated:
        """Return the block's events with their own ids, and refusals for times that cannot be read."""
        columns = Columns(block.columns.schema, is_json=block.is_json)
        present = [field for field in EVENT_SCHEMA if field.name in columns]
        picked = ", ".join(_write_field(field, columns) for field in present)
        with duckdb.connect(config={"threads": 1, "enable_external_access": False}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.register("block", block.columns)
            events = connection.execute(f"SELECT {picked} FROM block").to_arrow_table()  # noqa: S608 - names are quoted, the connection is closed off
        reasons = [""] * len(block.rows)
        for name in ("time", "received"):
            if name in columns:
                place = events.column_names.index(name)
                instants, faults = read_times(events[name], zone=self._zone)
                events = events.set_column(place, name, instants)
                reasons = faults if name == "time" else reasons
        kept = np.array([reason == "" for reason in reasons], bool)
        refusals = [
            Refusal(
                int(block.rows[at]),
                "time",
                reasons[at],
                MENDS[reasons[at]],
                block.read_raw(int(at))[:RAW_CHARACTERS],
            )
            for at in np.flatnonzero(~kept)
        ]
        places = np.flatnonzero(kept)
        return Translated(events.filter(pa.array(kept)), block.rows[places], refusals, block, places)


def _write_field(field: pa.Field, columns: Columns) -> str:
    is_time = pa.types.is_timestamp(field.type)
    if is_time and pa.types.is_timestamp(columns.schema.field(field.name).type):
        return columns.quote(field.name)
    text = columns.read_text(field.name)
    return f'try_cast({text} AS BIGINT) AS "{field.name}"' if field.name == "value" else f'{text} AS "{field.name}"'
