"""Events while they are made: columns of numbers, one verb to a block, turned into an Arrow table at the end."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import Any

import numpy as np
import pyarrow as pa

from canyu.events import Verb
from canyu.rehearse.arrays import NONE, Codes, Flags, Ints, Serials


class ObjectIs(Enum):
    """What the object of a block's events is."""

    NOTHING = 0
    PRODUCT = 1
    PARENT = 2
    NAMED = 3
    ACCOUNT = 4


@dataclass(frozen=True, slots=True)
class Texts:
    """Words, and what their writer meant: the labels that listening is judged by."""

    strings: pa.Array
    language: Codes
    tone: Codes
    aspect: Codes
    style: Codes
    links: Ints
    """Rows by ``LINK_SLOTS``: product codes that the words name, NONE where fewer; may repeat."""

    def take(self, rows: Ints) -> Texts:
        """Return the texts of some rows, in that order."""
        codes = (self.language[rows], self.tone[rows], self.aspect[rows], self.style[rows])
        return Texts(self.strings.take(pa.array(rows)), *codes, self.links[rows])

    def __len__(self) -> int:
        return len(self.language)


@dataclass(frozen=True, slots=True)
class Props:
    """One JSON object per event, as a place in a short list of them; None leaves the plain mark alone."""

    choices: list[dict[str, Any]]
    places: Ints


@dataclass(slots=True)
class Block:
    """Events of one verb, in the order of their serials, one entry of each array per event.

    ``NONE``, or a serial of 0, means that there is none.
    """

    verb: Verb
    serial: Serials
    time: Ints
    market: Codes
    channel: Codes
    actor: Ints
    parent: Serials
    product: Codes
    tone: Codes
    """What later steps know of it: the product it is about and the feeling; not written into the event."""
    object_is: ObjectIs = ObjectIs.NOTHING
    object_name: str = ""
    accounts: Ints | None = None
    """Whom the facts are about, where the object is an account."""
    campaign: str | None = None
    origin: str = "organic"
    cause: str = ""
    """For orders: baseline, word_of_mouth or campaign; ``cause_campaign`` is whose, stated in the truth alone."""
    cause_campaign: str | None = None
    value: Ints | None = None
    has_money: bool = False
    texts: Texts | None = None
    texts_at: Ints | None = None
    """The row's place in ``texts``, NONE for a row without words; None where every row has its own."""
    props: Props | None = None

    def __len__(self) -> int:
        return len(self.serial)

    def select(self, kept: Flags) -> Block:
        """Return the events that are kept."""
        if kept.all():
            return self
        return self.take(np.flatnonzero(kept))

    def take(self, rows: Ints) -> Block:
        """Return some events, in the order given; texts stay shared."""
        changed: dict[str, Any] = {
            name: getattr(self, name)[rows]
            for name in ("serial", "time", "market", "channel", "actor", "parent", "product", "tone")
        }
        if self.value is not None:
            changed["value"] = self.value[rows]
        if self.texts is not None:
            changed["texts_at"] = rows if self.texts_at is None else self.texts_at[rows]
        if self.accounts is not None:
            changed["accounts"] = self.accounts[rows]
        if self.props is not None:
            changed["props"] = Props(self.props.choices, self.props.places[rows])
        return replace(self, **changed)


@dataclass(frozen=True, slots=True)
class Seed:
    """What a block starts from: where, who about whom and when; the stage adds serials and checks."""

    time: Ints
    market: Codes
    channel: Codes
    actor: Ints
    product: Codes
    tone: Codes
    parent: Serials = field(default_factory=lambda: np.empty(0, np.uint64))

    def take(self, rows: Ints | Flags) -> Seed:
        """Return some rows."""
        picked = {item.name: getattr(self, item.name) for item in fields(self)}
        return Seed(**{name: array[rows] if len(array) else array for name, array in picked.items()})


def join_contents(blocks: list[Block]) -> Block:
    """Return the rows of several blocks as one, for what follows from them; their words and values are left out."""
    names = ("serial", "time", "market", "channel", "actor", "parent", "product", "tone")
    joined: dict[str, Any] = {name: np.concatenate([getattr(block, name) for block in blocks]) for name in names}
    return replace(blocks[0], value=None, texts=None, texts_at=None, props=None, **joined)


def fill(count: int, code: int) -> Codes:
    """Return one code, ``count`` times."""
    return np.full(count, code, np.int16)


def nobody(count: int) -> Ints:
    """Return "no actor", ``count`` times."""
    return np.full(count, NONE, np.int64)
