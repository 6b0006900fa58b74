"""Share of voice of a brand against named competitors, whole period and by week, with copies and without."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

from canyu.events import Lake
from canyu.events.catalogue import Catalogue
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure import definitions as say
from canyu.measure.catalogue.words import ONCE
from canyu.measure.expressions import count_days, count_mentions
from canyu.measure.facts import Reader, leave_out_copies, sum_by
from canyu.measure.figure import OverviewQuery, Proof
from canyu.measure.hotlists import make_scope
from canyu.measure.intervals import compute_share_interval
from canyu.measure.kept import Kept
from canyu.measure.period import Period, make_period, to_day, to_day_number

DEFINITION = Words(
    "提及该品牌的帖数 ÷ 该品牌与所列竞品被提及次数之和 × 100；一帖提到两个品牌，各算一次。区间为 Wilson 95% 区间。"
    "周从周一开始，按品牌所在时区；期间首尾不足一周的标明天数。" + ONCE.zh,
    "Mentions of the brand ÷ mentions of the brand and the competitors named beside it × 100; a post that names two "
    "counts once for each. Interval: Wilson's 95 % interval. Weeks begin on Monday in the brand's zone; one that the "
    "period cuts states its days. " + ONCE.en,
)
WITH_OWN = Words("品牌官方账号的帖子也计入。", "Posts of the brands' own accounts count too.")
CAVEAT_RAW = Words(
    "雷同帖并非各自独立，计入雷同的区间偏窄；比较时请看去重值。",
    "Copies are not independent, so the interval with copies is too narrow: compare the values without.",
)


@dataclass(frozen=True, slots=True)
class Voice:
    """A brand's mentions and its share in per cent with its interval; None where nobody of the field was mentioned."""

    brand: str
    mentions: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Span:
    """A week, or a whole period: its days within the period, those with any scored post, and each brand's voice.

    ``raw`` counts every post, ``once`` leaves copies out. Where no day was observed both are empty: nothing is known.
    """

    first: date
    last: date
    days: int
    observed: int
    raw: tuple[Voice, ...]
    once: tuple[Voice, ...]

    @property
    def is_known(self) -> bool:
        """Whether anything was collected at all."""
        return self.observed > 0

    def find(self, brand: str, *, is_once: bool = False) -> Voice | None:
        """Return a brand's voice, or None where nothing is known."""
        return next((voice for voice in (self.once if is_once else self.raw) if voice.brand == brand), None)


@dataclass(frozen=True, slots=True)
class ShareOfVoice:
    """A brand among its competitors over a period and in each of its weeks."""

    query: OverviewQuery
    brands: tuple[str, ...]
    whole: Span
    weeks: tuple[Span, ...]
    proof: Proof
    model: str
    is_simulated: bool


_KEPT = Kept(64)


def list_field(catalogue: Catalogue, brand: str) -> tuple[str, ...]:
    """Return a brand and those it is compared with: the catalogue's competitors, and its home brand for a competitor.

    Raises NotFound where the catalogue has no such brand.
    """
    catalogue.get(brand)
    rivals = [entry.id for entry in catalogue.list_brands() if entry.competitor or entry.id == catalogue.home]
    return (brand, *(rival for rival in rivals if rival != brand))


def compute_share_of_voice(
    lake: Lake, query: OverviewQuery, brands: Iterable[str], *, without: Iterable[str] | None = None
) -> ShareOfVoice:
    """Return the share of voice of ``brands`` (the first is the one asked for), as the lake stands now.

    ``without``: actors whose posts are left out, the brands' own accounts; None counts everybody's.
    Raises BadInput where fewer than two brands are named.
    """
    chosen = tuple(dict.fromkeys(brands))
    if len(chosen) < 2:
        raise BadInput(
            Words("至少需要一个竞品。", "A share needs at least one competitor."),
            mend=Words("请在产品目录中标注 competitor: true。", "Mark one in the catalogue with competitor: true."),
        )
    reader = Reader(lake)
    own = None if without is None else tuple(sorted(set(without)))
    key = (reader.identity, tuple(sorted(reader.versions.items())), query, chosen, own, lake.engine.name)
    found: ShareOfVoice | None = _KEPT.find(key)
    if found is None:
        found = _compute(reader, query, chosen, own)
        _KEPT.keep(key, found)
    return found


