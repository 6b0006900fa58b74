"""Sales: orders and who placed them, conversion, repurchase, worth, and what one order more costs."""

from __future__ import annotations

from datetime import timedelta

import ibis
import ibis.expr.types as ir

from canyu.events.vocabulary import Verb
from canyu.kit.words import Words
from canyu.measure.catalogue.attention import ONE_SOURCE, choose_sources, keep_measured, sum_measured
from canyu.measure.catalogue.metric import Method, Metric, Theme, always
from canyu.measure.catalogue.reckoning import (
    tell_census_share,
    tell_cost,
    tell_count,
    tell_lift,
    tell_mean,
    tell_measured,
    tell_share,
)
from canyu.measure.catalogue.rows import (
    AGAIN,
    HISTORY,
    NO_TIME,
    PREORDER,
    aggregate,
    keep_asked,
    keep_unreturned,
    list_events,
    list_orders,
)
from canyu.measure.catalogue.view import View, has_prop
from canyu.measure.catalogue.words import (
    BUYER_DIMENSIONS,
    COMMERCE,
    EVENT_DIMENSIONS,
    EVENT_FILTERS,
    FOLLOWED,
    GROWTH,
    IDENTIFIED,
    NO_CAUSE,
    ONE_BUCKET,
    ONE_ORDER,
    ONE_PERSON,
    ORDERS,
    PER_CENT,
)
from canyu.measure.props import read_prop

BUYER = Words("一位买家", "one buyer")
ONCE_EACH = Words(
    "同一订单号 30 天内再次上报只算一次；退货的照算。",
    "An order number that is told again within 30 days counts once; what was given back counts.",
)
NOT_LOYALTY = Words(
    "与忠诚度的复购率（canyu loyalty）不同：那里同一天的多笔订单算一次购买，只算一种货币，部分退款的订单仍算，"
    "期间之前买过的人被当成新客，时限默认 180 天。",
    "Repurchase of loyalty (canyu loyalty) differs: there orders of a day are one purchase, one currency counts, an "
    "order that was given back in part stays, who bought before the period looks new, and the time is 180 days by "
    "default.",
)
VISIT_DIMENSIONS = (*EVENT_DIMENSIONS, "object")


def keep_orders(events: ir.Table, view: View) -> ir.Table:
    """Return the orders of the period by number, filtered, with their dimensions."""
    orders = list_orders(events, view, AGAIN)
    return view.add_dimensions(keep_asked(orders.filter(view.is_within(orders.time)), view))


def count_orders(events: ir.Table, view: View) -> ir.Table:
    """Count the orders."""
    rows = keep_orders(events, view)
    return aggregate(rows, view, value=rows.count(), rows=rows.count())


def count_preorders(events: ir.Table, view: View) -> ir.Table:
    """Count the pre-orders from an instant on, so many minutes long."""
    begin = view.query.since or view.period.start
    orders = list_orders(events, view, AGAIN, timedelta(days=1))
    within = (orders.time >= ibis.literal(begin)) & (
        orders.time < ibis.literal(begin + timedelta(minutes=view.query.minutes))
    )
    rows = keep_asked(orders.filter(within, has_prop(orders, PREORDER, "true")), view)
    rows = view.add_dimensions(rows)
    return aggregate(rows, view, value=rows.count(), rows=rows.count())


def sum_units(events: ir.Table, view: View) -> ir.Table:
    """Add up units that were measured, of the brand where one is asked for."""
    return sum_measured(events, view, "units")


def count_segment(events: ir.Table, view: View) -> ir.Table:
    """Add up units of the segment: the brand's, and all."""
    rows = keep_measured(events, view, "units")
    rows = rows.filter(has_prop(rows, "segment", view.query.segment))
    best = choose_sources(
        view.add_dimensions(rows.mutate(maker=read_prop(rows.props, "brand").nullif(""))), view, "maker"
    )
    return aggregate(
        best,
        view,
        part=best.total.sum(where=best.maker == view.query.brand).fill_null(0),
        whole=best.total.sum().fill_null(0),
        rows=best.facts.sum().fill_null(0),
    )


