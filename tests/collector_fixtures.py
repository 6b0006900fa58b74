"""A collector and a carrier on folders of their own, without a server or a console."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa

import canyu
from canyu.events import Lake
from canyu.events.collector import Carrier, Collector, Door, Inbox, Keyring, Limits, Refused, Source, Tally, hash_key

KEY = "key-of-the-shop"
SHOP = Source("shop", market="cn", channel="site", origins=frozenset({"https://shop.example"}))
NOW_TEXT = "2026-11-30T12:00:00.000Z"


@dataclass
class MemoryDesk:
    """A desk that remembers what it was given, as the console's database does."""

    lake: Lake
    sources: Mapping[str, Source]
    refused: dict[str, Refused] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict)
    counted: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)

    def get_lake(self) -> Lake:
        return self.lake

    def list_sources(self) -> Mapping[str, Source]:
        return self.sources

    def take_refused(self, refused: Sequence[Refused]) -> None:
        for one in refused:
            self.refused.setdefault(one.id, one)

    def take_tallies(self, segments: Sequence[str], tallies: Mapping[str, Tally]) -> None:
        assert not self.counted & set(segments)
        self.counted |= set(segments)
        for name, tally in tallies.items():
            self.tallies.setdefault(name, Tally()).add(tally)

    def take_events(self, events: pa.Table) -> None:
        self.told += events["id"].to_pylist()


@dataclass
class House:
    """A collector's folders and the ways in and on."""

    folder: Path
    sources: dict[str, Source] = field(default_factory=lambda: {hash_key(KEY): SHOP})
    door: Door = field(default_factory=Door)
    most_bytes: int = 1 << 30
    reserve_bytes: int = 0
    desk: MemoryDesk = field(init=False)

    def __post_init__(self) -> None:
        by_name = {source.name: source for source in self.sources.values()}
        self.desk = MemoryDesk(canyu.open(self.folder / "my.lake", create=True), by_name)

    @property
    def inbox_folder(self) -> Path:
        return self.folder / "inbox"

    def make_inbox(self) -> Inbox:
        return Inbox(self.inbox_folder, most_bytes=self.most_bytes, reserve_bytes=self.reserve_bytes)

    def make_app(self, inbox: Inbox) -> Collector:
        return Collector(Keyring(lambda: self.sources), inbox, Limits(), self.door)

    def ask(self, *requests: httpx.Request) -> list[httpx.Response]:
        """Send requests one after the other to a collector of this moment, then close it."""

        async def run() -> list[httpx.Response]:
            inbox = self.make_inbox()
            transport = httpx.ASGITransport(self.make_app(inbox))
            async with httpx.AsyncClient(transport=transport) as client:
                answers = [await client.send(request) for request in requests]
            await inbox.close()
            return answers

        return asyncio.run(run())

    def carry(self) -> list[dict[str, Any]]:
        """Carry everything, and return the lake's events."""
        while Carrier(self.inbox_folder, self.desk).carry().segments:
            pass
        if self.desk.lake.version() is None:
            return []
        return list(self.desk.lake.scan().to_pyarrow().to_pylist())


def post(path: str, body: Any, **options: Any) -> httpx.Request:
    """Return a request with a JSON body (or bytes) and the shop's key in Basic authentication."""
    headers = {"authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()}
    headers |= options.pop("headers", {})
    content = body if isinstance(body, bytes) else httpx.Request("POST", "http://x", json=body).content
    headers = {name: value for name, value in headers.items() if value is not None}
    return httpx.Request("POST", f"http://collect.example{path}", content=content, headers=headers, **options)


def track(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return one order as Segment's clients send it."""
    return {
        "type": "track",
        "event": "Order Completed",
        "messageId": f"m{number}",
        "userId": "u1",
        "timestamp": NOW_TEXT,
        "properties": {"order_id": f"o{number}", "revenue": 19.99, "currency": "CNY"},
    } | changes
