"""The evidence of one group: figures a person can check, and null where nothing is known."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.jsonio import parse_json
from canyu.listen.copies.background import Background, CoordinationRules
from canyu.listen.copies.labels import label_group
from canyu.listen.copies.ties import Ties
from canyu.listen.copies.traces import Traces
from canyu.listen.kernels.coordination import NULL_SYNCHRONOUS, NULL_VARIATION, SYNCHRONOUS, VARIATION

NEW_ACCOUNT = timedelta(days=90)
MACHINE_NAME = re.compile(r"^(?:用户|手机用户|user)[_-]?\w*\d{4,}$|\d{5,}$", re.IGNORECASE)
TIME = pa.timestamp("us", tz="UTC")
GROUPS_SCHEMA = pa.schema(
    [
        pa.field("group_id", pa.string(), nullable=False),  # the event id of its first post
        pa.field("kind", pa.string(), nullable=False),
        pa.field("posts", pa.int64(), nullable=False),
        pa.field("copies", pa.int64(), nullable=False),  # posts of its largest text cluster
        pa.field("authors", pa.int64()),  # null where none is known
        pa.field("first_time", TIME, nullable=False),
        pa.field("last_time", TIME, nullable=False),
        pa.field("span_s", pa.float64(), nullable=False),
        pa.field("traces", pa.map_(pa.string(), pa.int64()), nullable=False),  # how many of each kind tie it
        pa.field("weight", pa.float64(), nullable=False),  # rarity of those traces, summed
        pa.field("synchronous", pa.int64(), nullable=False),  # neighbours in time by two accounts in the window
        pa.field("synchronous_expected", pa.float64(), nullable=False),  # the same at shuffled times
        pa.field("gap_variation", pa.float64()),  # standard deviation over mean of the gaps within a day
        pa.field("gap_variation_expected", pa.float64()),
        pa.field("p_value", pa.float64(), nullable=False),
        pa.field("q_value", pa.float64(), nullable=False),
        pa.field("new_account_share", pa.float64()),  # younger than 90 days; null where no age is known
        pa.field("machine_name_share", pa.float64()),  # null where no name is known: the lake keeps names hashed
        pa.field("channels", pa.list_(pa.string()), nullable=False),
        pa.field("day_share", pa.float64(), nullable=False),  # its largest share of one day's posts
        pa.field("event_ids", pa.list_(pa.string()), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class Group:
    """One group of posts by accounts that share traces; the fields are the columns of ``GROUPS_SCHEMA``."""

    group_id: str
    kind: str
    posts: int
    copies: int
    authors: int | None
    first_time: datetime
    last_time: datetime
    span_s: float
    traces: dict[str, int]
    weight: float
    synchronous: int
    synchronous_expected: float
    gap_variation: float | None
    gap_variation_expected: float | None
    p_value: float
    q_value: float
    new_account_share: float | None
    machine_name_share: float | None
    channels: tuple[str, ...]
    day_share: float
    event_ids: tuple[str, ...]


def build_group_table(groups: list[Group]) -> pa.Table:
    """Return the groups as an Arrow table of ``GROUPS_SCHEMA``, in order."""
    rows = [{**asdict(group), "traces": list(group.traces.items())} for group in groups]
    return pa.Table.from_pylist(rows, schema=GROUPS_SCHEMA)


def describe_group(
    table: pa.Table,
    background: Background,
    found: tuple[Traces, Ties],
    members: NDArray[np.int64],
    how: tuple[CoordinationRules, int],
) -> Group:
    """Return the evidence of the group of these ties.

    Its p-value is the smallest of the tests that tie it, times their number; its q-value the smallest of theirs.
    """
    traces, ties = found
    rows, shared = np.unique(ties.pairs[members]), np.unique(ties.traces[members])
    posts = table.take(pa.array(rows))
    (measured,) = background.measure(rows, np.array([0, len(rows)], np.int64), *how)
    times = posts["time"].to_pylist()
    kinds = [str(traces.kinds[trace]) for trace in shared.tolist()]
    days = np.unique(background.day_first[rows], return_counts=True)
    volume = dict(zip(background.day_first[rows].tolist(), background.day_posts[rows].tolist(), strict=True))
    authors = pc.count_distinct(posts["actor"], mode="only_valid").as_py()
    ages, names = _read_accounts(posts)
    event_ids = posts["event_id"].to_pylist()
    return Group(
        group_id=event_ids[0],
        kind=str(label_group(posts)),
        posts=len(rows),
        copies=max((row["counts"].as_py() for row in pc.value_counts(posts["cluster_id"])), default=0),
        authors=authors or None,
        first_time=times[0],
        last_time=times[-1],
        span_s=(times[-1] - times[0]).total_seconds(),
        traces={kind: kinds.count(kind) for kind in sorted(set(kinds))},
        weight=float(traces.weights[shared].sum()),
        synchronous=int(measured[SYNCHRONOUS]),
        synchronous_expected=float(measured[NULL_SYNCHRONOUS]),
        gap_variation=_known(measured[VARIATION]),
        gap_variation_expected=_known(measured[NULL_VARIATION]),
        p_value=min(1.0, float(ties.p_values[members].min()) * len(np.unique(ties.tests[members]))),
        q_value=float(ties.q_values[members].min()),
        new_account_share=_mean(ages),
        machine_name_share=_mean(names),
        channels=tuple(sorted(set(posts["channel"].drop_null().to_pylist()))),
        day_share=max(count / volume[day] for day, count in zip(*(part.tolist() for part in days), strict=True)),
        event_ids=tuple(event_ids),
    )


def _read_accounts(posts: pa.Table) -> tuple[list[bool], list[bool]]:
    """Return, per account that states it, whether it is new and whether its name looks made by a machine."""
    ages: dict[str, bool] = {}
    names: dict[str, bool] = {}
    for row in posts.select(["event_id", "actor", "time", "props"]).to_pylist():
        account = row["actor"] or row["event_id"]
        props = _read_props(row["props"])
        created = _read_time(props.get("account_created"))
        if created is not None:
            ages[account] = row["time"] - created < NEW_ACCOUNT
        if isinstance(props.get("account_name"), str):
            names[account] = bool(MACHINE_NAME.search(props["account_name"]))
    return list(ages.values()), list(names.values())


def _read_props(text: str | None) -> dict[str, Any]:
    try:
        props = parse_json(text or "{}")
    except ValueError:
        return {}
    return props if isinstance(props, dict) else {}


def _read_time(stated: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(stated))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _known(value: np.float64) -> float | None:
    return float(value) if value >= 0.0 else None


def _mean(marks: list[bool]) -> float | None:
    return sum(marks) / len(marks) if marks else None
