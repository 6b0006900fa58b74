"""Turns blocks of numbers into the three tables of a part: events, labels of texts, causes of orders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events import EVENT_SCHEMA, Verb
from canyu.events.catalogue import get_brand
from canyu.kit.jsonio import dump_json
from canyu.rehearse.arrays import NONE, Codes, Flags, Ints
from canyu.rehearse.blocks import Block, ObjectIs
from canyu.rehearse.grammar import Style
from canyu.rehearse.market import LANGUAGES, TONES
from canyu.rehearse.people import build_actors
from canyu.rehearse.scene import Stage
from canyu.rehearse.streams import build_ids

SOURCE = "rehearsal"
MARK = {"simulated": True}
RECEIVED_S = 4.0  # mean delay between happening and being received

LABELS_SCHEMA = pa.schema(
    [
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("sentiment", pa.string(), nullable=False),  # negative | neutral | positive: what the writer feels
        pa.field("aspect", pa.string()),  # what the words speak of; null where they speak of none
        pa.field(
            "links", pa.list_(pa.string()), nullable=False
        ),  # catalogue ids that the words name, with their brands
        pa.field("style", pa.string(), nullable=False),  # how the text was built: plain, mixed, irony, ...
        pa.field("origin", pa.string(), nullable=False),  # organic | campaign | rumour | rebuttal | ...
    ]
)
"""What each text means, one row per event with words."""

ORDERS_SCHEMA = pa.schema(
    [
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("cause", pa.string(), nullable=False),  # baseline | word_of_mouth | campaign
        pa.field("campaign", pa.string()),  # whose it is, stated even where the event does not tell
        pa.field("object", pa.string(), nullable=False),
        pa.field("time", pa.timestamp("us", tz="UTC"), nullable=False),
    ]
)
"""What brought each order, one row per order."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the rehearsed year: its name, its events in order of time, and the truth about them row by row."""

    name: str
    events: pa.Table
    labels: pa.Table
    orders: pa.Table


def build_part(stage: Stage, blocks: list[Block]) -> Part:
    """Return the tables of a part; ``stage`` gives the delays of receiving."""
    filled = [block for block in blocks if len(block)]
    events = pa.concat_tables([_build_events(stage, block) for block in filled])
    labels = [_build_labels(stage, block) for block in filled if block.texts is not None]
    orders = [_build_orders(stage, block) for block in filled if block.verb == Verb.ORDER]
    order = pc.sort_indices(events, sort_keys=[("time", "ascending"), ("id", "ascending")])
    return Part(
        stage.span.name,
        events.take(order).combine_chunks(),
        pa.concat_tables(labels) if labels else LABELS_SCHEMA.empty_table(),
        pa.concat_tables(orders) if orders else ORDERS_SCHEMA.empty_table(),
    )


def _build_events(stage: Stage, block: Block) -> pa.Table:
    market = stage.world.market
    count = len(block)
    lag = np.maximum(stage.random.exponential(RECEIVED_S * 1000, count), 1.0).astype(np.int64)
    parents = build_ids(stage.world.plan.fingerprint, block.parent)
    columns = {
        "id": build_ids(stage.world.plan.fingerprint, block.serial),
        "type": _repeat(block.verb.value, count),
        "time": _to_time(block.time),
        "received": _to_time(block.time + lag),
        "source": _repeat(SOURCE, count),
        "market": _name(block.market, [row["id"] for row in market.markets]),
        "channel": _name(block.channel, market.channel_names),
        "actor": build_actors(block.actor),
        "object": _build_objects(stage, block, parents),
        "parent": parents,
        "campaign": _repeat(block.campaign, count),
        "text": _build_texts(block),
        "lang": _build_languages(block),
        "value": pa.nulls(count, pa.int64()) if block.value is None else pa.array(block.value),
        "currency": _build_currencies(stage, block),
        "props": _build_props(block),
    }
    return pa.table([columns[field.name] for field in EVENT_SCHEMA], schema=EVENT_SCHEMA)


