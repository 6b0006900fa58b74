"""Facts from outside that a brand watches: ranks on hot-search boards, followers, search indices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from canyu.events import Verb
from canyu.rehearse.arrays import NONE, Floats, Ints
from canyu.rehearse.blocks import Block, ObjectIs, Props, Seed, fill, nobody
from canyu.rehearse.market import CN, NEUTRAL
from canyu.rehearse.posting import build_interest
from canyu.rehearse.scene import Stage
from canyu.rehearse.seasons import DAY_MS, HOUR_MS, MINUTE_MS
from canyu.rehearse.settings import load_settings

OWN_BRAND_BASE = 0.04  # heat below which a topic is off the board
STRANGERS = 40.0  # how steeply rank falls with heat: the other topics of the day


@dataclass(frozen=True, slots=True)
class Topic:
    """One title on one board: its moments of being looked at and how hot it is at each."""

    title: str
    brand: str
    board: str
    moments: Ints
    heat: Floats


def observe(stage: Stage) -> list[Block]:
    """Return every measured fact of a part, as ``observe`` events without an actor."""
    return [*_observe_boards(stage), *_observe_followers(stage), *_observe_search(stage)]


def compute_heat(settings: dict[str, Any], hours: Floats) -> Floats:
    """Return a topic's heat, hours after it appeared: up linearly to the peak, then falling to 0 as a power.

    >>> compute_heat({"peak_hours": 2, "hours": 10, "heat": 0.8}, np.array([0.0, 2.0, 10.0])).tolist()
    [0.4, 0.8, 0.0]
    """
    peak, end = settings["peak_hours"], settings["hours"]
    rising = 0.5 + 0.5 * np.clip(hours / peak, 0, 1)
    falling = (1 - np.clip((hours - peak) / (end - peak), 0, 1)) ** 1.5
    heat: Floats = settings["heat"] * rising * falling * (hours >= 0)
    return heat


def _list_topics(stage: Stage, board: str, every_minutes: int) -> list[Topic]:
    seasons, found = stage.world.seasons, []
    for settings in load_settings("boards")["topics"]:
        if board not in settings["boards"] or not stage.span.holds(seasons.find_day(settings["day"])):
            continue
        start = seasons.find_moment(settings["day"])
        step = every_minutes * MINUTE_MS
        first = -(-start // step) * step
        moments: Ints = np.arange(first, start + settings["hours"] * HOUR_MS, step, dtype=np.int64)
        heat = compute_heat(settings, (moments - start) / HOUR_MS)
        noisy = heat * np.exp(stage.random.normal(0.0, 0.03, len(heat)))
        there = (noisy >= OWN_BRAND_BASE) & (moments < seasons.end_ms)
        found.append(Topic(settings["title"], settings["brand"], board, moments[there], noisy[there]))
    return found


def rank_topics(topics: list[Topic], slots: int) -> list[Ints]:
    """Return each topic's rank at each of its moments; no two share a rank, and one off the board has rank 0."""
    best = [1 + np.floor(STRANGERS * np.maximum(0.0, 0.95 - topic.heat) ** 1.3).astype(np.int64) for topic in topics]
    at: dict[int, list[tuple[float, int, int]]] = {}
    for number, topic in enumerate(topics):
        for row, moment in enumerate(topic.moments.tolist()):
            at.setdefault(moment, []).append((-float(topic.heat[row]), number, row))
    for rows in at.values():
        last = 0
        for _, number, row in sorted(rows):
            last = max(last + 1, int(best[number][row]))
            best[number][row] = last
    return [np.where(ranks <= slots, ranks, 0) for ranks in best]


def _observe_boards(stage: Stage) -> list[Block]:
    blocks: list[Block] = []
    for board, settings in load_settings("boards")["boards"].items():
        topics = _list_topics(stage, board, settings["every_minutes"])
        own: list[Block] = []
        for topic, ranks in zip(topics, rank_topics(topics, settings["slots"]), strict=True):
            seen = ranks > 0
            block = _make_ranks(stage, board, topic.title, np.stack([topic.moments, ranks], axis=1)[seen])
            own.append(block)
            minutes = len(block) * settings["every_minutes"]
            stage.tally.add(f"boards/{board}/titles/{topic.title}", minutes)
            stage.tally.add(f"boards/{board}/brands/{topic.brand}", minutes)
        step = settings["every_minutes"] * MINUTE_MS
        blocks += [*own, *_observe_strangers(stage, board, own, step)]
    return blocks