def count_women(events: ir.Table, view: View) -> ir.Table:
    """Count the buyers whose gender is known, and the women among them."""
    rows = keep_orders(events, view)
    gender = read_prop(rows.props, "gender").nullif("").lower()
    rows = rows.filter(rows.actor.notnull())
    rows = rows.mutate(is_woman=gender == "female", is_told=gender.isin(("female", "male")))
    buyers = rows.group_by(*view.keys, "actor").aggregate(
        is_woman=rows.is_woman.fill_null(False).max(), is_told=rows.is_told.fill_null(False).max(), orders=rows.count()
    )
    return aggregate(
        buyers,
        view,
        part=buyers.is_woman.sum().fill_null(0),
        whole=buyers.is_told.sum().fill_null(0),
        untold=(~buyers.is_told).sum().fill_null(0),
        rows=buyers.orders.sum().fill_null(0),
    )


def count_overseas(events: ir.Table, view: View) -> ir.Table:
    """Count the orders whose market is known, and those outside the home market."""
    rows = keep_orders(events, view)
    is_told = rows.market.notnull()
    return aggregate(
        rows,
        view,
        part=(is_told & (rows.market.lower() != view.query.home.lower())).sum().fill_null(0),
        whole=is_told.sum().fill_null(0),
        untold=(~is_told).sum().fill_null(0),
        rows=rows.count(),
    )


def count_converted(events: ir.Table, view: View) -> ir.Table:
    """Count the people who came in the period, and those who ordered in time."""
    people = _list_visitors(events, view, ())
    return aggregate(
        people,
        view,
        part=people.is_well.sum().fill_null(0),
        whole=people.is_over.sum().fill_null(0),
        open=(~people.is_over).sum().fill_null(0),
        rows=people.count(),
    )


def compare_converted(events: ir.Table, view: View) -> ir.Table:
    """Count both for two channels; a person belongs to the one they first came by."""
    people = _list_visitors(events, view, (view.query.channel, view.query.against))
    is_mine = people.channel == view.query.channel
    return aggregate(
        people,
        view,
        part=(people.is_well & is_mine).sum().fill_null(0),
        whole=(people.is_over & is_mine).sum().fill_null(0),
        other_part=(people.is_well & ~is_mine).sum().fill_null(0),
        other_whole=(people.is_over & ~is_mine).sum().fill_null(0),
        open=(~people.is_over).sum().fill_null(0),
        rows=people.count(),
    )


