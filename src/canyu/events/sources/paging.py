"""Reading a source from newest to oldest in pages, each committed before the next, and going on where it stopped."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol

from canyu.events.importers.mapping import Mapping
from canyu.events.lake import Lake
from canyu.events.sources.errors import QuotaSpent, SourceFailure
from canyu.events.sources.intake import Delivery, Taken, take_rows
from canyu.events.sources.notebook import Notebook, Notes
from canyu.events.sources.quota import Allowance
from canyu.kit.errors import CanyuError
from canyu.kit.words import Words


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a source was read, in its own words for positions.

    Everything up to ``since`` is known. Where ``until`` stands, a reading from ``newest`` down was broken off there,
    and what lies between it and ``since`` is still to come.
    """

    since: str = ""
    until: str = ""
    newest: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its rows, the position of its newest and oldest, and whether it reaches down to what is known."""

    rows: list[dict[str, Any]]
    newest: str = ""
    oldest: str = ""
    is_last: bool = True
    notes: tuple[Words, ...] = ()


class PagedSource(Protocol):
    """A source that gives pages, newest first."""

    name: str
    mapping: Mapping
    allowances: tuple[Allowance, ...]

    def read_page(self, mark: Mark, *, now: datetime) -> Page:
        """Return the newest page between ``mark.since`` and ``mark.until``."""
        ...


@dataclass(frozen=True, slots=True)
class Errand:
    """What a collection works with: the lake (None: only look), its notes, the time, how many pages at most."""

    lake: Lake | None
    notebook: Notebook
    now: datetime
    most_pages: int = 10


@dataclass(slots=True)
class Collected:
    """What a collection brought, what stopped it early (if anything did), and what else is to be known."""

    taken: Taken = field(default_factory=Taken)
    stopped: CanyuError | None = None
    is_complete: bool = False
    notes: list[Words] = field(default_factory=list)


def collect_pages(source: PagedSource, errand: Errand) -> Collected:
    """Read pages until what is known, the allowance or ``most_pages`` is reached; each is committed, then noted.

    A kill at any moment loses nothing and doubles nothing: the next run asks again from the last noted page, and
    what is in the lake already adds nothing.
    """
    found = Collected()
    mark = Mark(**errand.notebook.read().get(source.name, {}))
    is_gap = bool(mark.until)  # left by an earlier run: once it is closed, what came since is read as well
    for _ in range(errand.most_pages):
        try:
            page = source.read_page(mark, now=errand.now)
        except (QuotaSpent, SourceFailure) as error:
            found.stopped = error
            return found
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            found.stopped = _tell_unknown_shape(source.name, error)
            return found
        found.taken += take_rows(page.rows, Delivery(errand.lake, source.name, source.mapping, errand.now))
        found.notes += [note for note in page.notes if note not in found.notes]
        mark = _advance(mark, page)
        if errand.lake is not None:
            _note_mark(errand.notebook, source.name, mark)
        if not mark.until:
            if not is_gap:
                found.is_complete = True
                return found
            is_gap = False
    return found


def _tell_unknown_shape(name: str, error: Exception) -> SourceFailure:
    """Return the error for an answer that lacks what the documentation promises."""
    said = f"{type(error).__name__}: {error}"[:200]
    return SourceFailure(
        Words(f"{name} 的回答与文档不符（{said}）。", f"{name} answered in a shape that is not documented ({said})."),
        mend=Words("稍后再试；如一直如此，请更新参与。", "Try again later; then look for a newer Canyu."),
    )


def _advance(mark: Mark, page: Page) -> Mark:
    newest = mark.newest or page.newest
    is_stuck = not page.oldest or page.oldest == mark.until  # the same page again: nothing older will come
    if page.is_last or is_stuck:
        return Mark(since=newest or mark.since)
    return Mark(mark.since, page.oldest, newest)


def _note_mark(notebook: Notebook, name: str, mark: Mark) -> None:
    def note(notes: Notes) -> None:
        notes[name] = asdict(mark)

    notebook.change(note)
