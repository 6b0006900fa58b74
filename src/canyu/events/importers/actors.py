"""Who did it, as a salted hash: the same person is the same actor in one lake, and a name in no lake."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pyarrow as pa

from canyu.events.identity import make_event_id, make_event_ids
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

SALT_VARIABLE = "CANYU_ACTOR_SALT"
SALT_FILE = "actor.salt"


def hash_actor(salt: str, source: str, actor: str) -> str:
    """Return what the lake stores for a person of a source: BLAKE2b of salt, source and id, 32 hex digits.

    >>> hash_actor("s", "weibo", "1001") == hash_actor("s", "weibo", "1001") != hash_actor("t", "weibo", "1001")
    True
    """
    return make_event_id(salt, source, actor)


def hash_actors(salt: str, source: str, actors: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return ``hash_actor`` of every row; null stays null."""
    return make_event_ids(f"{salt}\x1f{source}", actors)


def get_salt(lake_path: str) -> str:
    """Return the salt of a lake, made once and kept beside its tables, readable by its owner only.

    The environment variable ``CANYU_ACTOR_SALT`` goes first; a lake on an object store needs it.
    """
    stated = os.environ.get(SALT_VARIABLE, "")
    if stated:
        return stated
    if "://" in lake_path:
        raise BadInput(
            Words(
                "对象存储上的湖不保存散列用户编号所用的盐值。",
                "A lake on an object store keeps no salt for hashing people.",
            ),
            mend=Words(
                f"把 {SALT_VARIABLE} 设为一段长的随机文字并妥善保存，或在映射里写 actor_as: keep。",
                f"Set {SALT_VARIABLE} to a long random text and keep it, or use actor_as: keep in the mapping.",
            ),
        )
    path = Path(lake_path, SALT_FILE)
    if not path.exists():
        _write_salt(path)
    return path.read_text("ascii").strip()


def _write_salt(path: Path) -> None:
    """Write a fresh salt whole or not at all; of two writers the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
