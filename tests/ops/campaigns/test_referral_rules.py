"""The rules of referral without a database: amounts, verdicts, generations, K with its interval, fingerprints."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from canyu.ops.campaigns.errors import AcknowledgementMissing, RuleUnusable
from canyu.ops.campaigns.referral.fingerprints import fingerprint, is_throw_away
from canyu.ops.campaigns.referral.rules import (
    EdgeFacts,
    EdgeState,
    Reason,
    RewardRule,
    Side,
    SignalKind,
    Touch,
    check_rule,
    choose_state,
    choose_touch,
    combine_states,
    compute_amount,
    judge_edge,
)
from canyu.ops.campaigns.referral.tree import Node, find_generations, measure_factor, measure_generations

LEVELS = RewardRule((500, 200))


def grow(seeds: int, invites: int, one_in: int, generations: int) -> list[Node]:
    """Seeds of whom each invites so many, one in so many of whom comes, for some generations."""
    nodes = [Node(number, None) for number in range(seeds)]
    begin, end = 0, seeds
    for _ in range(generations):
        asked = [parent for parent in range(begin, end) for _ in range(invites)]
        begin = end
        nodes += [Node(begin + place, parent) for place, parent in enumerate(asked[::one_in])]
        end = len(nodes)
    return nodes


def test_d12_a_thousand_seeds_with_two_invites_at_a_quarter() -> None:
    found = measure_generations(grow(1_000, 2, 4, 3))
    assert [one.members for one in found] == [1_000, 500, 250, 125]
    assert [one.k for one in found] == [0.5, 0.5, 0.5, 0.0]
    assert sum(one.members for one in found) == 1_875
    assert measure_factor(found).k == 0.5


def test_d13_two_hundred_sharers_with_three_invites_at_a_fifth() -> None:
    factor = measure_factor(measure_generations(grow(200, 3, 5, 1)))
    assert (factor.inviters, factor.invited, factor.k) == (200, 120, 0.6)
    assert factor.low == pytest.approx(stats.chi2.ppf(0.025, 2 * 120) / 2 / 200)
    assert factor.high == pytest.approx(stats.chi2.ppf(0.975, 2 * 121) / 2 / 200)


def test_nobody_brought_still_has_an_upper_bound() -> None:
    (one,) = measure_generations([Node(number, None) for number in range(10)])
    assert (one.k, one.low) == (0.0, 0.0)
    assert one.high == pytest.approx(3.6889 / 10, abs=1e-4)


def test_below_a_held_edge_nobody_counts_and_all_are_kept() -> None:
    found = measure_generations([Node(1, None), Node(2, 1, counts=False), Node(3, 2), Node(4, 1)])
    assert [(one.members, one.counted) for one in found] == [(1, 1), (2, 1), (1, 0)]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a loaded machine is no fault
@given(st.lists(st.integers(min_value=-1, max_value=10_000), max_size=60), st.randoms())
def test_generations_add_up_to_the_tree_in_any_order(picks: list[int], random: object) -> None:
    nodes = [
        Node(number, None if not number or pick < 0 else pick % number, counts=pick % 5 != 0)
        for number, pick in enumerate(picks)
    ]
    expected = measure_generations(nodes)
    random.shuffle(nodes)  # type: ignore[attr-defined]
    assert measure_generations(nodes) == expected
    assert sum(one.members for one in expected) == len(nodes)
    depth = find_generations(nodes)
    assert all(depth[one.id] == (0 if one.parent is None else depth[one.parent] + 1) for one in nodes)
    brought = sum(one.next_counted for one in expected)
    assert brought + (expected[0].counted if expected else 0) == sum(one.counted for one in expected)


def test_a_circle_is_no_tree() -> None:
    with pytest.raises(ValueError, match="circle"):
        find_generations([Node(1, 2), Node(2, 1)])


def test_a_chain_of_ten_thousand_is_measured() -> None:
    found = measure_generations([Node(number, number - 1 if number else None) for number in range(10_000)])
    assert (len(found), found[-1].k, measure_factor(found).k) == (10_000, 0.0, 1.0)


def test_row_63_a_percentage_of_no_amount_is_nothing() -> None:
    tenth = RewardRule((1_000,), is_percent=True)
    assert compute_amount(tenth, Side.INVITER, 1, None) == 0
    assert compute_amount(tenth, Side.INVITER, 1, 19_999) == 1_999  # rounded down, never beyond the tenth


def test_amounts_follow_level_side_and_tier() -> None:
    tiered = RewardRule((500, 200), invitee=300, tiers=((3, 800), (10, 1_000)))
    assert [compute_amount(tiered, Side.INVITER, 1, None, nth) for nth in (1, 2, 3, 9, 10)] == [
        500,
        500,
        800,
        800,
        1_000,
    ]
    assert [compute_amount(tiered, Side.INVITER, level, None, 10) for level in (2, 3)] == [200, 0]
    assert compute_amount(tiered, Side.INVITEE, 1, None) == 300


def test_more_than_two_rewarded_generations_need_a_word() -> None:
    check_rule(LEVELS)
    deep = RewardRule((500, 200, 100))
    with pytest.raises(AcknowledgementMissing):
        check_rule(deep, "ok")
    check_rule(deep, "Counsel's opinion of 1 November is on file.")


@pytest.mark.parametrize(
    "rule",
    [
        RewardRule(()),
        RewardRule((1,) * 11),
        RewardRule((-1,)),
        RewardRule((10_001,), is_percent=True),
        RewardRule((1,), tiers=((3, 1), (2, 1))),
        RewardRule((1,), is_percent=True, cause="join"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused(rule: RewardRule) -> None:
    with pytest.raises(RuleUnusable):
        check_rule(rule, "a statement that is long enough for the law")


@pytest.mark.parametrize("kind", list(SignalKind))
def test_i6_nobody_earns_from_themselves(kind: SignalKind) -> None:
    reasons = judge_edge(EdgeFacts(same_as_inviter=frozenset({kind})), LEVELS)
    assert reasons == (Reason(f"self_{kind}"),)
    assert choose_state(reasons) is EdgeState.HELD


def test_a_household_may_share_its_address_but_not_its_device() -> None:
    others = EdgeFacts(same_as_others=frozenset({SignalKind.ADDRESS, SignalKind.DEVICE}))
    assert judge_edge(others, LEVELS) == (Reason.SHARED_DEVICE,)


def test_speed_and_throw_away_mail_are_held_circles_refused() -> None:
    assert judge_edge(EdgeFacts(joins_in_hour=19), LEVELS) == ()
    assert judge_edge(EdgeFacts(joins_in_hour=20, is_disposable=True), LEVELS) == (Reason.VELOCITY, Reason.DISPOSABLE)
    assert choose_state(judge_edge(EdgeFacts(is_circle=True, was_in=True), LEVELS)) is EdgeState.REFUSED
    assert combine_states([EdgeState.CLEAN, EdgeState.HELD, EdgeState.REFUSED]) is EdgeState.REFUSED


def test_first_or_last_touch_counts() -> None:
    assert (choose_touch(Touch.FIRST, "a", "b"), choose_touch(Touch.LAST, "a", "b")) == ("a", "b")
    assert (choose_touch(Touch.LAST, "a", None), choose_touch(Touch.FIRST, None, None)) == ("a", None)


def test_fingerprints_hang_on_the_key_and_the_kind() -> None:
    one = fingerprint("key", SignalKind.DEVICE, "abc")
    assert one == fingerprint("key", SignalKind.DEVICE, " ABC ")
    assert (
        len({one, fingerprint("other", SignalKind.DEVICE, "abc"), fingerprint("key", SignalKind.PAYMENT, "abc")}) == 3
    )
    assert is_throw_away("x@yopmail.com")
