"""The strip of figures: each with its unit, interval, change and proof; missing ones with the reason."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow.compute as pc

from canyu.kit.words import Words
from canyu.measure import definitions as say
from canyu.measure.catalogue.reckoning import NO_REACTIONS
from canyu.measure.facts import Answer, Facts, leave_out_copies, sum_by
from canyu.measure.figure import Figure, Proof
from canyu.measure.intervals import compute_net_interval, compute_share_interval

COMPARABLE_SHARE = 0.8
"""How many of the present period's observed days the period before needs, to be compared with."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Posts by sentiment; ``posts`` counts those without one too."""

    posts: int = 0
    positive: int = 0
    neutral: int = 0
    negative: int = 0

    @property
    def judged(self) -> int:
        """Posts that have a sentiment."""
        return self.positive + self.neutral + self.negative

    @property
    def net(self) -> float | None:
        """Net sentiment from -100 to 100, or None where no post has a sentiment."""
        return 100 * (self.positive - self.negative) / self.judged if self.judged else None

    @property
    def net_interval(self) -> tuple[float, float] | None:
        """The 95 % interval of ``net``, or None where there is none."""
        if not self.judged:
            return None
        low, high = compute_net_interval(self.positive, self.negative, self.judged)
        return 100 * low, 100 * high


def make_tally(counts: dict[str | None, int]) -> Tally:
    """Return the tally of counts by sentiment (None: not judged)."""
    named = {name: counts.get(name, 0) for name in ("positive", "neutral", "negative")}
    return Tally(posts=sum(counts.values()), **named)


def make_proof(facts: Facts, name: str, answer: Answer, rows: int, *caveats: Words) -> Proof:
    """Return the proof of a figure or picture that was computed from one answer."""
    definition = say.DEFINITIONS[name]
    engine = facts.engine
    return Proof(definition, answer.sql, answer.versions, rows, engine, (say.CAVEAT_COLLECTED, *caveats))


def tally_periods(facts: Facts, *, is_once: bool = False) -> tuple[Tally, Tally]:
    """Return the tallies of the period and of the one before: of the brand, or of all scored posts.

    With ``is_once`` copies of earlier texts are left out.
    """
    table = facts.mentions.table if facts.query.brand else facts.scored.table
    table = leave_out_copies(table) if is_once else table
    is_now = pc.greater_equal(table["day_number"], facts.start_number)
    chosen = pc.equal(table["brand"], facts.query.brand) if facts.query.brand else True
    now, before = pc.and_(is_now, chosen), pc.and_(pc.invert(is_now), chosen)
    return tuple(  # type: ignore[return-value]  # two masks give two tallies
        make_tally({key[0]: posts for key, posts in sum_by(table, ("sentiment",), mask).items()})
        for mask in (now, before)
    )


def count_observed(facts: Facts) -> tuple[int, int]:
    """Return the days that hold any scored post at all: of the period, and of the one before."""
    now = sum(day >= facts.start_number for day in facts.observed)
    return now, len(facts.observed) - now


def is_comparable(facts: Facts) -> bool:
    """Tell whether the period before was collected about as fully: half a period would show as a rise."""
    now, before = count_observed(facts)
    return before > 0 and before >= COMPARABLE_SHARE * now


def build_figures(facts: Facts) -> tuple[Figure, ...]:
    """Return the figures of the overview, in the order in which they are read."""
    return (
        _build_volume(facts),
        _build_net_sentiment(facts),
        _build_share(facts),
        _build_board(facts),
        _build_engagement(facts),
    )


def _make(name: str, value: float | int | None, proof: Proof, **rest: object) -> Figure:
    return Figure(name, say.LABELS[name], value, say.UNITS[name], proof, **rest)  # type: ignore[arg-type]  # its fields


def _spoken(facts: Facts) -> Answer:
    return facts.mentions if facts.query.brand else facts.scored


def _find_missing(facts: Facts) -> Words | None:
    return say.NO_SCORES if not facts.models["scores"] else None


