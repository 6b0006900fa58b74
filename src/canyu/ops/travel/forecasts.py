"""The cascades that are young at a moment, what is foreseen of each, and what came of it where that is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.events import Lake
from canyu.kit.jsonio import parse_json
from canyu.measure.facts import Answer, Reader, identify_lake
from canyu.ops.evidence.once import Once
from canyu.ops.travel.gathering import FOLLOWED, SPREADING, Gathered, Window, gather
from canyu.ops.travel.rules import LEAST_AGE_H, MOST_AGE_H
from canyu.spread.prediction import CurvePoint, Prediction, Predictor, Root, SeenCascade, load_predictor
from canyu.spread.prediction.horizon import LEAST_SEEN

MOST_FORESEEN = 50
DAY = timedelta(days=1)
LIKELY = 0.5
NO_LEAD = timedelta(0)
SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Reactions:
    """A post and every reaction to it that the lake holds: times in microseconds since 1970, ascending."""

    root: Root
    author: str
    channel: str
    times: NDArray[np.int64]
    ids: tuple[str, ...]
    parents: tuple[str | None, ...]
    until: datetime
    """The last moment of the lake: what came later is not known."""
    answer: Answer

    def count(self, moment: datetime) -> int:
        """Return how many there were at a moment."""
        return int(np.searchsorted(self.times, to_micros(moment), side="right"))

    def see(self, moment: datetime) -> SeenCascade:
        """Return what was seen until a moment."""
        many = self.count(moment)
        seen = SeenCascade(self.root)
        times = [datetime.fromtimestamp(time / SECOND, UTC) for time in self.times[:many].tolist()]
        seen.add(times, self.ids[:many], self.parents[:many])
        return seen

    def count_day(self) -> int | None:
        """Return the reactions of the first 24 hours, None while these are not over."""
        return self.count(self.root.time + DAY) if self.until >= self.root.time + DAY else None

    def count_end(self) -> int | None:
        """Return the reactions of the 30 days that a post is followed, None while these are not over."""
        return len(self.times) if self.until >= self.root.time + FOLLOWED else None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is foreseen of one post, and its reactions."""

    reactions: Reactions
    found: Prediction

    @property
    def chance(self) -> float:
        """The probability that its reactions pass the chosen number in the end."""
        return self.found.final.pass_probability or 0.0

    @property
    def is_day_right(self) -> bool | None:
        """Whether what came in 24 hours lies in the interval; None while it is not known."""
        came = self.reactions.count_day()
        return None if came is None else self.found.day.low <= came <= self.found.day.high


@dataclass(frozen=True, slots=True)
class Forecasts:
    """All that can be foreseen at a moment, the likeliest to pass first; ``left`` more were not computed."""

    moment: datetime
    is_past: bool
    passes: int
    rows: tuple[Forecast, ...]
    left: int
    posts: int
    """Posts with any reaction that are of the right age."""
    answer: Answer
    engine: str


def list_alarms(rows: Iterable[Forecast], least: float = LIKELY) -> list[Forecast]:
    """Return the posts that pass the chosen number with at least this probability, in their order."""
    return [one for one in rows if one.chance >= least]


def foresee_curve(one: Forecast, hours: Sequence[float]) -> tuple[CurvePoint, ...]:
    """Return what is foreseen for some hours after the post, a week at most, with the 80 % band of each."""
    reactions, age = one.reactions, one.found.age
    return get_predictor().predict_curve(reactions.see(reactions.root.time + age), age, hours)


def find_forecasts(lake: Lake, at: datetime | None, passes: int) -> Forecasts | None:
    """Return what can be foreseen at a moment (None: the last of the lake); None where the lake holds no post.

    Computed once per data version and kept.
    """
    last = find_last(lake)
    if last is None:
        return None
    moment = min(at, last) if at else last
    key = (identify_lake(lake), lake.version("events"), moment, passes, get_predictor().version)
    return _FORECASTS.get(key, lambda: _foresee_all(lake, moment, last, passes))


def find_reactions(lake: Lake, post: str, time: datetime) -> Reactions | None:
    """Return a post with all reactions to it, None where it has none; kept per data version."""
    key = (identify_lake(lake), lake.version("events"), post, time)

    def read() -> tuple[Reactions | None]:
        window = Window(time, time + timedelta(microseconds=1), with_answers=True, lead=NO_LEAD)
        found = gather(lake, window)
        last = find_last(lake)
        rows = list_reactions(lake, found, [post], last) if last else []
        return (rows[0] if rows else None,)

    return _REACTIONS.get(key, read)[0]


def foresee(reactions: Reactions, moment: datetime, passes: int) -> Forecast | None:
    """Return what is foreseen of a post at a moment; None where its age or number allow no forecast."""
    age = moment - reactions.root.time
    if not LEAST_AGE_H <= age / timedelta(hours=1) <= MOST_AGE_H or reactions.count(moment) < LEAST_SEEN:
        return None
    return Forecast(reactions, get_predictor().predict(reactions.see(moment), age, passes))


def foresee_all(posts: Iterable[Reactions], moment: datetime, passes: int) -> list[Forecast]:
    """Return what is foreseen of posts at a moment, the likeliest to pass first; those too young or small left out."""
    rows = [one for reactions in posts if (one := foresee(reactions, moment, passes))]
    return sorted(rows, key=lambda one: (-one.chance, -one.found.day.size, one.reactions.root.id))


