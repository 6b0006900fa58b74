"""The hours at which posts would have been told of: when one first passes a size with a probability."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from canyu.events import Lake
from canyu.ops.travel.forecasts import (
    MOST_FORESEEN,
    NO_LEAD,
    SECOND,
    Forecast,
    Reactions,
    count_by_post,
    find_last,
    foresee_all,
    get_predictor,
    list_alarms,
    list_reactions,
)
from canyu.ops.travel.gathering import Window, gather
from canyu.ops.travel.rules import LEAST_AGE_H, MOST_AGE_H
from canyu.spread.prediction.horizon import LEAST_SEEN

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Threshold:
    """Told of is a post that passes this many reactions in the end with at least this probability."""

    passes: int
    chance: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """The forecast of the first whole hour at which a post reached the probability."""

    found: datetime
    passes: int
    forecast: Forecast

    @property
    def passed_at(self) -> datetime | None:
        """When it passed the number, None where it has not yet."""
        return find_pass(self.forecast.reactions, self.passes)


@dataclass(frozen=True, slots=True)
class Watched:
    """What crossed in some hours, by threshold, in the order of their hours, among ``posts`` with enough reactions."""

    begin: datetime
    end: datetime
    posts: int
    crossings: Mapping[Threshold, tuple[Crossing, ...]]
    model: str
    versions: Mapping[str, int]


def find_crossings(lake: Lake, begin: datetime, end: datetime, thresholds: Sequence[Threshold]) -> Watched | None:
    """Return which posts would have been told of at the whole hours after ``begin`` until ``end``, each once.

    At each hour only what was known then is read, of the 50 posts with most reactions, as the page of forecasts does.
    Hours after the newest post or reaction are not over. None where the lake holds no post.
    """
    last = find_last(lake)
    if last is None:
        return None
    moments = list_hours(begin, min(end, last))
    if not moments:
        return Watched(begin, begin, 0, dict.fromkeys(thresholds, ()), get_predictor().version, {})
    first, final = moments[0] - MOST_AGE_H * HOUR, moments[-1] - LEAST_AGE_H * HOUR
    gathered = gather(lake, Window(first, final + TICK, with_answers=True, lead=NO_LEAD))
    many = [root for root, count in count_by_post(gathered.reposts).items() if count >= LEAST_SEEN]
    posts = list_reactions(lake, gathered, many, last)
    begin = max(begin, min(gathered.roots["time"].to_pylist(), default=begin))  # before, nothing was collected
    young = gather_young(posts, moments)
    crossings = {one: tuple(_watch(young, one)) for one in thresholds}
    version = gathered.answer.versions
    return Watched(begin, moments[-1], len(posts), crossings, get_predictor().version, version)


def follow_posts(lake: Lake, posts: Mapping[str, datetime]) -> dict[str, Reactions]:
    """Return posts, given with their times, with all that is known of them by now; those that are gone are left out."""
    last = find_last(lake)
    if last is None or not posts:
        return {}
    window = Window(min(posts.values()), max(posts.values()) + TICK, with_answers=True, lead=NO_LEAD)
    return {one.root.id: one for one in list_reactions(lake, gather(lake, window), list(posts), last)}


def list_hours(begin: datetime, end: datetime) -> list[datetime]:
    """Return the whole hours after ``begin`` (aware) until ``end``, included.

    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> [one.hour for one in list_hours(noon, noon + timedelta(hours=2, minutes=59))]
    [13, 14]
    """
    first = begin.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR
    many = max(0, (end - first) // HOUR + 1)
    return [first + number * HOUR for number in range(many)]


def gather_young(posts: Iterable[Reactions], moments: Sequence[datetime]) -> list[tuple[datetime, list[Reactions]]]:
    """Return the hours at which anything can be foreseen, each with the posts of the right age that have enough."""
    found: dict[datetime, list[tuple[int, str, Reactions]]] = {}
    for reactions in posts:
        posted = reactions.root.time
        first = max(posted + LEAST_AGE_H * HOUR, moments[0]) - TICK
        for moment in list_hours(first, min(posted + MOST_AGE_H * HOUR, moments[-1])):
            if (seen := reactions.count(moment)) >= LEAST_SEEN:
                found.setdefault(moment, []).append((-seen, reactions.root.id, reactions))
    return [(moment, [row[2] for row in sorted(found[moment])[:MOST_FORESEEN]]) for moment in sorted(found)]


def find_pass(reactions: Reactions, passes: int) -> datetime | None:
    """Return when a post passed a number of reactions, None where it has not."""
    if len(reactions.times) <= passes:
        return None
    return datetime.fromtimestamp(int(reactions.times[passes]) / SECOND, UTC)


def _watch(young: Iterable[tuple[datetime, list[Reactions]]], wanted: Threshold) -> Iterator[Crossing]:
    told: set[str] = set()
    for moment, posts in young:
        fresh = [one for one in posts if one.root.id not in told and _is_likely(one, moment, wanted)]
        for one in list_alarms(foresee_all(fresh, moment, wanted.passes), wanted.chance):
            told.add(one.reactions.root.id)
            yield Crossing(moment, wanted.passes, one)


def _is_likely(reactions: Reactions, moment: datetime, wanted: Threshold) -> bool:
    """Say whether a post reaches the probability: most do not, and of these nothing else need be foreseen."""
    age = moment - reactions.root.time
    return get_predictor().find_chance(reactions.see(moment), age, wanted.passes) >= wanted.chance
