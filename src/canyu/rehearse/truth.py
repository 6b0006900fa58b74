"""Writes down what was planted: the rates that were asked for, and the exact counts that the files hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from canyu.kit.words import Words
from canyu.rehearse.arrays import Floats
from canyu.rehearse.campaigns.referral import get_planted_k
from canyu.rehearse.kols.roster import describe_kols
from canyu.rehearse.market import SOLD_KINDS, TONES
from canyu.rehearse.scene import World
from canyu.rehearse.settings import load_settings
from canyu.rehearse.tables import Part

KIND = "canyu rehearsal"
FORMAT = 1
NOTICE = Words(
    "这是模拟的市场:人物、帖子和订单都由程序生成,不是真实的言论或销量。",
    "A simulated market: its people, posts and orders were made by a program; none of it was said or sold.",
)


def count_part(world: World, part: Part) -> None:
    """Count what a part's tables hold, whatever the components believe they planted."""
    world.tally.add("counts/events", part.events.num_rows)
    world.tally.add("counts/texts", part.labels.num_rows)
    world.tally.add("counts/orders", part.orders.num_rows)
    for column, path in (("type", "by_type"), ("market", "by_market"), ("channel", "by_channel"), ("lang", "by_lang")):
        for entry in part.events[column].value_counts().to_pylist():
            if entry["values"] is not None:
                world.tally.add(f"counts/{path}/{entry['values']}", entry["counts"])
    causes = part.orders.group_by(["cause", "campaign"]).aggregate([([], "count_all")]).to_pylist()
    for entry in causes:
        world.tally.add(f"order_causes/{entry['campaign'] or 'none'}/{entry['cause']}", entry["count_all"])
    tones = part.labels.group_by(["origin", "sentiment"]).aggregate([([], "count_all")]).to_pylist()
    for entry in tones:
        world.tally.add(f"texts/{entry['origin']}/{entry['sentiment']}", entry["count_all"])


def build_truth(world: World, files: dict[str, Any]) -> dict[str, Any]:
    """Return everything that is known of a rehearsal, ready to be written as JSON."""
    plan, tally = world.plan, world.tally
    return {
        "kind": KIND,
        "format": FORMAT,
        "notice": {"zh": NOTICE.zh, "en": NOTICE.en},
        "plan": {"year": plan.year, "scale": plan.scale, "seed": plan.seed, "campaign_share": plan.campaign_share},
        "period": {"start": world.seasons.start.isoformat(), "end": world.seasons.end.isoformat()},
        "counts": tally.build_tree("counts/"),
        "texts": tally.build_tree("texts/"),
        "planted": _build_planted(world),
        "sentiment": _build_sentiment(world),
        "branching": _build_branching(world),
        "word_of_mouth": tally.build_tree("word_of_mouth/"),
        "orders": tally.build_tree("orders/"),
        "order_causes": tally.build_tree("order_causes/"),
        "products": tally.build_tree("products/"),
        "regions": tally.build_tree("regions/"),
        "after_sale": _build_after_sale(world),
        "campaigns": _build_campaigns(world),
        "boards": tally.build_tree("boards/"),
        "followers": tally.build_tree("followers/"),
        "kols": describe_kols(world),
        "seasons": _build_seasons(world),
        "files": files,
    }


def _build_planted(world: World) -> dict[str, Any]:
    settings = world.market.settings
    names = ("volumes", "markets", "channels", "shops", "conversion", "drive_booking", "styles", "influence_sigma")
    words = ("comment_follows", "repost_with_words", "comment_with_name")
    return {name: settings[name] for name in (*names, *words)}


def _build_sentiment(world: World) -> dict[str, Any]:
    counted = world.tally.build_tree("sentiment/")
    found = {}
    for row, mix in zip(world.market.products, world.market.mix, strict=True):
        planted = dict(zip(TONES, (round(float(share), 6) for share in mix), strict=True))
        found[row["id"]] = {"planted_mix": planted, **counted.get(row["id"], {})}
    return found


def _build_branching(world: World) -> dict[str, Any]:
    tree = world.tally.build_tree("branching/")
    rates = {row["id"]: row for row in world.market.channels}
    campaigns = {row["id"]: row for row in load_settings("campaigns").values()}
    for label, channels in tree.items():
        for channel, counts in channels.items():
            planted = campaigns.get(label, {})
            for name in ("root_reposts", "later_reposts"):
                counts[f"planted_{name}"] = planted.get(name, rates[channel][name])
            if "reach_median" in planted:
                counts.pop("planted_root_reposts")  # each creator's own reach, see campaigns
            for name in ("roots", "reposts_of_roots", "carriers", "reposts_of_reposts"):
                counts.setdefault(name, 0)
    return tree


def _build_after_sale(world: World) -> dict[str, Any]:
    settings = world.market.settings["after_sale"]
    tree = world.tally.build_tree("after_sale/")
    for kind in SOLD_KINDS:
        counts = tree.setdefault(kind, {})
        counts["planted"] = {name: settings[name][kind] for name in ("refund", "complain", "rate")}
    tree["planted_reply"], tree["planted_resolve"] = settings["reply"], settings["resolve"]
    return tree


def _build_campaigns(world: World) -> dict[str, Any]:
    counted = world.tally.build_tree("campaigns/")
    causes = world.tally.build_tree("order_causes/")
    found = {}
    for sort, settings in load_settings("campaigns").items():
        facts = counted.get(settings["id"], {})
        for name in [name for name in facts if name.endswith("_ms")]:
            facts[name.removesuffix("_ms")] = _to_iso(facts.pop(name))
        own = causes.get(settings["id"], {})
        found[settings["id"]] = {
            "sort": sort,
            "start": _to_iso(world.seasons.find_moment(settings["start"])),
            "planted": settings,
            "orders_by_cause": own,
            "orders_caused_by_word_of_mouth": own.get("word_of_mouth", 0),
            **facts,
        }
        if sort == "referral":
            _add_k(found[settings["id"]], settings)
    return found


def _add_k(facts: dict[str, Any], settings: dict[str, Any]) -> None:
    for number, counts in facts.get("generations", {}).items():
        if counts.get("people", 0):
            counts["planted_k"] = round(get_planted_k(settings, int(number)), 6)
            counts["realised_k"] = round(counts.get("newcomers", 0) / counts["people"], 6)


def _build_seasons(world: World) -> dict[str, Any]:
    seasons = world.seasons
    names = [row["id"] for row in world.market.markets]
    return {
        "hours": load_settings("seasons")["hours"],
        "weekdays": load_settings("seasons")["weekdays"],
        "festivals": {
            festival.id: {
                "name": festival.name,
                "first": festival.first.isoformat(),
                "last": festival.last.isoformat(),
                "talk": festival.talk,
                "trade": festival.trade,
                "where": festival.where,
            }
            for festival in seasons.festivals
        },
        "talk_per_day": _list_days(world, seasons.talk, names),
        "trade_per_day": _list_days(world, seasons.trade, names),
    }


def _list_days(world: World, factors: Floats, names: list[str]) -> dict[str, list[float]]:
    if len(factors) != len(world.seasons.days):
        raise ValueError("One factor per day of the year is needed.")
    return {name: [round(float(value), 6) for value in factors[:, place]] for place, name in enumerate(names)}


def _to_iso(moment: int | list[int]) -> str | list[str]:
    if isinstance(moment, list):
        return [datetime.fromtimestamp(one / 1000, UTC).isoformat() for one in moment]
    return datetime.fromtimestamp(moment / 1000, UTC).isoformat()
