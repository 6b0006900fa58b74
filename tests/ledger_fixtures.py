"""The ledger in Django's database, empty: its tables are no models, so Django does not empty them between tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from canyu.ledger import create_schema, drop_schema


def empty() -> None:
    with transaction.atomic():
        drop_schema(connection.connection)
        create_schema(connection.connection)


@pytest.fixture
def empty_ledger(transactional_db: Any) -> Iterator[None]:
    """An empty ledger that several threads and connections may use; emptied again afterwards."""
    empty()
    yield
    empty()
