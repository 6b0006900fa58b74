"""What a storyline is: a message a brand would like to be carried, and the messages that stand against it.

Every find is one id. ``first-for-gaming`` is carried; ``first-for-gaming/overheats`` is a counter-message of it;
``first-for-gaming/denied`` turns the message down in its own words; ``first-for-gaming/asked`` only asks about it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from canyu.kit.errors import NotFound
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words

DENIED, ASKED = "denied", "asked"
RESERVED = {
    DENIED: Words("否认", "denied"),
    ASKED: Words("询问", "asked about"),
}
"""Parts of an id after the slash that no file may use, and how people read them."""


class Stance(StrEnum):
    """What a post does with a storyline."""

    CARRIES = "carries"
    COUNTERS = "counters"
    MENTIONS = "mentions"


@dataclass(frozen=True, slots=True)
class Counter:
    """One message against a storyline; ``id`` is the whole one, ``storyline/counter``."""

    id: str
    name: Words
    phrases: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Storyline:
    """One message of a brand: how people put it, and what is said against it."""

    id: str
    name: Words
    brands: tuple[str, ...]
    phrases: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    counters: tuple[Counter, ...] = ()


@dataclass(frozen=True)
class Storylines:
    """All storylines of a file, in its order."""

    version: str
    name: Words
    entries: tuple[Storyline, ...]

    @cached_property
    def fingerprint(self) -> str:
        """Eight hex digits over everything that decides a match."""
        messages: list[Storyline | Counter] = []
        for entry in self.entries:
            messages += [entry, *entry.counters]
        deciding = [(message.id, message.phrases, message.examples) for message in messages]
        return hashlib.blake2b(dump_json(deciding).encode(), digest_size=4).hexdigest()

    @cached_property
    def names(self) -> dict[str, Words]:
        """The name of every id that a match may give."""
        found = {}
        for entry in self.entries:
            found[entry.id] = entry.name
            for counter in entry.counters:
                found[counter.id] = counter.name
            for part, word in RESERVED.items():
                found[f"{entry.id}/{part}"] = Words(f"{entry.name.zh}（{word.zh}）", f"{entry.name.en} ({word.en})")
        return found

    def get(self, storyline_id: str) -> Storyline:
        """Return the storyline; raises NotFound where there is none of that id."""
        for entry in self.entries:
            if entry.id == storyline_id:
                return entry
        listed = [entry.id for entry in self.entries]
        raise NotFound(
            Words(f"没有传播主张 {storyline_id}。", f"There is no storyline {storyline_id}."),
            mend=Words(f"可用的：{'、'.join(listed)}。", f"There are: {', '.join(listed)}."),
        )


def get_storyline(found_id: str) -> str:
    """Return the storyline of an id.

    >>> get_storyline("first-for-gaming/overheats")
    'first-for-gaming'
    """
    return found_id.partition("/")[0]


def get_stance(found_id: str) -> Stance:
    """Return what an id says of its storyline.

    >>> [str(get_stance(f"first-for-gaming{part}")) for part in ("", "/overheats", "/denied", "/asked")]
    ['carries', 'counters', 'counters', 'mentions']
    """
    part = found_id.partition("/")[2]
    if not part:
        return Stance.CARRIES
    return Stance.MENTIONS if part == ASKED else Stance.COUNTERS
