"""The heat map as the page shows it: which products and aspects, what each cell says and where it leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from canyu.kit.numbers import format_full, format_number
from canyu.kit.words import Words
from canyu.measure import OverviewQuery
from canyu.measure.aspects import LEAST_POSTS, WHOLE, AspectCell, AspectMap, is_clear, tell_aspects
from canyu.measure.figures import Tally
from canyu.ops.insight.rules import ALL, WITHOUT
from canyu.ops.insight.steps import Step

MOST_PRODUCTS, MOST_ASPECTS, MOST_STEPS = 12, 12, 3
STRONG, MIDDLING = 60, 30
"""Net sentiment, in points either way, from which the colour is full or middling."""


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One cell: the net sentiment with its sign, the count below, the interval for the hover, and its posts."""

    net: str
    count: str
    title: str
    style: str
    url: str


@dataclass(frozen=True, slots=True)
class HeatLine:
    """One line of the table that says the same in words: counts by polarity, each with its posts."""

    product: str
    aspect: str
    net: str
    interval: str
    other: str
    counts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The products and aspects spoken of most, and how many more there are."""

    title: Words
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[HeatCell | None, ...]], ...]
    lines: tuple[HeatLine, ...]
    products_left: int
    aspects_left: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What of the heat map is shown: a domain's aspects (empty: all), with or without copies, in which language."""

    domain: str
    is_once: bool
    language: str
    product: str = ""
    """One product alone; its aspects come in the order in which they are spoken of."""


@dataclass(frozen=True, slots=True)
class Names:
    """What products, aspects and domains are called."""

    links: Mapping[str, Words]
    aspects: Mapping[str, Words]
    domains: Mapping[str, Words]


def list_domains(found: AspectMap) -> list[str]:
    """Return the domains whose aspects are spoken of, those of most posts first."""
    counts: dict[str, int] = {}
    for (link, aspect), cell in found.cells.items():
        if link == WHOLE:
            domain = aspect.partition("/")[0]
            counts[domain] = counts.get(domain, 0) + cell.every.posts
    return sorted(counts, key=lambda domain: (-counts[domain], domain))


def build_heat(found: AspectMap, choice: Choice, names: Names) -> HeatMap:
    """Return the heat map of the aspects of a domain, or of all; the first row holds every post."""
    aspects = [
        one for one in found.list_aspects(choice.product) if not choice.domain or one.startswith(f"{choice.domain}/")
    ]
    inside = set(aspects)
    known = [choice.product] if choice.product else found.list_links()
    links = [link for link in known if any((link, one) in found.cells for one in inside)]
    columns, shown = aspects[:MOST_ASPECTS], [WHOLE, *links[:MOST_PRODUCTS]]
    maker = _Maker(found.query, choice, names)
    rows = tuple(
        (maker.name_link(link), tuple(maker.make_cell(found.cells.get((link, one))) for one in columns))
        for link in shown
    )
    seen = [found.cells[(link, one)] for link in shown for one in columns if (link, one) in found.cells]
    lines = tuple(maker.make_line(cell) for cell in seen)
    heads = tuple(
        (maker.name_aspect(one), names.domains[one.partition("/")[0]].say(choice.language)) for one in columns
    )
    title = tell_aspects([cell for cell in seen if cell.link != WHOLE], choice.is_once, names.links, names.aspects)
    return HeatMap(title, heads, rows, lines, max(0, len(links) - MOST_PRODUCTS), max(0, len(aspects) - MOST_ASPECTS))


def list_steps(found: AspectMap, choice: Choice, names: Names) -> list[Step]:
    """Return up to three ways on: the clearest complaints, by how many posts complain."""
    cells = [cell for (link, _), cell in found.cells.items() if "/" in link and choice.product in {"", link}]
    cells = [cell for cell in cells if not choice.domain or cell.aspect.startswith(f"{choice.domain}/")]
    blamed = [cell for cell in cells if is_clear(cell.choose(choice.is_once)) < 0]
    worst = sorted(blamed, key=lambda cell: (-cell.every.negative, cell.link, cell.aspect))[:MOST_STEPS]
    return [_make_step(found.query, cell, names) for cell in worst]


def list_params(query: OverviewQuery, cell: AspectCell) -> dict[str, str]:
    """Return the address of the posts that a cell counts, as the parameters of the page Posts."""
    return {
        "from": query.start.isoformat(),
        "to": query.end.isoformat(),
        "link": cell.link or query.brand or ALL,
        "aspect": cell.aspect,
        "channel": query.channel,
        "market": query.market,
    }


