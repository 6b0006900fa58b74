"""Looks for a person's identifiers everywhere: every column of every table, every file of the state folder."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from canyu.events.importers.actors import hash_actor
from canyu.ops.fans.apps import FansConfig

OWN = f"{FansConfig.label}_"
ROWS = 2_000
SHORTEST = 12
CHUNK = 1 << 20
WORD = re.compile(rb'"([^"\\]{1,200})"')
MASK = b"x"


@dataclass(frozen=True, slots=True)
class Found:
    """Where something is left: table and column, or file; and how much was looked at."""

    places: tuple[str, ...]
    tables: int
    rows: int
    files: int


def search_tables(names: Collection[str], *, with_own: bool) -> Found:
    """Read every cell of every table of the database; ``with_own``: also those of fans, which go last."""
    needles = choose_needles(names)
    places: set[str] = set()
    tables = rows = 0
    with connection.cursor() as cursor:
        every = connection.introspection.table_names(cursor)
    for table in every:
        if table.startswith(OWN) and not with_own:
            continue
        tables += 1
        with connection.chunked_cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - names of our own tables
            columns = [column[0] for column in cursor.description]
            while batch := cursor.fetchmany(ROWS):
                rows += len(batch)
                for row in batch:
                    places |= {f"{table}.{columns[at]}" for at, cell in enumerate(row) if _holds(cell, needles)}
    return Found(tuple(sorted(places)), tables, rows, 0)


def choose_needles(names: Collection[str]) -> tuple[str, ...]:
    """Return the names that are long enough to mean one person wherever they stand; a shorter one is anybody's word."""
    return tuple(name for name in names if len(name) >= SHORTEST)


def search_files(folder: Path, names: Collection[str]) -> Found:
    """Read every byte of every file below a folder, the lake's and the database's included."""
    needles = [name.encode() for name in choose_needles(names)]
    longest = max((len(needle) for needle in needles), default=1)
    places: list[str] = []
    files = 0
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        files += 1
        try:
            if any(any(needle in part for needle in needles) for part in _read_parts(path, longest)):
                places.append(str(path.relative_to(folder)))
        except FileNotFoundError:
            continue  # carried away meanwhile
    return Found(tuple(places), 0, 0, files)


def mask_aside(folder: Path, actors: Collection[str], sources: Collection[str], salt: str) -> int:
    """Overwrite the person in damaged parts of the inbox, in place: others' events in them stay. Returns how many.

    A part holds what clients sent, so each word is hashed as the lake does and compared.
    """
    wanted, changed = frozenset(actors), 0
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        data = path.read_bytes()
        spans = [match.span(1) for match in WORD.finditer(data) if _is_theirs(match[1], wanted, sources, salt)]
        with path.open("r+b") as file:  # in place: a kill in between loses nothing of others
            for start, end in spans:
                file.seek(start)
                file.write(MASK * (end - start))
        changed += len(spans)
    return changed


def _holds(cell: object, needles: tuple[str, ...]) -> bool:
    if cell is None or isinstance(cell, int | float):
        return False
    text = bytes(cell).decode("latin-1") if isinstance(cell, bytes | memoryview) else str(cell)
    return any(needle in text for needle in needles)


def _is_theirs(word: bytes, wanted: frozenset[str], sources: Collection[str], salt: str) -> bool:
    text = word.decode("utf-8", "replace")
    return text in wanted or any(hash_actor(salt, source, text) in wanted for source in sources)


def _read_parts(path: Path, longest: int) -> Iterator[bytes]:
    tail = b""
    with path.open("rb") as file:
        while part := file.read(CHUNK):
            yield tail + part
            tail = part[-longest:]
