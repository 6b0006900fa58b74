"""Which engine answers: the option, and the lake opened on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.events import Lake

engine_option = click.option(
    "--engine",
    default="duckdb",
    show_default=True,
    help=say("duckdb、local、local[2] 或 spark://host:7077。", "duckdb, local, local[2] or spark://host:7077."),
)


def open_on(address: str, engine: str) -> Lake:
    """Open a lake on an engine; a Spark session, which takes its time, is started only where it is asked for."""
    from canyu.engine import open_engine
    from canyu.events import open_lake

    lake = open_lake(address)
    return lake if engine == lake.engine.name else open_lake(address, engine=open_engine(engine))