@dataclass(frozen=True, slots=True)
class _Maker:
    query: OverviewQuery
    choice: Choice
    names: Names

    def name_link(self, link: str) -> str:
        if link == WHOLE:
            return _("All posts")
        return self.names.links.get(link, Words(link, link)).say(self.choice.language)

    def name_aspect(self, aspect: str) -> str:
        return self.names.aspects.get(aspect, Words(aspect, aspect)).say(self.choice.language)

    def make_cell(self, cell: AspectCell | None) -> HeatCell | None:
        if cell is None:
            return None
        tally, language = cell.choose(self.choice.is_once), self.choice.language
        count = format_number(tally.posts, language)
        url = self._link(cell)
        if tally.posts < LEAST_POSTS:
            told = _("too few to judge: +%(positive)s −%(negative)s of %(posts)s")
            values = {"positive": tally.positive, "negative": tally.negative, "posts": tally.posts}
            return HeatCell("", count, self._head(cell) + told % values, "few", url)
        return HeatCell(self._net(tally), count, self._head(cell) + self._tell(cell), _find_style(tally), url)

    def make_line(self, cell: AspectCell) -> HeatLine:
        tally, other = cell.choose(self.choice.is_once), cell.choose(not self.choice.is_once)
        is_few = tally.posts < LEAST_POSTS
        polarities = ((tally.posts, ""), (tally.positive, "1"), (tally.neutral, "0"), (tally.negative, "-1"))
        return HeatLine(
            self.name_link(cell.link),
            self.name_aspect(cell.aspect),
            _("too few") if is_few else self._net(tally),
            "" if is_few else _say_interval(tally),
            self._net(other) if other.posts >= LEAST_POSTS else "—",
            tuple((format_full(count), self._link(cell, polarity)) for count, polarity in polarities),
        )

    def _head(self, cell: AspectCell) -> str:
        return f"{self.name_link(cell.link)} · {self.name_aspect(cell.aspect)}: "

    def _tell(self, cell: AspectCell) -> str:
        tally, other = cell.choose(self.choice.is_once), cell.choose(not self.choice.is_once)
        counts = f"+{tally.positive} ={tally.neutral} −{tally.negative}"
        told = f"{_sign(f'{tally.net:.1f}')} [{_say_interval(tally)}] · {counts}"
        word = _("with copies") if self.choice.is_once else _("without copies")
        return f"{told} · {word} {self._net(other)} ({other.posts})"

    def _net(self, tally: Tally) -> str:
        return _sign(format_number(tally.net, self.choice.language, tally.net_interval))

    def _link(self, cell: AspectCell, polarity: str = "") -> str:
        once = {"copies": WITHOUT} if self.choice.is_once else {}
        params = {**list_params(self.query, cell), "polarity": polarity, **once}
        return f"{reverse('posts')}?{urlencode({name: value for name, value in params.items() if value})}"


def _make_step(query: OverviewQuery, cell: AspectCell, names: Names) -> Step:
    product = names.links.get(cell.link, Words(cell.link, cell.link))
    aspect = names.aspects.get(cell.aspect, Words(cell.aspect, cell.aspect))
    count = cell.every.negative
    words = Words(
        f"读一读抱怨{product.zh}{aspect.zh}的 {format_number(count, 'zh')} 条帖子",
        f"Read the {format_number(count)} posts that complain about the {aspect.en.lower()} of {product.en}",
    )
    return Step(words, {**list_params(query, cell), "polarity": "-1", "sort": "spread"})


def _find_style(tally: Tally) -> str:
    """Name the colour: blue or orange only where the interval says so, in three strengths."""
    clear, net = is_clear(tally), abs(tally.net or 0)
    if not clear:
        return "even"
    return f"{'good' if clear > 0 else 'bad'}{3 if net >= STRONG else 2 if net >= MIDDLING else 1}"


def _say_interval(tally: Tally) -> str:
    low, high = tally.net_interval or (0.0, 0.0)
    return f"{_sign(f'{low:.1f}')}, {_sign(f'{high:.1f}')}"


def _sign(text: str) -> str:
    if text.strip("-0.") == "":
        return "0"
    return text.replace("-", "−") if text.startswith("-") else f"+{text}"
