"""The heat map of products and aspects: what each is praised and blamed for, in whole numbers with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from canyu.events import Lake
from canyu.kit.words import Words
from canyu.measure import expressions as ask
from canyu.measure.catalogue.words import ONCE
from canyu.measure.counted import Counts, make_posts_figure, make_share_figure, say_with_copies
from canyu.measure.definitions import CAVEAT_COLLECTED, CAVEAT_MODEL, SIMULATED
from canyu.measure.facts import Answer, Reader
from canyu.measure.figure import Figure, OverviewQuery, Picture, Proof
from canyu.measure.figures import Tally, make_tally
from canyu.measure.kept import Kept
from canyu.measure.period import find_previous, make_period

WHOLE = ""
"""Stands for all posts of the brand, or of everybody, where a cell is of no single product."""
LEAST_POSTS = 10
"""From so many posts on a cell is judged; fewer say nothing of a product."""

DEFINITION = Words(
    "期间内说到某产品某方面的帖子：（正面 − 负面）÷ 全部 × 100；中性计入分母。一帖对同一产品同一方面只算一次；"
    f"一帖提到几个产品，各算一次。不足 {LEAST_POSTS} 条的不作判断。区间为 Tango 95% 得分区间；区间含 0 的不着色。"
    + ONCE.zh,
    "Posts of the period that speak of an aspect of a product: (positive − negative) ÷ all × 100, neutral ones in the "
    "count below. A post counts once per product and aspect, and once for each product it names. Under "
    f"{LEAST_POSTS} posts nothing is judged. Interval: Tango's 95% score interval; no colour where it holds 0. "
    + ONCE.en,
)
CAVEAT_CLAUSE = Words(
    "一帖提到几个产品时，不逐句分辨说的是哪一个。",
    "In a post that names several products it is not told which of them each clause means.",
)
NO_OPINIONS = Words("还没有方面评分，请先运行 canyu listen。", "No aspects are scored yet: run canyu listen.")
DEFINITION_POSTS = Words(
    "期间内提及该品牌（含其产品、功能、人物）且已评分的帖数；未选品牌时为全部已评分的帖子。" + ONCE.zh,
    "Scored posts of the period that mention the brand, its products, features or people; without a brand all scored "
    "posts. " + ONCE.en,
)
DEFINITION_TOLD = Words(
    "至少说到一个方面的帖数 ÷ 期间内的帖数 × 100。区间为 Wilson 95% 区间。" + ONCE.zh,
    "Posts that speak of at least one aspect ÷ posts of the period × 100. Interval: Wilson's 95% interval. " + ONCE.en,
)
LABEL_TOLD = Words("说到方面的（去重）", "Speak of an aspect, without copies")
SUBTITLE = Words(
    "每格：净情感度（−100 到 100），其下为帖数", "Each cell: net sentiment (−100 to 100), below it the number of posts"
)
TITLE = Words("各产品各方面的口碑", "What people think of each product's aspects")
VOICES = ("posts", "voices")
POLARITIES = {-1: "negative", 0: "neutral", 1: "positive"}
_COUNTS = [(name, pa.int64()) for name in ("posts", "positive", "neutral", "negative")]
_NET = [(name, pa.float64()) for name in ("net", "low", "high")]
SCHEMA = pa.schema(
    [
        *[(name, pa.string()) for name in ("id", "label_zh", "label_en", "aspect", "aspect_zh", "aspect_en")],
        *_COUNTS,
        *_NET,
        *[(f"unique_{name}", kind) for name, kind in (*_COUNTS, *_NET)],
    ]
)


@dataclass(frozen=True, slots=True)
class AspectCell:
    """What is said of one aspect of one product: every post, and with copies left out (``once``)."""

    link: str
    aspect: str
    every: Tally
    once: Tally

    def choose(self, is_once: bool) -> Tally:
        """Return the tally with or without copies."""
        return self.once if is_once else self.every


@dataclass(frozen=True, slots=True)
class AspectMap:
    """All cells of a period; those of ``WHOLE`` count each post once, whichever products it names."""

    query: OverviewQuery
    cells: Mapping[tuple[str, str], AspectCell]
    figures: tuple[Figure, ...]
    """How many posts were counted, and what share of them speaks of an aspect."""
    with_copies: Words | None
    """This share of every post, copies among them."""
    picture: Picture
    simulated: bool
    notes: tuple[Words, ...]

    def list_links(self) -> list[str]:
        """Return the products by how many opinions there are of them, most first."""
        return _rank([(cell.link, cell.every.posts) for cell in self.cells.values() if cell.link != WHOLE])

    def list_aspects(self, link: str = WHOLE) -> list[str]:
        """Return the aspects by how many posts speak of them, most first; of all products or of one."""
        return _rank([(cell.aspect, cell.every.posts) for cell in self.cells.values() if cell.link == link])


def compute_aspects(
    lake: Lake, query: OverviewQuery, labels: Mapping[str, Words], aspects: Mapping[str, Words]
) -> AspectMap:
    """Return the heat map of a lake as it stands now; computed once per data version and kept."""
    reader = Reader(lake)
    names = hash((frozenset(labels.items()), frozenset(aspects.items())))
    key = (reader.identity, tuple(sorted(reader.versions.items())), query, lake.engine.name, names)
    found: AspectMap | None = _MAPS.find(key)
    if found is None:
        found = _compute(reader, query, labels, aspects)
        _MAPS.keep(key, found)
    return found


def forget_aspects() -> None:
    """Forget every heat map kept, so that the next one is computed anew."""
    _MAPS.clear()


def _compute(
    reader: Reader, query: OverviewQuery, labels: Mapping[str, Words], aspects: Mapping[str, Words]
) -> AspectMap:
    period, engine = make_period(query.start, query.end, query.zone), reader.lake.engine
    model = reader.find_model()
    filters = (query.brand, query.channel, query.market, model)
    scope = ask.Scope(period, find_previous(period), *filters, engine.count_micros, engine.count_days)
    counted = _count_posts(reader, scope)
    by_link = reader.ask(ask.count_opinions, "opinions", scope)
    cells = _make_cells(by_link.table.to_pylist())
    if query.brand:  # a product brings its brand with it, so the brand's own rows hold each post once
        whole = {
            (WHOLE, aspect): replace(cell, link=WHOLE) for (link, aspect), cell in cells.items() if link == query.brand
        }
        cells = {place: cell for place, cell in cells.items() if place[0] != query.brand} | whole
    else:
        cells |= _make_cells(reader.ask(ask.count_aspects, "opinions", scope).table.to_pylist())
    proof = _make_proof(by_link, cells, engine.name, model)
    picture = Picture("aspects", TITLE, SUBTITLE, _tabulate(cells, labels, aspects), proof)
    notes = () if reader.versions.get("opinions") is not None else (NO_OPINIONS,)
    simulated = reader.is_simulated()
    return AspectMap(query, cells, *counted, picture, simulated, (*notes, SIMULATED) if simulated else notes)


def tell_aspects(
    cells: Sequence[AspectCell], is_once: bool, labels: Mapping[str, Words], aspects: Mapping[str, Words]
) -> Words:
    """Tell which of these cells is blamed by most posts, else praised by most, of those that are clear at all."""
    blamed = [cell for cell in cells if is_clear(cell.choose(is_once)) < 0]
    praised = [cell for cell in cells if is_clear(cell.choose(is_once)) > 0]
    worst = min(blamed, key=lambda cell: (-cell.every.negative, *_place(cell)), default=None)
    best = min(praised, key=lambda cell: (-cell.every.positive, *_place(cell)), default=None)
    shown = worst or best
    if shown is None:
        return TITLE
    product = labels.get(shown.link, Words(shown.link, shown.link))
    aspect = aspects.get(shown.aspect, Words(shown.aspect, shown.aspect))
    if worst:
        return Words(
            f"被抱怨最多的是{product.zh}的{aspect.zh}",
            f"Most complaints are about the {aspect.en.lower()} of {product.en}",
        )
    return Words(
        f"最受好评的是{product.zh}的{aspect.zh}", f"Most praise goes to the {aspect.en.lower()} of {product.en}"
    )


def is_clear(tally: Tally) -> int:
    """Return 1 where praise clearly outweighs blame, -1 where blame does, 0 where the interval holds zero."""
    if tally.net_interval is None or tally.posts < LEAST_POSTS:
        return 0
    low, high = tally.net_interval
    return 1 if low > 0 else -1 if high < 0 else 0


def _count_posts(reader: Reader, scope: ask.Scope) -> tuple[tuple[Figure, ...], Words | None]:
    every = reader.ask(ask.count_posts, "scores", scope)
    told = reader.ask(ask.count_posts_with_opinions, "opinions", scope)
    posts, told_posts = (Counts(*(one.table[name][0].as_py() or 0 for name in VOICES)) for one in (every, told))
    # a listening commits opinions before scores: for a moment there may be more posts with an aspect than posts
    told_posts = Counts(min(told_posts.every, posts.every), min(told_posts.once, posts.once))
    engine = reader.lake.engine.name
    proof = Proof(DEFINITION_POSTS, every.sql, every.versions, posts.every, engine, (CAVEAT_COLLECTED,))
    versions = {**every.versions, **told.versions}
    caveats = (CAVEAT_COLLECTED, CAVEAT_MODEL.fill(model=scope.model or "—"))
    of_share = Proof(DEFINITION_TOLD, told.sql, versions, told_posts.every, engine, caveats)
    share = make_share_figure(LABEL_TOLD, told_posts, posts, of_share)
    return (make_posts_figure(posts, proof), share), say_with_copies(told_posts, posts)


def _place(cell: AspectCell) -> tuple[bool, str, str]:
    """Order cells that are equal otherwise: a product says more than its brand."""
    return "/" not in cell.link, cell.link, cell.aspect


def _make_cells(rows: list[dict[str, Any]]) -> dict[tuple[str, str], AspectCell]:
    every: dict[tuple[str, str], dict[str | None, int]] = {}
    once: dict[tuple[str, str], dict[str | None, int]] = {}
    for row in rows:
        place = (row.get("link") or WHOLE, row["aspect"])
        name = POLARITIES[row["polarity"]]
        every.setdefault(place, {})[name] = row["posts"]
        once.setdefault(place, {})[name] = row["voices"]
    return {place: AspectCell(*place, make_tally(every[place]), make_tally(once[place])) for place in sorted(every)}


def _make_proof(answer: Answer, cells: Mapping[tuple[str, str], AspectCell], engine: str, model: str) -> Proof:
    rows = sum(cell.every.posts for cell in cells.values() if cell.link == WHOLE)
    caveats = (CAVEAT_COLLECTED, CAVEAT_MODEL.fill(model=model or "—"), CAVEAT_CLAUSE)
    return Proof(DEFINITION, answer.sql, answer.versions, rows, engine, caveats)


def _tabulate(
    cells: Mapping[tuple[str, str], AspectCell], labels: Mapping[str, Words], aspects: Mapping[str, Words]
) -> pa.Table:
    rows = []
    for cell in cells.values():
        name = labels.get(cell.link, Words(cell.link, cell.link)) if cell.link else Words("全部", "All")
        aspect = aspects.get(cell.aspect, Words(cell.aspect, cell.aspect))
        row: dict[str, Any] = {"id": cell.link, "label_zh": name.zh, "label_en": name.en}
        row |= {"aspect": cell.aspect, "aspect_zh": aspect.zh, "aspect_en": aspect.en}
        row |= _spread(cell.every, "") | _spread(cell.once, "unique_")
        rows.append(row)
    return pa.Table.from_pylist(rows, SCHEMA)


def _spread(tally: Tally, prefix: str) -> dict[str, Any]:
    low, high = tally.net_interval or (None, None)
    found = {"posts": tally.posts, "positive": tally.positive, "neutral": tally.neutral, "negative": tally.negative}
    return {f"{prefix}{name}": value for name, value in {**found, "net": tally.net, "low": low, "high": high}.items()}


def _rank(counts: list[tuple[str, int]]) -> list[str]:
    sums: dict[str, int] = {}
    for name, posts in counts:
        sums[name] = sums.get(name, 0) + posts
    return sorted(sums, key=lambda name: (-sums[name], name))


# A heat map of one data version never changes, so it is computed once per process.
_MAPS = Kept(64)