def _tell_incomparable(facts: Facts) -> tuple[Words, ...]:
    if is_comparable(facts):
        return ()
    _, before = count_observed(facts)
    return (say.CAVEAT_NO_PREVIOUS.fill(days=len(facts.period.days), observed=before),)


def _build_volume(facts: Facts) -> Figure:
    now, before = tally_periods(facts)
    missing = _find_missing(facts)
    proof = make_proof(facts, "volume", _spoken(facts), now.posts, *_tell_incomparable(facts))
    previous = before.posts if is_comparable(facts) else None
    once = None if missing else tally_periods(facts, is_once=True)[0].posts
    return _make("volume", None if missing else now.posts, proof, previous=previous, missing=missing, once=once)


def _build_net_sentiment(facts: Facts) -> Figure:
    now, before = tally_periods(facts)
    missing = _find_missing(facts) or (None if now.judged else say.NO_SENTIMENT)
    caveat = say.CAVEAT_MODEL.fill(model=facts.models["scores"] or "—")
    proof = make_proof(facts, "net_sentiment", _spoken(facts), now.judged, caveat, *_tell_incomparable(facts))
    previous = before.net if is_comparable(facts) else None
    rest = {"previous": previous, "missing": missing, "once": tally_periods(facts, is_once=True)[0].net}
    return _make("net_sentiment", now.net, proof, interval=now.net_interval, **rest)


def _build_share(facts: Facts) -> Figure:
    table = facts.mentions.table
    is_now = pc.greater_equal(table["day_number"], facts.start_number)
    now = sum_by(table, ("brand",), is_now)
    before = sum_by(table, ("brand",), pc.invert(is_now))
    part, whole = now.get((facts.query.brand,), 0), sum(now.values())
    missing = _find_missing(facts) or (None if facts.query.brand else say.NO_BRAND)
    missing = missing or (None if whole else say.NO_POSTS)
    proof = make_proof(facts, "share_of_voice", facts.mentions, whole, *_tell_incomparable(facts))
    if missing:
        return _make("share_of_voice", None, proof, missing=missing)
    low, high = compute_share_interval(part, whole)
    earlier = sum(before.values())
    previous = 100 * before.get((facts.query.brand,), 0) / earlier if earlier and is_comparable(facts) else None
    once = sum_by(leave_out_copies(table), ("brand",), is_now)
    voices = sum(once.values())
    rest = {"previous": previous, "once": 100 * once.get((facts.query.brand,), 0) / voices if voices else None}
    return _make("share_of_voice", 100 * part / whole, proof, interval=(100 * low, 100 * high), **rest)


def _build_board(facts: Facts) -> Figure:
    caveats = (say.CAVEAT_BOARD_FILTER,) if facts.query.market else ()
    chosen = [row for row in facts.board.table.to_pylist() if row["brand"] == facts.query.brand]
    proof = make_proof(facts, "board_minutes", facts.board, sum(row["spells"] for row in chosen), *caveats)
    missing = say.NO_BOARD if not facts.models["board"] else None if facts.query.brand else say.NO_BRAND
    if missing:
        return _make("board_minutes", None, proof, missing=missing)
    minutes = sum(row["micros"] for row in chosen) // 60_000_000
    earlier = facts.board_before.table.to_pylist()
    previous = sum(row["micros"] for row in earlier if row["brand"] == facts.query.brand) // 60_000_000
    is_known = bool(earlier) and is_comparable(facts)
    return _make("board_minutes", minutes, proof, previous=previous if is_known else None)


def _build_engagement(facts: Facts) -> Figure:
    rows = {row["is_now"]: row for row in facts.engagement.table.to_pylist()}
    missing = say.NO_SCORES if not facts.models["engagement"] else None
    now, before = rows.get(True), rows.get(False)
    rows_now = now["posts"] if now else 0
    proof = make_proof(facts, "engagement", facts.engagement, rows_now, *_tell_incomparable(facts))
    previous = before["total"] if before and is_comparable(facts) else None
    value = now["total"] if now else 0
    if rows_now and not value:  # a source that states no counts looks just like posts that nobody reacted to
        missing = missing or NO_REACTIONS
    value = None if missing else value
    return _make("engagement", value, proof, previous=previous, missing=missing)
