"""Frames of the inbox as events of the lake; what cannot be one is refused alone, with its reason."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from canyu.events.collector import posthog
from canyu.events.collector.bodies import NoJson, parse_body
from canyu.events.collector.calls import Dialect, list_payloads
from canyu.events.collector.frames import Frame
from canyu.events.collector.sources import Source
from canyu.events.identity import make_event_id
from canyu.events.importers.actors import hash_actor
from canyu.events.schema import EVENT_SCHEMA, Event
from canyu.events.segment import FieldFault, read_segment
from canyu.events.validate import MENDS, split_valid
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_RAW_CHARS = 65_536
LONGEST_ID = 4096
TIMES = ("timestamp", "originalTimestamp", "sentAt")
logger = logging.getLogger("canyu.collector")


@dataclass(frozen=True, slots=True)
class Refused:
    """One event that cannot enter: of whom, when, its place in its batch (from 1), the field, why, and as it came.

    ``actor`` is what the lake would have called the person, so that erasing a person reaches it here, too.
    """

    id: str
    source: str
    received: datetime
    row: int
    field: str
    reason: str
    message: Words
    mend: Words
    raw: str
    dialect: str
    call: str = ""
    actor: str = ""


@dataclass(slots=True)
class Tally:
    """What became of one source's events: sent, left out (a client's talk of itself), refused, kept.

    ``notes`` counts what events of our own rooms say of themselves.
    """

    sent: int = 0
    left_out: int = 0
    refused: int = 0
    kept: int = 0
    notes: Counter[str] = field(default_factory=Counter)

    def add(self, more: Tally) -> None:
        """Add another tally to this one."""
        self.sent += more.sent
        self.left_out += more.left_out
        self.refused += more.refused
        self.kept += more.kept
        self.notes += more.notes


@dataclass(slots=True)
class Translation:
    """Events of several frames (``EVENT_SCHEMA``), what was refused, and the counts by source."""

    events: pa.Table
    refused: list[Refused]
    tallies: dict[str, Tally]


@dataclass(frozen=True, slots=True)
class Sent:
    """One payload with what its request says of it."""

    payload: Any
    row: int
    frame: Frame
    received: datetime


@dataclass(slots=True)
class _Work:
    events: list[Event] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)


class Translator:
    """Turns frames into events. ``sources`` gives what a source's settings are now; ``salt`` hashes people."""

    def __init__(self, sources: Mapping[str, Source], salt: str) -> None:
        self._sources = sources
        self._salt = salt

    def translate(self, frames: Iterable[Frame], now: datetime) -> Translation:
        """Return the events of the frames; every payload is in exactly one of events, refused and left out."""
        work = _Work()
        for frame in frames:
            self._take_frame(frame, work)
        verdict = split_valid(_build_table(work.events), now=now, has_sound_props=True)
        for fault in verdict.refused.to_pylist():
            place, reason = fault["row"], fault["reason"]
            message = Words(f"字段 {fault['field']} 不能使用（{reason}）。", f"{fault['field']}: {reason}.")
            error = FieldFault(fault["field"], reason, message, mend=MENDS[reason])
            work.refused.append(self._refuse(work.sent[place], error))
        for refused in work.refused:
            work.tallies[refused.source].refused += 1
        for source, count in Counter(verdict.kept["source"].to_pylist()).items():
            work.tallies.setdefault(source, Tally()).kept += count
        return Translation(verdict.kept, work.refused, work.tallies)

    def _take_frame(self, frame: Frame, work: _Work) -> None:
        source = self._sources.get(frame.source) or Source(frame.source)
        received = EPOCH + timedelta(microseconds=frame.received_us)
        tally = work.tallies.setdefault(source.name, Tally())
        name_actor = _remember(lambda person: hash_actor(self._salt, source.name, person))
        for row, payload in enumerate(_read_payloads(frame), start=1):
            sent = Sent(payload, row, frame, received)
            tally.sent += 1
            try:
                event = read_payload(sent, source, name_actor)
            except FieldFault as fault:
                work.refused.append(self._refuse(sent, fault))
                continue
            if frame.dialect == Dialect.EVENTS and isinstance(payload.get("note"), str):
                tally.notes[payload["note"]] += 1
            if event is None:
                tally.left_out += 1
                continue
            work.events.append(event)
            work.sent.append(sent)

    def _refuse(self, sent: Sent, fault: FieldFault) -> Refused:
        raw = _dump(sent.payload)
        source = sent.frame.source
        return Refused(
            id=make_event_id(source, "refused", _find_id(sent.payload) or raw),
            source=source,
            received=sent.received,
            row=sent.row,
            field=fault.field,
            reason=fault.reason,
            message=fault.message_words,
            mend=fault.mend_words,
            raw=raw[:MOST_RAW_CHARS],
            dialect=sent.frame.dialect,
            call=sent.frame.call,
            actor=self._name_person(source, sent.payload),
        )

    def _name_person(self, source: str, payload: Any) -> str:
        person = _find_person(payload)
        return hash_actor(self._salt, source, person) if person else ""


