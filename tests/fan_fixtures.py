"""Identifiers of people, short ways to say that two are one person, and a lake of one's own that may be erased from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from canyu.events import Event, build_event_table, open_lake
from canyu.ops.fans.identity.actions import Linked, Saying, keep_identifier, link_identifiers
from canyu.ops.fans.identity.grouping import Rule
from canyu.ops.fans.models import Fan, Identifier
from canyu.ops.fans.rules import IdKind, Named

NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)


def actor(name: str) -> Named:
    return Named(IdKind.ACTOR, name)


def say(*pairs: tuple[str, str], rule: Rule = Rule.IDENTIFY, at: datetime = NOW) -> Linked:
    """Say of each first one that it is the second one."""
    sayings = [
        Saying(actor(before), actor(after), rule, f"event-{before}-{after}", "test", at) for before, after in pairs
    ]
    return link_identifiers(sayings, at)


def list_groups() -> list[set[str]]:
    """Return who is one person, by the values of their identifiers."""
    groups: dict[int, set[str]] = {}
    for row in Identifier.objects.all():
        groups.setdefault(row.fan_id, set()).add(row.value)
    return sorted(groups.values(), key=sorted)


def get_fan(name: str) -> Fan:
    return keep_identifier(actor(name), NOW).fan


def event(event_id: str, who: str, kind: str = "visit", **more: object) -> Event:
    fields = {"object": "page", "source": "shop", "time": NOW, "received": NOW, **more}
    return Event(id=event_id, type=kind, actor=who, **fields)


def fill(path: Path, events: Iterable[Event]) -> None:
    open_lake(path, create=True).append(build_event_table(list(events)))


@pytest.fixture
def fan_lake(tmp_path: Path, use_lake: Callable[[Path], None], accounts: object) -> Path:
    """An empty lake of one's own."""
    path = tmp_path / "fans.lake"
    open_lake(path, create=True)
    use_lake(path)
    return path
