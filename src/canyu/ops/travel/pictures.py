"""The pictures and tables of spread, each with a title that says what is seen in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.numbers import format_number
from canyu.kit.words import Words
from canyu.measure import Picture
from canyu.measure.spread_specs import MINUTE, scale_age
from canyu.ops.evidence.words import say_span
from canyu.ops.travel.campaigns import Campaign
from canyu.ops.travel.figures import prove, prove_one
from canyu.ops.travel.one import SECOND, OneCascade, Repost
from canyu.ops.travel.rules import Order, Scale, name_account
from canyu.ops.travel.travels import TOP, Travel

MOST_BARS = 12
MOST_ROWS = 2_000
BINS = 36
TELLING = 0.1
"""A share of the reposts from which on one account is named in the title."""
_TIME = pa.timestamp("us", tz="UTC")
_NAME = [("id", pa.string()), ("label_zh", pa.string()), ("label_en", pa.string())]
CARRIERS = pa.schema(
    [
        *_NAME,
        ("carried", pa.int64()),
        ("carried_before", pa.int64()),
        ("share", pa.float64()),
        ("bridging", pa.float64()),
        ("posts", pa.int64()),
        ("reposts", pa.int64()),
        ("direct", pa.int64()),
    ]
)
CASCADES = pa.schema(
    [
        ("root", pa.string()),
        ("time", _TIME),
        ("channel", pa.string()),
        ("market", pa.string()),
        ("campaign", pa.string()),
        ("reposts", pa.int64()),
        ("authors", pa.int64()),
        ("depth", pa.int64()),
        ("width", pa.int64()),
        ("structural_virality", pa.float64()),
        ("half_life_s", pa.float64()),
        ("confidence", pa.float64()),
    ]
)
PACE = pa.schema(
    [
        *[(name, pa.float64()) for name in ("begin_s", "until_s")],
        *[(name, pa.int64()) for name in ("reposts", "together")],
        ("half_s", pa.float64()),
        ("answers", pa.int64()),
        ("campaigns", pa.string()),
        ("is_log", pa.bool_()),
    ]
)
REPOSTS = pa.schema(
    [
        ("id", pa.string()),
        ("account", pa.string()),
        ("time", _TIME),
        ("age_s", pa.float64()),
        ("parent", pa.string()),
        ("how", pa.string()),
        ("confidence", pa.float64()),
        ("depth", pa.int64()),
        ("below", pa.int64()),
        ("direct", pa.int64()),
    ]
)


DAYS = pa.schema([("day", pa.date32()), ("reposts", pa.int64())])


def draw_carriers(travel: Travel, may_see: bool) -> Picture:
    """Return the accounts that carried most, with a title that says how much they carried together."""
    rows = list_carrier_rows(travel, Order.CARRIED, MOST_BARS, may_see)
    rows = [row for row in rows if row["carried"]]
    share = travel.joint.share
    subtitle = Words(
        "别人的转发中，挂在各账号转发之下的条数", "Reposts by others that hang below those of each account"
    )
    if not rows or share is None:
        title = Words("没有账号带动了别人的转发", "No account carried the reposts of others")
    else:
        told, many = format_number(share, "zh", travel.joint.interval), min(TOP, len(travel.totals))
        title = Words(
            f"{many} 个账号带动了 {told}% 的转发",
            f"{'One account' if many == 1 else f'{many} accounts'} carried {told}% of the reposts",
        )
    return Picture("carriers", title, subtitle, pa.Table.from_pylist(rows, CARRIERS), prove(travel, "carried"))


def draw_days(travel: Travel) -> Picture:
    """Return the reposts per day, with a title that says when most came."""
    rows = travel.count_days()
    peak, many = max(rows, key=lambda row: (row[1], -row[0].toordinal()))
    title = Words(
        f"{peak.month} 月 {peak.day} 日转发最多：{format_number(many, 'zh')} 条",
        f"Most reposts came on {peak.day} {peak:%B}: {format_number(many, 'en')}",
    )
    subtitle = Words(
        "这些帖子每天的转发（品牌时区）；虚线是活动的第一条内容",
        "Reposts of these posts per day of the brand's zone; dashed lines are the first posts of campaigns",
    )
    table = pa.table([[day for day, _ in rows], [count for _, count in rows]], names=DAYS.names).cast(DAYS)
    return Picture("reposts_by_day", title, subtitle, table, prove(travel, "reposts"))


def list_carriers(travel: Travel, order: Order, may_see: bool, before: Travel | None = None) -> Picture:
    """Return the accounts as a table, the first ``MOST_ROWS``, beside what they carried in the period before."""
    table = pa.Table.from_pylist(list_carrier_rows(travel, order, MOST_ROWS, may_see, before), CARRIERS)
    title = Words("谁带动了转发", "Who carried the reposts")
    return Picture("carriers", title, title, table, prove(travel, "carried"))


def list_carrier_rows(
    travel: Travel, order: Order, most: int, may_see: bool, before: Travel | None = None
) -> list[dict[str, Any]]:
    """Return the accounts that carried or bridged, named for the viewer; who may not see posts gets no key.

    ``carried_before`` is what each carried in the period before, None where there are no data of it.
    """
    ranks = {author: rank for rank, author in enumerate(travel.totals["author"].slice(0, MOST_ROWS).to_pylist(), 1)}
    found = []
    for place, row in enumerate(travel.order_carriers(order).slice(0, most).to_pylist(), 1):
        name = name_account(row["author"], ranks.get(row["author"], place), may_see)
        key = row["author"] if may_see else ""
        named = {"name": name, "label_zh": name.zh, "label_en": name.en, "id": key}
        earlier = before.carried.get(row["author"], 0) if before else None
        found.append(row | named | {"carried_before": earlier})
    return found


def list_cascades(travel: Travel) -> Picture:
    """Return the cascades as a table, the largest first, at most ``MOST_ROWS``."""
    places = travel.rank_cascades()[:MOST_ROWS]
    shapes, roots = travel.take(places)
    rows = [{**root, **shape} for shape, root in zip(shapes, roots, strict=True)]
    title = Words("最大的传播树", "The largest cascades")
    return Picture("cascades", title, title, pa.Table.from_pylist(rows, CASCADES), prove(travel, "reposts"))


def draw_pace(
    one: OneCascade, scale: Scale, answers_s: Sequence[float] = (), campaigns: Sequence[Campaign] = ()
) -> Picture:
    """Return reposts per stretch of age, with a title that says how soon half had come.

    Campaigns that began while it spread are marks.
    """
    half, many = one.shape["half_life_s"], len(one.ages)
    ages = one.ages if scale is Scale.LOG else cut_tail(one.ages)
    rows = list_bins(ages, scale, half, answers_s)
    begun = mark_campaigns(rows, one.begin, campaigns)
    axis = Words("对数", "logarithmic") if scale is Scale.LOG else Words("等距", "even")
    if len(ages) < many:
        share = f"{100 * len(ages) / many:.0f}%"
        axis = Words(f"等距，到前 {share} 的转发为止", f"even, until {share} of the reposts had come")
    subtitle = Words(
        f"每段时间的转发数；横轴是发帖后的时间（{axis.zh}），虚线处到达一半",
        f"Reposts per stretch of time since the post ({axis.en}); half of them at the dashed line",
    )
    if answers_s:
        subtitle = Words(f"{subtitle.zh}；三角是品牌的回应", f"{subtitle.en}; triangles are the brand's answers")
    if begun:
        subtitle = Words(
            f"{subtitle.zh}；带名称的虚线是活动的第一条内容", f"{subtitle.en}; named lines: campaigns begin"
        )
    span = say_span(half) if half is not None else Words("—", "—")
    title = Words(f"一半的转发在 {span.zh}内出现", f"Half of the reposts came within {span.en}")
    if many == 1:
        title = Words(f"唯一的转发在 {span.zh}后出现", f"The only repost came after {span.en}")
    return Picture("pace", title, subtitle, pa.Table.from_pylist(rows, PACE), prove_one(one, "half_life"))


def mark_campaigns(rows: list[dict[str, Any]], begin: int, campaigns: Sequence[Campaign]) -> int:
    """Name in each stretch of age the campaigns that began in it; return how many there are.

    One that began before the post, or with it, is none.
    """
    found = 0
    for row in rows:
        ages = [(one.first.timestamp() - begin / SECOND, one.name) for one in campaigns]
        names = [name for age, name in ages if age > 0 and row["begin_s"] <= age < row["until_s"]]
        row["campaigns"] = ", ".join(names)
        found += len(names)
    return found


def cut_tail(ages: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ages without the last twentieth where these take longer than all before: else nothing is seen.

    >>> len(cut_tail(np.arange(100.0))), len(cut_tail(np.append(np.arange(99.0), 1e6)))
    (100, 95)
    """
    kept = ages[: max(1, int(len(ages) * 0.95))]
    return kept if len(ages) and ages[-1] > 2 * max(kept[-1], MINUTE) else ages


