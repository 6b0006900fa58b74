"""Where the files of statements lie: in the state folder, each under the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from canyu.kit.errors import StorageFailure
from canyu.kit.whole_file import write_whole_file
from canyu.kit.words import Words
from canyu.ops.config import load_config

FOLDER = "statements"


def keep_file(data: bytes, sha256: str) -> None:
    """Keep a file as it came; one that lies there already is the same."""
    path = find_path(sha256)
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole_file(path, data)


def read_file(sha256: str) -> bytes:
    """Return a file whose bytes are those that its hash names. Raises StorageFailure where they are not any more."""
    try:
        data = find_path(sha256).read_bytes()
    except OSError as error:
        raise _tell_damage() from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _tell_damage()
    return data


def find_path(sha256: str) -> Path:
    """Return where a file lies; a hash is hexadecimal digits, and nothing else becomes a path."""
    digits = f"{int(sha256, 16):064x}"
    return load_config().state_path / FOLDER / digits[:2] / digits


def _tell_damage() -> StorageFailure:
    return StorageFailure(
        Words(
            "磁盘上的文件缺失，或不是当初保存的那一份。",
            "The file on the disk is gone, or is not the one that was kept.",
        ),
        mend=Words("请从备份恢复；哈希写在声明里。", "Restore it from a backup; its hash is in the statement."),
    )
