"""What collecting remembers between runs: small JSON files, each written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import FileLock

from canyu.events.failures import Doing, tell_failure
from canyu.events.store import Store
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json, parse_json
from canyu.kit.words import Words

STATE_FOLDER = "collect"

Notes = dict[str, Any]


class Notebook:
    """One JSON object in one file; changes are made under a lock and survive a kill at any moment."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / f"{name}.json"
        self._lock = FileLock(f"{self.path}.lock")

    def read(self) -> Notes:
        """Return everything that is noted. Raises BadInput where the file was damaged by hand."""
        try:
            text = self.path.read_bytes()
        except FileNotFoundError:
            return {}
        try:
            found = parse_json(text)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise BadInput(
                Words(f"{self.path} 已损坏。", f"{self.path} is damaged."),
                mend=Words(
                    "删去它再运行：已收下的行不会重复。", "Delete it and run again: rows that were kept do not double."
                ),
            )
        return found

    def change(self, change: Callable[[Notes], None]) -> Notes:
        """Apply ``change`` to what is noted, alone, and return it; on the disk before this returns."""
        with tell_failure(Doing.WRITE, self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock:
                notes = self.read()
                change(notes)
                self._replace(dump_json(notes))
                return notes

    def _replace(self, text: str) -> None:
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            with draft.open("x", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        finally:
            draft.unlink(missing_ok=True)


def find_state_folder(lake_path: str, stated: Path | None = None) -> Path:
    """Return where collecting keeps its notes: what is stated, else a folder inside the lake's own."""
    if stated is not None:
        return stated
    if "://" in lake_path and not lake_path.startswith("file://"):
        raise BadInput(
            Words("对象存储上的湖放不下收集记录。", "A lake on an object store cannot hold the notes of collecting."),
            mend=Words("用 --state 写明一个本地文件夹。", "State a local folder: --state FOLDER."),
        )
    return Path(Store(lake_path).address, STATE_FOLDER)
