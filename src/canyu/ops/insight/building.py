"""What a page of findings says while the first listening of a lake is not finished: kept per data version."""

from __future__ import annotations

from canyu.listen.progress import READ, Progress, read_progress
from canyu.listen.topic_table import KIND as TOPICS
from canyu.measure.facts import identify_lake
from canyu.measure.kept import Kept
from canyu.ops.lakes import get_lake
from canyu.ops.people.models import Person


def get_progress(viewer: Person, kind: str) -> Progress | None:  # noqa: ARG001 - reads take the viewer first
    """Return how far topics, coordination or rumours are found; None once all are."""
    lake = get_lake()
    versions = {name: version for name, version in lake.versions().items() if name in READ}
    key = (identify_lake(lake), kind, tuple(sorted(versions.items())))
    found: tuple[Progress | None] | None = _KEPT.find(key)
    if found is None:
        found = (read_progress(lake, kind, versions),)
        _KEPT.keep(key, found)
    return found[0]


def get_reading(viewer: Person) -> Progress | None:
    """Return how many posts are read while the first listening still reads; None once all are."""
    found = get_progress(viewer, TOPICS)
    return found if found and found.is_begun and not found.is_scored else None


_KEPT = Kept(32)
