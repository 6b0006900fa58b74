"""The key that signs sessions: made once, kept beside the lake, readable by its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from canyu.kit.errors import StorageFailure
from canyu.kit.words import Words

KEY_FILE = "console.key"
KEY_BYTES = 48


def get_secret_key(folder: Path) -> str:
    """Return the key in ``folder``; the first caller makes it (mode 0600), and two at once get the same one.

    Where the folder is not there yet (a type checker, a command that serves nothing), nothing is made: the key then
    lasts as long as the process.
    """
    path = folder / KEY_FILE
    if not folder.is_dir():
        return secrets.token_urlsafe(KEY_BYTES)
    try:
        if not path.exists():
            _publish_key(path)
        return path.read_text("ascii").strip()
    except OSError as error:
        raise StorageFailure(
            Words(
                f"无法读取或生成控制台的密钥 {path}：{error.strerror}。",
                f"The console's key at {path} cannot be read or made: {error.strerror}.",
            ),
            mend=Words(
                "请让该文件夹可写，或设置 CANYU_SECRET_KEY 或 CANYU_STATE_FOLDER。",
                "Make the folder writable, or set CANYU_SECRET_KEY or CANYU_STATE_FOLDER.",
            ),
        ) from error


def _publish_key(path: Path) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as stream:
            stream.write(secrets.token_urlsafe(KEY_BYTES))
        # link() fails where the name exists: a reader sees a whole key or none, and the first one stays
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
