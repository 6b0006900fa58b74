"""Django's own connection as the door of a ``GroupWriter``: works may use models and the outbox beside the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from django.db import connection, transaction

from canyu.ledger import Ledger
from canyu.ledger.dialects import find_dialect
from canyu.ledger.file_lock import FileLock


class DjangoDoor:
    """Groups over the connection that Django has in the writer's thread; give the class itself to ``GroupWriter``."""

    def __init__(self) -> None:
        self._lock = None
        if connection.vendor == "sqlite":
            self._lock = FileLock(Path(f"{connection.settings_dict['NAME']}.writer"))

    @contextmanager
    def group(self) -> Iterator[Ledger]:
        """Open a transaction, one group at a time over all processes, with a deferred ledger in it."""
        with self._lock or nullcontext(), transaction.atomic(durable=True):
            raw = connection.connection
            find_dialect(raw).lock_group(raw)
            ledger = Ledger(raw, is_deferred=True)
            yield ledger
            ledger.flush()

    def savepoint(self) -> AbstractContextManager[None]:
        """Take back what the block did where it raises."""
        return transaction.atomic()

    def close(self) -> None:
        """Close Django's connection of this thread; the next use opens another."""
        connection.close()
        if self._lock:
            self._lock.close()
