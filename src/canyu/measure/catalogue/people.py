"""People: who takes part, comes back and recommends, and how deep an ecosystem a household has."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

from canyu.events.vocabulary import Verb
from canyu.kit.words import Words
from canyu.measure.catalogue.metric import Method, Metric, Theme, always
from canyu.measure.catalogue.reckoning import tell_a_day, tell_mean, tell_nps, tell_share
from canyu.measure.catalogue.rows import HISTORY, aggregate, keep_asked, keep_events, list_events
from canyu.measure.catalogue.view import WEEK, View, begin_week, has_prop
from canyu.measure.catalogue.words import (
    A_DAY,
    COMMUNITY,
    EVENT_DIMENSIONS,
    EVENT_FILTERS,
    FOLLOWED,
    IDENTIFIED,
    ONE_PERSON,
    ONE_POST,
    PER_CENT,
    POINTS,
)
from canyu.measure.expressions import find_day_number
from canyu.measure.period import to_day_number
from canyu.measure.props import read_prop

ACTING = (
    Verb.POST,
    Verb.REPOST,
    Verb.COMMENT,
    Verb.SHARE,
    Verb.JOIN,
    Verb.SUBMIT,
    Verb.VOTE,
    Verb.CONTRIBUTE,
)
"""What taking part is: giving words, works, votes, data, or bringing others."""
PRESENT = (*ACTING, Verb.VIEW, Verb.LIKE, Verb.CLICK, Verb.SCAN, Verb.VISIT)
RETURNING = (*PRESENT, Verb.ORDER, Verb.CLAIM, Verb.REDEEM, Verb.RATE, Verb.BOOK)
DEVICE = "device/"
ONE_BIT = ibis.literal(1, "int8").cast("int64")  # a bare 1 has 32 bits on Spark
MOST_WEEKS = 62
"""One bit each."""
NPS = "nps"


@ibis.udf.agg.builtin(name="bit_or", signature=(("int64",), "int64"))
def _bit_or(mask):  # type: ignore[no-untyped-def]
    """All bits of a group, by the name that every engine gives it; Ibis knows it on one of them only."""


def count_taking_part(events: ir.Table, view: View) -> ir.Table:
    """Count the people who were there, and those of them who took part."""
    rows = keep_events(events, view, *PRESENT)
    rows = view.add_dimensions(rows.filter(rows.actor.notnull()))
    acted = rows.type.isin([str(verb) for verb in ACTING])
    people = rows.group_by(*view.keys, "actor").aggregate(acted=acted.max(), events=rows.count())
    return aggregate(
        people, view, part=people.acted.sum().fill_null(0), whole=people.count(), rows=people.events.sum().fill_null(0)
    )


def count_returned(events: ir.Table, view: View) -> ir.Table:
    """Count the people first seen in the period, and those seen again in the week so many weeks after their first.

    One mask of bits per person tells the weeks in which they were seen; weeks begin on Monday in the zone.
    """
    later, monday = view.window_days // WEEK, begin_week(to_day_number(view.period.first))
    rows = list_events(events, view, RETURNING, HISTORY, view.window + timedelta(days=WEEK))
    rows = keep_asked(rows.filter(rows.actor.notnull()), view)
    week = ((find_day_number(rows.time, view.scope) - monday) // WEEK).cast("int64")
    rows = rows.mutate(week=week).filter(ibis._.week < MOST_WEEKS)
    bit = ibis.ifelse(rows.week < 0, ibis.literal(0, "int64"), ONE_BIT << rows.week)
    people = rows.group_by("actor").aggregate(first=rows.time.min(), seen=_bit_or(bit), events=rows.count())
    people = people.filter(people["first"] >= ibis.literal(view.period.start))
    people = people.filter(people["first"] < ibis.literal(view.period.end))
    people = people.mutate(week=((find_day_number(people["first"], view.scope) - monday) // WEEK).cast("int64"))
    is_back = ((people.seen >> (people.week + later)) & 1) == 1
    is_over = people.week + later < _count_whole_weeks(view, monday)
    people = people.mutate(is_back=is_back & is_over, is_over=is_over, by_week=people.week * WEEK + monday)
    return aggregate(
        people,
        view,
        part=people.is_back.sum().fill_null(0),
        whole=people.is_over.sum().fill_null(0),
        open=(~people.is_over).sum().fill_null(0),
        rows=people.events.sum().fill_null(0),
    )


def _count_whole_weeks(view: View, monday: int) -> int:
    """Return how many weeks, from that of the period's first day on, were over when we looked."""
    if view.until is None:
        return 0
    seen = view.until.astimezone(ZoneInfo(view.period.zone)).date()
    return max(0, (to_day_number(seen) - monday) // WEEK)


def count_answers(events: ir.Table, view: View) -> ir.Table:
    """Count the last answer of each person by what it says; one without a person counts for itself."""
    rows = keep_events(events, view, Verb.RATE)
    rows = view.add_dimensions(rows.filter(has_prop(rows, "question", NPS)))
    rows = rows.mutate(who=rows.actor.fill_null(rows.id))
    newest = ibis.window(group_by="who", order_by=[rows.time.desc(), rows.id.desc()])
    rows = rows.mutate(place=ibis.row_number().over(newest))
    rows = rows.filter(rows.place == 0)
    is_score = rows["value"].between(0, 10).fill_null(False)
    return aggregate(
        rows,
        view,
        promoters=(is_score & (rows["value"] >= 9)).sum().fill_null(0),
        detractors=(is_score & (rows["value"] <= 6)).sum().fill_null(0),
        whole=is_score.sum().fill_null(0),
        odd=(~is_score).sum().fill_null(0),
        rows=rows.count(),
    )


def count_categories(events: ir.Table, view: View) -> ir.Table:
    """Count the device categories of each household connected until the period's end."""
    rows = list_events(events, view, (Verb.JOIN,), HISTORY)
    rows = rows.filter(rows.object.startswith(DEVICE), rows.time < ibis.literal(view.period.end))
    rows = rows.filter(rows.market == view.query.market) if view.query.market else rows
    rows = view.add_dimensions(rows.mutate(household=read_prop(rows.props, "household").nullif("")))
    rows = rows.mutate(category=rows.object.re_extract(r"^device/([^/]+)", 1).nullif(""))
    rows = rows.filter(rows.household.notnull(), rows.category.notnull())
    homes = rows.group_by(*view.keys, "household").aggregate(depth=rows.category.nunique(), devices=rows.count())
    return aggregate(
        homes,
        view,
        total=homes.depth.sum().fill_null(0),
        squares=(homes.depth * homes.depth).sum().fill_null(0),
        whole=homes.count(),
        rows=homes.devices.sum().fill_null(0),
    )


def count_posts(events: ir.Table, view: View) -> ir.Table:
    """Count posts and comments."""
    rows = view.add_dimensions(keep_events(events, view, Verb.POST, Verb.COMMENT))
    return aggregate(rows, view, value=rows.count(), rows=rows.count())


METRICS = (
    Metric(
        "participation_rate",
        Theme.PEOPLE,
        Words("参与率", "Participation rate"),
        Words(
            "期间内有记录在场的人（浏览、点赞、点击、扫码、到访或参与）中，参与了的人的占比：发帖、转发、评论、分享、加入、"
            "投稿、投票或贡献。区间为 Wilson 95% 区间。",
            "Of the people whom an event of the period shows as there (they saw, liked, clicked, scanned, came or took "
            "part), the share that took part: posted, reposted, commented, shared, joined, entered a work, voted or "
            "contributed. Interval: Wilson's 95% interval.",
        ),
        PER_CENT,
        ONE_PERSON,
        Method.WILSON,
        always("events"),
        count_taking_part,
        tell_share,
        EVENT_DIMENSIONS,
        EVENT_FILTERS,
        COMMUNITY,
        basis=tuple(str(verb) for verb in PRESENT),
        caveats=(IDENTIFIED,),
    ),
    Metric(
        "posts_a_day",
        Theme.PEOPLE,
        Words("日均发帖", "Posts a day"),
        Words(
            "期间内的帖子与评论数 ÷ 有这类数据的天数；社区的按渠道筛选。",
            "Posts and comments of the period ÷ days that have any; a community's by its channel.",
        ),
        A_DAY,
        ONE_POST,
        Method.NONE,
        always("events"),
        count_posts,
        tell_a_day,
        EVENT_DIMENSIONS,
        EVENT_FILTERS,
        COMMUNITY,
        basis=(str(Verb.POST), str(Verb.COMMENT)),
    ),
    Metric(
        "retention",
        Theme.PEOPLE,
        Words("留存率", "Retention"),
        Words(
            "期间内首次出现的人中，在其首周之后第 N 周（默认第 4 周，窗口 28 天）又出现的占比；周从周一开始，"
            "第 N 周未过完的不计。区间为 Wilson 95% 区间。",
            "Of the people first seen in the period, the share seen again in the N-th week after their first week (the "
            "4th by default, a window of 28 days). Weeks begin on Monday; people whose N-th week is not over are left "
            "out. Interval: Wilson's 95% interval.",
        ),
        PER_CENT,
        ONE_PERSON,
        Method.WILSON,
        always("events"),
        count_returned,
        tell_share,
        ("week",),
        EVENT_FILTERS,
        COMMUNITY,
        is_contiguous=True,
        basis=tuple(str(verb) for verb in RETURNING),
        window_days=28,
        caveats=(FOLLOWED, IDENTIFIED),
    ),
    Metric(
        "nps",
        Theme.PEOPLE,
        Words("净推荐值", "Net promoter score"),
        Words(
            "（打 9 至 10 分的 − 打 0 至 6 分的）÷ 全部回答 × 100；同一人在期间内的多次回答只计最后一次。"
            "区间由多项分布方差得出，不足 30 份回答时用 Tango 区间。",
            "(Scores of 9 and 10 − scores of 0 to 6) ÷ all answers × 100; of one person's answers in the period the "
            "last counts. Interval: from the multinomial variance; Tango's interval below 30 answers.",
        ),
        POINTS,
        Words("一个人的最后一份回答", "one person's last answer"),
        Method.MULTINOMIAL,
        always("events"),
        count_answers,
        tell_nps,
        (*EVENT_DIMENSIONS, "object", "age_band"),
        EVENT_FILTERS,
        COMMUNITY,
        basis=(str(Verb.RATE),),
    ),
    Metric(
        "ecosystem_depth",
        Theme.PEOPLE,
        Words("生态深度", "Ecosystem depth"),
        Words(
            "到期间结束时每户已连接的不同设备品类数的平均值，只计至少连过一件设备的家庭。区间为均值的 t 95% 区间。",
            "Different device categories connected in a household until the period's end, the mean over households "
            "that ever connected one. Interval: Student's 95% interval of the mean.",
        ),
        Words("类/户", "categories"),
        Words("一个家庭", "one household"),
        Method.STUDENT,
        always("events"),
        count_categories,
        tell_mean,
        ("market",),
        ("market",),
        COMMUNITY,
        is_contiguous=True,
        basis=(str(Verb.JOIN),),
        caveats=(
            Words("断开连接没有记录，仍计入。", "A device that was taken off again is not told of and still counts."),
        ),
    ),
)
