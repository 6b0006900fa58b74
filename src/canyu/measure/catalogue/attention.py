"""Attention: the search index, plays, and minutes on hot lists; a bucket that nobody measured stays missing."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from canyu.events.vocabulary import Verb
from canyu.kit.words import Words
from canyu.measure.catalogue.metric import Method, Metric, Theme, always
from canyu.measure.catalogue.reckoning import tell_change, tell_measured, tell_minutes
from canyu.measure.catalogue.rows import aggregate, keep_events
from canyu.measure.catalogue.view import TIMES, View, has_prop, list_buckets
from canyu.measure.catalogue.words import EVENT_FILTERS, INSIGHT, ONE_BUCKET
from canyu.measure.expressions import add_union, cut_spells, find_day_number, get_edges, keep_spells
from canyu.measure.period import make_period

MEASURED = ("day", "week", "month", "channel", "market", "object")
INDEX = "search_index"
ONE_SOURCE = Words(
    "同一对象同一天有多个来源时取最大的一个，不相加。",
    "Where several sources measured a subject on a day, the largest counts: they are not added.",
)
HALF_SEEN = Words(
    "榜单快照之间超过 2 小时的时间未知，未计入。",
    "Time between snapshots of a list that are more than 2 hours apart is unknown and not counted.",
)


def keep_measured(events: ir.Table, view: View, metric: str) -> ir.Table:
    """Return the measured facts of one kind."""
    rows = keep_events(events, view, Verb.OBSERVE)
    return rows.filter(has_prop(rows, "metric", metric), rows.value.notnull())


def sum_measured(events: ir.Table, view: View, metric: str) -> ir.Table:
    """Add up what was measured, of the brand that the facts name where one is asked for."""
    rows = keep_measured(events, view, metric)
    rows = rows.filter(has_prop(rows, "brand", view.query.brand)) if view.query.brand else rows
    best = choose_sources(view.add_dimensions(rows), view)
    return aggregate(best, view, value=best.total.sum().fill_null(0), rows=best.facts.sum().fill_null(0))


def choose_sources(rows: ir.Table, view: View, *more: str) -> ir.Table:
    """Return the sum of each subject and day by the source that states most: sources are not added."""
    rows = rows.mutate(number=find_day_number(rows.time, view.scope))
    subject = (*view.keys, *more, "object", "channel", "market", "number")
    sums = rows.group_by(*subject, "source").aggregate(total=rows.value.sum(), facts=rows.count())
    return sums.group_by(*subject).aggregate(total=sums.total.max(), facts=sums.facts.sum())


def sum_plays(events: ir.Table, view: View) -> ir.Table:
    """Add up plays."""
    return sum_measured(events, view, "play")


def sum_downloads(events: ir.Table, view: View) -> ir.Table:
    """Add up downloads."""
    return sum_measured(events, view, "download")


def find_peak(events: ir.Table, view: View) -> ir.Table:
    """Find the highest reading of the index."""
    rows = view.add_dimensions(keep_measured(events, view, INDEX))
    return aggregate(rows, view, value=rows.value.max().fill_null(0), rows=rows.count())


def pair_years(events: ir.Table, view: View) -> ir.Table:
    """Add up the index of each day that both years have: this year's, and its peer's a year before."""
    rows = view.add_dimensions(keep_measured(events, view, INDEX))
    number = find_day_number(rows.time, view.scope)
    cases = [(number.between(first, last), number + shift) for first, last, shift in view.shifts]
    moved = ibis.cases(*cases, else_=number) if cases else number
    rows = rows.mutate(number=moved, is_now=rows.time >= ibis.literal(view.period.start))
    days = rows.group_by(*view.keys, "number").aggregate(
        now=rows.value.max(where=rows.is_now), before=rows.value.max(where=~rows.is_now), facts=rows.count()
    )
    days = days.filter(days.now.notnull(), days.before.notnull())
    return aggregate(
        days,
        view,
        now=days.now.sum().fill_null(0),
        before=days.before.sum().fill_null(0),
        paired_days=days.count(),
        rows=days.facts.sum().fill_null(0),
    )


def unite_minutes(board: ir.Table, view: View) -> ir.Table:
    """Add up time on hot lists, what is there at once counted once."""
    rows = add_union(_cut(board, view), *view.keys, is_summed=True)
    return aggregate(rows, view, micros=rows.added.sum().fill_null(0), rows=rows.count())


def add_title_minutes(board: ir.Table, view: View) -> ir.Table:
    """Add up time on hot lists of each title, and then of all titles."""
    rows = add_union(_cut(board, view), *view.keys, "title", is_summed=True)
    return aggregate(rows, view, micros=rows.added.sum().fill_null(0), rows=rows.count())


def _cut(board: ir.Table, view: View) -> ir.Table:
    """Return the brand's spells, cut to the period, or to each bucket of it that they touch."""
    rows = board.filter(board.brand == view.query.brand) if view.query.brand else board
    if view.query.title:
        rows = rows.filter(rows.title.lower().contains(view.query.title.lower()))
    if len(view.spans) == 1 and not set(view.by) & set(TIMES):
        period = view.period
        return view.add_dimensions(cut_spells(keep_spells(rows, period), view.scope, *get_edges(period)))
    buckets = dict(enumerate(view.spans))
    for name in set(view.by) & set(TIMES):
        listed = list_buckets(name, view.period)
        buckets = {key: make_period(first, last, view.period.zone) for key, (first, last) in listed.items()}
    rows = rows.filter(rows.start < ibis.literal(view.period.end), rows.end > ibis.literal(view.spans[0].start))
    rows = rows.mutate(place=ibis.array(list(range(len(buckets)))).unnest())
    begin = ibis.array([ibis.literal(one.start_micros, "int64") for one in buckets.values()])[rows.place]
    end = ibis.array([ibis.literal(one.end_micros, "int64") for one in buckets.values()])[rows.place]
    rows = cut_spells(rows, view.scope, begin, end)
    rows = rows.filter(rows.until > rows.since)
    bucket = ibis.array([ibis.literal(key, "int64") for key in buckets])[rows.place]
    return rows.mutate(**{f"by_{one}": bucket if one in TIMES else rows[one] for one in view.by})