def _observe_strangers(stage: Stage, board: str, own: list[Block], step: int) -> list[Block]:
    """Return two titles of nobody we watch for each snapshot and the one after it: that is how a title is seen to go.

    They take the best ranks that our own topics left free.
    """
    taken: dict[int, set[int]] = {}
    for block in own:
        for moment, rank in zip(block.time.tolist(), _get_values(block), strict=True):
            taken.setdefault(moment, set()).add(rank)
            taken.setdefault(moment + step, set())
    titles = load_settings("boards")["strangers"]
    rows: dict[str, list[tuple[int, int]]] = {}
    for moment in sorted(taken):
        free = [rank for rank in range(1, len(taken[moment]) + 3) if rank not in taken[moment]]
        for place, rank in enumerate(free[:2]):
            title = titles[(moment // (6 * HOUR_MS) + place) % len(titles)]
            rows.setdefault(title, []).append((moment, rank))
    return [_make_ranks(stage, board, title, np.array(found)) for title, found in rows.items()]


def _make_ranks(stage: Stage, board: str, title: str, found: Ints) -> Block:
    block = _make_facts(stage, found[:, 0], found[:, 1], stage.world.market.find_channel(board))
    block.object_name = title
    block.props = Props([{"metric": "hot_rank", "board": board}], np.zeros(len(block), np.int64))
    return block


def _get_values(block: Block) -> list[int]:
    return [] if block.value is None else block.value.tolist()


def _observe_followers(stage: Stage) -> list[Block]:
    blocks = []
    interest = build_interest(stage.world.market, stage.world.seasons)
    days = np.arange(stage.span.first, stage.span.last + 1)
    for row in load_settings("boards")["followers"]:
        product = stage.world.market.find_product(row["product"])
        gain = row["gain"] * interest[:, product] * stage.world.seasons.talk[:, CN]
        counts = row["start"] + np.cumsum(gain).astype(np.int64)
        moments = stage.world.seasons.start_ms + days * DAY_MS + 23 * HOUR_MS
        block = _make_facts(stage, moments, counts[days], stage.world.market.find_channel(row["channel"]))
        block.object_name = row["account"]
        block.props = Props([{"metric": "followers"}], np.zeros(len(block), np.int64))
        blocks.append(block)
        stage.tally.note(f"followers/{row['channel']}/{row['account']}", int(counts[days[-1]]))
    return blocks


def _observe_search(stage: Stage) -> list[Block]:
    settings, market = load_settings("boards")["search"], stage.world.market
    days = np.arange(stage.span.first, stage.span.last + 1)
    interest = build_interest(market, stage.world.seasons)[days] * stage.world.seasons.talk[days, CN][:, None]
    blocks = []
    for name in settings["products"]:
        product = market.find_product(name)
        talk = market.products[product]["talk"] / 0.05
        level = settings["level"] * talk * interest[:, product]
        noisy = level * np.exp(stage.random.normal(0.0, 0.07, len(days)))
        moments = stage.world.seasons.start_ms + days * DAY_MS + 20 * HOUR_MS
        block = _make_facts(stage, moments, np.round(noisy).astype(np.int64), market.find_channel(settings["channel"]))
        block.object_name = market.products[product]["names"]["zh"][0]
        block.props = Props([{"metric": "search_index"}], np.zeros(len(block), np.int64))
        blocks.append(block)
    return blocks


def _make_facts(stage: Stage, moments: Ints, values: Ints, channel: int) -> Block:
    count = len(moments)
    seed = Seed(moments, fill(count, CN), fill(count, channel), nobody(count), fill(count, NONE), fill(count, NEUTRAL))
    block = stage.make(Verb.OBSERVE, seed)
    block.value, block.object_is = values, ObjectIs.NAMED
    return block
