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
from canyu.measure.claims.verdicts import REASONS, VERDICTS, Reason, Verdict

SAME = 1e-9
"""Relative: sums of fractions differ in their last digits from engine to engine; whole numbers never do."""
NEW = Words("记录里没有这条说法。", "The record does not hold this claim.")
GONE = Words("这条说法已从文件里删去。", "The claim is in the file no more.")
ASKED = Words("说法或指标的定义改了。", "The claim, or the definition of its metric, was changed.")
UNREADABLE = Words("数据版本已读不到：", "The version of the data can be read no more: ")
FIELDS: dict[str, Words] = {
    "stated": Words("所称数值", "stated value"),
    "value": Words("数值", "figure"),
    "low": Words("下限", "lower bound"),
    "high": Words("上限", "upper bound"),
    "verdict": Words("结论", "verdict"),
    "reason_code": Words("原因", "reason"),
}
"""What people call the fields that are compared."""
NOTHING = Words("无", "none")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was: of a field of the record (``field``), its value ``before`` and ``now``.

    The values are the record's own, as a program reads them; ``told_before`` and ``told_now`` are for people.
    """

    what: Words
    before: str = ""
    now: str = ""
    field: str = ""

    @property
    def told_before(self) -> Words:
        """What it was, in words."""
        return _tell_value(self.field, self.before)

    @property
    def told_now(self) -> Words:
        """What it is, in words."""
        return _tell_value(self.field, self.now)


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
        told = Words(UNREADABLE.zh + error.words.zh, UNREADABLE.en + error.words.en)
        return Replayed(claim.id, (Change(told),))
    present = describe_checked(checked)
    changes = [Change(ASKED)] if present["query_hash"] != record["query_hash"] else []
    changes += [
        Change(FIELDS[name], str(record.get(name)), str(present[name]), name)
        for name in ("stated", *DIGITS)
        if not _is_same(record.get(name), present[name])
    ]
    return Replayed(claim.id, tuple(changes), checked)


def _tell_value(field: str, value: str) -> Words:
    if field == "verdict" and value in set(Verdict):
        return VERDICTS[Verdict(value)]
    if field == "reason_code" and value in set(Reason):
        return REASONS[Reason(value)]
    return NOTHING if value == "None" else Words(value, value)  # every digit: the last may be the one that changed


def _is_same(before: Any, now: Any) -> bool:
    if isinstance(before, int | float) and isinstance(now, int | float):
        return abs(before - now) <= SAME * max(abs(before), abs(now))
    return bool(before == now)
