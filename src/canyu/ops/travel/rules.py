"""How an address becomes a view of spread, and how accounts are named; pure, no lake, no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.ops.insight.rules import ALL, Bounds, drop_nul, parse_period

ANSWERS_TOO = "answers"
USUAL_PASSES = 100
MOST_PASSES = 10_000_000
SLIDER_H = (0.5, 1.0, 2.0, 6.0)
LEAST_AGE_H, MOST_AGE_H = 0.25, 12.0
MOST_ID_LETTERS = 400
KEY_LETTERS = 10
MOST_PAGE = 100_000
LAST_YEAR = 9990  # a month later there is still a date


class Order(StrEnum):
    """What the table of carriers is ordered by."""

    CARRIED = "carried"
    BRIDGING = "bridging"


class Colour(StrEnum):
    """What the colour of a mark of the tree tells."""

    TIME = "time"
    MOOD = "mood"


class Scale(StrEnum):
    """How the age of a cascade is laid out."""

    LOG = "log"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class TravelQuery:
    """Which cascades are asked for: of posts of these days (the brand's own, both included); empty means all."""

    start: date
    end: date
    zone: str
    link: str = ""
    channel: str = ""
    market: str = ""
    campaign: str = ""
    with_answers: bool = False
    """Comments count as reposts do."""

    def list_params(self) -> dict[str, str]:
        """Return the parameters of an address of this view, the days written out."""
        found = {"from": self.start.isoformat(), "to": self.end.isoformat(), "link": self.link or ALL}
        found |= {"channel": self.channel, "market": self.market, "campaign": self.campaign}
        found["with"] = ANSWERS_TOO if self.with_answers else ""
        return {name: text for name, text in found.items() if text and text != ALL}


@dataclass(frozen=True, slots=True)
class OneQuery:
    """How one cascade is shown: from which repost on, in which colours, on which scale of age, which page of rows."""

    post: str
    at: str = ""
    colour: Colour = Colour.TIME
    scale: Scale = Scale.LOG
    order: Order = Order.CARRIED
    page: int = 1


@dataclass(frozen=True, slots=True)
class ForecastQuery:
    """What a forecast is asked for: the moment (None: the last of the lake) and the size to pass."""

    at: datetime | None
    passes: int = USUAL_PASSES


def find_previous(query: TravelQuery, first_day: date) -> TravelQuery | None:
    """Return the same view of equally many days just before, None where the data begin later than these.

    >>> query = TravelQuery(date(2025, 3, 10), date(2025, 3, 11), "Asia/Shanghai")
    >>> found = find_previous(query, date(2025, 1, 1))
    >>> found.start.isoformat(), found.end.isoformat(), find_previous(query, date(2025, 3, 9))
    ('2025-03-08', '2025-03-09', None)
    """
    length = (query.end - query.start).days + 1
    start = query.start - timedelta(days=length)
    return replace(query, start=start, end=query.start - timedelta(days=1)) if start >= first_day else None


def parse_travel(params: Mapping[str, str], bounds: Bounds) -> TravelQuery:
    """Return the cascades that an address asks for; raises BadInput with the field at fault."""
    params = drop_nul(params)
    start, end = parse_period(params, bounds)
    link = params.get("link", "")
    return TravelQuery(
        start=start,
        end=end,
        zone=bounds.zone,
        link="" if link == ALL else link,
        channel=params.get("channel", ""),
        market=params.get("market", ""),
        campaign=params.get("campaign", ""),
        with_answers=_choose(params, "with", (ANSWERS_TOO,)) == ANSWERS_TOO,
    )


def parse_one(params: Mapping[str, str]) -> OneQuery:
    """Return how one cascade is asked for; raises BadInput with the field at fault."""
    params = drop_nul(params)
    return OneQuery(
        post=_parse_id(params, "post"),
        at=_parse_id(params, "at"),
        colour=Colour(_choose(params, "colour", tuple(Colour)) or Colour.TIME),
        scale=Scale(_choose(params, "scale", tuple(Scale)) or Scale.LOG),
        order=Order(_choose(params, "order", tuple(Order)) or Order.CARRIED),
        page=_parse_whole(params, "page", 1, MOST_PAGE),
    )


def parse_order(params: Mapping[str, str]) -> Order:
    """Return the order of a table of carriers; raises BadInput for another word."""
    return Order(_choose(params, "order", tuple(Order)) or Order.CARRIED)


def parse_forecast(params: Mapping[str, str], zone: str) -> ForecastQuery:
    """Return the forecast that an address asks for; a time without a zone is the brand's own."""
    params = drop_nul(params)
    text = params.get("at", "").strip()
    passes = _parse_whole(params, "passes", USUAL_PASSES, MOST_PASSES)
    return ForecastQuery(_parse_moment(text, zone) if text else None, passes)


def parse_age(params: Mapping[str, str]) -> float | None:
    """Return the age in hours that an address asks for, None for none; raises BadInput beyond what is predicted."""
    text = drop_nul(params).get("age", "").strip()
    if not text:
        return None
    try:
        age = float(text) if len(text) < 20 else -1.0
    except ValueError:
        age = -1.0
    if not LEAST_AGE_H <= age <= MOST_AGE_H:
        raise BadInput(
            _("%(name)s=%(text)s cannot be used.") % {"name": "age", "text": repr(text[:40])},
            mend=_("Use a number of hours from 0.25 to 12."),
        )
    return age


def parse_count(params: Mapping[str, str], name: str, usual: int, most: int) -> int:
    """Return a whole number from 1 to ``most``; raises BadInput for anything else."""
    return _parse_whole(drop_nul(params), name, usual, most)


def name_account(actor: str | None, number: int, may_see: bool) -> Words:
    """Return what an account is called: the begin of its key for those who may see posts, else its number.

    >>> name_account("9f86d081884c7d65", 1, True).en, name_account("9f86d081884c7d65", 1, False).en
    ('9f86d08188…', 'account 1')
    >>> name_account(None, 1, True).zh
    '未知账号'
    """
    if not actor:
        return Words("未知账号", "unknown account")
    if not may_see:
        return Words(f"账号 {number}", f"account {number}")
    short = actor if len(actor) <= KEY_LETTERS + 1 else f"{actor[:KEY_LETTERS]}…"
    return Words(short, short)


def link_one(query: TravelQuery, post: str, **more: str) -> str:
    """Return the query of one cascade's address, in the same view."""
    return urlencode({"post": post, **query.list_params(), **{name: text for name, text in more.items() if text}})


def spell_moment(moment: datetime, zone: str) -> str:
    """Return a moment as the field of a form states it: local, to the minute.

    >>> spell_moment(datetime(2025, 3, 1, 4, 30, 59, tzinfo=UTC), "Asia/Shanghai")
    '2025-03-01T12:30'
    """
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"


def choose_ages(known: float | None) -> list[float]:
    """Return the ages to choose between: the usual ones, and that of now where it is another."""
    usual = [age for age in SLIDER_H if known is None or age <= known]
    return sorted({*usual, *([] if known is None else [round(known, 2)])})


def _parse_moment(text: str, zone: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        found = moment.replace(tzinfo=ZoneInfo(zone)) if moment.tzinfo is None else moment
        if 1970 <= found.year <= LAST_YEAR:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadInput(
        _("%(name)s=%(text)s is not a time.") % {"name": "at", "text": repr(text[:40])},
        mend=_("Write it as 2025-04-01T12:30."),
    )


def _parse_id(params: Mapping[str, str], name: str) -> str:
    text = params.get(name, "")
    if len(text) > MOST_ID_LETTERS:
        raise BadInput(
            _("%(name)s=%(text)s cannot be used.") % {"name": name, "text": repr(text[:40])},
            mend=_("Open it from the list of cascades."),
        )
    return text


def _parse_whole(params: Mapping[str, str], name: str, usual: int, most: int) -> int:
    text = params.get(name, "").strip()
    if not text:
        return usual
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:12]) <= most:
        raise BadInput(
            _("%(name)s=%(text)s cannot be used.") % {"name": name, "text": repr(text[:40])},
            mend=_("Use a whole number from 1 to %d.") % most,
        )
    return int(text)


def _choose(params: Mapping[str, str], name: str, allowed: Iterable[str]) -> str:
    value = params.get(name, "")
    if value and value not in set(allowed):
        raise BadInput(
            _("%(name)s=%(text)s is unknown.") % {"name": name, "text": repr(value[:40])},
            mend=_("Use one of: %s.") % ", ".join(allowed),
        )
    return value
