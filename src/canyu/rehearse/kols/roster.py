"""What a brand would hold of its KOLs: the roster as a CSV file, and the follower graph with chances."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from canyu.rehearse.arrays import NONE, Floats, Ints
from canyu.rehearse.kols.cast import list_topics
from canyu.rehearse.market import CN
from canyu.rehearse.people import build_actors
from canyu.rehearse.settings import load_settings
from canyu.rehearse.streams import make_stream

if TYPE_CHECKING:
    from canyu.rehearse.scene import World

TEXTS = ("kol", "platform", "handle", "actor", "url")
MORE_TEXTS = ("topics", "markets", "kind", "price_post", "price_video", "price_live", "currency")
TERMS = ("contract_from", "contract_until", "disclosure", "note")
ROSTER_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in TEXTS),
        ("followers", pa.int64()),
        *((name, pa.string()) for name in (*MORE_TEXTS, *TERMS)),
    ]
)
"""One row per account. Prices are decimals in whole units of the currency, empty where not offered."""
FOLLOWS_SCHEMA = pa.schema(
    [
        pa.field("src", pa.string(), nullable=False),
        pa.field("dst", pa.string(), nullable=False),
        pa.field("probability", pa.float32(), nullable=False),
    ]
)
"""One row per arc from an account to somebody who follows it: influence flows from ``src`` to ``dst``."""
PAID = ("creator", "agency")


def build_follows(world: World) -> pa.Table:
    """Return the follower graph: people of the graph who follow each account, then accounts that do."""
    audience, cast = world.kols.audience, world.kols.cast
    of = np.repeat(np.arange(len(cast)), audience.sizes)
    of_accounts = np.repeat(np.arange(len(cast)), np.diff(audience.account_starts))
    followed = np.concatenate([of, of_accounts])
    names = build_actors(cast.actors)
    people, place = np.unique(audience.people, return_inverse=True)  # names are made once: a third of the time
    follower = [build_actors(people).take(pa.array(place)), names.take(pa.array(audience.accounts))]
    chances = np.concatenate([audience.chances, audience.account_chances]).astype(np.float32)
    columns = [names.take(pa.array(followed)), pa.concat_arrays(follower), pa.array(chances)]
    return pa.table(columns, schema=FOLLOWS_SCHEMA)


def price_posts(world: World) -> Ints:
    """Return prices in minor units, accounts by post, video and live; NONE where not offered.

    They follow the followers shown, bought ones included: who buys followers is dear for what is reached.
    """
    settings, cast, market = load_settings("kols"), world.kols.cast, world.market
    rule, names = settings["price"], market.channel_names
    yuan = rule["factor"] * world.kols.audience.followers ** rule["power"] * cast.price_noise
    rate = np.array([row["per_yuan"] for row in market.markets], float)[cast.market]
    no_video = np.array([name in settings["no_video"] for name in names])[cast.channel]
    no_live = np.array([name not in settings["with_live"] for name in names])[cast.channel]
    kinds = list(settings["kinds"])
    is_employee = cast.kind == kinds.index("employee")
    found = np.stack([_round(yuan * times * rate) for times in (1.0, rule["video"], rule["live"])], axis=1)
    found[is_employee] = 0
    found[no_video, 1], found[no_live, 2] = NONE, NONE
    found[cast.kind == kinds.index("media"), 2] = NONE
    return found


def _round(amounts: Floats) -> Ints:
    """Return amounts in minor units to two figures and a half: prices are named, not computed."""
    step = 10.0 ** np.maximum(np.floor(np.log10(np.maximum(amounts, 1.0))) - 1, 0) / 2
    rounded: Ints = (np.round(amounts / step) * step * 100).astype(np.int64)
    return rounded


def build_roster(world: World) -> pa.Table:
    """Return the roster, one row per account, in the order of the accounts."""
    settings, cast = load_settings("kols"), world.kols.cast
    random = make_stream((world.plan.seed, world.plan.year), "kol-contracts", 0)
    prices, kinds, topics = price_posts(world).tolist(), list(settings["kinds"]), list_topics()
    markets, names = [row["id"] for row in world.market.markets], world.market.channel_names
    has_contract = (random.random(len(cast)) < settings["contracts"]).tolist()
    begins, months = random.integers(-180, 300, len(cast)).tolist(), random.integers(3, 19, len(cast)).tolist()
    start = date(world.plan.year, 1, 1)
    actors = build_actors(cast.actors).to_pylist()
    rows = []
    for row, actor in enumerate(actors):
        kind = kinds[cast.kind[row]]
        begin = start + timedelta(days=begins[row])
        post, video, live = (_write_amount(amount) for amount in prices[row])
        rows.append(
            {
                "kol": name_kol(world, row),
                "platform": names[cast.channel[row]],
                "handle": f"sim_{names[cast.channel[row]]}_{row:06d}",
                "actor": actor,
                "url": "",
                "followers": int(world.kols.audience.followers[row]),
                "topics": _join(topics, cast.topic[row], cast.second_topic[row]),
                "markets": _join(markets, cast.market[row], cast.second_market[row]),
                "kind": kind,
                "price_post": post,
                "price_video": video,
                "price_live": live,
                "currency": world.market.markets[cast.market[row]]["currency"],
                "contract_from": begin.isoformat() if has_contract[row] else "",
                "contract_until": (begin + timedelta(days=30 * months[row])).isoformat() if has_contract[row] else "",
                "disclosure": "no" if kind == "media" else "yes",
                "note": settings["note"],
            }
        )
    return pa.Table.from_pylist(rows, schema=ROSTER_SCHEMA)


def name_kol(world: World, row: int) -> str:
    """Return the name of an account's KOL: the same for all its accounts, and nobody's.

    Names are pieces and the KOL's number.
    """
    settings, cast = load_settings("kols"), world.kols.cast
    language = "zh" if cast.market[row] == CN else "en"
    kol, kind = int(cast.kol[row]), list(settings["kinds"])[cast.kind[row]]
    pieces = settings["names"][language]
    topic = settings["topics"][list_topics()[cast.topic[row]]][language]
    what = topic if kind == "creator" else settings["names"][kind][language]
    if kind == "media":
        what = f"{topic}{what}" if language == "zh" else f"{topic} {what}"
    gap = "" if language == "zh" else " "
    return f"{pieces[kol % len(pieces)]}{gap}{what}{gap}{kol + 1:04d}"


def write_roster(roster: pa.Table, path: Path) -> None:
    """Write the roster as CSV in UTF-8, lines ended as RFC 4180 has them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(roster.column_names)
        writer.writerows(zip(*(column.to_pylist() for column in roster.columns), strict=True))


def describe_kols(world: World) -> dict[str, Any]:
    """Return what is known of the KOLs: how many, how they took part, and which followers are bought."""
    kols = world.kols
    cast, audience = kols.cast, kols.audience
    names = world.market.channel_names
    bought = {}
    for row in np.flatnonzero(cast.is_buyer).tolist():
        bought[build_actors(cast.actors[row : row + 1])[0].as_py()] = {
            "followers": int(audience.followers[row]),
            "bought": int(audience.bought[row]),
            "month": int(cast.buys_in[row]) + 1,
        }
    return {
        "accounts": len(cast),
        "kols": int(cast.kol[-1]) + 1,
        "people_per_follower": audience.weight,
        "arcs_to_people": len(audience.people),
        "arcs_to_accounts": len(audience.accounts),
        "by_platform": {names[code]: count for code, count in enumerate(np.bincount(cast.channel).tolist()) if count},
        **world.tally.build_tree("kols/"),
        "bought_followers": bought,
    }


def _write_amount(minor: int) -> str:
    return "" if minor == NONE else f"{Decimal(minor) / 100:.2f}"


def _join(names: list[str], first: int, second: int) -> str:
    return names[first] if second == NONE else f"{names[first]};{names[second]}"
