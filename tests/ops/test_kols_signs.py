"""What the lake tells of accounts: performance counted exactly, signs with their reasons, nothing made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from canyu.events import Event, Verb, build_event_table, open_lake
from canyu.ops.kols.models import Account, Booking, FollowerCount, Signal
from canyu.ops.kols.signs.actions import Checked, check_accounts
from canyu.ops.outbox.rules import CONSOLE
from canyu.ops.people.models import Person
from kol_fixtures import NOW, add_account, book, bring_to_posted, post, react


def read_signals(account: Account) -> dict[str, tuple[float | None, bool, str]]:
    rows = Signal.objects.filter(account=account)
    return {row.name: (row.value, row.is_outside, row.missing) for row in rows}


def add_counts(account: Account, *followers: int) -> None:
    FollowerCount.objects.bulk_create(
        FollowerCount(account=account, day=date(2025, 3, 1) + timedelta(days=at), followers=count, source="t")
        for at, count in enumerate(followers)
    )


def test_performance_is_counted_from_the_trees(db: None, kol_lake: Path) -> None:
    mei, lin = add_account("mei"), add_account("lin")
    assert check_accounts(NOW).accounts == 2
    mei.refresh_from_db()
    lin.refresh_from_db()
    told = {name: mei.performance[name] for name in ("posts", "median_reposts", "carried", "people")}
    # three posts; under "marked": r1 r2 r3 late by others, r4 is its own
    assert told == {"posts": 3, "median_reposts": 0.0, "carried": 4, "people": 4}
    assert mei.performance["reactions_per_post"] == (4 + 1 + 1) / 3
    assert (lin.posts_90d, lin.median_reposts, lin.performance["carried"]) == (1, 1.0, 1)


def test_what_hangs_below_a_repost_of_ones_own_is_carried_too(db: None, kol_lake: Path) -> None:
    open_lake(kol_lake).append(
        build_event_table([react("m", "repost", "other", "k_mei", 4), react("n", "repost", "m", "p7", 5)])
    )
    mei, lin = add_account("mei"), add_account("lin")
    check_accounts(NOW)
    mei.refresh_from_db()
    lin.refresh_from_db()
    assert (mei.performance["carried"], lin.performance["carried"]) == (5, 3)


def test_too_little_is_no_value_with_its_reason(db: None, kol_lake: Path) -> None:
    mei, silent = add_account("mei"), add_account("silent")
    nameless = add_account("nameless")
    Account.objects.filter(pk=nameless.pk).update(actor="")
    check_accounts(NOW)
    assert read_signals(mei) == {
        "follower_jump": (None, False, "few_counts"),
        "engagement": (None, False, "few_posts"),
        "copy_share": (None, False, "not_listened"),
    }
    assert read_signals(silent)["copy_share"] == (None, False, "few_posts")
    assert read_signals(nameless)["engagement"] == (None, False, "no_actor")
    nameless.refresh_from_db()
    silent.refresh_from_db()
    assert (nameless.posts_90d, silent.posts_90d) == (None, 0)


def test_a_jump_in_followers_is_kept_with_the_days_that_show_it(db: None, kol_lake: Path) -> None:
    account = add_account()
    add_counts(account, *range(1000, 1012), 5000, 5001, 5002)
    check_accounts(NOW)
    signal = Signal.objects.get(account=account, name="follower_jump")
    assert (signal.is_outside, signal.missing, signal.low, signal.high) == (True, "", -6.0, 6.0)
    row = signal.evidence["rows"][0]
    assert (row["followers_before"], row["followers_after"], row["begin"][:10]) == (1011, 5000, "2025-03-12")
    assert signal.versions["events"] == open_lake(kol_lake).version()


def test_engagement_stands_beside_its_peers(db: None, kol_lake: Path) -> None:
    events = []
    for at in range(22):
        for number in range(5):
            key = f"{at}-{number}"
            events.append(post(f"e{key}", f"k_peer{at}", number))
            liked = 10 if at == 0 else 1
            events += [react(f"x{key}-{n}", "like", f"e{key}", f"p{n}", number + 1) for n in range(liked)]
    open_lake(kol_lake).append(build_event_table(events))
    accounts = [add_account(f"peer{at}") for at in range(22)]
    done = check_accounts(NOW)
    signal = Signal.objects.get(account=accounts[0], name="engagement")
    assert (signal.value, signal.low, signal.is_outside) == (0.01, 0.001, True)
    assert signal.evidence["rows"][0]["account"] == "k_peer0"
    assert done == Checked(22, 22, 1, 0)


def test_a_check_repeated_keeps_one_sign_of_each_kind(db: None, kol_lake: Path) -> None:
    account = add_account()
    check_accounts(NOW)
    check_accounts(NOW + timedelta(days=1))
    assert Signal.objects.filter(account=account).count() == 3
    assert Signal.objects.latest("computed_at").computed_at == NOW + timedelta(days=1)


def test_a_check_counts_the_people_of_booked_posts(db: None, kol_lake: Path) -> None:
    viewer = Person.objects.create(username="mei")
    bring_to_posted(viewer, book(viewer))
    assert check_accounts(NOW).bookings == 1
    assert Booking.objects.get().actual_reach == 4
    assert check_accounts(NOW).bookings == 0  # the window is over: nothing changes any more


def test_what_the_console_did_moves_no_period(db: None, kol_lake: Path) -> None:
    mine = replace(post("b", "k_mei", hours=24 * 200), type="book", source=CONSOLE)
    open_lake(kol_lake).append(build_event_table([mine]))
    account = add_account()
    check_accounts(NOW + timedelta(days=300))
    account.refresh_from_db()
    assert account.posts_90d == 3


def test_observed_followers_join_the_history_and_keep_what_a_day_has(db: None, kol_lake: Path) -> None:
    account, stranger = add_account("mei"), add_account("lin")
    add_counts(account, 900)  # 1 March
    seen = partial(Event, type=Verb.OBSERVE, source="t", object=account.actor)
    rows = [
        seen(id=f"o{day}", time=NOW.replace(month=3, day=day), received=NOW, value=1000 + day, props=props)
        for day, props in ((1, '{"metric": "followers"}'), (2, '{"metric": "followers"}'), (3, '{"metric": "fans"}'))
    ]
    open_lake(kol_lake).append(build_event_table(rows))
    for _again in range(2):
        check_accounts(NOW)
    counts = FollowerCount.objects.filter(account=account).order_by("day")
    assert [(count.day.day, count.followers, count.source) for count in counts] == [(1, 900, "t"), (2, 1002, "lake")]
    assert not FollowerCount.objects.filter(account=stranger).exists()
