"""How far the first listening of a lake is: what is read and found so far, for whoever looks before it is finished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from canyu.events import Lake
from canyu.events.listenings import find_listening, find_model_version
from canyu.listen import coordination_table, rumour_table, topic_table
from canyu.listen.pipeline import find_texts
from canyu.listen.update import WHOLE

UNITS = {topic_table.KIND: "week", coordination_table.KIND: "week", rumour_table.KIND: "day"}
READ = ("events", "scores", "mentions", "findings", "listenings")


@dataclass(frozen=True, slots=True)
class Progress:
    """Of ``posts`` with text ``scored`` are read, and in ``done`` of ``total`` weeks or days ``kind`` was looked for.

    Weeks and days are counted by UTC: at either end it may be one more than the brand's own calendar has.
    """

    kind: str
    unit: str
    posts: int
    scored: int
    done: int
    total: int

    @property
    def is_begun(self) -> bool:
        """Whether anything was read at all."""
        return self.scored > 0

    @property
    def is_scored(self) -> bool:
        """Whether every post is read, so that only the finding is left."""
        return self.scored >= self.posts


def read_progress(lake: Lake, kind: str, versions: Mapping[str, int] | None = None) -> Progress | None:
    """Return how far topics, coordination or rumours are; None once they are all found."""
    at = lake.versions() if versions is None else versions
    model = find_model_version(lake, at)
    if model and _is_found(lake, model, at):
        return None
    texts = find_texts(lake.scan("events", version=at.get("events")))
    posts = int(lake.engine.run(texts.aggregate(n=texts.count()))["n"][0].as_py())
    if not model:
        return Progress(kind, UNITS[kind], posts, 0, 0, 0)
    scores = lake.scan("scores", version=at.get("scores"))
    scores = scores.filter(scores.model_version == model)
    scored = int(lake.engine.run(scores.aggregate(n=scores.count()))["n"][0].as_py())
    is_heard = "listenings" in at and find_listening(lake, version=at["listenings"]) is not None
    total = _count_periods(lake, kind, model, at)
    done = min(total, _count_found(lake, kind, model, at))
    if done == total and (is_heard or scored >= posts):
        return None
    # posts that came since a finished listening are no part of it
    return Progress(kind, UNITS[kind], scored if is_heard else posts, scored, done, total)


def _is_found(lake: Lake, model: str, at: Mapping[str, int]) -> bool:
    if "findings" not in at:
        return False
    book = lake.scan("findings", version=at["findings"])
    book = book.filter(book.kind == WHOLE, book.model_version == model)
    return int(lake.engine.run(book.select("kind").limit(1)).num_rows) > 0


def _count_found(lake: Lake, kind: str, model: str, at: Mapping[str, int]) -> int:
    if "findings" not in at:
        return 0
    book = lake.scan("findings", version=at["findings"])
    book = book.filter(book.kind == kind, book.model_version == model, book.unit == UNITS[kind], book.brand == "")
    return int(lake.engine.run(book.select("period_start")).num_rows)


def _count_periods(lake: Lake, kind: str, model: str, at: Mapping[str, int]) -> int:
    name = "mentions" if kind == rumour_table.KIND else "scores"
    rows = lake.scan(name, version=at.get(name))
    rows = rows.filter(rows.model_version == model).select("day").distinct()
    days = lake.engine.run(rows)["day"].to_pylist()
    return len({day - timedelta(days=day.weekday()) for day in days} if UNITS[kind] == "week" else set(days))
