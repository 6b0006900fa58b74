"""Posts with the hashtag become entries once; what people do with them raises their score; erasure reaches both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

import canyu
from campaign_fixtures import NOW
from canyu.engine import DuckEngine
from canyu.events import Event, Lake, build_event_table
from canyu.ops.campaigns.challenges.actions import forget_erased
from canyu.ops.campaigns.challenges.collecting import actions as collecting
from canyu.ops.campaigns.challenges.collecting.actions import Collected, collect_posts
from canyu.ops.campaigns.challenges.models import Entrant, Entry
from canyu.ops.campaigns.challenges.moderation.actions import Decision, decide_entries
from canyu.ops.campaigns.challenges.rules import to_us
from canyu.ops.campaigns.reading.models import Bookmark
from canyu.ops.people.models import Person
from challenge_fixtures import check_board, open_challenge, reread

Staff = tuple[Person, Person]
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def square(staff: Staff, use_lake: Callable[[Path], None], tmp_path: Path) -> Lake:
    """A lake that the console uses and posts come into."""
    lake = canyu.open(tmp_path / "square.lake", create=True)
    use_lake(tmp_path / "square.lake")
    return lake


def tell(lake: Lake, name: str, kind: str = "post", at: datetime = NOW, **more: object) -> None:
    fields = {"actor": f"u-{name}", "channel": "weibo", **more}
    lake.append(build_event_table([Event(name, kind, at, at, "weibo", **fields)]))  # type: ignore[arg-type]


def test_posts_with_the_hashtag_between_the_dates_become_entries_once(staff: Staff, square: Lake) -> None:
    challenge = open_challenge(*staff)
    tell(square, "p1", text="出发 #春天自驾# 真好")
    tell(square, "p2", text="on the way ＃SPRINGROAD")
    tell(square, "p3", text="#春天自驾游 不是这个话题")
    tell(square, "p4", text="#SpringRoad too early", at=challenge.opens_at - timedelta(microseconds=1))
    tell(square, "p5", text="#SpringRoad too late", at=challenge.closes_at)
    tell(square, "p6", text="#SpringRoad nobody", actor=None)
    tell(square, "p7", "comment", text="#SpringRoad a comment", parent="p1")
    assert [collect_posts(LATER) for _ in range(2)] == [Collected(2, 0, 2), Collected(0, 0, 0)]
    kept = list(Entry.objects.order_by("key").values_list("key", "state", "way", "channel", "comments"))
    assert kept == [("p1", "pending", "post", "weibo", 1), ("p2", "pending", "post", "weibo", 0)]
    square.compact(files_per_day=1)
    assert collect_posts(LATER) == Collected(0, 0, 1)  # moved rows are read again, and count once
    Bookmark.objects.all().delete()  # killed before the place was kept
    assert collect_posts(LATER).entries == 0
    assert Entry.objects.count() == 2


def test_a_first_look_holds_few_posts_at_a_time(staff: Staff, square: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    challenge = open_challenge(*staff)
    names = [f"p{at:02}" for at in range(11)]
    events = [
        Event(name, "post", at, at, "weibo", actor=f"u-{name}", channel="weibo", text="#SpringRoad")
        for day in range(2)
        for name, at in ((f"{name}-{day}", challenge.opens_at + timedelta(days=day, hours=1)) for name in names)
    ]  # of one instant a day: the id tells which come next
    square.append(build_event_table(events))
    tell(square, "like", "like", NOW, parent="p07-1")
    monkeypatch.setattr(collecting, "AT_ONCE", 4)
    sizes: list[int] = []
    run = square.engine.__class__.run

    def note(engine: DuckEngine, expression: ibis.Expr) -> pa.Table:
        found = run(engine, expression)
        sizes.extend([found.num_rows] if "text" in found.column_names else [])
        return found

    monkeypatch.setattr(square.engine.__class__, "run", note)
    assert collect_posts(LATER) == Collected(22, 0, 22)
    assert max(sizes) == 4
    assert sorted(Entry.objects.values_list("key", flat=True)) == sorted(event.id for event in events)
    assert list(Entry.objects.filter(likes=1).values_list("key", flat=True)) == ["p07-1"]


def test_reactions_raise_the_score_as_they_come_and_are_counted_once(staff: Staff, square: Lake) -> None:
    challenge = open_challenge(*staff)
    tell(square, "p1", text="#SpringRoad", props='{"likes":3,"views":99}')
    tell(square, "p2", text="#SpringRoad")
    collect_posts(LATER)
    decide_entries(staff[0], challenge, Entry.objects.values_list("pk", flat=True), Decision(True), LATER)
    assert list(Entry.objects.order_by("key").values_list("likes", "score")) == [(3, 3), (0, 0)]
    minute = timedelta(minutes=1)
    for at in range(2):
        tell(square, f"r{at}", "repost", NOW + at * minute, parent="p2", text="look")
    tell(square, "l1", "like", NOW + 5 * minute, parent="elsewhere")
    tell(square, "l2", "like", challenge.closes_at, parent="p2")
    assert collect_posts(LATER) == Collected(0, 0, 1)
    second = Entry.objects.get(key="p2")
    assert (second.reposts, second.score, second.reached_us) == (2, 4, to_us(NOW + minute))
    assert check_board(challenge)[second.entrant_id] == 1
    seq = reread(challenge.campaign_id).score_seq
    Bookmark.objects.all().delete()
    assert collect_posts(LATER) == Collected(0, 0, 1)
    assert reread(challenge.campaign_id).score_seq == seq


@pytest.mark.parametrize("props", [f'{{"likes":{2**64 - 1}}}', '{"likes":true}', '{"likes":"many"}', "[5]", "5", "{"])
def test_what_a_source_states_beyond_belief_is_left_out(staff: Staff, square: Lake, props: str) -> None:
    open_challenge(*staff)
    tell(square, "p1", text="#SpringRoad \0\u202edear", props=props)
    assert collect_posts(LATER) == Collected(1, 0, 1)
    kept = Entry.objects.get()
    assert (kept.text, kept.likes) == ("#SpringRoad dear", 0)


def test_an_author_has_no_more_than_a_days_limit(staff: Staff, square: Lake) -> None:
    open_challenge(*staff, most_entries_a_day=2)
    for at in range(4):
        tell(square, f"p{at}", text="#SpringRoad", actor="one", at=NOW + timedelta(seconds=at))
    assert collect_posts(LATER) == Collected(2, 2, 2)
    assert list(Entry.objects.order_by("key").values_list("key", flat=True)) == ["p0", "p1"]


def test_another_lake_than_before_is_read_whole(
    staff: Staff, square: Lake, use_lake: Callable[[Path], None], tmp_path: Path
) -> None:
    open_challenge(*staff)
    tell(square, "p", text="#SpringRoad")
    collect_posts(LATER)
    other = canyu.open(tmp_path / "other.lake", create=True)
    use_lake(tmp_path / "other.lake")
    for at in range(3):
        tell(other, f"q{at}", text="#SpringRoad")
    assert collect_posts(LATER).entries == 3


def test_who_and_what_is_erased_from_the_lake_is_gone_from_the_challenge(staff: Staff, square: Lake) -> None:
    challenge = open_challenge(*staff)
    for name in ("p1", "p2", "p3"):
        tell(square, name, text="#SpringRoad")
    collect_posts(LATER)
    decide_entries(staff[0], challenge, Entry.objects.values_list("pk", flat=True), Decision(True), LATER)
    assert forget_erased() == 0
    square.erase("u-p1")
    square.erase_posts(["p2"])
    assert (forget_erased(), forget_erased()) == (2, 0)
    assert list(Entry.objects.values_list("key", flat=True)) == ["p3"]
    assert len(check_board(challenge)) == 1
    assert not Entrant.objects.filter(person="u-p1").exists()
    assert collect_posts(LATER).entries == 0


def test_without_a_lake_nothing_is_collected(staff: Staff, use_lake: Callable[[Path], None], tmp_path: Path) -> None:
    open_challenge(*staff)
    use_lake(tmp_path / "none.lake")
    assert collect_posts(LATER) == Collected(0, 0, 0)
