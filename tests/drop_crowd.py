"""A crowd at a drop's door, over HTTP on kept connections: who asks, how often, and what each was told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from canyu.kit.jsonio import dump_json_bytes, parse_json


@dataclass(slots=True)
class Crowd:
    """What a crowd was told: person -> the set of (state, serial), and the time of each answer in seconds."""

    told: dict[str, set[tuple[str, int | None]]] = field(default_factory=dict)
    times_s: list[float] = field(default_factory=list)
    errors: int = 0
    unanswered: list[str] = field(default_factory=list)


def list_posts(persons: Iterable[str], seed: int) -> list[str]:
    """Return one entry per post, 1 to 5 for each person, in a random order."""
    chance = random.Random(seed)
    posts = [person for person in persons for _time in range(chance.randint(1, 5))]
    chance.shuffle(posts)
    return posts


@dataclass(frozen=True, slots=True)
class Door:
    """Where a crowd asks, and the pass that the drop's page gave to each of them."""

    port: int
    path: str
    passes: dict[str, str]


Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _post(pair: Pair, path: str, signed: str) -> tuple[int, bytes]:
    reader, writer = pair
    body = dump_json_bytes({"pass": signed, "consent": True})
    head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    told = await reader.readuntil(b"\r\n\r\n")
    length = int(told.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    return int(told[9:12]), await reader.readexactly(length)


async def _work(door: Door, posts: list[str], crowd: Crowd, tries: int) -> None:
    loop = asyncio.get_running_loop()
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None
    while posts:
        person = posts.pop()
        try:
            if reader is None or writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            begin = loop.time()
            status, body = await _post((reader, writer), door.path, door.passes[person])
        except (OSError, asyncio.IncompleteReadError):
            crowd.unanswered.append(person)
            if writer is not None:
                writer.close()
            writer, tries = None, tries - 1
            if not tries:
                return
            continue
        crowd.times_s.append(loop.time() - begin)
        if status != 200:
            crowd.errors += 1
            continue
        answer = parse_json(body)
        crowd.told.setdefault(person, set()).add((answer["state"], answer.get("serial")))
    if writer is not None:
        writer.close()


def send_crowd(door: Door, posts: list[str], connections: int, tries: int = 3) -> Crowd:
    """Send every post over so many connections, each waiting for its answer; return what was told.

    A connection that breaks so often gives up; what it had sent and got no answer to is in ``unanswered``.
    """
    crowd, waiting = Crowd(), list(posts)

    async def run() -> None:
        await asyncio.gather(*(_work(door, waiting, crowd, tries) for _one in range(connections)))

    asyncio.run(run())
    return crowd
