"""Which listening counts: the model version whose scores, mentions, engagement and board a reader takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from canyu.events.lake import Lake


@dataclass(frozen=True, slots=True)
class Listening:
    """One finished listening: all events of ``events_version`` are scored by ``model_version``."""

    number: int
    model_version: str
    events_version: int


def find_listening(lake: Lake, *, version: int | None = None) -> Listening | None:
    """Return the newest finished listening (at a version of the table ``listenings``), or None before the first."""
    rows = lake.scan("listenings", version=version)
    newest = lake.engine.run(rows.order_by(rows.number.desc()).limit(1)).to_pylist()
    return Listening(newest[0]["number"], newest[0]["model_version"], newest[0]["events_version"]) if newest else None


def find_model_version(lake: Lake, versions: Mapping[str, int] | None = None) -> str:
    """Return the model version to read, at ``versions`` of the tables (default: now). Empty where none listened.

    Before the first listening is finished, what stands in ``scores`` so far is read: its last model version by name.
    """
    at = lake.versions() if versions is None else versions
    if "listenings" in at:
        found = find_listening(lake, version=at["listenings"])
        if found is not None:
            return found.model_version
    if "scores" not in at:
        return ""
    scores = lake.scan("scores", version=at["scores"])
    last = lake.engine.run(scores.aggregate(last=scores.model_version.max()))["last"][0].as_py()
    return str(last or "")