def count_repurchased(events: ir.Table, view: View) -> ir.Table:
    """Count the first buyers of the period, and those who ordered again in time; what was given back is no order."""
    orders = list_orders(events, view, HISTORY, view.window)
    kept = keep_unreturned(orders.filter(orders.actor.notnull()), events)
    in_order = ibis.window(group_by="actor", order_by=["time", "id"])
    kept = kept.mutate(began=view.scope.count_micros(kept.time))
    kept = kept.mutate(place=ibis.row_number().over(in_order), again=kept.began.lead().over(in_order))
    firsts = keep_asked(kept.filter(kept.place == 0, view.is_within(kept.time)), view)
    firsts = view.add_dimensions(firsts)
    is_over = view.is_followed(firsts.began, view.window)
    is_again = (firsts.again - firsts.began <= view.window // timedelta(microseconds=1)).fill_null(False)
    return aggregate(
        firsts,
        view,
        part=(is_again & is_over).sum().fill_null(0),
        whole=is_over.sum().fill_null(0),
        open=(~is_over).sum().fill_null(0),
        rows=firsts.count(),
    )


def sum_worth(events: ir.Table, view: View) -> ir.Table:
    """Add up what the first buyers of the period spent in the time after their first order."""
    orders = list_orders(events, view, HISTORY, view.window)
    orders = orders.filter(orders.actor.notnull(), orders.currency == view.query.currency)
    kept = keep_unreturned(orders, events)
    in_order = ibis.window(group_by="actor", order_by=["time", "id"])
    kept = kept.mutate(now=view.scope.count_micros(kept.time), place=ibis.row_number().over(in_order))
    whole = ibis.window(group_by="actor")
    spent = kept.mutate(began=kept.now.min().over(whole))
    in_time = spent.now - spent.began <= view.window // timedelta(microseconds=1)
    spent = spent.mutate(worth=ibis.ifelse(in_time, spent.value, 0).sum().over(whole))
    firsts = keep_asked(spent.filter(spent.place == 0, view.is_within(spent.time)), view)
    firsts = view.add_dimensions(firsts)
    is_over = view.is_followed(firsts.began, view.window)
    worth = ibis.ifelse(is_over, firsts.worth, 0)
    rows = firsts.mutate(is_over=is_over, known=worth.cast("decimal(18, 0)"))
    made = {
        "total": rows.known.sum().fill_null(0).cast("decimal(38, 0)"),
        "squares": (rows.known * rows.known).sum().fill_null(0).cast("decimal(38, 0)"),
        "whole": rows.is_over.sum().fill_null(0).cast("int64"),
        "open": (~rows.is_over).sum().fill_null(0).cast("int64"),
        "rows": rows.count().cast("int64"),
    }
    return rows.group_by(view.keys).aggregate(**made) if view.keys else rows.aggregate(**made)


def sum_cost(events: ir.Table, view: View) -> ir.Table:
    """Add up what was spent."""
    rows = keep_measured(events, view, "cost")
    rows = view.add_dimensions(rows.filter(rows.currency == view.query.currency))
    return aggregate(rows, view, cost=rows.value.sum().fill_null(0), rows=rows.count())


def _list_visitors(events: ir.Table, view: View, channels: tuple[str, ...]) -> ir.Table:
    """Return the people who came in the period: whether their time is over, and whether they ordered in it."""
    visits = list_events(events, view, (Verb.VISIT,))
    visits = visits.filter(visits.actor.notnull(), view.is_within(visits.time))
    visits = visits.filter(visits.channel.isin(channels)) if channels else keep_asked(visits, view)
    order = ibis.window(group_by="actor", order_by=["time", "id"])
    visits = visits.mutate(place=ibis.row_number().over(order))
    visits = view.add_dimensions(visits.filter(visits.place == 0))
    visits = visits.select(*view.keys, "actor", "channel", began=view.scope.count_micros(visits.time))
    orders = list_events(events, view, (Verb.ORDER,), NO_TIME, view.window)
    orders = orders.filter(orders.actor.notnull())
    orders = orders.select(buyer="actor", ended=view.scope.count_micros(orders.time))
    rows = visits.left_join(orders, [visits.actor == orders.buyer, orders.ended >= visits.began])
    people = rows.group_by(*view.keys, "actor", "channel", "began").aggregate(ended=rows.ended.min())
    is_over = view.is_followed(people.began, view.window)
    is_in_time = (people.ended - people.began <= view.window // timedelta(microseconds=1)).fill_null(False)
    return people.mutate(is_over=is_over, is_well=is_over & is_in_time)


METRICS = (
    Metric(
        "orders",
        Theme.SALES,
        Words("订单数", "Orders"),
        Words(
            "期间内下的订单；同一订单号 30 天内再次上报只算最早一次，事后退货的照算。",
            "Orders placed in the period; an order number that is told again within 30 days counts at its first "
            "instant, and what was given back later counts.",
        ),
        ORDERS,
        ONE_ORDER,
        Method.NONE,
        always("events"),
        count_orders,
        tell_count,
        BUYER_DIMENSIONS,
        EVENT_FILTERS,
        COMMERCE,
        basis=(str(Verb.ORDER),),
    ),
    Metric(
        "preorders",
        Theme.SALES,
        Words("窗口内预订", "Pre-orders in a window"),
        Words(
            "从所给时刻起（含）满所给分钟数（默认 10）为止（不含）下的、标明为预订的订单；同一订单号只算最早一次。"
            "未给时刻时从期间的第一刻算起。",
            "Orders marked as pre-orders from the stated instant (inside) until the stated minutes later (10 by "
            "default, outside); an order number counts at its first instant. Without an instant, from the first moment "
            "of the period.",
        ),
        ORDERS,
        ONE_ORDER,
        Method.NONE,
        always("events"),
        count_preorders,
        tell_count,
        ("channel", "market", "campaign", "source", "object", "age_band", "gender", "price_segment", "region"),
        (*EVENT_FILTERS, "since", "minutes"),
        COMMERCE,
        is_contiguous=True,
        basis=(str(Verb.ORDER),),
        caveats=(
            Words("迟到的事件会改变此数，因此须连同版本一起引用。", "Late events change it: cite it with its version."),
        ),
    ),
    Metric(
        "units",
        Theme.SALES,
        Words("销量", "Units sold"),
        Words(
            "期间内各对象被测得的销量之和，每个数计入其时段开始的那天；来源只列部分型号时，这是下限。",
            "Units measured of all subjects in the period, added up; each number counts on the day its bucket begins. "
            "Where a source lists some models only, this is a lower bound.",
        ),
        Words("台", "units"),
        ONE_BUCKET,
        Method.NONE,
        always("events"),
        sum_units,
        tell_measured,
        ("day", "week", "month", "channel", "market", "object"),
        ("channel", "market", "object", "brand"),
        COMMERCE,
        basis=(str(Verb.OBSERVE),),
        caveats=(ONE_SOURCE,),
    ),
    Metric(
        "segment_share",
        Theme.SALES,
        Words("细分市场份额", "Segment share"),
        Words(
            "期间内该细分市场测得的销量中，该品牌所占的百分数。这是已列型号的全数，没有抽样区间。",
            "The brand's part, in per cent, of the units measured in the segment in the period. All listed models are "
            "in it, so there is no interval of sampling.",
        ),
        PER_CENT,
        ONE_BUCKET,
        Method.NONE,
        always("events"),
        count_segment,
        tell_census_share,
        ("day", "week", "month", "channel", "market"),
        ("channel", "market", "brand", "segment"),
        COMMERCE,
        basis=(str(Verb.OBSERVE),),
        needs=("brand", "segment"),
        caveats=(ONE_SOURCE,),
    ),
    Metric(
        "female_share",
        Theme.SALES,
        Words("女性占比", "Female share"),
        Words(
            "期间内有订单且注明性别的买家中，女性的占比；任一订单注明为女性即算。区间为 Wilson 95% 区间。",
            "Of the buyers of the period whose gender an order states, the share of women; one order that says so is "
            "enough. Interval: Wilson's 95% interval.",
        ),
        PER_CENT,
        BUYER,
        Method.WILSON,
        always("events"),
        count_women,
        tell_share,
        BUYER_DIMENSIONS,
        EVENT_FILTERS,
        COMMERCE,
        basis=(str(Verb.ORDER),),
        caveats=(IDENTIFIED,),
    ),
    Metric(
        "overseas_share",
        Theme.SALES,
        Words("海外占比", "Overseas share"),
        Words(
            "期间内注明市场的订单中，市场不是本土（默认 cn）的占比。区间为 Wilson 95% 区间。",
            "Of the period's orders whose market is stated, the share outside the home market (cn by default). "
            "Interval: Wilson's 95% interval.",
        ),
        PER_CENT,
        ONE_ORDER,
        Method.WILSON,
        always("events"),
        count_overseas,
        tell_share,
        tuple(name for name in BUYER_DIMENSIONS if name != "market"),
        ("channel", "campaign", "object", "home"),
        COMMERCE,
        basis=(str(Verb.ORDER),),
        caveats=(ONCE_EACH,),
    ),
    Metric(
        "conversion",
        Theme.SALES,
        Words("转化率", "Conversion"),
        Words(
            "期间内到访的人中，在其首次到访后的时限内下单的占比，订单不限渠道；时限未过的不计。"
            "区间为 Wilson 95% 区间。",
            "Of the people who came in the period, the share that ordered within the time after their first visit, by "
            "whatever channel; people whose time is not over are left out. Interval: Wilson's 95% interval.",
        ),
        PER_CENT,
        ONE_PERSON,
        Method.WILSON,
        always("events"),
        count_converted,
        tell_share,
        VISIT_DIMENSIONS,
        EVENT_FILTERS,
        GROWTH,
        basis=(str(Verb.VISIT),),
        window_days=14,
        caveats=(FOLLOWED, IDENTIFIED),
    ),
    Metric(
        "conversion_lift",
        Theme.SALES,
        Words("转化率之差", "Conversion against another channel"),
        Words(
            "一个渠道的转化率比对照渠道高出的百分数（转化率之比 − 1）；人归于其首次到访的渠道。"
            "两个渠道的人本来不同，因此这不是渠道带来的增量。"
            "区间与 p 值出自同一个得分检验（Miettinen 与 Nurminen 1985）。",
            "By how many per cent a channel's conversion is above another's (the ratio − 1); a person belongs to the "
            "channel of their first visit. The two channels' people differ to begin with: this is not what the channel "
            "brought. Interval and p-value are of one score test (Miettinen and Nurminen 1985).",
        ),
        PER_CENT,
        ONE_PERSON,
        Method.SCORE_RATIO,
        always("events"),
        compare_converted,
        tell_lift,
        ("day", "week", "month", "market", "campaign", "object"),
        ("channel", "against"),
        GROWTH,
        basis=(str(Verb.VISIT),),
        needs=("channel", "against"),
        window_days=14,
        caveats=(NO_CAUSE, FOLLOWED, IDENTIFIED),
    ),
    Metric(
        "repurchase_rate",
        Theme.SALES,
        Words("复购率", "Repurchase rate"),
        Words(
            "期间内首次下单的买家中，在时限（默认 365 天）内再次下单的占比；退过货的订单不算，时限未过的不计。"
            "按年龄段看时取首单注明的年龄段。区间为 Wilson 95% 区间。",
            "Of the buyers whose first order lies in the period, the share that ordered again within the time (365 "
            "days by default); an order that was given back is none, and buyers whose time is not over are left out. "
            "By age band, that of the first order counts. Interval: Wilson's 95% interval.",
        ),
        PER_CENT,
        BUYER,
        Method.WILSON,
        always("events"),
        count_repurchased,
        tell_share,
        BUYER_DIMENSIONS,
        EVENT_FILTERS,
        COMMERCE,
        basis=(str(Verb.ORDER),),
        window_days=365,
        caveats=(FOLLOWED, IDENTIFIED, NOT_LOYALTY),
    ),
    Metric(
        "clv",
        Theme.SALES,
        Words("客户价值", "Customer value"),
        Words(
            "期间内首次下单的买家在首单后的时限（默认 365 天）内的消费额的平均值，以所给货币的最小单位计；"
            "退过货的订单不算，时限未过的不计。这是已实现的价值；未来价值由忠诚度模型估计。区间为均值的 t 95% 区间。",
            "What a buyer whose first order lies in the period spent within the time after it (365 days by default), "
            "the mean in minor units of the currency; an order that was given back is none, and buyers whose time is "
            "not over are left out. This is worth that was realised; what is to come is estimated by the models of "
            "loyalty. Interval: Student's 95% interval of the mean.",
        ),
        Words("最小货币单位", "minor units"),
        BUYER,
        Method.STUDENT,
        always("events"),
        sum_worth,
        tell_mean,
        BUYER_DIMENSIONS,
        (*EVENT_FILTERS, "currency"),
        COMMERCE,
        basis=(str(Verb.ORDER),),
        window_days=365,
        caveats=(FOLLOWED, IDENTIFIED),
    ),
    Metric(
        "cost_per_incremental_order",
        Theme.SALES,
        Words("单个增量订单成本", "Cost per incremental order"),
        Words(
            "期间内记录的花费 ÷ 提升设计估计出的增量订单数，以所给货币的最小单位计；没有提升设计时没有此数。"
            "区间由增量的区间换算。",
            "What was spent in the period ÷ the orders that a lift design estimates it brought, in minor units of the "
            "currency; without a design there is no such number. Interval: carried over from that of the lift.",
        ),
        Words("最小货币单位", "minor units"),
        Words("一笔花费", "one expense"),
        Method.GIVEN,
        always("events"),
        sum_cost,
        tell_cost,
        (),
        (*EVENT_FILTERS, "currency", "incremental"),
        GROWTH,
        basis=(str(Verb.OBSERVE),),
        is_more_better=False,
    ),
)
