"""The lake that the console shows: one handle per process for all threads, and its few facts, kept per version."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from canyu.engine import DuckEngine
from canyu.events import Lake, open_lake
from canyu.events.simulated import mark_simulated
from canyu.kit.errors import NotFound
from canyu.measure.facts import identify_lake
from canyu.ops.config import load_config
from canyu.ops.outbox.rules import CONSOLE

_lock = threading.Lock()
_lakes: dict[tuple[str, int], Lake] = {}


@dataclass(frozen=True, slots=True)
class LakeFacts:
    """What every page needs: the days there are (brand's zone), how much, where, and whether it is simulated."""

    first_day: date
    last_day: date
    rows: int
    simulated: bool
    channels: tuple[str, ...]
    markets: tuple[str, ...]
    version: int


def find_lake() -> Lake | None:
    """Return this process's handle on the configured lake, or None where nothing was imported yet."""
    config = load_config()
    key = (config.lake, config.engine_memory_mb)
    with _lock:
        if key not in _lakes:
            try:
                lake = open_lake(config.lake, engine=DuckEngine(memory_limit=f"{config.engine_memory_mb}MB"))
            except NotFound:
                return None
            _lakes.clear()
            _lakes[key] = lake
        return _lakes[key]


def get_lake() -> Lake:
    """Return the process's handle on the lake; raises NotFound with the way to fill it."""
    lake = find_lake()
    if lake is None or lake.version() is None:
        command = f"canyu import FILES --lake {load_config().lake}"
        raise NotFound(_("There is no data yet."), mend=_("Run: %s") % command)
    return lake


def name_lake(lake: Lake) -> str:
    """Return a short name that another lake at the same place does not have, for readers who note where they are."""
    return hashlib.blake2b(repr(identify_lake(lake)).encode(), digest_size=16).hexdigest()


def find_facts() -> LakeFacts | None:
    """Return the facts of the lake as it is now, or None while it is empty."""
    lake = find_lake()
    version = lake.version() if lake else None
    return None if version is None else _read_facts(load_config().lake, load_config().zone, version)


def find_missing_posts(ids: Sequence[str]) -> set[str]:
    """Return which of these posts the lake does not hold any more. Empty where there is no lake to ask."""
    lake = find_lake()
    if lake is None or not ids or lake.version() is None:
        return set()
    events = lake.scan("events")
    found = lake.engine.run(events.filter(events.id.isin(list(ids))).select("id"))["id"].to_pylist()
    return set(ids) - set(found)


@lru_cache(maxsize=16)
def _read_facts(path: str, zone: str, version: int) -> LakeFacts | None:  # noqa: ARG001 - the path is part of the key
    lake = get_lake()
    events = lake.scan(version=version)
    events = events.filter(events.source != CONSOLE)  # what we do here ourselves is no day of the brand's data
    # One pass by place: measured, collecting distinct names beside it took three times as long.
    places = lake.engine.run(
        events.group_by("channel", "market").aggregate(
            first=events.time.min(),
            last=events.time.max(),
            rows=events.count(),
            simulated=mark_simulated(events).any(),
        )
    ).to_pylist()
    if not places:
        return None
    local = ZoneInfo(zone)
    return LakeFacts(
        first_day=min(place["first"] for place in places).astimezone(local).date(),
        last_day=max(place["last"] for place in places).astimezone(local).date(),
        rows=sum(place["rows"] for place in places),
        simulated=any(place["simulated"] for place in places),
        channels=tuple(sorted({place["channel"] for place in places if place["channel"]})),
        markets=tuple(sorted({place["market"] for place in places if place["market"]})),
        version=version,
    )


def describe_place() -> str:
    """Return the lake's address as it was given, for the page that says how to fill it."""
    return load_config().lake
