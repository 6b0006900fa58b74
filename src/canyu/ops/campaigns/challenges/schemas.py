"""What crosses a challenge's border: its set-up, and one person entering or voting; persons are opaque ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from canyu.ops.campaigns.challenges.media.actions import Picture
from canyu.ops.campaigns.challenges.rules import ScoreRule, Way


@dataclass(frozen=True, slots=True)
class ChallengeDraft:
    """A challenge as somebody sets it up; instants are aware, days are those of ``zone``."""

    hashtags: Sequence[str]
    rules_zh: str
    rules_en: str
    market: str
    zone: str
    opens_at: datetime
    closes_at: datetime
    ways: Sequence[str]
    rule: ScoreRule
    prizes_zh: str = ""
    prizes_en: str = ""
    hosts: Sequence[str] = ()
    most_entries_a_day: int = 3
    most_votes_a_day: int = 10
    is_decided_first: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks: ``consent`` is the fingerprint of the text that they agreed to; empty where they did before."""

    person: str
    consent: str
    language: str = "zh-hans"
    network: str = ""


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """One entry as it was sent; ``key`` is the form's own name, so that the same form sent twice is one entry."""

    key: str
    way: Way
    name: str
    text: str = ""
    link: str = ""
    picture: Picture | None = None
