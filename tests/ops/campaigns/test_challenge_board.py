"""The board: the order of the definition, however scores come about, across restarts, processes and removals."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign_fixtures import NOW, join
from canyu.ops.campaigns.challenges import board
from canyu.ops.campaigns.challenges.actions import forget_person, withdraw
from canyu.ops.campaigns.challenges.board import find_rank
from canyu.ops.campaigns.challenges.models import Challenge, Entrant, Entry
from canyu.ops.campaigns.challenges.moderation.actions import Decision, decide_entries, set_points, undo_step
from canyu.ops.campaigns.challenges.queries import list_board
from canyu.ops.campaigns.challenges.ranking import Ranking
from canyu.ops.campaigns.challenges.rules import to_us
from canyu.ops.campaigns.challenges.scoring.actions import place_entrants
from canyu.ops.people.models import Person
from challenge_fixtures import check_board, open_challenge, reread, send, vote

Staff = tuple[Person, Person]
TEN = datetime(2026, 12, 1, 10, tzinfo=UTC)


def test_d16_i11_of_equal_scores_the_one_reached_earlier_is_first(staff: Staff) -> None:
    challenge = open_challenge(*staff)
    late, early = send(challenge, "late"), send(challenge, "early")
    for entry, after_ms in ((late, 100), (early, 50)):
        set_points(staff[0], challenge, entry.pk, 90, TEN + timedelta(milliseconds=after_ms))
    places = check_board(challenge)
    assert (places[early.entrant_id], places[late.entrant_id]) == (1, 2)
    assert list(Entrant.objects.order_by("pk").values_list("score", flat=True)) == [900, 900]
    board._boards.clear()  # a restart
    assert check_board(challenge) == places
    rows = list(Entrant.objects.values_list("pk", "score", "reached_us"))
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        again = Ranking(*zip(*rows, strict=True))
        assert {pk: again.find_rank(pk) for pk, _score, _us in rows} == places


def test_equal_in_score_and_instant_the_lower_id_is_first(staff: Staff) -> None:
    challenge = open_challenge(*staff)
    entries = [send(challenge, name) for name in ("a", "b", "c")]
    for entry in reversed(entries):
        set_points(staff[0], challenge, entry.pk, 5, TEN)
    assert check_board(challenge) == {entry.entrant_id: rank for rank, entry in enumerate(entries, start=1)}


def test_a_person_stands_with_their_best_shown_entry(staff: Staff) -> None:
    challenge = open_challenge(*staff)
    first, second, other = send(challenge, "a", "k1"), send(challenge, "a", "k2"), send(challenge, "b")
    set_points(staff[0], challenge, first.pk, 2, TEN)
    set_points(staff[0], challenge, second.pk, 3, TEN + timedelta(minutes=2))
    set_points(staff[0], challenge, other.pk, 2, TEN + timedelta(minutes=1))
    assert check_board(challenge)[first.entrant_id] == 1
    step = decide_entries(staff[0], challenge, [second.pk], Decision(False, "copy"), TEN)[0]
    assert check_board(challenge)[first.entrant_id] == 1  # 20 points, reached a minute before the other's
    withdraw(challenge, first.pk, "a", TEN)
    assert check_board(challenge) == {other.entrant_id: 1}
    undo_step(staff[0], challenge, step.pk, TEN)
    assert check_board(challenge) == {first.entrant_id: 1, other.entrant_id: 2}


def test_another_process_sees_each_change_and_reads_it_alone(staff: Staff, django_assert_num_queries: object) -> None:
    challenge = open_challenge(*staff)
    entries = [send(challenge, f"p{at}") for at in range(20)]
    check_board(challenge)
    other = board.Board()
    other.find_rank(reread(challenge.campaign_id), 0)
    vote(challenge, entries[13], "v")
    fresh = reread(challenge.campaign_id)
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert other.find_rank(fresh, entries[13].entrant_id) == (1, 20)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert other.find_rank(fresh, entries[14].entrant_id) == (15, 20)
    forget_person("p13")
    assert other.find_rank(reread(challenge.campaign_id), entries[13].entrant_id) == (None, 19)


def test_three_thousand_places_are_those_of_the_definition(staff: Staff, django_assert_num_queries: object) -> None:
    challenge = open_challenge(*staff)
    draw = random.Random(7)
    rows = [
        Entrant(
            challenge=challenge,
            person=f"p{at}",
            name="",
            made_at=NOW,
            score=draw.randrange(300),
            reached_us=draw.randrange(50),
        )
        for at in range(3_000)
    ]
    Entrant.objects.bulk_create(rows, batch_size=2_000)
    check_board(challenge)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len(list_board(challenge)) == 100


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["put", "put", "put", "drop", "restart"]),
        st.integers(0, 12),
        st.integers(0, 4),
        st.integers(0, 3),
    ),
    max_size=60,
)


@given(ACTS)
@settings(max_examples=150, deadline=None)
def test_the_ranking_is_the_sorted_list_whatever_happens(acts: list[tuple[str, int, int, int]]) -> None:
    ranking, truth = Ranking([], [], []), {}
    for what, ident, score, reached in acts:
        if what == "put":
            ranking.put(ident, score, reached)
            truth[ident] = (-score, reached, ident)
        elif what == "drop":
            ranking.drop(ident)
            truth.pop(ident, None)
        else:
            rows = [(ident, -key[0], key[1]) for ident, key in truth.items()]
            ranking = Ranking(*zip(*rows, strict=True)) if rows else Ranking([], [], [])
        ordered = sorted(truth, key=lambda ident: truth[ident])
        assert [ranking.find_rank(ident) for ident in ordered] == list(range(1, len(ordered) + 1))
        assert len(ranking) == len(truth)


def test_the_ranking_grows_beyond_its_first_room() -> None:
    ranking = Ranking([], [], [])
    for ident in range(3_000):
        ranking.put(ident, ident % 7, ident)
    ordered = sorted(range(3_000), key=lambda ident: (-(ident % 7), ident))
    assert [ranking.find_rank(ident) for ident in ordered] == list(range(1, 3_001))


@pytest.mark.parametrize("seed", range(2))
def test_whatever_staff_and_people_do_the_three_agree(staff: Staff, seed: int) -> None:
    challenge, draw = open_challenge(*staff, most_entries_a_day=9, most_votes_a_day=99), random.Random(seed)
    entries: list[Entry] = []
    for at in range(40):
        moment, what = NOW + timedelta(seconds=at // 3), draw.randrange(8)
        if what < 3 or not entries:
            entries.append(send(challenge, f"p{draw.randrange(8)}", f"k{at}", moment))
            continue
        entry = draw.choice(entries)
        entry.refresh_from_db()
        if what == 3 and entry.state == "shown" and (voter := f"v{draw.randrange(9)}"):
            vote(challenge, entry, voter, moment)
        elif what == 4:
            set_points(staff[0], challenge, entry.pk, draw.randrange(3), moment)
        elif what == 5:
            decide_entries(staff[0], challenge, [entry.pk], Decision(draw.random() < 0.5, "advert"), moment)
        elif what == 6:
            withdraw(challenge, entry.pk, entry.entrant.person, moment)
        elif draw.random() < 0.2:
            forget_person(entry.entrant.person)
            entries = [one for one in entries if one.entrant_id != entry.entrant_id]
        if draw.random() < 0.1:
            board._boards.clear()
        check_board(challenge)


def test_nothing_changes_for_who_stands_where_they_stood(staff: Staff) -> None:
    challenge = open_challenge(*staff)
    entry = send(challenge, "a")
    seq = reread(challenge.campaign_id).score_seq
    place_entrants(Challenge.objects.get(), [entry.entrant_id])
    assert reread(challenge.campaign_id).score_seq == seq
    assert find_rank(reread(challenge.campaign_id), entry.entrant_id) == (1, 1)
    assert Entrant.objects.get().reached_us == to_us(NOW)
    assert join("a").is_new is False
