"""Where the operational state lives: SQLite (WAL) beside the lake, or PostgreSQL by address."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from canyu.kit.errors import BadInput
from canyu.kit.words import Words

# Wait for another writer instead of failing: SQLite has one writer at a time.
SQLITE_WAIT_S = 20


def build_sqlite_database(folder: Path) -> dict[str, Any]:
    """Return Django's settings for ``console.sqlite3`` in ``folder``: WAL, writers queue instead of failing.

    A commit is on the disk before it is answered (FULL): the ledger is in this database.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(folder / "console.sqlite3"),
        "OPTIONS": {
            "timeout": SQLITE_WAIT_S,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
        "CONN_MAX_AGE": 600,
    }


def parse_database_url(url: str) -> dict[str, Any]:
    """Return Django's settings for a PostgreSQL address; raises BadInput for anything else.

    >>> found = parse_database_url("postgresql://canyu:s%40fe@db.local:5433/canyu?sslmode=require")
    >>> found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"], found["OPTIONS"]
    ('canyu', 's@fe', 'db.local', 5433, 'canyu', {'sslmode': 'require'})
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise BadInput(
            Words("CANYU_DATABASE_URL 不是 PostgreSQL 地址。", "CANYU_DATABASE_URL is not a PostgreSQL address."),
            mend=Words(
                "请写成 postgresql://user:password@host:5432/name，或留空以使用 SQLite。",
                "Write postgresql://user:password@host:5432/name, or leave it empty for SQLite.",
            ),
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