def _build_labels(stage: Stage, block: Block) -> pa.Table:
    spoken = _find_spoken(block)
    if block.texts is None or not len(spoken):
        return LABELS_SCHEMA.empty_table()
    texts = block.texts.take(_find_text_rows(block)[spoken])
    book = stage.world.phrases
    columns = [
        build_ids(stage.world.plan.fingerprint, block.serial[spoken]),
        _name(texts.tone, list(TONES)),
        _name(texts.aspect, book.aspects),
        build_links(texts.links, stage.world.market.product_ids),
        _name(texts.style, [style.name.lower() for style in Style]),
        _repeat(block.origin, len(spoken)),
    ]
    return pa.table(columns, schema=LABELS_SCHEMA)


def _build_orders(stage: Stage, block: Block) -> pa.Table:
    columns = [
        build_ids(stage.world.plan.fingerprint, block.serial),
        _repeat(block.cause, len(block)),
        _repeat(block.cause_campaign or block.campaign, len(block)),
        _name(block.product, stage.world.market.product_ids),
        _to_time(block.time),
    ]
    return pa.table(columns, schema=ORDERS_SCHEMA)


def build_links(links: Ints, product_ids: list[str]) -> pa.Array:
    """Return per row the products named, each with its brand, sorted and unique: as a linker states them.

    >>> build_links(np.array([[1, 0, 1], [-1, -1, -1]]), ["a/x", "b"]).to_pylist()
    [['a', 'a/x', 'b'], []]
    """
    names = sorted({get_brand(name) for name in product_ids} | set(product_ids))
    places = np.array([*(names.index(name) for name in product_ids), NONE])
    brands = np.array([*(names.index(get_brand(name)) for name in product_ids), NONE])
    ordered = np.sort(np.concatenate([places[links], brands[links]], axis=1), axis=1)  # NONE looks up the last entry
    fresh: Flags = ordered != NONE
    fresh[:, 1:] &= ordered[:, 1:] != ordered[:, :-1]
    ends = np.concatenate([[0], np.cumsum(fresh.sum(axis=1))]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), _name(ordered[fresh].astype(np.int16), names))


def _build_objects(stage: Stage, block: Block, parents: pa.Array) -> pa.Array:
    if block.object_is == ObjectIs.PRODUCT:
        return _name(block.product, stage.world.market.product_ids)
    if block.object_is == ObjectIs.PARENT:
        return parents
    if block.accounts is not None:
        return build_actors(block.accounts)
    return _repeat(block.object_name if block.object_is == ObjectIs.NAMED else None, len(block))


def _build_texts(block: Block) -> pa.Array:
    if block.texts is None:
        return pa.nulls(len(block), pa.string())
    rows = _find_text_rows(block)
    return block.texts.strings.take(pa.array(np.maximum(rows, 0), mask=rows == NONE))


def _build_languages(block: Block) -> pa.Array:
    if block.texts is None:
        return pa.nulls(len(block), pa.string())
    rows = _find_text_rows(block)
    spoken = block.texts.language[np.maximum(rows, 0)] if len(block.texts) else np.zeros(len(rows), np.int16)
    return _name(np.where(rows == NONE, NONE, spoken).astype(np.int16), list(LANGUAGES))


def _build_currencies(stage: Stage, block: Block) -> pa.Array:
    if not block.has_money:
        return pa.nulls(len(block), pa.string())
    return _name(block.market, [row["currency"] for row in stage.world.market.markets])


def _build_props(block: Block) -> pa.Array:
    plain = dump_json(MARK)
    if block.props is None:
        return _repeat(plain, len(block))
    choices = [dump_json({**MARK, **choice}) for choice in block.props.choices]
    places = np.where(block.props.places == NONE, len(choices), block.props.places)
    return pa.array([*choices, plain]).take(pa.array(places))


def _find_text_rows(block: Block) -> Ints:
    return np.arange(len(block)) if block.texts_at is None else block.texts_at


def _find_spoken(block: Block) -> Ints:
    return np.flatnonzero(_find_text_rows(block) != NONE)


def _to_time(moments: Ints) -> pa.Array:
    return pa.array(moments * 1000).cast(pa.timestamp("us", tz="UTC"))


def _name(codes: Codes, names: list[str]) -> pa.Array:
    missing = codes == NONE
    places = pa.array(codes, mask=missing) if missing.any() else pa.array(codes)
    return pa.array(names, pa.string()).take(places)


def _repeat(value: str | None, count: int) -> pa.Array:
    return pa.nulls(count, pa.string()) if value is None else pa.repeat(pa.scalar(value, pa.string()), count)
