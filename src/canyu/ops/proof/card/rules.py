"""Which weeks and months a scorecard is of, and what an address says of it; pure, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.catalogue import INDICES
from canyu.measure.scorecard.decomposition import DIMENSIONS
from canyu.ops.alerts.rules import parse_choice
from canyu.ops.proof.models import Rhythm

WEIGHT = "w_"
MOST_WEIGHT = 1000.0
PARTS = tuple(dict.fromkeys(part.metric for index in INDICES.values() for part in index.parts))
RHYTHMS: dict[str, Words] = {Rhythm.WEEK.value: Words("周", "week"), Rhythm.MONTH.value: Words("月", "month")}


@dataclass(frozen=True, slots=True)
class Span:
    """A week from Monday to Sunday, or a month."""

    rhythm: Rhythm
    first: date
    last: date

    @property
    def before(self) -> Span:
        """The one before it."""
        return find_span(self.rhythm, self.first - timedelta(days=1))

    @property
    def after(self) -> Span:
        """The one after it."""
        return find_span(self.rhythm, self.last + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page or a mail asks for."""

    span: Span
    by: str = "channel"
    weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """The same as the query of an address, with its days written out."""
        params = {"rhythm": self.span.rhythm.value, "day": self.span.first.isoformat(), "by": self.by}
        return urlencode({**params, **{f"{WEIGHT}{name}": f"{weight:g}" for name, weight in self.weights.items()}})


def find_span(rhythm: Rhythm, day: date) -> Span:
    """Return the week or month that holds a day.

    >>> found = find_span(Rhythm.MONTH, date(2024, 2, 10))
    >>> str(found.first), str(found.last), str(found.before.first), str(find_span(Rhythm.WEEK, found.first).first)
    ('2024-02-01', '2024-02-29', '2024-01-01', '2024-01-29')
    """
    if rhythm is Rhythm.WEEK:
        first = day - timedelta(days=day.weekday())
        return Span(rhythm, first, first + timedelta(days=6))
    first = day.replace(day=1)
    return Span(rhythm, first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


def find_last_whole(rhythm: Rhythm, day: date) -> Span:
    """Return the last week or month that had ended when a day was over.

    >>> [str(find_last_whole(Rhythm.WEEK, date(2025, 4, day)).last) for day in (12, 13)]
    ['2025-04-06', '2025-04-13']
    """
    found = find_span(rhythm, day)
    return found if found.last <= day else found.before


def parse_asked(params: Mapping[str, str], last_day: date) -> Asked:
    """Return what an address asks for; by default the last whole week that there are data of. Raises BadInput."""
    rhythm = Rhythm(parse_choice(params, "rhythm", tuple(Rhythm.values), Rhythm.WEEK.value))
    by = parse_choice(params, "by", tuple(DIMENSIONS), "channel")
    told = params.get("day", "")
    try:
        span = find_span(rhythm, date.fromisoformat(told)) if told else find_last_whole(rhythm, last_day)
    except (ValueError, OverflowError) as error:
        raise BadInput(
            Words(f"{told[:20]!r} 不是日期。", f"{told[:20]!r} is no day."),
            mend=Words("请写 2025-01-31。", "Write 2025-01-31."),
        ) from error
    weights = {name: _parse_weight(name, params[WEIGHT + name]) for name in PARTS if params.get(WEIGHT + name)}
    return Asked(span, by, weights)


def _parse_weight(name: str, told: str) -> float:
    try:
        weight = float(told)
    except ValueError:
        weight = -1.0
    if not 0 <= weight <= MOST_WEIGHT:
        raise BadInput(
            Words(f"{name} 的权重 {told[:20]!r} 不能用。", f"{told[:20]!r} is no weight of {name}."),
            mend=Words("请写 0 到 1000 之间的数。", "Write a number from 0 to 1000."),
        )
    return weight
