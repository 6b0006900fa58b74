"""The paths that go past Django: each room of them by its addresses, and the inbox that they share in one process."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

from canyu.events.collector import Collector, Door, Inbox, Keyring, Limits
from canyu.kit.raw_http import App
from canyu.ops.config import ENDING, load_config
from canyu.ops.links.door import PREFIX as LINKS
from canyu.ops.links.door import LinkBook, LinkDoor
from canyu.ops.links.queries import find_link, list_changed
from canyu.ops.offers.drops.door import DropDoor, is_claim
from canyu.ops.sources.queries import load_keys
from canyu.ops.stream.door import PREFIX as STREAM
from canyu.ops.stream.door import StreamDoor
from canyu.ops.stream.queries import TOPICS, may_listen
from canyu.ops.wechat.door import PREFIX as WECHAT
from canyu.ops.wechat.door import open_door

Given = ParamSpec("Given")
Found = TypeVar("Found")
COLLECTOR = ("/v1/", "/batch", "/e/", "/e", "/capture", "/flags", "/decide", "/array/", "/sourceConfig")


@dataclass(frozen=True, slots=True)
class Room:
    """One raw application, and what the paths that it answers begin with."""

    prefixes: tuple[str, ...]
    app: App

    def answers(self, path: str) -> bool:
        """Say whether a path is this room's; a prefix without a slash at its end is a whole name."""
        return any(
            path.startswith(prefix) if prefix.endswith("/") else path == prefix or path == prefix + "/"
            for prefix in self.prefixes
        )


class ClaimRoom(Room):
    """The claim path of drops, whose address ends with what is wanted; the pages beside it are Django's."""

    def answers(self, path: str) -> bool:
        """Say whether a path is a claim."""
        return is_claim(path)


@dataclass(slots=True)
class Rooms:
    """All raw rooms of one process, and the inbox behind them."""

    inbox: Inbox
    rooms: Sequence[Room]
    streams: StreamDoor

    async def close(self) -> None:
        """End what is open: streams of pages, and the inbox."""
        await self.streams.close()
        await self.inbox.close()

    def find(self, path: str) -> App | None:
        """Return the application of a path, None where Django answers."""
        for room in self.rooms:
            if room.answers(path):
                return room.app
        return None


def open_rooms() -> Rooms:
    """Open the inbox and every raw room. A room of its own is one more line here."""
    config = load_config()
    inbox = Inbox(config.inbox_path, most_bytes=config.inbox_mb << 20, reserve_bytes=config.inbox_reserve_mb << 20)
    door = Door(config.collect_body_mb << 20, config.collect_unfolded_mb << 20)
    collector = Collector(Keyring(read_afresh(load_keys)), inbox, Limits(1 / config.web_workers), door)
    book = LinkBook(read_afresh(find_link), read_afresh(list_changed))
    links = LinkDoor(book, inbox, config.link_targets)
    topics = {name: replace(topic, read=read_afresh(topic.read)) for name, topic in TOPICS.items()}
    streams = StreamDoor(topics, read_afresh(may_listen), is_ending)
    rooms = (
        *(Room(COLLECTOR, collector), Room((LINKS,), links), ClaimRoom((), DropDoor())),
        *(Room((STREAM,), streams), Room((WECHAT,), open_door())),
    )
    return Rooms(inbox, rooms, streams)


def is_ending() -> bool:
    """Say whether the server that started this process was told to end; it leaves a file where it said it would."""
    mark = os.environ.get(ENDING, "")
    return bool(mark) and os.path.exists(mark)


def read_afresh(read: Callable[Given, Found]) -> Callable[Given, Found]:
    """Return the same read for a thread that no request of Django tidies up after: stale connections are renewed."""

    @wraps(read)
    def run(*given: Given.args, **named: Given.kwargs) -> Found:
        close_old_connections()
        return read(*given, **named)

    return run
