"""Checks claims again at the versions of a record: the same digits, or what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from canyu.events import Lake
from canyu.kit.errors import CanyuError
from canyu.kit.words import Words
from canyu.measure.claims.checking import check_claim
from canyu.measure.claims.claim import Claim
from canyu.measure.claims.records import DIGITS, Checked, describe_checked

SAME = 1e-9
"""Relative: sums of fractions differ in their last digits from engine to engine; whole numbers never do."""
NEW = Words("记录里没有这条说法。", "The record does not hold this claim.")
GONE = Words("这条说法已从文件里删去。", "The claim is in the file no more.")
ASKED = Words("说法或指标的定义改了。", "The claim, or the definition of its metric, was changed.")
UNREADABLE = Words("数据版本已读不到：", "The version of the data can be read no more: ")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was; ``before`` and ``now`` are empty where it is no figure."""

    what: Words
    before: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One claim checked again; no change means the same digits."""

    id: str
    changes: tuple[Change, ...]
    checked: Checked | None = None


def replay_records(
    lake: Lake, claims: Iterable[Claim], records: Mapping[str, Mapping[str, Any]], now: datetime
) -> list[Replayed]:
    """Check each claim again at the versions that its record names; claims that are new or gone are told too."""
    found = [_replay(lake, claim, records.get(claim.id), now) for claim in claims]
    known = {each.id for each in found}
    return found + [Replayed(name, (Change(GONE),)) for name in records if name not in known]


def _replay(lake: Lake, claim: Claim, record: Mapping[str, Any] | None, now: datetime) -> Replayed:
    if record is None:
        return Replayed(claim.id, (Change(NEW),))
    try:
        lake.require(record["lake_version"])
        checked = check_claim(lake, claim, now, record["lake_version"])
    except CanyuError as error:
        told = Words(UNREADABLE.zh + error.message, UNREADABLE.en + error.message)
        return Replayed(claim.id, (Change(told),))
    present = describe_checked(checked)
    changes = [Change(ASKED)] if present["query_hash"] != record["query_hash"] else []
    changes += [
        Change(Words(name, name), str(record.get(name)), str(present[name]))
        for name in ("stated", *DIGITS)
        if not _is_same(record.get(name), present[name])
    ]
    return Replayed(claim.id, tuple(changes), checked)


def _is_same(before: Any, now: Any) -> bool:
    if isinstance(before, int | float) and isinstance(now, int | float):
        return abs(before - now) <= SAME * max(abs(before), abs(now))
    return bool(before == now)
