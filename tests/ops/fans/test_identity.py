"""Who is one person: the same for any order of the same links, never through what many share; merges can be undone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canyu.kit.errors import CanyuError
from canyu.ops.fans.errors import SamePerson, WrongStep
from canyu.ops.fans.identity import actions, grouping
from canyu.ops.fans.identity.following import Followed, follow_lake
from canyu.ops.fans.identity.grouping import Rule, Tie, count_degrees, group
from canyu.ops.fans.identity.neighbours import gather
from canyu.ops.fans.models import Cut, Fan, Identifier, Link, Merge
from canyu.ops.fans.rules import IdKind, Named, clean_phone, name_identifier
from canyu.ops.people.models import Person
from fan_fixtures import NOW, actor, event, fill, get_fan, list_groups, say

NUMBERS = st.integers(1, 8)
TIES = st.lists(
    st.builds(Tie, NUMBERS, NUMBERS, st.sampled_from(Rule)).filter(lambda tie: tie.before != tie.after), max_size=14
)


@given(TIES, st.randoms(use_true_random=False))
def test_any_order_of_the_same_links_gives_the_same_people(ties: list[Tie], chance: object) -> None:
    kinds = {number: IdKind.PHONE if number == 8 else IdKind.ACTOR for number in range(1, 9)}
    known = group(kinds, ties, count_degrees(ties, kinds))
    chance.shuffle(ties)  # type: ignore[attr-defined]
    again = group(kinds, ties, count_degrees(ties, kinds))
    assert (again.groups, again.refused) == (known.groups, known.refused)
    assert sorted(one for members in known.groups for one in members) == sorted(kinds)


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("uvw")), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_the_database_comes_to_the_same_people_one_by_one_in_any_order(
    pairs: list[tuple[str, str]], chance: object
) -> None:
    found = []
    for _turn in range(2):
        with transaction.atomic():
            for pair in pairs:
                say(pair)
            found.append(list_groups())
            transaction.set_rollback(True)
        chance.shuffle(pairs)  # type: ignore[attr-defined]
    assert found[0] == found[1]


@pytest.mark.django_db
def test_visitors_of_one_account_are_one_person() -> None:
    assert say(("phone-visit", "mei"), ("laptop-visit", "mei")) == actions.Linked(2, 2)
    assert list_groups() == [{"laptop-visit", "mei", "phone-visit"}]
    assert say(("phone-visit", "mei")) == actions.Linked(0, 0)


@pytest.mark.django_db
def test_a_device_of_two_accounts_merges_nobody_and_parts_who_was_merged_through_it() -> None:
    say(("kiosk", "mei"), ("own", "mei"))
    say(("kiosk", "lin"))
    assert list_groups() == [{"kiosk"}, {"lin"}, {"mei", "own"}]
    parted = Merge.objects.order_by("pk").last()
    assert parted is not None
    assert (parted.reason, parted.stayed) == ("shared_device", [])


@pytest.mark.django_db
def test_an_account_that_everybody_became_is_nobody() -> None:
    say(*((f"v{at}", "null") for at in range(101)))
    assert max(len(members) for members in list_groups()) == 1
    say(("v1", "mei"))
    assert {"v1"} in list_groups()


@pytest.mark.django_db
def test_a_chain_that_somebody_builds_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "MOST_TOGETHER", 10)
    say(*((f"c{at:02}", f"c{at + 1:02}") for at in range(60)))
    say(("mei-phone", "mei"), ("c60", "c61"))
    assert {len(members) for members in list_groups() if "mei" not in members} == {1}
    assert {"mei", "mei-phone"} in list_groups()
    tip = Identifier.objects.get(value="c61")
    assert len(gather({tip.pk}).rows) == 11
    say(("mei", "c30"))
    assert max(len(members) for members in list_groups()) == 1


@pytest.mark.django_db
def test_a_phone_of_a_shop_merges_nobody(django_user_model: type[Person]) -> None:
    clerk, phone = Person.objects.create(username="clerk"), name_identifier("k", IdKind.PHONE, "13800000000")
    for name in ("a", "b", "c", "d", "e"):
        actions.tie_by_hand(clerk, phone, actor(name), "said so", NOW)
    assert len(list_groups()) == 1
    actions.tie_by_hand(clerk, phone, actor("f"), "said so", NOW)
    assert len(list_groups()) == 7


@pytest.mark.django_db
def test_an_undone_merge_leaves_what_was_before_and_what_came_after_where_it_is_tied() -> None:
    clerk = Person.objects.create(username="clerk")
    say(("a1", "ann"), ("b1", "bob"))
    before = {name: get_fan(name).key for name in ("a1", "ann", "b1", "bob")}
    actions.tie_by_hand(clerk, actor("ann"), actor("bob"), "same voice", NOW)
    assert len(list_groups()) == 1
    say(("a2", "ann"), ("b2", "bob"))
    merge = Merge.objects.get(link__rule=Rule.STAFF)
    actions.unmerge(clerk, merge.pk, "two brothers", NOW)
    assert list_groups() == [{"a1", "a2", "ann"}, {"b1", "b2", "bob"}]
    assert {name: get_fan(name).key for name in before} == before
    assert Merge.objects.get(pk=merge.pk).moved == merge.moved
    assert (Link.objects.count(), Cut.objects.count()) == (5, 1)
    with pytest.raises(WrongStep):
        actions.unmerge(clerk, merge.pk, "again", NOW)
    assert say(("bob", "ann"), rule=Rule.STAFF).links == 0
    assert len(list_groups()) == 2


@pytest.mark.django_db
def test_two_who_are_one_are_not_merged_again() -> None:
    clerk = Person.objects.create(username="clerk")
    say(("a1", "ann"))
    with pytest.raises(SamePerson):
        actions.tie_by_hand(clerk, actor("ann"), actor("a1"), "", NOW)


@pytest.mark.django_db
def test_the_lakes_links_are_followed_once_and_what_a_page_claims_is_not(fan_lake: Path) -> None:
    mei, before, other = "a" * 32, "b" * 32, "c" * 32
    told = [
        event("e1", mei, "join", object="account", parent=before),
        event("e2", mei, "join", object="account", parent="p-victim"),
        event("e3", mei, "join", object="club", parent=other),
        event("e4", other),
    ]
    fill(fan_lake, told)
    done = follow_lake(NOW)
    assert (done.events, done.links, done.merges) == (2, 1, 1)
    assert list_groups() == [{mei, before}]
    assert Link.objects.get().evidence == "e1"
    assert follow_lake(NOW).events == 0
    again = follow_lake(NOW, is_whole=True)
    assert (again.events, again.links, again.merges) == (2, 0, 0)
    # one that was refused, and mended when the lake had read on for long
    fill(fan_lake, [event("e5", mei, "join", object="account", parent=other, received=NOW - timedelta(days=30))])
    assert follow_lake(NOW) == Followed(1, 1, 1)


@pytest.mark.django_db
def test_many_links_are_kept_in_a_few_queries(django_assert_max_num_queries: Callable[[int], Any]) -> None:
    pairs = [(f"visitor-{at}", f"account-{at}") for at in range(100)]
    say(*pairs[:50])
    keep = [actions.keep_identifier(actor(name), NOW) for pair in pairs[50:] for name in pair]
    known = {Named(IdKind.ACTOR, row.value): row for row in (*keep, *Identifier.objects.all())}
    sayings = [actions.Saying(actor(one), actor(other), Rule.IDENTIFY, "", "t", NOW) for one, other in pairs * 2]
    with django_assert_max_num_queries(4):
        fresh = actions._keep_links(sayings, known, NOW)
    assert (len(fresh), Link.objects.count()) == (50, 100)


@pytest.mark.parametrize("text", ["", "12345", "1380000000", "+86 138", "abc", "+0123456789", "٣"])
def test_what_is_no_phone_is_refused(text: str) -> None:
    with pytest.raises(CanyuError):
        clean_phone(text)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_guarded", [True, False])
def test_no_merge_is_lost_where_two_write_at_once(is_guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one has read when the second one comes: without its turn it writes what it read, and parts them."""
    actions.keep_identifier(actor("q"), NOW)
    say(("x", "y"))
    actions.keep_identifier(actor("p"), NOW)
    has_read, is_done, real = threading.Event(), threading.Event(), actions.gather

    def read(touched: set[int]) -> object:
        found = real(touched)
        if not has_read.is_set():
            has_read.set()
            is_done.wait(1.0)  # the second one ends meanwhile, unless it waits for its turn
        return found

    monkeypatch.setattr(actions, "gather", read)
    if not is_guarded:
        monkeypatch.setattr(actions, "link_identifiers", link_without_turn)
    faults: list[BaseException] = []

    def run(before: str, after: str, after_that: threading.Event | None = None) -> None:
        try:
            actions.link_identifiers([actions.Saying(actor(before), actor(after), Rule.STAFF, "", "t", NOW)], NOW)
        except Exception as error:
            faults.append(error)
        finally:
            connections.close_all()
            if after_that:
                after_that.set()

    first = threading.Thread(target=run, args=("p", "x"))
    second = threading.Thread(target=run, args=("q", "p", is_done))
    first.start()
    has_read.wait(30)
    second.start()
    first.join()
    second.join()
    assert faults == []
    assert Link.objects.count() == 3
    assert (list_groups() == [{"p", "q", "x", "y"}]) is is_guarded


def link_without_turn(sayings: list[actions.Saying], now: object) -> None:
    """The same work in two transactions, without waiting for anybody between reading and writing."""
    known = actions._keep_identifiers([named for one in sayings for named in (one.before, one.after)], NOW)
    with transaction.atomic():
        fresh = actions._keep_links(sayings, known, NOW)
    actions._regroup(
        {number for link in fresh for number in (link.before_id, link.after_id)}, actions.Cause("t", NOW, links=fresh)
    )


@pytest.mark.django_db
def test_every_fan_of_an_identifier_alone_is_its_home() -> None:
    keep = actions.keep_identifier(Named(IdKind.ACTOR, "solo"), NOW)
    assert keep.home_id == keep.fan_id
    assert (Fan.objects.count(), Identifier.objects.count()) == (1, 1)
