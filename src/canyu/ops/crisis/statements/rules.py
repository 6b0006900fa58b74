"""What becomes of a statement that is released: the event for the lake, and the message of its case; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from canyu.care.crisis.statement import Statement
from canyu.events import Event, Verb, make_event_id
from canyu.kit.jsonio import dump_json
from canyu.ops.care.models import Case
from canyu.ops.care.telling import name_opening
from canyu.ops.outbox.rules import CONSOLE


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class VersionDraft:
    """A version as somebody writes it: its words, files sent now, and hashes of files kept before that it carries."""

    statement: Statement
    uploads: tuple[Upload, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Released:
    """A release: the address, what is said, the number of the release, and the digest of what it says."""

    slug: str
    statement: Statement
    release: int
    digest: str


def write_message(released: Released) -> str:
    """Return a release as the message in public that the case keeps."""
    said = released.statement
    return f"{said.title.zh}\n\n{said.findings.zh}\n\n/statements/{released.slug}/"


def tell_release(case: Case, released: Released, now: datetime) -> Event:
    """Return that the brand answered a claim by a statement; it belongs to what the case began with."""
    props = {
        "statement": released.slug,
        "release": released.release,
        "digest": released.digest,
        "verdict": released.statement.verdict.value,
        "case": case.number,
    }
    return Event(
        id=make_event_id(CONSOLE, "statement", released.slug, str(released.release)),
        type=str(Verb.REPLY),
        time=now,
        received=now,
        source=CONSOLE,
        parent=name_opening(case),
        object=case.product or None,
        text=write_message(released),
        props=dump_json(props),
    )