METRICS = (
    Metric(
        "index_peak",
        Theme.ATTENTION,
        Words("指数峰值", "Index peak"),
        Words(
            "期间内该对象搜索指数读数的最大值，按平台自己的刻度。",
            "The highest reading of the subject's search index in the period, on the platform's own scale.",
        ),
        Words("", ""),
        ONE_BUCKET,
        Method.NONE,
        always("events"),
        find_peak,
        tell_measured,
        MEASURED,
        EVENT_FILTERS,
        INSIGHT,
        basis=(str(Verb.OBSERVE),),
        needs=("object",),
    ),
    Metric(
        "index_year_on_year",
        Theme.ATTENTION,
        Words("指数同比", "Index year on year"),
        Words(
            "搜索指数逐日最高读数之和，与上一年对齐后相比的变化百分数：春节前后按节日对齐，其余按同月同日；"
            "只比两年都有读数的日子。",
            "The change, in per cent, of the sum of the daily highs of the search index against the year before: "
            "around the Spring Festival aligned by the festival, else by the same date; only days that both years "
            "have a reading of are compared.",
        ),
        Words("%", "%"),
        ONE_BUCKET,
        Method.NONE,
        always("events"),
        pair_years,
        tell_change,
        ("channel", "market", "object"),
        EVENT_FILTERS,
        INSIGHT,
        basis=(str(Verb.OBSERVE),),
        needs=("object",),
        has_year_before=True,
    ),
    Metric(
        "plays",
        Theme.ATTENTION,
        Words("播放量", "Plays"),
        Words("期间内各对象的播放量之和。", "Plays of all subjects in the period, added up."),
        Words("次", "plays"),
        ONE_BUCKET,
        Method.NONE,
        always("events"),
        sum_plays,
        tell_measured,
        MEASURED,
        EVENT_FILTERS,
        INSIGHT,
        basis=(str(Verb.OBSERVE),),
        caveats=(ONE_SOURCE,),
    ),
    Metric(
        "downloads",
        Theme.ATTENTION,
        Words("下载量", "Downloads"),
        Words("期间内各对象的下载量之和。", "Downloads of all subjects in the period, added up."),
        Words("次", "downloads"),
        ONE_BUCKET,
        Method.NONE,
        always("events"),
        sum_downloads,
        tell_measured,
        MEASURED,
        EVENT_FILTERS,
        INSIGHT,
        basis=(str(Verb.OBSERVE),),
        caveats=(ONE_SOURCE,),
    ),
    Metric(
        "board_minutes",
        Theme.ATTENTION,
        Words("热搜在榜时长", "Hot-list minutes"),
        Words(
            "品牌相关词条在热搜榜上的分钟数。榜单快照代表到同一榜单下一次快照为止的时间；"
            "两次快照相隔超过 2 小时，或之后再无快照，这段时间记为未知，不计入。"
            "来源直接给出在榜时段的，按时段计。同时在榜的多个词条只算一次（取并集），按期间截断。",
            "Minutes with an entry about the brand on a hot list. A snapshot of a list stands until the list's next "
            "one; where that is more than 2 hours away, or there is none, the time is unknown and not counted. Whole "
            "spells that a source states are taken as stated. Entries listed at the same time count once (union), cut "
            "to the period.",
        ),
        Words("分钟", "min"),
        Words("一段在榜时间", "one spell on a list"),
        Method.NONE,
        always("board"),
        unite_minutes,
        tell_minutes,
        ("day", "week", "month", "channel", "brand", "title"),
        ("brand", "channel", "title"),
        INSIGHT,
        needs=("brand",),
        caveats=(HALF_SEEN,),
        has_model=True,
    ),
    Metric(
        "board_title_minutes",
        Theme.ATTENTION,
        Words("热搜词条分钟", "Hot-list minutes of titles"),
        Words(
            "各词条在热搜榜上的分钟数之和：同一词条同时在多个榜上只算一次，不同词条同时在榜各算各的。",
            "Minutes on hot lists of each title, added up: one title on several lists at once counts once, different "
            "titles at once count each.",
        ),
        Words("分钟", "min"),
        Words("一段在榜时间", "one spell on a list"),
        Method.NONE,
        always("board"),
        add_title_minutes,
        tell_minutes,
        ("day", "week", "month", "channel", "brand", "title"),
        ("brand", "channel", "title"),
        INSIGHT,
        needs=("brand",),
        caveats=(HALF_SEEN,),
        has_model=True,
    ),
)
