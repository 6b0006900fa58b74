"""What every report is made of, whatever it tells: boxes of figures, sections with chart or table, and proofs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from canyu.measure.figure import Picture, Proof


@dataclass(frozen=True, slots=True)
class Box:
    """One figure of the strip: its value in words, every digit for the hover, and the lines below it."""

    name: str
    label: str
    value: str
    lines: tuple[str, ...]
    proof: Proof
    full: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as people read it. ``numbers`` are the columns set flush right, ``texts`` those that may be long."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()
    texts: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report: what is seen, a picture, its table (shown, or behind the picture), how it came to be."""

    name: str
    title: str
    subtitle: str = ""
    picture: Picture | None = None
    sheet: Sheet | None = None
    is_sheet_shown: bool = False
    lines: tuple[str, ...] = ()
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Proved:
    """How a figure that stands in a table came to be."""

    label: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report in one language, ready to be set as a page or a PDF."""

    title: str
    period: str
    language: str
    zone: str
    made: datetime
    notes: tuple[str, ...]
    boxes: tuple[Box, ...]
    sections: tuple[Section, ...]
    proofs: tuple[Proved, ...] = ()

    @property
    def is_zh(self) -> bool:
        """Whether it is written in Chinese."""
        return self.language.startswith("zh")

    @property
    def made_at(self) -> str:
        """When it was made, on the clock of its zone."""
        return f"{self.made.astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M} {self.zone}"

    def say(self, zh: str, en: str) -> str:
        """Return one of two wordings."""
        return zh if self.is_zh else en


class Report(Protocol):
    """Anything that can be handed on as a file."""

    def compose(self) -> Document:
        """Return what the file shows."""
        ...
