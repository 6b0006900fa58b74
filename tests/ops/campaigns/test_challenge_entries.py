"""Entering, deciding, voting: limits by the market's day, held votes, undo, consent, events, erasure."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from campaign_fixtures import NOW, draft, join
from canyu.kit.clock import get_now
from canyu.kit.errors import NotFound
from canyu.ops.campaigns import actions as campaigns
from canyu.ops.campaigns.challenges.actions import enter, forget_person, save_challenge, withdraw
from canyu.ops.campaigns.challenges.checks import check_entries
from canyu.ops.campaigns.challenges.errors import (
    ChallengeUnusable,
    EntryUnusable,
    LimitReached,
    NotVotable,
    StepUndone,
)
from canyu.ops.campaigns.challenges.media.actions import IMAGES, Picture
from canyu.ops.campaigns.challenges.models import Challenge, Entrant, Entry, EntryStep, Vote
from canyu.ops.campaigns.challenges.moderation.actions import Decision, decide_entries, set_points, undo_step
from canyu.ops.campaigns.challenges.queries import list_days, list_held, measure_figures
from canyu.ops.campaigns.challenges.rules import ScoreRule, Sign, Way
from canyu.ops.campaigns.challenges.schemas import Asked, EntryDraft
from canyu.ops.campaigns.challenges.voting.actions import cast_vote, decide_votes
from canyu.ops.campaigns.errors import ConsentMissing, NotOpen, ReasonMissing, SecondPersonNeeded, WrongStep
from canyu.ops.campaigns.models import CampaignStep, Consent
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.people.models import Person
from challenge_fixtures import check_board, draft_challenge, open_challenge, reread, send, vote

Staff = tuple[Person, Person]
SHOW, REFUSE = Decision(True), Decision(False, "advert")
BEFORE_MIDNIGHT = datetime(2026, 12, 1, 15, 59, 59, tzinfo=UTC)
"""A second before midnight in UTC+8."""


def test_d18_three_a_day_until_midnight_of_the_market_and_refused_ones_are_not_counted(staff: Staff) -> None:
    challenge = open_challenge(*staff, most_entries_a_day=3)
    sent = [send(challenge, "a", f"k{at}", BEFORE_MIDNIGHT) for at in range(3)]
    with pytest.raises(LimitReached) as refused:
        send(challenge, "a", "k3", BEFORE_MIDNIGHT)
    assert refused.value.message == "Today's limit of entries is reached: 3."
    assert refused.value.mend == "From 2026-12-02 00:00 (Asia/Shanghai) on you may go on."
    withdraw(challenge, sent[0].pk, "a", BEFORE_MIDNIGHT)
    with pytest.raises(LimitReached):  # who takes one back has used it
        send(challenge, "a", "k3", BEFORE_MIDNIGHT)
    decide_entries(staff[0], challenge, [sent[1].pk], REFUSE, BEFORE_MIDNIGHT)
    assert send(challenge, "a", "k3", BEFORE_MIDNIGHT).day == date(2026, 12, 1)
    assert send(challenge, "a", "k4", BEFORE_MIDNIGHT + timedelta(seconds=1)).day == date(2026, 12, 2)


def test_the_same_form_twice_is_one_entry_and_its_picture_is_kept_once(
    staff: Staff, use_lake: Callable[[Path], None], tmp_path: Path
) -> None:
    use_lake(tmp_path / "none.lake")  # images lie beside it
    challenge = open_challenge(*staff)
    sent = [send(challenge, "a", "k", picture=Picture(b"large", b"small")) for _ in range(2)]
    assert sent[0].pk == sent[1].pk
    kept = Entry.objects.get().media
    assert IMAGES.list_old(get_now() + timedelta(days=1)) == {kept}
    assert [IMAGES.find_path(kept, size).read_bytes() for size in IMAGES.sizes] == [b"small", b"large"]


def test_two_at_once_stay_within_the_limit(staff: Staff) -> None:
    challenge = open_challenge(*staff, most_entries_a_day=1)
    join("a")
    told: list[str] = []

    def post(key: str) -> None:
        try:
            enter(challenge, Asked("a", "c0ffee"), EntryDraft(key, Way.UPLOAD, "A", "words"), NOW)
            told.append("kept")
        except LimitReached:
            told.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=(f"k{at}",)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["kept", "refused", "refused", "refused"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"way": Way.LINK, "link": "javascript:alert(1)"}, "cannot be taken"),
        ({"way": Way.LINK, "link": "https://weibo.com.evil.example/1"}, "cannot be taken"),
        ({"way": Way.LINK, "link": "https://user@weibo.com/1"}, "cannot be taken"),
        ({"way": Way.LINK, "link": "http://127.0.0.1/"}, "cannot be taken"),
        ({"way": Way.POST}, "no such entry"),
        ({"name": " "}, "name is missing"),
        ({"name": "n" * 41}, "name is missing or too long"),
        ({"text": "t" * 501}, "too long"),
        ({"text": " "}, "is empty"),
    ],
)
def test_what_cannot_be_an_entry_is_refused_and_nothing_is_kept(
    staff: Staff, changes: dict[str, object], words: str
) -> None:
    challenge = open_challenge(*staff)
    with pytest.raises(EntryUnusable, match=words):
        send(challenge, "a", **changes)  # type: ignore[arg-type]
    assert not Entrant.objects.exists()


def test_links_to_the_hosts_of_the_challenge_are_taken(staff: Staff) -> None:
    challenge = open_challenge(*staff)
    kept = send(challenge, "a", way=Way.LINK, link="https://m.weibo.com/detail/5?x=1", text="")
    assert (kept.link, kept.state) == ("https://m.weibo.com/detail/5?x=1", "shown")


def test_nobody_enters_before_the_opening_after_the_closing_or_without_agreeing(staff: Staff) -> None:
    challenge = open_challenge(*staff, opens_at=NOW, closes_at=NOW + timedelta(hours=1))
    join("a", at=NOW - timedelta(hours=2))
    draft_entry = EntryDraft("k", Way.UPLOAD, "A", "words")
    for at in (NOW - timedelta(microseconds=1), NOW + timedelta(hours=1)):
        with pytest.raises(NotOpen):
            enter(challenge, Asked("a", "c0ffee"), draft_entry, at)
    with pytest.raises(ConsentMissing):
        enter(challenge, Asked("a", ""), draft_entry, NOW)
    with pytest.raises(NotFound):
        enter(challenge, Asked("stranger", "c0ffee"), draft_entry, NOW)
    assert enter(challenge, Asked("a", "c0ffee"), draft_entry, NOW).state == "shown"
    assert enter(challenge, Asked("a", ""), EntryDraft("k2", Way.UPLOAD, "A", "more"), NOW).state == "shown"
    assert [(one.purpose, one.text) for one in Consent.objects.order_by("pk")][1:] == [("challenge", "c0ffee")]


def test_entries_and_votes_go_out_with_what_they_answer(staff: Staff) -> None:
    challenge = open_challenge(*staff)
    entry = send(challenge, "a", text="secret words")
    vote(challenge, entry, "b")
    vote(challenge, entry, "b")
    told = {row.event["type"]: row.event for row in WaitingEvent.objects.order_by("pk") if row.event["actor"] in "ab"}
    events = [row.event for row in WaitingEvent.objects.all() if row.event["type"] in {"submit", "vote"}]
    assert [event["type"] for event in events] == ["submit", "vote"]
    assert (events[0]["actor"], events[0]["object"], events[0]["text"]) == ("a", "challenge:spring-road", None)
    assert events[1]["parent"] == events[0]["id"]
    assert events[0]["parent"] in {row.event["id"] for row in WaitingEvent.objects.all() if row.event["type"] == "join"}
    assert told["vote"]["campaign"] == "spring-road"


def test_entries_are_decided_in_bulk_with_reason_history_and_a_way_back(staff: Staff) -> None:
    challenge = open_challenge(*staff, is_decided_first=True)
    entries = [send(challenge, name) for name in "abc"]
    assert {entry.state for entry in entries} == {"pending"}
    assert check_board(challenge) == {}
    for bad in (Decision(False), Decision(False, "because"), Decision(False, "other")):
        with pytest.raises(ReasonMissing):
            decide_entries(staff[0], challenge, [entries[0].pk], bad, NOW)
    ids = [entry.pk for entry in entries]
    assert len(decide_entries(staff[0], challenge, [*ids, 10**9], SHOW, NOW)) == 3
    assert decide_entries(staff[0], challenge, ids, SHOW, NOW) == []
    steps = decide_entries(staff[1], challenge, ids[:2], Decision(False, "other", "a reason"), NOW)
    assert len(check_board(challenge)) == 1
    undo_step(staff[1], challenge, steps[0].pk, NOW)
    with pytest.raises(StepUndone):
        undo_step(staff[1], challenge, steps[0].pk, NOW)
    told = [(step.what, step.before, step.after, step.reason, step.who) for step in entries[0].steps.order_by("pk")]
    assert told == [
        ("shown", "pending", "shown", "", "mei"),
        ("refused", "shown", "refused", "other", "lin"),
        ("undone", "refused", "shown", "", "lin"),
    ]
    entries[0].refresh_from_db()
    assert (entries[0].state, entries[0].reason) == ("shown", "")
    assert len(check_board(challenge)) == 2


def test_taking_a_decision_back_brings_the_reason_before_it_back(staff: Staff) -> None:
    challenge = open_challenge(*staff)
    entry = send(challenge, "a")
    decide_entries(staff[0], challenge, [entry.pk], REFUSE, NOW)
    set_points(staff[0], challenge, entry.pk, 3, NOW)  # no decision, and without a reason
    (step,) = decide_entries(staff[0], challenge, [entry.pk], SHOW, NOW)
    assert undo_step(staff[0], challenge, step.pk, NOW).reason == "advert"


def test_a_name_that_nobody_looked_at_does_not_replace_a_shown_one(staff: Staff) -> None:
    challenge = open_challenge(*staff, is_decided_first=True)
    first = send(challenge, "a", "k1", name="Mei")
    send(challenge, "a", "k2", name="Mei 梅")  # nothing of theirs is shown yet
    decide_entries(staff[0], challenge, [first.pk], SHOW, NOW)
    assert send(challenge, "a", "k3", name="An insult").state == "pending"
    assert Entrant.objects.get().name == "Mei 梅"


def test_what_was_withdrawn_stays_so_and_is_empty(staff: Staff) -> None:
    challenge = open_challenge(*staff)
    entry = send(challenge, "a")
    with pytest.raises(NotFound):
        withdraw(challenge, entry.pk, "b", NOW)
    with pytest.raises(NotFound):
        withdraw(challenge, entry.pk, "", NOW)
    withdraw(challenge, entry.pk, "a", NOW)
    assert decide_entries(staff[0], challenge, [entry.pk], SHOW, NOW) == []
    entry.refresh_from_db()
    assert (entry.state, entry.text, entry.link) == ("withdrawn", "", "")
    with pytest.raises(NotFound):
        vote(challenge, entry, "b")


def test_one_vote_per_person_and_entry_and_a_limit_a_day(staff: Staff) -> None:
    challenge = open_challenge(*staff, most_votes_a_day=2)
    entries = [send(challenge, name) for name in "abc"]
    assert vote(challenge, entries[0], "v").pk == vote(challenge, entries[0], "v").pk
    vote(challenge, entries[1], "v")
    with pytest.raises(LimitReached, match="limit of votes is reached: 2"):
        vote(challenge, entries[2], "v")
    vote(challenge, entries[2], "v", NOW + timedelta(days=1))
    with pytest.raises(NotVotable):
        vote(challenge, entries[0], "a")
    assert list(Entry.objects.order_by("pk").values_list("votes", "score")) == [(1, 1), (1, 1), (1, 1)]


def test_a_burst_from_one_network_is_held_with_its_reason_until_somebody_decides(staff: Staff) -> None:
    challenge = open_challenge(*staff)
    first, second = send(challenge, "a"), send(challenge, "b")
    votes = [vote(challenge, first, f"v{at}", NOW, "net") for at in range(7)]
    assert [(one.state, one.signs) for one in votes[4:]] == [
        ("counted", []),
        ("held", [Sign.NETWORK]),
        ("held", [Sign.NETWORK]),
    ]
    assert vote(challenge, first, "far", NOW, "other").state == "counted"
    assert vote(challenge, first, "later", NOW + timedelta(minutes=11), "net").state == "counted"
    assert [(one.entry.pk, one.votes, one.signs) for one in list_held(staff[0], challenge)] == [
        (first.pk, 2, {"network": 2})
    ]
    for at in range(3):
        join(f"f{at}", at=NOW)
        told = cast_vote(challenge, second.pk, Asked(f"f{at}", "c0ffee", network="net"), NOW).vote
        assert told.state == "counted"
    join("f3", at=NOW)
    assert cast_vote(challenge, second.pk, Asked("f3", "c0ffee", network="net"), NOW).vote.signs == [Sign.FRESH]
    first.refresh_from_db()
    assert first.votes == 7
    with pytest.raises(ReasonMissing):
        decide_votes(staff[0], first, True, " ", NOW)
    later = NOW + timedelta(hours=1)
    assert [decide_votes(staff[0], first, True, "one office", later) for _ in range(2)] == [2, 0]
    assert decide_votes(staff[0], second, False, "one person", later) == 1
    places = check_board(challenge)
    assert (places[first.entrant_id], places[second.entrant_id]) == (1, 2)
    assert sorted(Entry.objects.values_list("votes", flat=True)) == [3, 9]
    figures = measure_figures(staff[0], challenge)
    assert figures.votes == {"counted": 12, "held": 0, "refused": 1}
    assert [(one.entries, one.people, one.votes) for one in list_days(staff[0], challenge)] == [(2, 2, 13)]


def test_likes_of_another_entry_and_missing_hashtags_stand_beside(staff: Staff) -> None:
    challenge = open_challenge(*staff)
    words = "我们一家人周末沿着海边开了三百公里，日落真美 #春天自驾#"
    first = send(challenge, "a", text=words)
    copy = send(challenge, "b", text=words.replace("真美", "真的美"))
    plain = send(challenge, "c", text="nothing of the topic at all in here")
    links = [send(challenge, name, way=Way.LINK, link="https://weibo.com/1", text="") for name in "de"]
    told = {one.entry.pk: one for one in check_entries(challenge, [first, copy, plain, *links])}
    assert (told[first.pk].lacks_tag, told[first.pk].same_text) == (False, None)
    assert told[copy.pk].same_text == first.pk
    assert told[plain.pk].lacks_tag
    assert (told[links[0].pk].same_link, told[links[1].pk].same_link) == (None, links[0].pk)


def test_the_set_up_belongs_to_the_draft_and_its_writer_does_not_release_it(staff: Staff) -> None:
    writer, second = staff
    campaign = campaigns.create_campaign(writer, draft(), NOW)
    save_challenge(second, campaign.pk, draft_challenge(), NOW)
    same = save_challenge(second, campaign.pk, draft_challenge(rules_en="Other words."), NOW)
    assert same.rule_version == 1
    assert save_challenge(second, campaign.pk, draft_challenge(rule=ScoreRule(votes=3)), NOW).rule_version == 2
    assert CampaignStep.objects.filter(what="challenge_saved").latest("pk").note == "2: votes*3"
    campaigns.send_to_review(writer, campaign.pk, NOW)
    with pytest.raises(SecondPersonNeeded):
        campaigns.release(second, campaign.pk, NOW)
    with pytest.raises(WrongStep):
        save_challenge(writer, campaign.pk, draft_challenge(), NOW)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hashtags": []}, "needs a hashtag"),
        ({"rule": ScoreRule(votes=0)}, "something that counts"),
        ({"closes_at": NOW - timedelta(hours=2)}, "closes before"),
        ({"hosts": []}, "No host"),
        ({"prizes_zh": "全网第一的冰箱"}, "Advertising law forbids: 第一"),
    ],
)
def test_a_set_up_that_cannot_work_is_refused(staff: Staff, changes: dict[str, object], words: str) -> None:
    campaign = campaigns.create_campaign(staff[0], draft(), NOW)
    with pytest.raises(ChallengeUnusable, match=words):
        save_challenge(staff[0], campaign.pk, draft_challenge(**changes), NOW)
    assert not Challenge.objects.exists()


def test_who_leaves_is_forgotten_and_what_their_votes_gave_stays(staff: Staff) -> None:
    challenge = open_challenge(*staff)
    mine, other = send(challenge, "a"), send(challenge, "b")
    vote(challenge, other, "a", NOW, "net")
    vote(challenge, mine, "b")
    set_points(staff[0], challenge, mine.pk, 3, NOW)
    assert forget_person("a") == 2
    assert forget_person("a") == 0
    assert check_board(challenge) == {other.entrant_id: 1}
    kept = Vote.objects.get()
    assert (kept.person.startswith("erased:"), kept.network) == (True, "")
    assert Entry.objects.get().votes == 1
    assert not EntryStep.objects.exists()
    assert [(one.name, one.score) for one in Entrant.objects.order_by("pk")] == [("", None), ("name of b", 1)]
    assert not [row for row in WaitingEvent.objects.all() if row.event["actor"] == "a"]
    assert reread(challenge.campaign_id).score_seq > 0
