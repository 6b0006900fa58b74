"""What a person is told of a burst: one object per burst, with its figures and its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from canyu.listen.bursts.forecast import Forecast
from canyu.listen.bursts.severity import Severity

SIZES = (10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
WARNING_EXCESS = 100
STATISTICAL = "bursts"


@dataclass(frozen=True)
class SeriesKey:
    """What a series counts; empty parts mean all."""

    product: str
    aspect: str = ""
    sentiment: str = ""
    metric: str = ""

    @classmethod
    def from_text(cls, text: str) -> SeriesKey:
        """Read ``product|aspect|sentiment|metric``; without bars the whole text is the product.

        >>> SeriesKey.from_text("X5|battery|negative|posts").aspect
        'battery'
        """
        parts = text.rsplit("|", 3)
        return cls(*parts) if len(parts) == 4 else cls(text)

    def __str__(self) -> str:
        return "|".join((self.product, self.aspect, self.sentiment, self.metric))


@dataclass(frozen=True)
class Selection:
    """Which series a rule or a route is about; an empty field takes all."""

    products: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()

    def matches(self, key: SeriesKey) -> bool:
        """Say whether the series is meant."""
        asked = (self.products, self.aspects, self.sentiments, self.metrics)
        found = (key.product, key.aspect, key.sentiment, key.metric)
        return all(not names or name in names for names, name in zip(asked, found, strict=True))


EVERYTHING = Selection()


@dataclass(frozen=True)
class Alert:
    """One burst, as it stands at the last hour counted.

    Attributes
    ----------
    source
        ``bursts``, or ``rule:`` and the rule's name.
    begin, found, peak_at, ended
        Times (aware, UTC): the first raised hour, the hour that showed it, the hour of the peak, and the end of the
        last raised hour (none while it goes on).
    closed_at
        The hour that showed the end, or none.
    observed, expected, raw
        Posts since ``begin`` without copies, as many as usual, and with copies; the test is on the first.
    p, q
        Of the hour that showed it; of a rule, none.
    forecast
        Posts in the 24 hours to come, while it goes on.
    forecast_found, came
        What was likely in the 24 hours after the hour that showed it, and what came (none until they are over).

    """

    source: str
    series: SeriesKey
    begin: datetime
    found: datetime
    peak_at: datetime
    peak: int
    observed: int
    expected: float
    raw: int
    severity: Severity
    ended: datetime | None = None
    closed_at: datetime | None = None
    is_new_level: bool = False
    p: float | None = None
    q: float | None = None
    forecast: Forecast | None = None
    forecast_found: Forecast | None = None
    came: int | None = None
    evidence: tuple[str, ...] = ()
    team: str = ""

    @property
    def alert_id(self) -> str:
        """The same for the same burst at every later hour."""
        text = f"{self.source}\n{self.series}\n{self.found.isoformat()}"
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

    @property
    def ratio(self) -> float:
        """Posts observed per post expected (at least a tenth of a post is expected)."""
        return self.observed / max(self.expected, 0.1)

    @property
    def has_held(self) -> bool:
        """Whether what came lies in the interval of the forecast made when it was found."""
        ahead = self.forecast_found
        return ahead is not None and self.came is not None and ahead.low <= self.came <= ahead.high

    @property
    def size(self) -> int:
        """The class of the excess over the expected: 0 below 10 posts, 1 below 30, 2 below 100, and so on."""
        return sum(self.observed - self.expected >= least for least in SIZES)


def judge_severity(excess: float, critical_excess: float) -> Severity:
    """Return the severity of so many posts above the expected."""
    if excess >= critical_excess:
        return Severity.CRITICAL
    return Severity.WARNING if excess >= WARNING_EXCESS else Severity.NOTICE