def draw_growth(pace: Picture) -> Picture:
    """Return how many reposts there were by each age, from the rows of the pace."""
    title = Words("累计转发", "Reposts so far")
    return Picture("growth", title, title, pace.table, pace.proof)


def list_bins(
    ages: NDArray[np.float64], scale: Scale, half: float | None, answers: Sequence[float]
) -> list[dict[str, Any]]:
    """Return stretches of age with their reposts, and those so far; the last one ends after the last repost.

    >>> rows = list_bins(np.array([30.0, 90.0, 7200.0]), Scale.LINEAR, 90.0, ())
    >>> sum(row["reposts"] for row in rows), rows[-1]["together"], rows[0]["reposts"]
    (3, 3, 2)
    """
    last = max(float(ages[-1]) if len(ages) else 0.0, float(MINUTE))
    is_log = scale is Scale.LOG
    places = np.linspace(0, scale_age(last * 1.0001, is_log), BINS + 1)
    edges = MINUTE * (np.exp2(places) - 1) if is_log else places
    counts, _ = np.histogram(ages, edges)
    replies, _ = np.histogram(np.asarray(answers, np.float64), edges)
    together = np.cumsum(counts)
    rows = []
    for number in range(BINS):
        begin, until = float(edges[number]), float(edges[number + 1])
        is_half = half is not None and (begin <= half < until)
        row: dict[str, Any] = {"begin_s": begin, "until_s": until, "half_s": half if is_half else None}
        row |= {"reposts": int(counts[number]), "together": int(together[number]), "answers": int(replies[number])}
        rows.append(row | {"is_log": is_log})
    return rows


