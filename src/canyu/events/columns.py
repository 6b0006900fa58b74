"""What each column of the lake may tell of an event or of its author, so that an erasure follows it into every table.

An erasure reads this and no list of tables: whoever adds a table declares its columns here, and is reached.
"""

from __future__ import annotations

from enum import StrEnum


class Trace(StrEnum):
    """What the cells of a column, or the items of its lists, are."""

    EVENT = "event"
    """Ids of the events that a row is, or was computed from: the row goes with any of them."""

    ACTOR = "actor"
    """Who did it: the row goes with them."""

    HEAD = "head"
    """Ids of other posts that a row leans on, as a copy on the first one: it is computed anew."""

    RANK = "rank"
    """Says of a row whether it is the first of its kind, so it changes with a head; holds nobody's words."""

    POINTER = "pointer"
    """What somebody's event points at: the row stays and points at nobody."""

    RAW = "raw"
    """A refused row as it came: it goes where it holds a name as a whole word."""

    SPEECH = "speech"
    """Words of people: those of others stay, and are counted for a person to judge."""

    OURS = "ours"
    """Words of ours, of catalogues and of sources: an actor may be called like one, and that is no trace of them."""


COLUMNS: dict[str, Trace] = {
    "event_id": Trace.EVENT,
    "actor": Trace.ACTOR,
    "cluster_id": Trace.HEAD,
    "family_id": Trace.HEAD,
    "is_copy": Trace.RANK,
    "object": Trace.POINTER,
    "parent": Trace.POINTER,
    "raw": Trace.RAW,
    "text": Trace.SPEECH,
    "props": Trace.SPEECH,
    "title": Trace.SPEECH,
    **dict.fromkeys(("id", "type", "source", "market", "channel", "campaign", "lang", "currency"), Trace.OURS),
    **dict.fromkeys(("sentiment", "emotion", "links", "link", "brand", "brands", "storylines", "aspect"), Trace.OURS),
    **dict.fromkeys(("model_version", "file", "field", "reason", "mend", "table"), Trace.OURS),
    **dict.fromkeys(("actor_hash", "event_hash", "event_hashes"), Trace.OURS),  # salted: they name nobody
    **dict.fromkeys(
        ("keys", "letters", "buckets", "bucket_weights"), Trace.OURS
    ),  # signatures of texts: they go with their row
}
"""What the columns of text in any table are, by name: one name means one thing in all tables."""

EVENTS_OWN = {"id": Trace.EVENT}
"""In the table of events the id is the event's own; elsewhere it numbers rows of books."""