def find_last(lake: Lake) -> datetime | None:
    """Return the time of the newest post, repost or comment."""
    key = (identify_lake(lake), lake.version("events"))

    def read() -> tuple[datetime | None]:
        table = Reader(lake).ask(find_last_time, "events").table
        return (table["last"][0].as_py() if len(table) else None,)

    return _LAST.get(key, read)[0]


def find_last_time(events: ir.Table) -> ir.Table:
    """Return the time of the newest event that spreads."""
    rows = events.filter(events.type.isin(list(SPREADING)))
    return rows.order_by(rows.time.desc()).limit(1).select(last=rows.time)  # an aggregate of no rows would be a null


def list_facts(events: ir.Table, ids: tuple[str, ...]) -> ir.Table:
    """Return what the predictor reads of posts: properties, and the letters of the text."""
    rows = events.filter(events.id.isin(list(ids)))
    return rows.select("id", "props", letters=rows.text.length())


def forget_forecasts() -> None:
    """Forget what is kept, so that the next forecast is computed anew."""
    _FORECASTS.clear()
    _REACTIONS.clear()


@lru_cache(maxsize=1)
def get_predictor() -> Predictor:
    """Return the newest installed predictor, read once per process."""
    return load_predictor()


def to_micros(moment: datetime) -> int:
    """Return whole microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FORECASTS, _REACTIONS, _LAST = Once(16), Once(64), Once(4)


def _foresee_all(lake: Lake, moment: datetime, last: datetime, passes: int) -> Forecasts:
    begin, end = moment - timedelta(hours=MOST_AGE_H), moment - timedelta(hours=LEAST_AGE_H)
    window = Window(begin, end + timedelta(microseconds=1), with_answers=True, lead=NO_LEAD)
    gathered = gather(lake, window)
    seen = gathered.reposts.filter(
        pc.less_equal(gathered.reposts["time"], pa.scalar(moment, pa.timestamp("us", "UTC")))
    )
    counts = count_by_post(seen)
    known = gathered.roots.filter(gathered.roots["is_known"])["root"].to_pylist()
    many = sorted((root for root in known if counts.get(root, 0) >= LEAST_SEEN), key=lambda root: (-counts[root], root))
    chosen = list_reactions(lake, gathered, many[:MOST_FORESEEN], last)
    rows = foresee_all(chosen, moment, passes)
    left = max(0, len(many) - MOST_FORESEEN)
    return Forecasts(
        moment, moment < last, passes, tuple(rows), left, len(known), _slim(gathered.answer), gathered.engine
    )


def list_reactions(lake: Lake, gathered: Gathered, posts: Sequence[str], last: datetime) -> list[Reactions]:
    """Return each of these posts with its reactions; those that the lake does not hold are left out."""
    roots = gathered.roots.filter(pc.is_in(gathered.roots["root"], pa.array(list(posts), pa.string())))
    roots = roots.filter(roots["is_known"])
    if not len(roots):
        return []
    facts = Reader(lake).ask(list_facts, "events", tuple(sorted(roots["root"].to_pylist()))).table.to_pylist()
    told = {row["id"]: row for row in facts}
    answer, found = _slim(gathered.answer), []
    for row, mine in zip(roots.to_pylist(), _part(gathered.reposts, roots["root"].combine_chunks()), strict=True):
        times = np.array(mine["time"].cast(pa.int64()), np.int64)
        ids, parents = tuple(mine["id"].to_pylist()), tuple(mine["parent"].to_pylist())
        root = _make_root(row, told.get(row["root"], {}))
        found.append(Reactions(root, row["author"] or "", row["channel"] or "", times, ids, parents, last, answer))
    return found


def count_by_post(reposts: pa.Table) -> dict[str, int]:
    """Return how many reactions each post has among these rows."""
    kept = reposts.filter(pc.not_equal(reposts["root"], reposts["id"]))
    return {row["values"]: row["counts"] for row in kept["root"].value_counts().to_pylist()}


def _part(reposts: pa.Table, roots: pa.Array) -> Iterator[pa.Table]:
    """Yield the reactions to each of these posts by time, without the post itself; the rows are sorted once."""
    is_meant = pc.and_(pc.is_in(reposts["root"], roots), pc.not_equal(reposts["root"], reposts["id"]))
    kept = reposts.filter(is_meant)
    kept = kept.append_column("place", pc.index_in(kept["root"], roots)).sort_by(
        [("place", "ascending"), ("time", "ascending")]
    )
    ends = np.searchsorted(np.array(kept["place"], np.int64), np.arange(len(roots) + 1))
    for begin, end in pairwise(ends.tolist()):
        yield kept.slice(begin, end - begin)


def _slim(answer: Answer) -> Answer:
    """Return how it was asked, without the rows."""
    return Answer(answer.table.slice(0, 0), answer.sql, answer.versions)


def _make_root(row: dict[str, Any], facts: dict[str, Any]) -> Root:
    props = _read_props(facts.get("props"))
    followers, verified = props.get("followers"), props.get("verified")
    return Root(
        time=row["time"],
        followers=followers if isinstance(followers, int) and not isinstance(followers, bool) else None,
        verified=verified if isinstance(verified, bool) else None,
        text_length=facts.get("letters"),
        id=row["root"],
    )


def _read_props(text: str | None) -> dict[str, Any]:
    try:
        found = parse_json(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def count_likely(rows: Iterable[Forecast]) -> int:
    """Return how many pass the chosen number with a probability of at least one half."""
    return sum(one.chance >= LIKELY for one in rows)