def read_payload(sent: Sent, source: Source, name_actor: Callable[[str], str]) -> Event | None:
    """Return the event that a payload tells of, None for a client's talk of itself. Raises FieldFault."""
    payload = sent.payload
    if not isinstance(payload, Mapping):
        raise FieldFault("", "not_object", Words("事件应是一个 JSON 对象。", "An event is a JSON object."))
    try:
        if sent.frame.dialect == Dialect.EVENTS:
            return _read_own(payload, sent)
        if sent.frame.dialect == Dialect.POSTHOG:
            if posthog.is_chatter(payload):
                return None
            payload = posthog.build_payload(payload, sent.received)
        return read_segment(
            _complete(payload, sent, source),
            source=source.name,
            now=sent.received,
            name_actor=name_actor,
            names=source.names,
        )
    except FieldFault:
        raise
    except (BadInput, ValueError, TypeError, ArithmeticError, LookupError, AttributeError) as error:
        logger.info("an event of %s cannot be read: %s", source.name, type(error).__name__)  # never what it says
        words = Words("事件的内容无法读取。", "What the event says cannot be read.")
        mend = Words("对照参考文档检查字段类型。", "Check the types of its fields.")
        raise FieldFault("", "unreadable", words, mend=mend) from error


def _read_own(payload: Mapping[str, Any], sent: Sent) -> Event | None:
    """Return an event of a room of our own; with ``is_left_out`` it is only counted."""
    if payload.get("is_left_out"):
        return None
    fields = {name: payload[name] for name in EVENT_SCHEMA.names if name in payload}
    time = datetime.fromisoformat(payload["time"])
    return Event(**{**fields, "time": time, "received": sent.received, "source": sent.frame.source})


def _complete(payload: Mapping[str, Any], sent: Sent, source: Source) -> dict[str, Any]:
    """Return the payload with what the protocols leave to the server (call, id, time) and the source's own place."""
    whole = dict(payload)
    if not whole.get("type"):
        whole["type"] = sent.frame.call or "track"
    if not isinstance(whole.get("messageId"), str | int) or not str(whole["messageId"]).strip():
        whole["messageId"] = make_event_id(source.name, _dump(sent.payload))  # the same content sent again is the same
    if not any(whole.get(name) for name in TIMES):
        whole["timestamp"] = sent.received.isoformat()
    if source.channel:
        whole["channel"] = source.channel
    if source.market:
        context = whole.get("context")
        context = dict(context) if isinstance(context, Mapping) else {}
        location = context.get("location")
        if not (isinstance(location, Mapping) and location.get("country")):
            whole["context"] = {**context, "location": {"country": source.market}}
    return whole


def _read_payloads(frame: Frame) -> list[Any]:
    try:
        return list_payloads(parse_body(frame.body)) or []
    except NoJson:  # cannot be: only what was read is kept
        logger.error("a frame of %s is no JSON any more", frame.source)
        return []


def _build_table(events: list[Event]) -> pa.Table:
    columns = [
        pa.array([getattr(event, name) for event in events], type=EVENT_SCHEMA.field(name).type)
        for name in EVENT_SCHEMA.names
    ]
    return pa.table(columns, names=EVENT_SCHEMA.names)


def _remember(name: Callable[[str], str]) -> Callable[[str], str]:
    known: dict[str, str] = {}

    def find(person: str) -> str:
        found = known.get(person)
        if found is None:
            found = known[person] = name(person)
        return found

    return find


def _dump(payload: Any) -> str:
    try:
        return dump_json(payload)
    except (TypeError, ValueError, RecursionError):  # deeper, or with larger numbers, than our JSON writes
        return repr(payload)[:MOST_RAW_CHARS]


def _find_id(payload: Any) -> str:
    if not isinstance(payload, Mapping):
        return ""
    found = payload.get("messageId") or payload.get("uuid")
    return found[:LONGEST_ID] if isinstance(found, str) else ""


def _find_person(payload: Any) -> str:
    if not isinstance(payload, Mapping):
        return ""
    properties = payload.get("properties")
    inner = properties.get("distinct_id") if isinstance(properties, Mapping) else None
    for found in (payload.get("userId"), payload.get("distinct_id"), inner, payload.get("anonymousId")):
        if isinstance(found, str | int) and not isinstance(found, bool) and str(found).strip():
            return str(found).replace("\0", "")
    return ""
