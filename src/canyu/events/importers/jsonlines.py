"""JSON Lines (and a JSON array of objects, when it is small): each cell stays JSON until the mapping asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events.importers.block import LONGEST_RECORD_BYTES, RAW_CHARACTERS, Block, Notes, Refusal, name_columns
from canyu.events.importers.refusals import refuse_empty_lines
from canyu.events.importers.sources import read_pieces
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json_bytes, parse_json
from canyu.kit.words import Words

LARGEST_ARRAY_BYTES = 200 << 20
MOST_KEYS = 500


class JsonLinesReader:
    """Reads one JSON object per line; a line that is not one is refused, alone."""

    def __init__(self, path: Path, *, encoding: str) -> None:
        self.notes = Notes()
        self._path = path
        self._encoding = encoding
        self._row = 0
        self._keys: dict[str, str] = {}  # key as it stands in the file -> column name
        self._connection = duckdb.connect(config={"threads": 1, "enable_external_access": False})

    def read_blocks(self) -> Iterator[Block]:
        """Yield the rows in order; a key that first appears late becomes a column from there on."""
        rest = b""
        is_first = True
        for piece in self._read_pieces():
            if is_first and piece.lstrip()[:1] == b"[":
                yield from self._read_array()
                return
            is_first = False
            lines = (rest + piece).split(b"\n")
            rest = lines.pop()
            if len(rest) > LONGEST_RECORD_BYTES:
                rest = rest[: LONGEST_RECORD_BYTES + 1]  # its row is refused below; its bytes are not kept
            yield self._read_block(lines)
        if rest.strip():
            yield self._read_block([rest])
        if not self._row:
            raise refuse_empty_lines(self._path)

    def _read_pieces(self) -> Iterator[bytes]:
        return read_pieces(self._path, self._encoding, self.notes)

    def _read_array(self) -> Iterator[Block]:
        if self._path.stat().st_size > LARGEST_ARRAY_BYTES:
            raise BadInput(
                Words(
                    f"{self._path.name} 是一个超过 200 MB 的 JSON 数组。",
                    f"{self._path.name} is one JSON array of over 200 MB.",
                ),
                mend=Words("改写成 JSON Lines：每行一个对象。", "Write JSON Lines: one object per line."),
            )
        whole = b"".join(self._read_pieces())
        try:
            items = parse_json(whole)
        except ValueError as error:
            raise BadInput(
                Words(
                    f"{self._path.name} 不是完整的 JSON：{error}。", f"{self._path.name} is not whole JSON: {error}."
                ),
                mend=Words("每行写一个对象。", "Write one object per line."),
            ) from error
        for start in range(0, len(items), 20_000):
            yield self._read_block([dump_json_bytes(item) for item in items[start : start + 20_000]])
        if not items:
            raise refuse_empty_lines(self._path)

    def _read_block(self, lines: list[bytes]) -> Block:
        lines = [line for line in lines if line.strip()]
        rows = np.arange(self._row + 1, self._row + 1 + len(lines), dtype=np.int64)
        self._row += len(lines)
        refusals: list[Refusal] = []
        texts: list[str] = []
        kept: list[int] = []
        for at, line in enumerate(lines):
            if len(line) > LONGEST_RECORD_BYTES:
                refusals.append(
                    Refusal.of(int(rows[at]), "", "too_long", line[: RAW_CHARACTERS * 4].decode("utf-8", "replace"))
                )
                continue
            try:
                texts.append(line.decode())
                kept.append(at)
            except UnicodeDecodeError:
                refusals.append(Refusal.of(int(rows[at]), "", "not_utf8", line.decode("utf-8", "replace")))
        column = pa.array(texts, pa.string())
        sound = self._find_sound(column)
        broken = np.flatnonzero(~sound)
        refusals += [Refusal.of(int(rows[kept[place]]), "", "not_json", texts[place]) for place in broken]
        column = column.filter(pa.array(sound))
        numbers = rows[np.array(kept, np.int64)[sound]] if kept else np.empty(0, np.int64)
        return Block(
            self._extract(column), numbers, lambda at: column[at].as_py()[:RAW_CHARACTERS], refusals, is_json=True
        )

    def _find_sound(self, lines: pa.Array) -> Any:
        """Say which lines are whole JSON objects (``try_cast``: a broken one must not end the others)."""
        table = pa.table({"line": lines})
        asked = self._connection.from_arrow(table).query(
            "lines", "SELECT json_valid(line) AND coalesce(try(json_type(line)) = 'OBJECT', false) AS sound FROM lines"
        )
        found = asked.to_arrow_table()["sound"]
        return found.combine_chunks().to_numpy(zero_copy_only=False).astype(bool)

    def _extract(self, lines: pa.Array) -> pa.Table:
        """Return one column of JSON text per key seen so far, all cut out in one pass over each line."""
        relation = self._connection.from_arrow(pa.table({"line": lines}))
        seen = relation.query("lines", "SELECT DISTINCT unnest(json_keys(line)) AS key FROM lines ORDER BY key")
        fresh = [key for key in seen.to_arrow_table()["key"].to_pylist() if key not in self._keys]
        self._add_keys(fresh)
        names = list(self._keys.values())
        if not names:
            return pa.table({"column_1": pa.nulls(len(lines), pa.string())})
        pointers = ", ".join(_quote_pointer(key) for key in self._keys)
        cells = relation.query("lines", f"SELECT json_extract(line, [{pointers}]) AS cells FROM lines").to_arrow_table()  # noqa: S608 - keys are quoted, the connection is closed off
        flat = pc.list_flatten(cells["cells"].combine_chunks()).cast(pa.string())
        step = len(names)
        places = np.arange(len(lines), dtype=np.int64) * step
        return pa.table([flat.take(pa.array(places + at)) for at in range(step)], names=names)

    def _add_keys(self, fresh: list[str]) -> None:
        if len(self._keys) + len(fresh) > MOST_KEYS:
            raise BadInput(
                Words(
                    f"{self._path.name} 里不同的键超过 {MOST_KEYS} 个。",
                    f"{self._path.name} has more than {MOST_KEYS} different keys.",
                ),
                mend=Words("数据要写在值里，不要写在键里。", "Keep data in values, not in keys."),
            )
        before = list(self._keys)
        named = name_columns([*self._keys.values(), *fresh], Notes())
        self._keys = dict(zip([*before, *fresh], named, strict=True))


def _quote_pointer(key: str) -> str:
    pointer = "/" + key.replace("~", "~0").replace("/", "~1")
    return "'" + pointer.replace("'", "''") + "'"
