"""A copy of everything that is held of one person, as a zip of JSON Lines and CSV, written while it is read.

Machine-readable, so that it can be carried elsewhere (Personal Information Protection Law of China, art. 45).
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Generator, Iterator
from datetime import datetime
from typing import Any

from canyu.kit.jsonio import dump_json, dump_json_bytes
from canyu.kit.sheets import quote_formula
from canyu.ops.fans.holdings import HOLDINGS, Holding, Whose

PIECE_BYTES = 64 << 10
FORMAT = 1


class Outlet(io.RawIOBase):
    """Takes what the zip writes and hands it on; nothing is kept that was handed on."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self.waiting = 0

    def writable(self) -> bool:
        """Say that it takes bytes."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes."""
        self._pieces.append(bytes(data))
        self.waiting += len(data)
        return len(data)

    def take(self) -> bytes:
        """Return what waits."""
        found, self._pieces, self.waiting = b"".join(self._pieces), [], 0
        return found


def write_copy(whose: Whose, now: datetime) -> Iterator[bytes]:
    """Yield the zip piece by piece: two files per part, pictures, and at last ``manifest.json`` with their hashes."""
    outlet = Outlet()
    files: list[dict[str, Any]] = []
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as packed:
        for holding in HOLDINGS:
            columns: dict[str, None] = {}
            for suffix in ("jsonl", "csv"):
                described = yield from _write_part(packed, outlet, holding, (whose, suffix, columns))
                files.append(described)
            for path in holding.files(whose) if holding.files else ():
                try:
                    content = path.read_bytes()
                except FileNotFoundError:  # withdrawn meanwhile
                    continue
                files.append(_write_file(packed, holding, path.name, content))
                yield outlet.take()
        manifest = {
            "format": FORMAT,
            "fan": whose.key,
            "made_at": now.isoformat(),
            "law": "PIPL art. 45; GDPR art. 15 and 20",
            "files": files,
        }
        packed.writestr("manifest.json", dump_json_bytes(manifest))
    yield outlet.take()


def _write_part(
    packed: zipfile.ZipFile, outlet: Outlet, holding: Holding, given: tuple[Whose, str, dict[str, None]]
) -> Generator[bytes, None, dict[str, Any]]:
    """Yield one file of a part; return what the manifest says of it. JSON comes first and finds the columns."""
    whose, suffix, columns = given
    name, digest, rows = f"{holding.name}.{suffix}", hashlib.sha256(), 0
    with packed.open(name, "w") as file:
        if suffix == "csv" and columns:
            head = _write_line(list(columns))
            digest.update(head)
            file.write(head)
        for row in holding.rows(whose):
            rows += 1
            columns.update(dict.fromkeys(row))
            line = dump_json_bytes(row) + b"\n" if suffix == "jsonl" else _write_line([row.get(c) for c in columns])
            digest.update(line)
            file.write(line)
            if outlet.waiting > PIECE_BYTES:
                yield outlet.take()
    return {"name": name, "rows": rows, "sha256": digest.hexdigest(), **_describe(holding)}


def _write_file(packed: zipfile.ZipFile, holding: Holding, file: str, content: bytes) -> dict[str, Any]:
    """Put one file of a part into the zip as it is; return what the manifest says of it."""
    name = f"{holding.name}/{file}"
    packed.writestr(name, content, zipfile.ZIP_STORED)
    return {"name": name, "sha256": hashlib.sha256(content).hexdigest(), **_describe(holding)}


def _describe(holding: Holding) -> dict[str, Any]:
    kept = {"purpose": holding.purpose, "retention": holding.retention}
    return {name: [words.zh, words.en] for name, words in kept.items()}


def _write_line(values: list[Any]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([_write_cell(value) for value in values])
    return line.getvalue().encode()


def _write_cell(value: Any) -> str:
    if value is None:
        return ""
    return quote_formula(value) if isinstance(value, str) else dump_json(value).strip('"')
