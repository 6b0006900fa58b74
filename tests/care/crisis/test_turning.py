"""Did opinion turn: worlds whose truth is known, and what is not enough to say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from canyu.care.crisis.turning import (
    Closing,
    HourlyOpinions,
    TurnRule,
    Verdict,
    count_opinions,
    estimate_change,
    judge_closing,
    judge_turn,
)
from canyu.kit.errors import BadInput

STATEMENT = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
BEFORE, AFTER = 72, 72


def make_world(
    seed: int, *, change: float = 0.0, drift: float = 0.0, posts: int = 40, after: int = AFTER
) -> HourlyOpinions:
    """Return hours that hang together (0.6) and scatter (0.05 of the share), and a drift that hits the others too."""
    rng = np.random.default_rng([seed, 11])
    hour = np.arange(BEFORE + after) - BEFORE
    own = np.zeros(len(hour))
    for place in range(1, len(hour)):
        own[place] = 0.6 * own[place - 1] + rng.normal() * 0.04
    alike = drift * hour / AFTER
    n, m = rng.poisson(posts, len(hour)), rng.poisson(200, len(hour))
    k = rng.binomial(n, np.clip(0.5 + own + alike + change * (hour >= 0), 0, 1))
    return HourlyOpinions(STATEMENT, BEFORE, n, k, m, rng.binomial(m, np.clip(0.3 + alike, 0, 1)), ("others",))


def test_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    for change in (0.0, -0.15):
        found = [
            estimate_change(make_world(seed, change=change), slice(0, BEFORE), slice(BEFORE, BEFORE + AFTER))
            for seed in range(100)
        ]
        held = sum(each is not None and each.low <= change <= each.high for each in found)
        assert held >= 92, (change, held)
        # and it is of use: a change by 15 points is nearly always told from none
        if change:
            assert sum(each is not None and each.high < 0 for each in found) >= 95


@pytest.mark.parametrize("drift", [0.0, -0.1])
def test_without_a_turn_it_rarely_says_one_whatever_happens_to_all(drift: float) -> None:
    turned = sum(judge_turn(make_world(seed, drift=drift)).turned_at is not None for seed in range(30))
    assert turned <= 1


def test_a_turn_is_told_once_it_has_been_clear_for_a_day() -> None:
    report = judge_turn(make_world(3, change=-0.25))
    assert report.verdict is Verdict.TURNED
    assert report.change is not None
    assert report.change.low <= -0.25 <= report.change.high
    assert report.since is not None
    assert report.turned_at is not None
    assert report.turned_at - report.since >= timedelta(hours=23)
    early = judge_turn(make_world(3, change=-0.25), hours_over=20)
    assert early.verdict is Verdict.CLEARING
    assert early.turned_at is None


def test_worse_is_not_turned() -> None:
    assert judge_turn(make_world(4, change=0.25)).verdict is Verdict.WORSE


def test_too_few_posts_say_how_many_are_needed() -> None:
    report = judge_turn(make_world(5, change=-0.25, posts=1))
    assert report.verdict is Verdict.NOT_ENOUGH
    assert {cell.name for cell in report.short} == {"topic_before", "topic_after"}
    needed = {cell.name: cell.needed for cell in report.short}
    # a share near one half needs a quarter of the variance that ten points allow: 4 * 0.25 * (1.96 / 0.1)^2 = 384
    assert all(300 < each <= 385 for each in needed.values()), needed
    assert judge_turn(make_world(5, change=-0.25, posts=20)).verdict is Verdict.TURNED


def test_hours_without_new_posts_do_not_prove_anything() -> None:
    world = make_world(3, change=-0.25, after=96)
    first = judge_turn(world)
    assert first.turned_at is not None
    clear = int((first.since - STATEMENT).total_seconds() // 3600) if first.since else 0
    posts, negative = world.posts.copy(), world.negative.copy()
    posts[BEFORE + clear + 2 :] = 0
    negative[BEFORE + clear + 2 :] = 0
    silent = judge_turn(replace(world, posts=posts, negative=negative))
    assert silent.turned_at is None
    assert silent.verdict is not Verdict.TURNED


def test_a_share_that_fell_before_the_statement_is_told_so() -> None:
    world = make_world(6)
    negative = world.negative.copy()
    negative[: BEFORE // 2] = world.posts[: BEFORE // 2]
    assert judge_turn(replace(world, negative=negative)).fell_before
    assert not judge_turn(world).fell_before


def test_hours_begin_at_the_statement_and_posts_land_in_theirs() -> None:
    minute = timedelta(minutes=1)
    moments = [STATEMENT - minute, STATEMENT, STATEMENT + 61 * minute, STATEMENT]
    found = count_opinions(
        np.array([int(each.timestamp() * 1e6) for each in moments]),
        np.array(["brake", "brake", "brake", "seat"]),
        np.array([True, False, True, True]),
        topic="brake",
        statement=STATEMENT,
    )
    assert (found.at, found.controls) == (1, ("seat",))
    assert found.posts.tolist() == [1, 1, 1]
    assert found.negative.tolist() == [1, 0, 1]
    assert found.control_negative.tolist() == [0, 1, 0]
    assert found.tell_time(0) == STATEMENT - timedelta(hours=1)


def test_a_topic_without_posts_or_controls_is_refused() -> None:
    one = np.array([int(STATEMENT.timestamp() * 1e6)])
    with pytest.raises(BadInput):
        count_opinions(one, np.array(["brake"]), np.array([True]), topic="brake", statement=STATEMENT)
    with pytest.raises(BadInput):
        TurnRule(before_h=3)


def make_month(seed: int, *, last_h: int, share: float) -> HourlyOpinions:
    """Return 28 ordinary days at 15 % negative, five days at 60 %, and hours at ``share``."""
    rng = np.random.default_rng(seed)
    hours = np.concatenate([np.full(28 * 24, 0.15), np.full(120, 0.6), np.full(last_h, share)])
    posts = rng.poisson(10, len(hours))
    none = np.zeros_like(posts)
    return HourlyOpinions(STATEMENT, 28 * 24, posts, rng.binomial(posts, hours), none, none)


def test_a_crisis_may_close_after_two_days_back_within_its_band() -> None:
    began = 28 * 24
    back = judge_closing(make_month(1, last_h=24 + 60, share=0.15), began)
    assert back.state is Closing.BACK
    assert back.ordinary == pytest.approx(0.15, abs=0.02)
    assert back.upper is not None
    assert 0.15 < back.upper < 0.25
    assert judge_closing(make_month(3, last_h=40, share=0.15), began).state is Closing.SETTLING
    assert judge_closing(make_month(1, last_h=90, share=0.4), began).state is Closing.ABOVE


def test_a_crisis_does_not_close_by_silence_or_without_a_band() -> None:
    month = make_month(2, last_h=90, share=0.15)
    posts = month.posts.copy()
    posts[-60:] = 0
    silent = replace(month, posts=posts, negative=np.minimum(month.negative, posts))
    assert judge_closing(silent, 28 * 24).state is Closing.NOT_ENOUGH
    assert judge_closing(month, 10 * 24).state is Closing.NO_BAND
