"""Every table a lake holds beside its events: their names, schemas and partition, agreed once for all rooms.

Derived tables are computed from events and can be made again at any time; each row carries the id of its event and
the version of the model that made it. Several model versions may stand in one table: a reader takes the rows of the
present one, which is that of the newest row of ``listenings`` (``canyu.events.listenings.find_model_version``). That
row is written when a listening is complete, so a new model takes over at once and not day by day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from canyu.events.columns import COLUMNS, EVENTS_OWN, Trace
from canyu.events.finding_tables import (
    COORDINATION_SCHEMA,
    FINDINGS_OWN,
    FINDINGS_SCHEMA,
    RUMOURS_SCHEMA,
    TOPICS_SCHEMA,
)
from canyu.events.schema import DAY_FIELD, EVENT_SCHEMA
from canyu.kit.errors import NotFound
from canyu.kit.words import Words

TIME = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of the lake: what a row is, its columns, and whether it is partitioned by day.

    ``own``: columns that mean something else here than in ``canyu.events.columns``.
    """

    name: str
    meaning: str
    schema: pa.Schema
    by_day: bool = True
    own: Mapping[str, Trace] = field(default_factory=dict)

    @property
    def traces(self) -> dict[str, Trace]:
        """What each declared column may tell of an event or its author."""
        known = {**COLUMNS, **self.own}
        return {name: known[name] for name in self.schema.names if name in known}


QUARANTINE_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),  # from file fingerprint, row and field: refused once, kept once
        pa.field("received", TIME, nullable=False),
        pa.field("file", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),  # 1 is the first row after the header
        pa.field("field", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),  # a stable code, translated where it is shown
        pa.field("mend", pa.string(), nullable=False),
        pa.field("raw", pa.string()),  # the row as it came, cut at 2,000 characters
    ]
)

SCORES_SCHEMA = pa.schema(
    [
        pa.field("event_id", pa.string(), nullable=False),
        DAY_FIELD,
        pa.field("time", TIME, nullable=False),
        pa.field("type", pa.string(), nullable=False),
        pa.field("market", pa.string()),
        pa.field("channel", pa.string()),
        pa.field("actor", pa.string()),
        pa.field("lang", pa.string()),  # zh | en | other, by script
        pa.field("sentiment", pa.string()),  # negative | neutral | positive; null where not scored
        pa.field("p_negative", pa.float32()),
        pa.field("p_neutral", pa.float32()),
        pa.field("p_positive", pa.float32()),
        pa.field("links", pa.list_(pa.string())),  # catalogue ids, e.g. "xiaomi", "xiaomi/su7-ultra"
        pa.field("emotion", pa.string()),  # happy | angry | sad | fear | surprise | neutral; null where not scored
        pa.field("storylines", pa.list_(pa.string())),  # ids of the key messages that the text carries
        pa.field("cluster_id", pa.string()),  # the event id of the first of its near copies
        pa.field("family_id", pa.string()),  # the same with rewritten copies taken in
        pa.field("is_copy", pa.bool_()),  # true on every copy but the first: leave them out and voices count once
        pa.field("model_version", pa.string(), nullable=False),
    ]
)

CLUSTERS_SCHEMA = pa.schema(
    [
        pa.field("event_id", pa.string(), nullable=False),  # the first text of a cluster of copies, and so its id
        DAY_FIELD,
        pa.field("time", TIME, nullable=False),
        pa.field("actor", pa.string()),
        pa.field("family_id", pa.string(), nullable=False),
        pa.field("content", pa.int64(), nullable=False),  # the signature by which later copies are known
        pa.field("keys", pa.binary(), nullable=False),
        pa.field("letters", pa.binary(), nullable=False),
    ]
)

OPINIONS_SCHEMA = pa.schema(
    [
        pa.field("event_id", pa.string(), nullable=False),
        DAY_FIELD,
        pa.field("time", TIME, nullable=False),
        pa.field("type", pa.string(), nullable=False),
        pa.field("market", pa.string()),
        pa.field("channel", pa.string()),
        pa.field("actor", pa.string()),
        pa.field("brand", pa.string()),  # null where the text names nothing of the catalogue
        pa.field("link", pa.string()),  # the product, feature or brand that the text names; one row for each
        pa.field("aspect", pa.string(), nullable=False),  # an id of the taxonomy, e.g. "car/range"
        pa.field("polarity", pa.int8(), nullable=False),  # -1, 0, 1
        pa.field("p", pa.float32()),
        pa.field("start", pa.int32()),  # of the words that name the aspect, in characters; null where none does
        pa.field("end", pa.int32()),
        pa.field("is_first_of_aspect", pa.bool_(), nullable=False),  # true on one row per event and aspect
        pa.field("is_copy", pa.bool_(), nullable=False),
        pa.field("model_version", pa.string(), nullable=False),
    ]
)

MENTIONS_SCHEMA = pa.schema(
    [
        pa.field("event_id", pa.string(), nullable=False),
        DAY_FIELD,
        pa.field("time", TIME, nullable=False),
        pa.field("type", pa.string(), nullable=False),
        pa.field("market", pa.string()),
        pa.field("channel", pa.string()),
        pa.field("actor", pa.string()),  # who spoke: an erasure finds their rows, a count of authors needs no join
        pa.field("brand", pa.string(), nullable=False),
        pa.field("link", pa.string(), nullable=False),  # the brand's own id or one of its products, features, people
        pa.field("is_first_of_brand", pa.bool_(), nullable=False),  # true on one row per event and brand: count these
        pa.field("sentiment", pa.string()),
        pa.field("is_copy", pa.bool_()),
        pa.field("model_version", pa.string(), nullable=False),
    ]
)

