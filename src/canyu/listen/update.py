"""Brings topics, groups of accounts and claims up to date, after everything is scored."""

from __future__ import annotations

from datetime import UTC, datetime

from canyu.events import Lake
from canyu.listen import coordination_table, rumour_table, topic_table
from canyu.listen.findings import Key, open_book
from canyu.listen.rumours import load_rumours

DEFAULT_ZONE = "Asia/Shanghai"
WHOLE = "whole"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def update_findings(lake: Lake, model_version: str, zone: str = DEFAULT_ZONE, present: str = "") -> dict[str, int]:
    """Find again what is stale, and return how many periods of each kind that were.

    Safe to stop at any moment and to repeat; where nothing was written since the last time, nothing is read. ``zone``:
    whose days and weeks these are. ``present``: the model version that readers take still.
    """
    book = open_book(lake, WHOLE, model_version, zone, present or model_version)
    mark = _tell_state(lake, zone)
    key = Key("", "", EPOCH)
    if key in book.entries and book.entries[key]["fingerprint"] == mark:
        return dict.fromkeys((topic_table.KIND, coordination_table.KIND, rumour_table.KIND), 0)
    counts = {
        topic_table.KIND: topic_table.update_topics(lake, model_version, zone, present),
        coordination_table.KIND: coordination_table.update_coordination(lake, model_version, zone, present),
        rumour_table.KIND: rumour_table.update_rumours(lake, model_version, zone, present),
    }
    place = {"kind": WHOLE, "day": EPOCH.date(), "unit": "", "brand": "", "zone": zone}
    span = {"period_start": EPOCH, "period_end": EPOCH, "posts": 0, "total": 0}
    book.entries[key] = {**place, **span, "fingerprint": mark, "model_version": model_version}
    book.write()
    return counts


def _tell_state(lake: Lake, zone: str) -> str:
    versions = lake.versions()
    read = "/".join(f"{name}={versions.get(name)}" for name in ("events", "scores", "mentions"))
    ways = "/".join((topic_table.WAY, coordination_table.WAY, rumour_table.WAY, load_rumours().version))
    return f"{read}/{zone}/{ways}"
