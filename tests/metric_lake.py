"""A small lake whose metrics can be counted by hand: April 2025 in Shanghai, everything at noon unless said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import canyu
from canyu.events import Event, build_event_table
from canyu.kit.jsonio import dump_json

NOON = 4  # in UTC


def at(day: str, hours: float = 0) -> datetime:
    """Noon in Shanghai of a day of 2025 (``04-01``), or of any year, and so many hours later."""
    day = day if len(day) > 5 else f"2025-{day}"
    return datetime.fromisoformat(f"{day}T{NOON:02}:00:00").replace(tzinfo=UTC) + timedelta(hours=hours)


def tell(kind: str, name: str, when: datetime, **fields: object) -> Event:
    props = fields.pop("props", None)
    base = {"market": "cn", "channel": "site", "source": "test"} | fields
    return Event(id=name, type=kind, time=when, received=when, props=dump_json(props or {}), **base)  # type: ignore[arg-type]


def list_sharing() -> list[Event]:
    """A, B and C share for the first time in April, D did before; P and Q come through A, B invites only itself."""
    shares = {
        "s0": ("03-20", "D"),
        "s1": ("04-01", "A"),
        "s2": ("04-05", "A"),
        "s3": ("04-03", "B"),
        "s5": ("04-02", "D"),
    }
    joins = {
        "j1": ("04-02", "P", "s1"),
        "j2": ("04-06", "Q", "s2"),
        "j3": ("04-07", "P", "s2"),  # the same person again
        "j4": ("04-04", "B", "s3"),  # through oneself
        "j5": ("04-30", "R", "s3"),  # too late
        "j6": ("04-03", "U", "s5"),  # through one who is no newcomer
    }
    told = [tell("share", name, at(day), actor=who, object="campaign:x") for name, (day, who) in shares.items()]
    told.append(tell("share", "s4", at("04-25"), actor="C", object="campaign:x", campaign="x"))
    told += [tell("join", name, at(day), actor=who, parent=up, object="x") for name, (day, who, up) in joins.items()]
    told += [
        tell("click", "c1", at("04-01", 1), parent="s1", object="x"),
        tell("scan", "c2", at("04-26"), parent="s4"),
        tell("click", "c3", at("04-01"), parent="s5", object="x"),  # before its share: a clock is wrong
        tell("visit", "v1", at("04-02", 1), actor="P", parent="c1", object="x"),
        tell("visit", "v2", at("04-03", 1), actor="V2", parent="s3", object="x"),
        tell("visit", "v3", at("05-20"), actor="V3", parent="c2", object="x"),  # too late for s4
        tell("visit", "v4", at("04-01", 1), actor="V4", parent="c3", object="x", channel="store"),
        tell("visit", "v5", at("04-10"), actor="V5", object="x", channel="store"),
    ]
    return told


def list_sales() -> list[Event]:
    """Four orders of April, one of them told twice; P buys again in May, what Q bought again was given back."""
    money = {"currency": "CNY", "object": "su7"}
    young, older = {"age_band": "18-24", "gender": "female"}, {"age_band": "30-39", "gender": "male"}
    first = {"order_id": "n1", **young, "preorder": True}
    return [
        tell("order", "o1", at("04-03"), actor="P", value=100_000, parent="v1", props=first, **money),
        tell("order", "o1b", at("04-05"), actor="P", value=100_000, props=first, **money),
        tell(
            "order", "o2", at("04-10"), actor="Q", value=30_000, parent="j2", props={"order_id": "n2", **older}, **money
        ),
        tell(
            "order",
            "o3",
            at("04-20"),
            actor="V5",
            value=20_000,
            market="de",
            props={"order_id": "n3", **young},
            **money,
        ),
        tell("order", "o4", at("05-01"), actor="P", value=50_000, props={"order_id": "n4", **young}, **money),
        tell("order", "o5", at("05-05"), actor="Q", value=10_000, props={"order_id": "n5", **older}, **money),
        tell("order", "o6", at("04-15"), actor="W", value=10_000, market=None, **money),
        tell("refund", "r1", at("05-04"), value=10_000, props={"order_id": "n5"}, **money),  # before its order
        tell("refund", "r2", at("04-16"), value=10_000, parent="o6", **money),
    ]


def list_care() -> list[Event]:
    """One complaint answered and solved in time, one answered too late, one never, one before it was made."""
    return [
        *(tell("complain", f"k{n}", at(f"04-0{n}"), actor=f"K{n}", text="坏了") for n in (1, 2, 3, 4)),
        tell("reply", "p1", at("04-01", 2), parent="k1", text="已收到"),
        tell("reply", "p2", at("04-02", 30), parent="k2", text="已收到"),
        tell("reply", "p4", at("04-03"), parent="k4", text="已收到"),
        tell("resolve", "f1", at("04-01", 8), parent="k1"),
    ]


def list_people() -> list[Event]:
    """Scores, devices, views and posts."""
    scores = {"g1": ("04-02", "A", 10), "g2": ("04-09", "A", 3), "g3": ("04-02", "B", 9), "g4": ("04-02", "C", 7)}
    scores["g5"] = ("04-02", "D", 12)  # no score of the scale
    nps = {"question": "nps"}
    devices = {"d1": ("04-01", "h1", "phone"), "d2": ("04-02", "h1", "watch"), "d3": ("04-03", "h1", "phone/2")}
    devices |= {"d4": ("04-04", "h2", "tv"), "d5": ("05-05", "h2", "car")}
    views = {
        "w1": ("04-05", "X"),
        "w2": ("04-05", "Y"),
        "w3": ("04-08", "M"),
        "w4": ("04-15", "M"),
        "w5": ("04-09", "N"),
    }
    views["w6"] = ("06-30", "T")  # the last event of the lake
    return [
        *(tell("rate", n, at(d), actor=who, object="su7", value=v, props=nps) for n, (d, who, v) in scores.items()),
        tell("rate", "g6", at("04-02"), actor="X", object="su7", value=5),
        *(
            tell("join", n, at(day), actor=f"{home}a", object=f"device/{kind}", props={"household": home})
            for n, (day, home, kind) in devices.items()
        ),
        *(tell("view", n, at(day), actor=who, object="post") for n, (day, who) in views.items()),
        tell("like", "l1", at("04-06"), actor="Y", parent="post"),
        tell("post", "t1", at("04-01"), actor="Z", text="a", channel="community"),
        tell("post", "t2", at("04-02"), actor="Z", text="b", channel="community"),
        tell("comment", "t3", at("04-02"), actor="Z", text="c", parent="t1", channel="community"),
    ]


def list_measures() -> list[Event]:
    """An index in two years, plays that two sources state, units of three makers, and what was spent."""
    index = {"i1": ("04-01", 500), "i2": ("04-02", 1130), "i3": ("04-02", 700)}
    index |= {"i4": ("2024-04-01", 250), "i5": ("2024-04-02", 565), "i6": ("2024-04-03", 900)}
    plays = {"y1": ("04-01", 0, "a", 100), "y2": ("04-01", 1, "a", 50), "y3": ("04-01", 0, "b", 120)}
    plays["y4"] = ("04-02", 0, "a", 200)
    units = {"u1": ("xiaomi", "premium", 7000), "u2": ("tesla", "premium", 3000), "u3": ("byd", "entry", 9000)}
    return [
        *(
            tell("observe", n, at(day), object="su7", value=v, props={"metric": "search_index"})
            for n, (day, v) in index.items()
        ),
        *(
            tell("observe", n, at(day, h), object="clip", source=s, value=v, props={"metric": "play", "bucket": "1h"})
            for n, (day, h, s, v) in plays.items()
        ),
        *(
            tell(
                "observe",
                n,
                at("04-01"),
                object=f"{b} car",
                value=v,
                props={"metric": "units", "brand": b, "segment": s},
            )
            for n, (b, s, v) in units.items()
        ),
        tell("observe", "e1", at("04-03"), object="theme", value=10, props={"metric": "download"}),
        tell("observe", "e2", at("04-01"), object="x", value=600_000, currency="CNY", props={"metric": "cost"}),
    ]


def fill_metric_lake(path: Path) -> canyu.Lake:
    """Write the events; the same every time."""
    lake = canyu.open(path, create=True)
    told = [*list_sharing(), *list_sales(), *list_care(), *list_people(), *list_measures()]
    lake.append(build_event_table(told))
    return lake
