"""The demo has one hashtag challenge: the rehearsed posts are its entries, and who tries it can take part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow.compute as pc
import pytest
from django.test import Client
from django.urls import reverse

import canyu
from canyu.commands.demo_challenge import UNDECIDED, stage_challenge
from canyu.ops.campaigns.challenges.models import Challenge, Entry
from canyu.ops.campaigns.challenges.rules import EntryState
from canyu.ops.campaigns.models import Campaign
from canyu.ops.campaigns.posters.models import Shown
from canyu.rehearse.campaigns.challenge import run_challenge
from canyu.rehearse.plan import MarketPlan
from canyu.rehearse.scene import Stage, World, list_spans
from canyu.rehearse.tables import build_part

SLUG = "night-shot-challenge"


@pytest.fixture
def entries(empty_ledger: None, use_lake: Callable[[Path], None], tmp_path: Path) -> int:
    """A lake with the rehearsed challenge in it; returns how many posts carry the hashtag: some forget it."""
    world = World(MarketPlan(2025, 0.0001, 7))
    stage = Stage(world, list_spans(world)[3], "challenge")
    lake = canyu.open(tmp_path / "demo.lake", create=True)
    events = build_part(stage, run_challenge(stage)).events
    lake.append(events)
    use_lake(tmp_path / "demo.lake")
    texts = events.filter(pc.equal(events["type"], "post"))["text"].to_pylist()
    return sum("#全民夜景挑战#" in text for text in texts)


def test_the_demo_stages_the_rehearsed_challenge_once(entries: int) -> None:
    for _ in range(2):
        stage_challenge(2025)
    challenge = Challenge.objects.get()
    assert challenge.campaign.slug == SLUG
    assert Entry.objects.filter(state=EntryState.SHOWN).count() == entries - UNDECIDED
    assert Entry.objects.filter(state=EntryState.PENDING).count() == UNDECIDED
    assert Shown.objects.get().campaign_id == challenge.campaign_id
    page = Client().get(reverse("challenge_page", args=[SLUG])).content.decode()
    assert 'id="enter"' in page


def test_a_demo_that_is_stopped_in_between_keeps_nothing_of_it(entries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("canyu.commands.demo_challenge.collect_posts", _stop)
    with pytest.raises(KeyboardInterrupt):
        stage_challenge(2025)
    assert not Campaign.objects.exists()


def _stop(_now: object) -> None:
    raise KeyboardInterrupt
