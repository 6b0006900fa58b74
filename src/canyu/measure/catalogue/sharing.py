"""Sharing: how many others one who shares brings, and how far a share leads."""

from __future__ import annotations

from datetime import timedelta

import ibis
import ibis.expr.types as ir

from canyu.events.vocabulary import Verb
from canyu.kit.words import Words
from canyu.measure.catalogue.metric import Method, Metric, Theme, always
from canyu.measure.catalogue.reckoning import tell_rate, tell_share
from canyu.measure.catalogue.rows import HISTORY, NO_TIME, aggregate, count_followed, keep_asked, list_events
from canyu.measure.catalogue.view import View
from canyu.measure.catalogue.words import (
    EVENT_DIMENSIONS,
    EVENT_FILTERS,
    FOLLOWED,
    GROWTH,
    IDENTIFIED,
    ONE_PERSON,
    ONE_SHARE,
    PER_CENT,
)

STEPS = (Verb.CLICK, Verb.SCAN, Verb.JOIN, Verb.VISIT)
"""What may stand between a share and an order."""
SHARED = (*EVENT_DIMENSIONS, "object")


def count_invited(events: ir.Table, view: View) -> ir.Table:
    """Count who first shared in the period, and the different people who joined through them in time."""
    after = view.window
    shares = list_events(events, view, (Verb.SHARE,), HISTORY, after)
    shares = view.add_dimensions(keep_asked(shares.filter(shares.actor.notnull()), view))
    place = ibis.row_number().over(ibis.window(group_by="actor", order_by=["time", "id"]))
    shares = shares.mutate(place=place, shared=view.scope.count_micros(shares.time))
    shares = shares.mutate(
        began=shares.shared.min().over(ibis.window(group_by="actor")),
        is_new=(shares.place == 0) & view.is_within(shares.time),
    )
    joins = list_events(events, view, (Verb.JOIN,), NO_TIME, after)
    joins = joins.filter(joins.parent.notnull(), joins.actor.notnull())
    joins = joins.select(share="parent", invited="actor", joined=view.scope.count_micros(joins.time))
    rows = shares.left_join(joins, [("id", "share")])
    took = rows.joined - rows.began
    is_brought = (rows.invited != rows.actor) & (took >= 0) & (took < after // timedelta(microseconds=1))
    people = rows.group_by("actor").aggregate(
        began=rows.began.min(),
        is_new=rows.is_new.max(),
        invited=rows.invited.nunique(where=is_brought),
        **{key: rows[key].max(where=rows.place == 0) for key in view.keys},
    )
    people = people.filter(people.is_new)
    people = people.mutate(is_followed=view.is_followed(people.began, after))
    return aggregate(
        people,
        view,
        part=people.invited.sum(where=people.is_followed).fill_null(0),
        whole=people.is_followed.sum().fill_null(0),
        squares=(people.invited * people.invited).sum(where=people.is_followed).fill_null(0),
        open=(~people.is_followed).sum().fill_null(0),
        rows=people.count(),
    )


def count_visited(events: ir.Table, view: View) -> ir.Table:
    """Count the shares of the period, and those through which somebody came in time."""
    after = view.window
    visits = list_events(events, view, (Verb.VISIT,), NO_TIME, after)
    return _count_led(events, visits, view, hops=1)


def count_ordered(events: ir.Table, view: View) -> ir.Table:
    """Count the shares of the period, and those that led to an order in time."""
    after = view.window
    orders = list_events(events, view, (Verb.ORDER,), NO_TIME, after)
    return _count_led(events, orders, view, hops=2)


def _count_led(events: ir.Table, ends: ir.Table, view: View, hops: int) -> ir.Table:
    after = view.window
    shares = keep_asked(list_events(events, view, (Verb.SHARE,)), view)
    shares = view.add_dimensions(shares.filter(view.is_within(shares.time)))
    shares = shares.mutate(began=view.scope.count_micros(shares.time))
    led = ends.filter(ends.parent.notnull()).select(root="parent", ended=view.scope.count_micros(ends.time))
    steps = list_events(events, view, STEPS, NO_TIME, after)
    steps = steps.filter(steps.parent.notnull())
    for hop in range(hops):
        found = steps.select(**{f"step_{hop}": steps.id, f"above_{hop}": steps.parent})
        climbed = led.left_join(found, [("root", f"step_{hop}")])
        climbed = climbed.mutate(top=climbed[f"above_{hop}"].fill_null(climbed.root))
        led = climbed.select(root="top", ended="ended")
    return count_followed(shares, led, view, after)


METRICS = (
    Metric(
        "k_factor",
        Theme.SHARING,
        Words("K 因子", "K-factor"),
        Words(
            "期间内首次分享的人（同期群）每人带来的加入者：经其任一分享、在其首次分享后的跟踪期内加入的不同的人数之和"
            " ÷ 跟踪期已满的首次分享者人数。自己加入不算。区间为加入者人数的"
            " 95% 精确泊松区间，各人带来的人数差异更大时按离散系数放宽。",
            "Joiners for each person who first shared in the period (the cohort): different people who joined through "
            "any of their shares within the follow-up after the first one, added up, ÷ first sharers whose follow-up "
            "is complete. Joining through oneself does not count. Interval: exact 95% Poisson interval of the joiners, "
            "wider where what each brought varies more than that.",
        ),
        Words("人/分享者", "joiners each"),
        ONE_PERSON,
        Method.POISSON,
        always("events"),
        count_invited,
        tell_rate,
        SHARED,
        EVENT_FILTERS,
        GROWTH,
        basis=(str(Verb.SHARE),),
        window_days=14,
        caveats=(FOLLOWED, IDENTIFIED),
    ),
    Metric(
        "share_to_visit",
        Theme.SHARING,
        Words("分享到访率", "Shares that bring a visit"),
        Words(
            "期间内的分享中，在时限内经其链接或二维码有人到访的占比；时限未过的不计。",
            "The share of the period's shares through whose link or code somebody came in time; those whose time is "
            "not over are left out.",
        ),
        PER_CENT,
        ONE_SHARE,
        Method.WILSON,
        always("events"),
        count_visited,
        tell_share,
        SHARED,
        EVENT_FILTERS,
        GROWTH,
        basis=(str(Verb.SHARE),),
        window_days=14,
        caveats=(FOLLOWED,),
    ),
    Metric(
        "share_to_order",
        Theme.SHARING,
        Words("分享成单率", "Shares that bring an order"),
        Words(
            "期间内的分享中，在时限内经其点击、扫码、到访或加入产生订单的占比；退货的照算，时限未过的不计。",
            "The share of the period's shares that led to an order in time, by a click, scan, visit or join; what was "
            "given back counts, shares whose time is not over are left out.",
        ),
        PER_CENT,
        ONE_SHARE,
        Method.WILSON,
        always("events"),
        count_ordered,
        tell_share,
        SHARED,
        EVENT_FILTERS,
        GROWTH,
        basis=(str(Verb.SHARE),),
        window_days=14,
        caveats=(FOLLOWED,),
    ),
)