ENGAGEMENT_SCHEMA = pa.schema(
    [
        pa.field("event_id", pa.string(), nullable=False),  # the post
        pa.field("time", TIME, nullable=False),
        pa.field("market", pa.string()),
        pa.field("channel", pa.string()),
        pa.field("brands", pa.list_(pa.string())),
        pa.field("links", pa.list_(pa.string())),
        pa.field("reposts", pa.int64(), nullable=False),  # the larger of: child events seen, number the source states
        pa.field("comments", pa.int64(), nullable=False),
        pa.field("likes", pa.int64(), nullable=False),
        pa.field("total", pa.int64(), nullable=False),
        pa.field("model_version", pa.string(), nullable=False),
    ]
)

LONGEST_GAP_MINUTES = 120
"""A snapshot of a hot list stands until the next one; after a longer gap nobody knows what was on the list."""

BOARD_SCHEMA = pa.schema(
    [
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("channel", pa.string()),
        pa.field("brand", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("start", TIME, nullable=False),
        pa.field("end", TIME, nullable=False),  # of the spell, or the list's next snapshot; = start where unknown
        pa.field("top_rank", pa.int64()),
        pa.field("heat", pa.int64()),  # as the list states it
        pa.field("is_spell", pa.bool_()),  # false: a snapshot; null: built before gaps were told from time on the list
        pa.field("model_version", pa.string(), nullable=False),
    ]
)

RECEIPTS_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("time", TIME, nullable=False),
        pa.field("actor_hash", pa.string(), nullable=False),  # empty where posts were erased, not a person
        pa.field("rows", pa.int64(), nullable=False),
        pa.field("files_rewritten", pa.int64(), nullable=False),
        pa.field("files_scanned", pa.int64(), nullable=False),
        pa.field("event_hashes", pa.list_(pa.string())),  # of the erased posts; null where a person was erased
    ]
)

LISTENINGS_SCHEMA = pa.schema(
    [
        pa.field("number", pa.int64(), nullable=False),  # 1, 2, 3 …: the highest says which model version is read
        pa.field("time", TIME, nullable=False),
        pa.field("model_version", pa.string(), nullable=False),
        pa.field("events_version", pa.int64(), nullable=False),  # of the table events, as it was listened to
        pa.field("scored", pa.int64(), nullable=False),  # events scored in this listening
    ]
)

PINS_SCHEMA = pa.schema(
    [
        pa.field("table", pa.string(), nullable=False),
        pa.field("version", pa.int64(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("time", TIME, nullable=False),
    ]
)

SUPPRESSED_SCHEMA = pa.schema(
    [
        pa.field("actor_hash", pa.string(), nullable=False),  # salted: tells an erased actor when it comes again
        pa.field("time", TIME, nullable=False),
        pa.field("event_hash", pa.string()),  # the same for an erased post; then actor_hash is empty
    ]
)

TABLES: dict[str, TableSpec] = {
    spec.name: spec
    for spec in (
        TableSpec("events", "what happened, one row per event", pa.schema([*EVENT_SCHEMA, DAY_FIELD]), own=EVENTS_OWN),
        TableSpec("quarantine", "rows refused, with reason and mend", QUARANTINE_SCHEMA, by_day=False),
        TableSpec("scores", "what a text says, one row per scored event", SCORES_SCHEMA),
        TableSpec("clusters", "the first text of each cluster of copies, with its signature", CLUSTERS_SCHEMA),
        TableSpec("opinions", "what is said of an aspect, one row per event, aspect and catalogue id", OPINIONS_SCHEMA),
        TableSpec("mentions", "who is spoken of, one row per event and catalogue id", MENTIONS_SCHEMA),
        TableSpec("engagement", "what each post set off, one row per post", ENGAGEMENT_SCHEMA, by_day=False),
        TableSpec("board", "time on hot lists, one row per title, brand and spell", BOARD_SCHEMA, by_day=False),
        TableSpec("topics", "what posts of a day or week talk of, one row per topic", TOPICS_SCHEMA, own=FINDINGS_OWN),
        TableSpec(
            "coordination",
            "accounts that post as one, one row per group and week",
            COORDINATION_SCHEMA,
            own=FINDINGS_OWN,
        ),
        TableSpec("rumours", "claims to check, one row per cluster of copies", RUMOURS_SCHEMA, own=FINDINGS_OWN),
        TableSpec(
            "findings", "what the three before were found among, by period", FINDINGS_SCHEMA, False, FINDINGS_OWN
        ),
        TableSpec("listenings", "each finished listening and its model version", LISTENINGS_SCHEMA, by_day=False),
        TableSpec("receipts", "proof of each erasure", RECEIPTS_SCHEMA, by_day=False),
        TableSpec("pins", "versions that a figure names and vacuum keeps", PINS_SCHEMA, by_day=False),
        TableSpec("suppressed", "who and what was erased and may not come back", SUPPRESSED_SCHEMA, by_day=False),
    )
}

TABLE_NAMES = Words(f"可用的表：{'、'.join(TABLES)}。", f"Tables: {', '.join(TABLES)}.")
"""The mend for a table's name that is none."""


def find_spec(name: str) -> TableSpec:
    """Return what the table of this name is; raises NotFound where a lake has none."""
    if name not in TABLES:
        raise NotFound(Words(f"数据湖没有名为 {name} 的表。", f"A lake has no table {name}."), mend=TABLE_NAMES)
    return TABLES[name]