def tell_tree(one: OneCascade) -> Words:
    """Return what is seen of a tree: the account that carried most, or how many reposted the post itself.

    Of a branch: how many reposts hang below it.
    """
    if one.top != one.start:
        branch = one.tell(one.top)
        many, name = branch.below, branch.account
        return Words(f"{name.zh} 之下有 {many:,} 条转发", f"{many:,} repost{'' if many == 1 else 's'} below {name.en}")
    first = one.list_carriers("carried", 1)
    if first and first[0]["share"] >= TELLING:
        share, name = f"{100 * first[0]['share']:.0f}", first[0]["account"]
        return Words(f"{name.zh} 带动了 {share}% 的转发", f"{name.en} carried {share}% of the reposts")
    row = one.shape
    share = f"{100 * row['by_depth'][1] / max(row['reposts'], 1):.0f}"
    return Words(f"{share}% 直接转发原帖", f"{share}% reposted the post itself")


def list_reposts(one: OneCascade, rows: Sequence[Repost]) -> Picture:
    """Return reposts as a table."""
    found = [
        {
            **{name: getattr(row, name) for name in ("id", "time", "age_s", "confidence", "depth", "below", "direct")},
            "account": row.actor if one.may_see else row.account.en,
            "parent": row.parent.en,
            "how": str(row.how),
        }
        for row in rows
    ]
    title = tell_tree(one)
    return Picture("reposts", title, title, pa.Table.from_pylist(found, REPOSTS), prove_one(one, "carried"))
