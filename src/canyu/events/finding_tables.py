"""The tables of what is found among many posts at once: topics, groups of accounts, claims, and the book of them.

Each row names the posts it was found among (``event_ids``): an erasure of one takes the row, and the next listening
finds it again without them. No row holds a post's text or an author.
"""

from __future__ import annotations

import pyarrow as pa

from canyu.events.columns import Trace
from canyu.events.schema import DAY_FIELD

TIME = pa.timestamp("us", tz="UTC")
IDS = pa.list_(pa.string())

BOOK_FIELDS = (
    pa.field("unit", pa.string(), nullable=False),  # day | week: how long the period is
    pa.field("brand", pa.string(), nullable=False),  # only posts that name this brand; empty for all posts
    pa.field("zone", pa.string(), nullable=False),  # whose days and weeks these are
    pa.field("period_start", TIME, nullable=False),
    pa.field("period_end", TIME, nullable=False),
)

FINDINGS_SCHEMA = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),  # topics | coordination | rumours
        pa.field("day", pa.date32(), nullable=False),  # of the rows found: the first day of the period, in its zone
        *BOOK_FIELDS,
        pa.field("posts", pa.int64(), nullable=False),  # that were read
        pa.field("unique_posts", pa.int64()),  # of them and of those left out, without copies
        pa.field("total", pa.int64(), nullable=False),  # that there were: more than were read where they were too many
        pa.field("accounts", pa.int64()),
        pa.field("reactions", pa.int64()),
        pa.field("fingerprint", pa.string(), nullable=False),  # of what was read and of how: another one is stale
        pa.field("model_version", pa.string(), nullable=False),
    ]
)

TOPICS_SCHEMA = pa.schema(
    [
        DAY_FIELD,
        *BOOK_FIELDS,
        pa.field("number", pa.int32(), nullable=False),  # 0 is the largest of the period
        pa.field("topic_id", pa.string(), nullable=False),  # stays while the topic goes on
        pa.field("own_id", pa.string(), nullable=False),  # what it would be if it came from none before
        pa.field("label", pa.string(), nullable=False),
        pa.field("phrases", pa.list_(pa.string()), nullable=False),
        pa.field("status", pa.string(), nullable=False),  # new | continued | split | merged
        pa.field("parents", pa.list_(pa.string()), nullable=False),  # ids in the period before
        pa.field("posts", pa.int64(), nullable=False),
        pa.field("unique_posts", pa.int64(), nullable=False),
        pa.field("authors", pa.int64(), nullable=False),
        pa.field("positive", pa.float64()),  # shares of the posts with a sentiment; null where there are none
        pa.field("neutral", pa.float64()),
        pa.field("negative", pa.float64()),
        pa.field("standing", IDS, nullable=False),
        pa.field("event_ids", IDS, nullable=False),  # those most like the topic first
        pa.field("weights", pa.list_(pa.float32()), nullable=False),  # cosine to the centroid, of each of event_ids
        pa.field("buckets", pa.binary(), nullable=False),  # of the centroid, int32, by which the next period is linked
        pa.field("bucket_weights", pa.binary(), nullable=False),  # float32
        pa.field("model_version", pa.string(), nullable=False),
    ]
)

COORDINATION_SCHEMA = pa.schema(
    [
        DAY_FIELD,
        *BOOK_FIELDS,
        pa.field("group_id", pa.string(), nullable=False),
        pa.field("group_kind", pa.string(), nullable=False),
        pa.field("posts", pa.int64(), nullable=False),
        pa.field("copies", pa.int64(), nullable=False),
        pa.field("authors", pa.int64()),
        pa.field("first_time", TIME, nullable=False),
        pa.field("last_time", TIME, nullable=False),
        pa.field("span_s", pa.float64(), nullable=False),
        pa.field("traces", pa.list_(pa.string()), nullable=False),
        pa.field("trace_counts", pa.list_(pa.int64()), nullable=False),
        pa.field("weight", pa.float64(), nullable=False),
        pa.field("synchronous", pa.int64(), nullable=False),
        pa.field("synchronous_expected", pa.float64(), nullable=False),
        pa.field("gap_variation", pa.float64()),
        pa.field("gap_variation_expected", pa.float64()),
        pa.field("p_value", pa.float64(), nullable=False),
        pa.field("q_value", pa.float64(), nullable=False),
        pa.field("new_account_share", pa.float64()),
        pa.field("machine_name_share", pa.float64()),
        pa.field("channels", pa.list_(pa.string()), nullable=False),
        pa.field("day_share", pa.float64(), nullable=False),
        pa.field("event_ids", IDS, nullable=False),  # by time
        pa.field("model_version", pa.string(), nullable=False),
    ]
)

RUMOURS_SCHEMA = pa.schema(
    [
        DAY_FIELD,
        *BOOK_FIELDS,
        pa.field("lead", pa.string(), nullable=False),  # the copy that was scored highest
        pa.field("cluster_id", pa.string()),
        pa.field("brands", pa.list_(pa.string()), nullable=False),
        pa.field("log_odds", pa.float64(), nullable=False),  # at the share of rumours in the public set
        pa.field("view", pa.int8(), nullable=False),  # what was known: 0 text, 1 author too, 2 answers too, 3 all
        pa.field("first_time", TIME, nullable=False),
        pa.field("last_time", TIME, nullable=False),  # of its copies
        pa.field("claim_start", pa.int32(), nullable=False),  # in the text of the lead, in characters
        pa.field("claim_end", pa.int32(), nullable=False),
        pa.field("cues", pa.list_(pa.string()), nullable=False),
        pa.field("reasons", pa.list_(pa.string()), nullable=False),
        pa.field("reason_values", pa.list_(pa.float64()), nullable=False),  # log-odds
        pa.field("event_ids", IDS, nullable=False),  # of all copies, by time
        pa.field("quoted", IDS, nullable=False),
        pa.field("stances", pa.list_(pa.string()), nullable=False),  # of each of quoted
        pa.field("reactions", pa.int64(), nullable=False),
        pa.field("first_hour", pa.int64(), nullable=False),
        pa.field("doubt", pa.float64()),
        pa.field("denial", pa.float64()),
        pa.field("confirmation", pa.float64()),
        pa.field("followers", pa.int64()),
        pa.field("is_verified", pa.bool_()),
        pa.field("has_description", pa.bool_()),
        pa.field("has_url", pa.bool_()),
        pa.field("pictures", pa.int64()),
        pa.field("model_version", pa.string(), nullable=False),
    ]
)

FINDINGS_OWN: dict[str, Trace] = {
    **dict.fromkeys(("event_ids", "standing", "lead", "cluster_id", "group_id", "quoted"), Trace.EVENT),
    "label": Trace.SPEECH,
    **dict.fromkeys(("kind", "unit", "brand", "brands", "zone", "fingerprint", "group_kind", "traces"), Trace.OURS),
    **dict.fromkeys(("phrases", "status", "channels", "cues", "reasons", "stances"), Trace.OURS),
    **dict.fromkeys(("topic_id", "own_id", "parents"), Trace.OURS),  # hashes of ours
}
"""What the columns of these tables may tell of an event, for an erasure."""
