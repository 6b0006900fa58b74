"""What happened: the vocabulary, the event's shape, the lake that keeps it, and the ways in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.events.erasure import Erasure
    from canyu.events.export import Choice, ExportKind, export_rows
    from canyu.events.identity import make_event_id, make_event_ids
    from canyu.events.lake import AppendResult, Lake, open_lake
    from canyu.events.maintenance import Commit, Compaction, Damage, Pin
    from canyu.events.schema import DAY_FIELD, EVENT_SCHEMA, Event, build_event_table
    from canyu.events.tables import TABLES, TableSpec
    from canyu.events.validate import MENDS, Verdict, split_valid
    from canyu.events.vocabulary import SEGMENT_NAMES, SPECS, Verb, VerbSpec, find_verb

__all__ = [
    "DAY_FIELD",
    "EVENT_SCHEMA",
    "MENDS",
    "SEGMENT_NAMES",
    "SPECS",
    "TABLES",
    "AppendResult",
    "Choice",
    "Commit",
    "Compaction",
    "Damage",
    "Erasure",
    "Event",
    "ExportKind",
    "Lake",
    "Pin",
    "TableSpec",
    "Verb",
    "VerbSpec",
    "Verdict",
    "build_event_table",
    "export_rows",
    "find_verb",
    "make_event_id",
    "make_event_ids",
    "open_lake",
    "split_valid",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.events.erasure": "Erasure",
        "canyu.events.export": "Choice ExportKind export_rows",
        "canyu.events.identity": "make_event_id make_event_ids",
        "canyu.events.lake": "AppendResult Lake open_lake",
        "canyu.events.maintenance": "Commit Compaction Damage Pin",
        "canyu.events.schema": "DAY_FIELD EVENT_SCHEMA Event build_event_table",
        "canyu.events.tables": "TABLES TableSpec",
        "canyu.events.validate": "MENDS Verdict split_valid",
        "canyu.events.vocabulary": "SEGMENT_NAMES SPECS Verb VerbSpec find_verb",
    },
)
