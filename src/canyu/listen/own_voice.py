"""Groups of accounts that pass on what a brand itself posts: named so, and not taken for coordinated posting."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from canyu.events import Lake
from canyu.listen.copies import Group, GroupKind
from canyu.listen.copies.labels import MAJORITY


def name_official(
    lake: Lake, groups: Iterable[Group], own: Collection[str], *, versions: Mapping[str, int] | None = None
) -> tuple[Group, ...]:
    """Return the groups; of the kind ``official_repost`` where most posts are of the actors ``own``, or answer them.

    A lottery or a fan club stays what it is: it says why people post as one, and not only whom they pass on.
    """
    known = tuple(groups)
    plain = [group for group in known if group.kind in {GroupKind.COORDINATED, GroupKind.NEWS, GroupKind.REWARD}]
    if not own or not plain:
        return known
    events = lake.scan("events", version=(versions or {}).get("events"))
    posts = sorted({name for group in plain for name in group.event_ids})
    rows = events.filter(events.id.isin(posts)).select("id", "actor", "parent")
    found = lake.engine.run(rows).to_pylist()
    parents = sorted({row["parent"] for row in found if row["parent"]})
    above = events.filter(events.id.isin(parents), events.actor.isin(sorted(own))).select("id") if parents else None
    theirs = set(lake.engine.run(above)["id"].to_pylist()) if above is not None else set()
    official = {row["id"] for row in found if row["actor"] in own or row["parent"] in theirs}
    return tuple(
        replace(group, kind=GroupKind.OFFICIAL_REPOST.value)
        if group in plain and sum(name in official for name in group.event_ids) >= MAJORITY * len(group.event_ids)
        else group
        for group in known
    )
