"""How an address becomes a view, and a text becomes marked parts; pure, no lake, no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from django.utils.translation import gettext as _

from canyu.kit.errors import BadInput
from canyu.measure.figure import OverviewQuery

PERIODS_DAYS = (7, 30, 90, 365)
DEFAULT_DAYS = 90
ALL = "all"
MAX_PAGE = 200
MAX_SEARCH_LETTERS = 200
SHOWN_LETTERS = 20_000
POLARITIES = ("-1", "0", "1")
WITHOUT, ONLY = "without", "only"
ANY_GROUP = "any"
"""Stands for every group of accounts that post as one, in place of the id of one group."""
ANY_FINDING = "any"
"""Stands for any aspect or any key message, in place of the id of one."""
ASPECT_MARK = "aspect:"
"""Begins the id of a marked stretch that names an aspect: ``aspect:-1:car/range``."""


class Sort(StrEnum):
    """The orders a list of posts can have."""

    NEWEST = "newest"
    OLDEST = "oldest"
    SPREAD = "spread"


class Sentiment(StrEnum):
    """What a post can be judged as."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Emotion(StrEnum):
    """What a post can be felt as."""

    HAPPY = "happy"
    ANGRY = "angry"
    SAD = "sad"
    FEAR = "fear"
    SURPRISE = "surprise"
    NEUTRAL = "neutral"


class Column(StrEnum):
    """The columns of the list of posts that can be shown or left out; the text is always there."""

    TIME = "time"
    SENTIMENT = "sentiment"
    LINKS = "links"
    CHANNEL = "channel"
    MARKET = "market"
    REPOSTS = "reposts"
    COMMENTS = "comments"
    LIKES = "likes"
    LANG = "lang"


DEFAULT_COLUMNS = (Column.TIME, Column.SENTIMENT, Column.LINKS, Column.CHANNEL, Column.REPOSTS, Column.COMMENTS)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The days a lake has and the brand that a view is about unless told otherwise."""

    first_day: date
    last_day: date
    zone: str
    home: str


@dataclass(frozen=True, slots=True)
class PostsQuery:
    """Which posts are asked for; empty means all. Days are the brand's own, both included."""

    start: date
    end: date
    zone: str
    text: str = ""
    link: str = ""
    sentiment: str = ""
    channel: str = ""
    market: str = ""
    cluster: str = ""
    is_own: bool = False
    """Only what people published of their own: no reposts, comments and replies."""
    aspect: str = ""
    polarity: str = ""
    """What is said of the aspect, or of any where none is named: ``-1``, ``0`` or ``1``."""
    storyline: str = ""
    emotion: str = ""
    group: str = ""
    """Posts of one group of accounts that post as one, or of any (``ANY_GROUP``); some have no words of their own."""
    accounts: str = ""
    """``without`` the brands' own accounts, or ``only`` these."""
    is_once: bool = False
    """Without copies of earlier posts."""
    sort: Sort = Sort.NEWEST
    page: int = 1

    @property
    def is_of_opinions(self) -> bool:
        """Whether the table of opinions has to be read."""
        return bool(self.aspect or self.polarity)

    @property
    def is_narrowed(self) -> bool:
        """Whether it asks for what only a listening knows and no field of the form states."""
        return bool(self.is_of_opinions or self.storyline or self.emotion or self.accounts or self.is_once)


class Marked(Protocol):
    """A stretch of a text that names a catalogue entry."""

    @property
    def start(self) -> int:
        """Where it begins."""
        ...

    @property
    def end(self) -> int:
        """Where it ends (not included)."""
        ...

    @property
    def id(self) -> str:
        """What it names."""
        ...


def parse_overview(params: Mapping[str, str], bounds: Bounds) -> OverviewQuery:
    """Return the overview that an address asks for; raises BadInput with the field at fault."""
    params = drop_nul(params)
    start, end = parse_period(params, bounds)
    brand = params.get("brand", "") or bounds.home
    return OverviewQuery(
        start=start,
        end=end,
        zone=bounds.zone,
        brand="" if brand == ALL else brand,
        channel=params.get("channel", ""),
        market=params.get("market", ""),
    )


