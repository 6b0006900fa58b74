"""Live sessions: minutes with their gaps, orders inside what was stated, refunds told apart, the usual evening."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from canyu.events import Lake
from canyu.kit.errors import BadInput, Conflict
from canyu.ops.campaigns.lives import actions, counting, queries
from canyu.ops.campaigns.lives.actions import ClipDraft, MarkDraft
from canyu.ops.campaigns.lives.intake.reading import Frame, MinuteLine, PlayLine, read_minutes, read_plays
from canyu.ops.campaigns.lives.models import Mark, MinuteReading, Session
from canyu.ops.campaigns.lives.queries import Measured
from canyu.ops.campaigns.lives.rules import LONGEST, MINUTE, Host, MarkKind, Metric, Scope, Source, Span
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.people.models import Person
from live_fixtures import (
    END,
    LATER,
    OPENS,
    START,
    give_back,
    plan,
    run,
    sell,
    session_draft,
    tell,
    watch,
)

Staff = tuple[Person, Person]
TICK = timedelta(microseconds=1)


def measure(session: Session, version: int | None = None) -> Measured:
    return queries.measure_session(Person(), session, LATER, version)


def list_viewers(session: Session, version: int | None = None) -> list[int | None]:
    return [row.minute.viewers for row in measure(session, version).rows]


def test_d22_a_feed_gap_is_missing_and_never_0(staff: Staff, shop: Lake) -> None:
    session = run(staff)
    tell(shop, watch(0, 100), watch(1, 120), watch(2, 0), watch(3, 90))
    assert list_viewers(session) == [100, 120, None, 90]


def test_d22_a_minute_without_a_row_is_missing_and_a_true_0_is_told_as_such(staff: Staff, shop: Lake) -> None:
    session = run(staff)
    tell(shop, watch(0, 100), watch(1, 0, is_zero=True), watch(3, 90))
    assert list_viewers(session) == [100, 0, None, 90]


def test_the_last_event_of_a_minute_counts_and_what_is_told_by_file_and_hand_goes_before(
    staff: Staff, shop: Lake
) -> None:
    session = run(staff)
    tell(shop, watch(0, 100), watch(1, 120), watch(1, 125))
    lines = [
        MinuteLine(START, "douyin", Metric.VIEWERS, 110),
        MinuteLine(START + MINUTE, "douyin", Metric.VIEWERS, None),
    ]
    assert actions.keep_minutes(staff[0], session, lines, Source.CSV, LATER) == 2
    assert list_viewers(session) == [110, None, None, None]
    actions.keep_minutes(staff[0], session, [MinuteLine(START, "douyin", Metric.VIEWERS, 111)], Source.HAND, LATER)
    actions.keep_minutes(staff[0], session, [MinuteLine(START, "douyin", Metric.VIEWERS, 112)], Source.HAND, LATER)
    assert list_viewers(session)[0] == 112
    told = measure(session).rows[0].minute.told["douyin"]
    assert (told.source, MinuteReading.objects.filter(minute=START).count()) == (Source.HAND, 2)


def test_platforms_are_added_up_only_where_each_is_known(staff: Staff, shop: Lake) -> None:
    session = run(staff, platforms=("douyin", "weibo"))
    tell(shop, watch(0, 100), watch(0, 50, "weibo"), watch(1, 120), watch(2, 80), watch(2, 0, "weibo"))
    tell(shop, watch(3, 60), watch(3, 40, "weibo"), watch(3, 9_000, "kuaishou"))
    assert list_viewers(session) == [150, None, None, 100]


def test_views_in_all_and_the_platforms_own_peak_are_never_viewers_of_a_minute(staff: Staff, shop: Lake) -> None:
    session = run(staff)
    tell(shop, watch(0, 100), watch(1, 9_000, metric="total_views"), watch(2, 300, metric="peak_viewers"))
    assert list_viewers(session) == [100, None, None, None]
    assert measure(session).others == {Metric.PEAK: {"douyin": 300}, Metric.TOTAL: {"douyin": 9_000}}


def test_d6_3680_orders_in_ten_minutes_are_counted_exactly(staff: Staff, shop: Lake) -> None:
    session = run(staff)
    step = timedelta(minutes=10) / 3_680
    inside = [sell(f"o{number}", OPENS + number * step, props='{"preorder":true}') for number in range(3_680)]
    tell(shop, *inside)
    tell(shop, sell("before", OPENS - TICK), sell("end", OPENS + timedelta(minutes=10)))
    tell(shop, *(give_back(f"r{number}-{time}", f"o{number}") for number in range(40) for time in range(2)))
    found = measure(session)
    assert found.window == Span(OPENS, OPENS + timedelta(minutes=10))
    assert len(found.in_window) == 3_680
    assert sum(one.is_preorder for one in found.in_window) == 3_680
    assert sum(one.is_refunded for one in found.in_window) == 40
    assert found.in_window[0].at == OPENS
    assert len(found.in_session) == 3_682


def test_an_order_told_twice_counts_once_at_its_first_instant(staff: Staff, shop: Lake) -> None:
    session = run(staff)
    number = '{"order_id":"A-1"}'
    tell(
        shop, sell("m2", OPENS + MINUTE, props=number), sell("m1", OPENS, props=number), sell("m1", OPENS, props=number)
    )
    tell(shop, sell("early", OPENS - TICK, props='{"order_id":"B-1"}'), sell("late", OPENS, props='{"order_id":"B-1"}'))
    found = measure(session)
    assert [one.at for one in found.in_window] == [OPENS]
    assert len(found.in_session) == 2


def test_only_the_session_s_orders_are_its_own(staff: Staff, shop: Lake) -> None:
    session = run(staff)
    tell(shop, sell("ours", OPENS), sell("none", OPENS, campaign=None), sell("thing", OPENS, object="brand/other"))
    tell(shop, sell("number", OPENS, object="A-9", props='{"order_id":"A-9","products":[{"product_id":"brand/t7"}]}'))
    found = measure(session)
    assert len(found.in_window) == 2
    row = found.rows[2]
    assert (row.orders, row.all_orders) == (2, 3)
    session.scope = Scope.PRODUCTS
    assert len(measure(session).in_window) == 3


def test_the_usual_evening_is_that_of_the_same_weekday_before(staff: Staff, shop: Lake) -> None:
    session = run(staff)
    for week, count in enumerate((4, 6, 5), 1):  # the fourth week before has no event at all: it is no week of 0
        at = OPENS - timedelta(weeks=week)
        tell(shop, *(sell(f"w{week}-{number}", at + number * MINUTE, campaign=None) for number in range(count)))
        tell(shop, sell(f"w{week}-out", at + timedelta(minutes=10), campaign=None))
    tell(shop, *(sell(f"o{number}", OPENS) for number in range(50)))
    found = measure(session)
    assert found.usual is not None
    assert (found.usual.mean, found.usual.days) == (5.0, 3)
    assert found.usual.low < 5 < found.usual.high < 50
    assert [row.usual.mean for row in found.rows if row.usual] == [0.0, 0.0, 1.0, 1.0]


def test_without_two_comparable_days_nothing_is_called_usual(staff: Staff, shop: Lake) -> None:
    session = run(staff)
    tell(shop, sell("w1", OPENS - timedelta(weeks=1)), sell("o1", OPENS))
    assert measure(session).usual is None


def test_a_figure_is_read_again_at_its_version(staff: Staff, shop: Lake) -> None:
    session = run(staff)
    tell(shop, sell("o1", OPENS), watch(0, 100))
    version = shop.version()
    tell(shop, sell("o2", OPENS), watch(0, 999), watch(1, 120))
    assert (len(measure(session).in_window), len(measure(session, version).in_window)) == (2, 1)
    assert (list_viewers(session)[:2], list_viewers(session, version)[:2]) == ([999, 120], [100, None])


def test_all_figures_of_a_page_are_of_one_version(staff: Staff, shop: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    session = run(staff)
    tell(shop, watch(0, 100), sell("o1", OPENS))
    read_viewers = counting.read_viewers

    def read_while_more_comes(*asked: Any) -> counting.Told:
        tell(shop, sell("o2", OPENS))
        return read_viewers(*asked)

    monkeypatch.setattr(counting, "read_viewers", read_while_more_comes)
    found = measure(session)
    assert found.counted is not None
    assert (len(found.in_window), found.counted.version) == (1, shop.version() - 1)


def test_a_session_that_runs_on_is_counted_once_for_a_version(
    staff: Staff, shop: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = actions.start_session(staff[0], plan(staff), START, LATER)
    tell(shop, sell("o1", END + 50 * MINUTE))
    counted: list[Span] = []
    read_orders = counting.read_orders

    def note(lake: Lake, asked: counting.Asked, span: Span) -> counting.Orders:
        counted.append(span)
        return read_orders(lake, asked, span)

    monkeypatch.setattr(counting, "read_orders", note)
    for after in (40, 41, 52):
        found = queries.measure_session(Person(), session, END + after * MINUTE)
    assert len(counted) == 1
    assert sum(row.orders for row in found.rows) == 1


def test_what_is_stated_is_fixed_once_the_session_starts(staff: Staff, shop: Lake) -> None:
    session = plan(staff)
    session = actions.change_session(staff[0], session, session.campaign, session_draft(window_minutes=5), LATER)
    session = actions.start_session(staff[0], session, START, LATER)
    with pytest.raises(Conflict):
        actions.change_session(staff[0], session, session.campaign, session_draft(window_minutes=500), LATER)
    with pytest.raises(Conflict):
        actions.start_session(staff[0], session, START, LATER)
    session = actions.end_session(staff[0], session, END, LATER)
    with pytest.raises(Conflict):
        actions.end_session(staff[0], session, END, LATER)
    assert Session.objects.get().window_minutes == 5
    steps = [row.event["props"] for row in WaitingEvent.objects.all() if row.event["object"].startswith("live:")]
    assert len(steps) == 4
    assert '"step":"started"' in steps[2].replace(" ", "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"planned_end": START},
        {"planned_end": START + timedelta(days=2)},
        {"host": Host.KOL},
        {"host_name": ""},
        {"platforms": ()},
    ],
)
def test_a_session_that_cannot_be_is_refused(staff: Staff, wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        plan(staff, **wrong)
    assert Session.objects.count() == 0


def test_steps_outside_their_time_are_refused(staff: Staff, shop: Lake) -> None:
    session = plan(staff)
    for step in (lambda: actions.start_session(staff[0], session, LATER + MINUTE, LATER), lambda: mark(staff, session)):
        with pytest.raises(BadInput):
            step()
    session = actions.start_session(staff[0], session, START, LATER)
    for at in (START, LATER + MINUTE, START + timedelta(days=1, minutes=1)):
        with pytest.raises(BadInput):
            actions.end_session(staff[0], session, at, LATER)
    with pytest.raises(BadInput):
        mark(staff, session, START - TICK)
    kept = [mark(staff, session) for _ in range(2)]
    assert kept[0] == kept[1]
    for _ in range(2):
        actions.drop_mark(staff[0], kept[0], LATER)
    assert sum("unmarked" in row.event["props"] for row in WaitingEvent.objects.all()) == 1


def test_a_session_that_nobody_ended_is_counted_for_a_day(staff: Staff) -> None:
    session = actions.start_session(staff[0], plan(staff), START, LATER)
    for after in (MINUTE, LONGEST, 9 * LONGEST):
        assert queries.find_span(session, START + after) == Span(START, START + min(after, LONGEST))


def mark(staff: Staff, session: Session, at: datetime = START) -> Mark:
    return actions.set_mark(staff[0], session, MarkDraft(MarkKind.PRICE, at), LATER)


FRAME = Frame(("douyin",), "Asia/Shanghai", Span(START, END))


def test_bad_rows_are_named_and_good_ones_kept() -> None:
    rows = [
        "minute,platform,viewers,note,metric",
        "2026-11-30 20:00,douyin,100,,",
        "2026-11-30 20:01,tv,100,,",
        "2026-11-30 20:01,douyin,-5,,",
        "2026-11-30 20:01,douyin,120,,",
        "2026-11-30 20:02,douyin,0,,",
        "2026-11-30 20:03,douyin,0,zero,",
        "2026-11-30T12:03:30+00:00,douyin,300,,peak_viewers",
        "yesterday,douyin,1,,",
        "2026-11-30 20:04,douyin,1,,",
        "2026-11-30 20:03,douyin,7,zero,",
        "2026-11-30 20:03,douyin,7,perhaps,",
        "2026-11-30 20:03,douyin,7,,likes",
        "0001-01-01 00:00,douyin,7,,",
        "",
    ]
    found = read_minutes("\n".join(rows).encode(), FRAME)
    assert [(one.value, one.metric) for one in found.lines] == [
        (100, Metric.VIEWERS),
        (120, Metric.VIEWERS),
        (None, Metric.VIEWERS),
        (0, Metric.VIEWERS),
        (300, Metric.PEAK),
    ]
    assert found.unsaid == 1
    named = [(fault.row, fault.field) for fault in found.faults]
    assert named == [
        (3, "platform"),
        (4, "viewers"),
        (9, "minute"),
        (10, "minute"),
        (11, "note"),
        (12, "note"),
        (13, "metric"),
        (14, "minute"),
    ]
    assert all(fault.mend.zh and fault.mend.en for fault in found.faults)


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"minute,platform\n", b'minute,platform,viewers\n"open', b"a" * 5_000_000]
)
def test_what_is_no_file_of_minutes_is_refused_whole(data: bytes) -> None:
    with pytest.raises(BadInput):
        read_minutes(data, FRAME)


def test_plays_of_clips_are_kept_over_time(staff: Staff, shop: Lake) -> None:
    session = run(staff)
    clip = ClipDraft("Price told", "douyin", "", False, END)
    actions.add_clip(staff[0], session, clip, LATER)
    with pytest.raises(BadInput):
        actions.add_clip(staff[0], session, clip, LATER)
    text = "at,clip,plays\n2026-12-01 09:00,Price told,1200\n2026-12-01 21:00,Price told,9000\n2026-12-02,Nothing,1\n"
    found = read_plays(text.encode(), "Asia/Shanghai", [("douyin", "Price told")])
    assert [(fault.row, fault.field) for fault in found.faults] == [(4, "clip")]
    assert actions.keep_plays(staff[0], session, found.lines, Source.CSV, LATER) == 2
    again = [PlayLine(found.lines[1].at, "douyin", "Price told", 9_100)]
    actions.keep_plays(staff[0], session, again, Source.HAND, LATER)
    kept = queries.list_clips(session)[0]
    assert [(one.plays, one.source) for one in kept.plays.all()] == [(1_200, "csv"), (9_100, "hand")]


def test_plays_go_to_the_clip_of_their_platform(staff: Staff, shop: Lake) -> None:
    session = run(staff, platforms=("douyin", "weibo"))
    for platform in ("douyin", "weibo"):
        actions.add_clip(staff[0], session, ClipDraft("Price told", platform, "", False, END), LATER)
    clips = [(clip.platform, clip.title) for clip in queries.list_clips(session)]
    rows = (f"2026-12-01,Price told,{plays}" for plays in ("5,", "7,douyin", "9,tv"))
    found = read_plays("\n".join(["at,clip,plays,platform", *rows]).encode(), "Asia/Shanghai", clips)
    assert [(fault.row, fault.field) for fault in found.faults] == [(2, "platform"), (4, "clip")]
    assert actions.keep_plays(staff[0], session, found.lines, Source.CSV, LATER) == 1
    told = {clip.platform: [one.plays for one in clip.plays.all()] for clip in queries.list_clips(session)}
    assert told == {"douyin": [7], "weibo": []}
