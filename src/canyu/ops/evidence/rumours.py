"""The queue of claims to check: what an address asks for, the queue kept per data version, and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from canyu.events import Lake
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.rumour_queue import Entry, QueueAsk, RumourQueue, read_queue
from canyu.listen.rumours import REASONS, Precision, Quote, Stance, View
from canyu.measure import OverviewQuery
from canyu.measure.facts import identify_lake
from canyu.measure.period import make_period
from canyu.ops.evidence.once import Once
from canyu.ops.insight.rules import Bounds, parse_overview

PRECISIONS = ("0.8", "0.9", "0.95")
SHARES = ("0.02", "0.05", "0.1", "0.45")
USUAL_PRECISION, USUAL_SHARE = "0.9", "0.05"
SHOWN_LETTERS = 600
LEAST_REASON = 0.2  # log-odds: less is not worth a line
TABLES_READ = frozenset({"events", "scores", "mentions", "rumours", "findings", "listenings"})
VIEW_WORDS = {
    View.TEXT: Words("只知道文字", "text alone"),
    View.PROFILE: Words("文字和作者", "text and author"),
    View.REACTIONS: Words("文字和最初回应", "text and first answers"),
    View.ALL: Words("文字、作者和最初回应", "text, author and first answers"),
}
STANCE_WORDS = {
    Stance.DENIAL: Words("否认", "denies"),
    Stance.DOUBT: Words("怀疑", "doubts"),
    Stance.CONFIRMATION: Words("附和", "confirms"),
}


@dataclass(frozen=True, slots=True)
class RumoursQuery:
    """Which queue is asked for: the overview's brand and period, and what the operator chose."""

    view: OverviewQuery
    precision: str
    share: str


@dataclass(frozen=True, slots=True)
class Card:
    """One candidate as a page shows it; ``parts``: the text cut into (part, whether it is the claim)."""

    entry: Entry
    parts: tuple[tuple[str, bool], ...]
    is_cut: bool
    reasons: tuple[tuple[Words, float], ...]
    quotes: tuple[tuple[Words, Quote], ...]


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The queue with its cards, and the data versions that it was read at."""

    queue: RumourQueue
    cards: tuple[Card, ...]
    versions: dict[str, int]

    @property
    def thresholds(self) -> tuple[tuple[Words, Precision | None], ...]:
        """What the chosen precision means for each view."""
        return tuple((VIEW_WORDS[view], found) for view, found in self.queue.thresholds.items())

    @property
    def recalls(self) -> tuple[float, float] | None:
        """The smallest and the largest share of rumours that is expected to be listed, in per cent."""
        found = [100 * each.recall for each in self.queue.thresholds.values() if each]
        return (min(found), max(found)) if found else None

    @property
    def precisions(self) -> tuple[float, float] | None:
        """The ends of the 95 % intervals of the precision over all views, in per cent."""
        found = [each for each in self.queue.thresholds.values() if each]
        return (100 * min(each.low for each in found), 100 * max(each.high for each in found)) if found else None


def parse_rumours(params: Mapping[str, str], bounds: Bounds) -> RumoursQuery:
    """Return the queue that an address asks for; raises BadInput with the field at fault."""
    chosen = {}
    for name, choices, usual in (("precision", PRECISIONS, USUAL_PRECISION), ("share", SHARES, USUAL_SHARE)):
        chosen[name] = params.get(name, "") or usual
        if chosen[name] not in choices:
            raise BadInput(
                _("%(name)s=%(text)s is unknown.") % {"name": name, "text": repr(chosen[name][:40])},
                mend=_("Use one of: %s.") % ", ".join(choices),
            )
    return RumoursQuery(parse_overview(params, bounds), **chosen)


def get_queue(lake: Lake, query: RumoursQuery, limit: int) -> QueuePage:
    """Return the queue, read once per data version and kept."""
    versions = {name: version for name, version in lake.versions().items() if name in TABLES_READ}
    key = (identify_lake(lake), tuple(sorted(versions.items())), query, limit)
    return _QUEUES.get(key, lambda: _read(lake, query, limit, versions))


_QUEUES = Once(16)


def _read(lake: Lake, query: RumoursQuery, limit: int, versions: dict[str, int]) -> QueuePage:
    view = query.view
    period = make_period(view.start, view.end, view.zone)
    ask = QueueAsk(period.start, period.end, view.brand, float(query.precision), float(query.share), limit)
    queue = read_queue(lake, ask, versions=versions)
    return QueuePage(queue, tuple(_make_card(entry) for entry in queue.entries), versions)


def _make_card(entry: Entry) -> Card:
    found = entry.candidate
    reasons = sorted(found.reasons.items(), key=lambda reason: -abs(reason[1]))
    return Card(
        entry=entry,
        parts=cut_claim(entry.text, found.claim.start, found.claim.end),
        is_cut=len(entry.text) > max(SHOWN_LETTERS, found.claim.end),
        reasons=tuple((REASONS[name], value) for name, value in reasons if abs(value) >= LEAST_REASON),
        quotes=tuple((STANCE_WORDS[quote.stance], quote) for quote in _leave_repeats(found.quotes)),
    )


def _leave_repeats(quotes: tuple[Quote, ...]) -> list[Quote]:
    """Return the first of the quotes that say the same."""
    return list({(quote.stance, quote.text): quote for quote in reversed(quotes)}.values())[::-1]


def cut_claim(text: str, start: int, end: int) -> tuple[tuple[str, bool], ...]:
    """Cut a text into (part, whether it is the claim), a long text after the claim.

    >>> cut_claim("大家好！网传爆炸。", 4, 9)
    (('大家好！', False), ('网传爆炸。', True))
    """
    text = text[: max(SHOWN_LETTERS, end)]
    parts = ((text[:start], False), (text[start:end], True), (text[end:], False))
    return tuple(part for part in parts if part[0])
