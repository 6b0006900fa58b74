"""Where the ledger is: in the console's own database; known without loading Django, for commands."""

from __future__ import annotations

from canyu.ops.config import load_config


def find_ledger_address() -> str:
    """Return the address of the database that the console is set to use: a PostgreSQL address or an SQLite file."""
    config = load_config()
    return config.database_url.get_secret_value() or str(config.state_path / "console.sqlite3")