def parse_posts(params: Mapping[str, str], bounds: Bounds) -> PostsQuery:
    """Return the posts that an address asks for; raises BadInput with the field at fault."""
    params = drop_nul(params)
    start, end = parse_period(params, bounds)
    text = params.get("q", "").strip()
    if len(text) > MAX_SEARCH_LETTERS:
        raise BadInput(
            _("The search text is too long."), mend=_("Search for %d characters at most.") % MAX_SEARCH_LETTERS
        )
    link = params.get("link", "")
    return PostsQuery(
        start=start,
        end=end,
        zone=bounds.zone,
        text=text,
        link="" if link == ALL else link,
        sentiment=_choose(params, "sentiment", list(Sentiment), ""),
        channel=params.get("channel", ""),
        market=params.get("market", ""),
        cluster=params.get("cluster", ""),
        is_own=params.get("own", "") == "1",
        aspect=params.get("aspect", ""),
        polarity=_choose(params, "polarity", POLARITIES, ""),
        storyline=params.get("storyline", ""),
        emotion=_choose(params, "emotion", list(Emotion), ""),
        group=params.get("group", ""),
        accounts=parse_accounts(params),
        is_once=_choose(params, "copies", (WITHOUT,), "") == WITHOUT,
        sort=Sort(_choose(params, "sort", list(Sort), Sort.NEWEST)),
        page=_parse_count(params, "page", 1, MAX_PAGE),
    )


def parse_accounts(params: Mapping[str, str]) -> str:
    """Return whether posts are asked for ``without`` the brands' own accounts or of ``only`` these; empty for all."""
    return _choose(params, "accounts", (WITHOUT, ONLY), "")


def parse_without_own(params: Mapping[str, str]) -> bool:
    """Return whether posts of the brands' own accounts are to be left out; raises BadInput for another word."""
    return _choose(params, "accounts", (WITHOUT,), "") == WITHOUT


def parse_period(params: Mapping[str, str], bounds: Bounds) -> tuple[date, date]:
    """Return first and last day: stated ones (``from``, ``to``), else the last ``days`` days that have data."""
    end = _parse_day(params, "to") or bounds.last_day
    days = _parse_count(params, "days", DEFAULT_DAYS, 3660)
    # a number of days reaches back no further than the data
    start = _parse_day(params, "from") or max(min(bounds.first_day, end), end - timedelta(days=days - 1))
    if start > end:
        raise BadInput(
            _("The period ends (%(end)s) before it begins (%(start)s).") % {"end": end, "start": start},
            mend=_("Exchange the two days."),
        )
    return start, end


def drop_nul(params: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters without NUL, which no text of the lake holds and no query can spell."""
    return {name: value.replace("\0", "") for name, value in params.items()}


def parse_columns(chosen: Iterable[str], kept: str) -> tuple[Column, ...]:
    """Return the columns chosen now, else those kept from before, else the usual ones; always in the same order."""
    names = set(chosen) or set(kept.split("."))
    found = tuple(column for column in Column if column.value in names)
    return found or DEFAULT_COLUMNS


def mark_parts(text: str, spans: Iterable[Marked]) -> list[tuple[str, str]]:
    """Cut a text into (part, id) in order; the id is empty between mentions. Joined, the parts are the text again.

    >>> from canyu.listen.linking import Span
    >>> mark_parts("小米 SU7真香", [Span(0, 6, "xiaomi/su7"), Span(3, 6, "x")])
    [('小米 SU7', 'xiaomi/su7'), ('真香', '')]
    """
    parts: list[tuple[str, str]] = []
    place = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if span.start < place:
            continue
        if span.start > place:
            parts.append((text[place : span.start], ""))
        parts.append((text[span.start : span.end], span.id))
        place = span.end
    if place < len(text):
        parts.append((text[place:], ""))
    return parts


def guard_cell(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula: texts that begin like one get a leading apostrophe.

    >>> guard_cell("=HYPERLINK(1)"), guard_cell("小米"), guard_cell(-3)
    ("'=HYPERLINK(1)", '小米', -3)
    """
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def _parse_day(params: Mapping[str, str], name: str) -> date | None:
    text = params.get(name, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            _("%(name)s=%(text)s is not a day.") % {"name": name, "text": repr(text[:40])},
            mend=_("Write it as 2025-04-01."),
        ) from error


def _parse_count(params: Mapping[str, str], name: str, usual: int, most: int) -> int:
    text = params.get(name, "")
    if not text:
        return usual
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise BadInput(
            _("%(name)s=%(text)s cannot be used.") % {"name": name, "text": repr(text[:40])},
            mend=_("Use a whole number from 1 to %d.") % most,
        )
    return int(text)


def _choose(params: Mapping[str, str], name: str, allowed: Iterable[str], usual: str) -> str:
    value = params.get(name, "") or usual
    if value != usual and value not in set(allowed):
        raise BadInput(
            _("%(name)s=%(text)s is unknown.") % {"name": name, "text": repr(value[:40])},
            mend=_("Use one of: %s.") % ", ".join(allowed),
        )
    return value
