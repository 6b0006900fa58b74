"""Who may send: the sources behind write keys, as the collector knows them."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

FRESH_S = 2.0
ASK_AGAIN_S = 0.2
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Source:
    """One sender: its name in the lake, what its events are where they do not say, and what it may do.

    ``names`` maps its own event names to verbs or names of the vocabulary.
    """

    name: str
    market: str = ""
    channel: str = ""
    origins: frozenset[str] = frozenset()
    per_minute: int = 0
    is_on: bool = True
    names: Mapping[str, str] = field(default_factory=dict)

    def allows(self, origin: str) -> bool:
        """Say whether pages of this origin may send with its key; ``*`` stands for every origin."""
        return "*" in self.origins or origin in self.origins


def hash_key(key: str) -> str:
    """Return under what a write key is kept: SHA-256, enough for 190 random bits."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


class Keyring:
    """The sources by the hash of their key, kept in memory and read again when older than two seconds.

    ``load`` runs in a thread and returns hash -> source.
    """

    def __init__(self, load: Callable[[], Mapping[str, Source]]) -> None:
        self._load = load
        self._sources: Mapping[str, Source] = {}
        self._loaded_s = float("-inf")
        self._turn = asyncio.Lock()

    async def find(self, key: str) -> Source | None:
        """Return the source of a key, None where nobody has it or it is switched off; a new key is known at once."""
        if not key or len(key) > LONGEST_KEY:
            return None
        await self.refresh(FRESH_S)
        name = hash_key(key)
        if name not in self._sources:
            await self.refresh(ASK_AGAIN_S)
        found = self._sources.get(name)
        return found if found is not None and found.is_on else None

    async def is_origin_known(self, origin: str) -> bool:
        """Say whether any source that is on lets pages of this origin send: what a preflight asks, without a key."""
        await self.refresh(FRESH_S)
        return any(source.is_on and source.allows(origin) for source in self._sources.values())

    async def refresh(self, older_than_s: float) -> None:
        """Read the sources again where they are older; of many who ask at once, one reads."""
        if time.monotonic() - self._loaded_s <= older_than_s:
            return
        async with self._turn:
            if time.monotonic() - self._loaded_s <= older_than_s:
                return
            self._sources = await asyncio.to_thread(self._load)
            self._loaded_s = time.monotonic()
