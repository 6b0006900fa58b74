"""A live challenge, and short ways to join, enter, vote, and to say by brute force who stands where."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from campaign_fixtures import NOW, SLUG, draft
from campaign_fixtures import join as join_campaign
from canyu.ops.campaigns import actions as campaigns
from canyu.ops.campaigns.challenges import queries
from canyu.ops.campaigns.challenges.actions import enter, save_challenge
from canyu.ops.campaigns.challenges.board import find_rank
from canyu.ops.campaigns.challenges.models import Challenge, Entry, Vote
from canyu.ops.campaigns.challenges.rules import ScoreRule, Way
from canyu.ops.campaigns.challenges.schemas import Asked, ChallengeDraft, EntryDraft
from canyu.ops.campaigns.challenges.voting.actions import cast_vote
from canyu.ops.people.models import Person

BY_WINDOW = """
SELECT id, ROW_NUMBER() OVER (ORDER BY score DESC, reached_us, id) FROM challenges_entrant
WHERE challenge_id = %s AND score IS NOT NULL
"""


def draft_challenge(**changes: Any) -> ChallengeDraft:
    values: dict[str, Any] = {
        "hashtags": ["春天自驾", "SpringRoad"],
        "rules_zh": "拍下路上的一刻。",
        "rules_en": "Show one moment of your trip.",
        "prizes_zh": "前三名各得车载冰箱一台。",
        "market": "cn",
        "zone": "Asia/Shanghai",
        "opens_at": NOW - timedelta(hours=1),
        "closes_at": NOW + timedelta(days=30),
        "ways": [Way.LINK, Way.UPLOAD, Way.POST],
        "hosts": ["weibo.com", ".weibo.com"],
        "rule": ScoreRule(votes=1, likes=1, reposts=2, comments=1, jury=10),
        "is_decided_first": False,
    }
    return ChallengeDraft(**{**values, **changes})


def open_challenge(writer: Person, second: Person, campaign: dict[str, Any] | None = None, **changes: Any) -> Challenge:
    kept = campaigns.create_campaign(writer, draft(**campaign or {}), NOW)
    save_challenge(writer, kept.pk, draft_challenge(**changes), NOW)
    campaigns.send_to_review(writer, kept.pk, NOW)
    campaigns.release(second, kept.pk, NOW)
    return reread(kept.pk)


def reread(campaign_id: int) -> Challenge:
    return Challenge.objects.select_related("campaign").get(campaign_id=campaign_id)


def send(challenge: Challenge, person: str, key: str = "", at: datetime = NOW, **changes: Any) -> Entry:
    """Enter as a person, who joins the campaign on the way."""
    join_campaign(person, at=at)
    values = {"way": Way.UPLOAD, "name": f"name of {person}", "text": "on the road #SpringRoad", **changes}
    return enter(challenge, Asked(person, "c0ffee"), EntryDraft(key or f"key-{person}", **values), at)


def vote(challenge: Challenge, entry: Entry, person: str, at: datetime = NOW, network: str = "") -> Vote:
    join_campaign(person, at=at - timedelta(hours=1))
    return cast_vote(challenge, entry.pk, Asked(person, "c0ffee", network=network), at).vote


def rank_by_window(challenge: Challenge) -> dict[int, int]:
    """Return the place of every entrant by the definition, in SQL."""
    with connection.cursor() as cursor:
        cursor.execute(BY_WINDOW, [challenge.pk])
        return dict(cursor.fetchall())


def check_board(challenge: Challenge) -> dict[int, int]:
    """Assert that the ranking in memory, the index and the definition say the same; return the places."""
    challenge = reread(challenge.campaign_id)
    expected = rank_by_window(challenge)
    asked = list(expected)[:: max(1, len(expected) // 1000)]
    assert {one: find_rank(challenge, one)[0] for one in asked} == {one: expected[one] for one in asked}
    assert [place.id for place in queries.list_board(challenge)] == sorted(expected, key=expected.__getitem__)[:100]
    assert find_rank(challenge, 0) == (None, len(expected))
    return expected


__all__ = ["SLUG", "check_board", "draft_challenge", "open_challenge", "rank_by_window", "reread", "send", "vote"]