def forget_voices() -> None:
    """Forget every result kept, so that the next one is computed anew."""
    _KEPT.clear()


def list_weeks(period: Period) -> tuple[tuple[date, date], ...]:
    """Return first and last day of each week from Monday, cut to the period.

    >>> weeks = list_weeks(make_period(date(2025, 4, 4), date(2025, 4, 8), "Asia/Shanghai"))
    >>> [(first.isoformat(), last.isoformat()) for first, last in weeks]
    [('2025-04-04', '2025-04-06'), ('2025-04-07', '2025-04-08')]
    """
    weeks = []
    first = period.first
    while first <= period.last:
        last = min(first + timedelta(days=6 - first.weekday()), period.last)
        weeks.append((first, last))
        first = last + timedelta(days=1)
    return tuple(weeks)


def _compute(
    reader: Reader, query: OverviewQuery, brands: tuple[str, ...], without: tuple[str, ...] | None
) -> ShareOfVoice:
    period = make_period(query.start, query.end, query.zone)
    mentions = reader.ask(count_mentions, "mentions", make_scope(reader, query, "mentions"), without or ())
    spoken = {number for (number,) in sum_by(mentions.table, ("day_number",))}
    silent = [day for day in period.days if to_day_number(day) not in spoken]
    utc_days = tuple(sorted({day + timedelta(days=shift) for day in silent for shift in (-1, 0, 1)}))
    others = reader.ask(count_days, "scores", make_scope(reader, query, "scores"), utc_days)
    observed = spoken | {number for (number,) in sum_by(others.table, ("day_number",))}
    raw, once = (_count(table, brands) for table in (mentions.table, leave_out_copies(mentions.table)))
    spans = [
        _build_span(span, brands, observed, (raw, once)) for span in ((period.first, period.last), *list_weeks(period))
    ]
    whole = spans[0]
    rows = sum(voice.mentions for voice in whole.raw)
    caveats = (say.CAVEAT_COLLECTED, CAVEAT_RAW)
    definition = _define(len(without) if without is not None else None)
    proof = Proof(definition, mentions.sql, mentions.versions, rows, reader.lake.engine.name, caveats)
    model = reader.find_model() if reader.versions.get("mentions") is not None else ""
    return ShareOfVoice(query, brands, whole, tuple(spans[1:]), proof, model, reader.is_simulated())


def _define(accounts: int | None) -> Words:
    """Return the definition with whose posts count; ``accounts`` is how many are left out, None where none is."""
    if accounts is None:
        return Words(DEFINITION.zh + WITH_OWN.zh, f"{DEFINITION.en} {WITH_OWN.en}")
    return Words(
        f"{DEFINITION.zh}已剔除产品目录登记的 {accounts} 个官方账号的帖子。",
        f"{DEFINITION.en} Posts of the brands' own accounts that the catalogue registers ({accounts}) are left out.",
    )


def _count(table: pa.Table, brands: tuple[str, ...]) -> dict[tuple[int, str], int]:
    counts = sum_by(table, ("day_number", "brand"))
    return {(number, brand): posts for (number, brand), posts in counts.items() if brand in brands}


def _build_span(
    span: tuple[date, date],
    brands: tuple[str, ...],
    observed: set[int],
    counts: tuple[dict[tuple[int, str], int], dict[tuple[int, str], int]],
) -> Span:
    numbers = range(to_day_number(span[0]), to_day_number(span[1]) + 1)
    seen = sum(number in observed for number in numbers)
    voices = [_tell_voices(count, brands, numbers) if seen else () for count in counts]
    return Span(to_day(numbers[0]), to_day(numbers[-1]), len(numbers), seen, voices[0], voices[1])


def _tell_voices(counts: dict[tuple[int, str], int], brands: tuple[str, ...], numbers: range) -> tuple[Voice, ...]:
    mentions = {brand: sum(counts.get((number, brand), 0) for number in numbers) for brand in brands}
    whole = sum(mentions.values())
    voices = []
    for brand in brands:
        part = mentions[brand]
        if not whole:
            voices.append(Voice(brand, part, None, None, None))
            continue
        low, high = compute_share_interval(part, whole)
        voices.append(Voice(brand, part, 100 * part / whole, 100 * low, 100 * high))
    return tuple(voices)
