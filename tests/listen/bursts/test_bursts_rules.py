"""Rules that people write: read, refused, evaluated."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import numpy as np
import pytest

from canyu.kit.errors import BadInput
from canyu.listen.bursts import (
    BurstSettings,
    CountMatrix,
    QuietHours,
    Severity,
    evaluate_rules,
    parse_rules,
    parse_settings,
)
from canyu.listen.bursts.counts import tell_time

FIRST = int(datetime(2026, 7, 6, tzinfo=UTC).timestamp()) // 3600
RULE: dict[str, Any] = {"name": "battery", "team": "care", "at_least": 10, "hours": 3}


def make_matrix(*rows: list[int]) -> CountMatrix:
    counts = np.array(rows, np.int64).T.copy()
    names = ("X5|battery|negative|posts", "X5|screen|negative|posts")[: len(rows)]
    return CountMatrix(names, FIRST, counts, counts * 2, np.ones(counts.shape, np.bool_))


def test_a_rule_tells_each_run_once() -> None:
    matrix = make_matrix([0, 4, 4, 4, 9, 0, 0, 0, 0, 0, 0, 0, 10, 0], [50] * 14)
    rules = parse_rules([{**RULE, "aspects": ["battery"]}])
    first, second = evaluate_rules(matrix, np.ones(matrix.counts.shape), rules)
    assert (first.source, first.team, first.severity) == ("rule:battery", "care", Severity.WARNING)
    assert (first.begin, first.found, first.ended) == (tell_time(FIRST + 1), tell_time(FIRST + 3), tell_time(FIRST + 6))
    assert (first.observed, first.raw, first.peak, first.peak_at) == (21, 42, 9, tell_time(FIRST + 4))
    assert first.closed_at == tell_time(FIRST + 9)
    assert (second.found, second.ended) == (tell_time(FIRST + 12), None)


def test_a_rule_with_a_ratio_asks_for_both() -> None:
    matrix = make_matrix([4] * 10)
    rules = parse_rules([{**RULE, "ratio": 3}])
    assert evaluate_rules(matrix, np.full(matrix.counts.shape, 2.0), rules) == ()
    assert len(evaluate_rules(matrix, np.full(matrix.counts.shape, 1.0), rules)) == 1


def test_a_rule_judges_an_hour_without_later_ones() -> None:
    matrix = make_matrix([0, 0, 12, 0, 0, 0, 0, 0, 30, 1])
    rules, expected = parse_rules([RULE]), np.ones((10, 1))
    whole = [alert.found for alert in evaluate_rules(matrix, expected, rules)]
    for hour in range(1, 11):
        live = [alert.found for alert in evaluate_rules(matrix.until(FIRST + hour - 1), expected[:hour], rules)]
        assert live == [found for found in whole if found < tell_time(FIRST + hour)]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"at_least": 0}, "at_least"),
        ({"at_least": True}, "at_least"),
        ({"at_least": None}, "at_least"),
        ({"hours": 0}, "hours"),
        ({"ratio": "2"}, "ratio"),
        ({"team": " "}, "team"),
        ({"products": "X5"}, "products"),
        ({"severity": "loud"}, "severity"),
        ({"quiet_from": "25:00", "quiet_to": "08:00"}, "quiet_from"),
        ({"quiet_from": "22:00", "quiet_to": "08:00"}, "time_zone"),
        ({"quiet_from": "22:00", "quiet_to": "08:00", "time_zone": "Mars/Base"}, "time_zone"),
        ({"atleast": 3}, "atleast"),
    ],
)
def test_a_wrong_field_is_named_with_its_mend(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput, match=rf"rules\[1\]\.{field}”") as refused:
        parse_rules([RULE, {**RULE, "name": "other", **wrong}])
    assert refused.value.mend


def test_two_rules_cannot_share_a_name() -> None:
    with pytest.raises(BadInput, match=r"rules\[1\]\.name"):
        parse_rules([RULE, RULE])


def test_quiet_hours_run_over_midnight_in_their_own_zone() -> None:
    quiet = QuietHours(time(22), time(8), "Asia/Shanghai")
    assert quiet.contains(datetime(2026, 7, 6, 14, 0, tzinfo=UTC))
    assert quiet.contains(datetime(2026, 7, 6, 23, 59, tzinfo=UTC))
    assert not quiet.contains(datetime(2026, 7, 7, 0, 0, tzinfo=UTC))
    assert not QuietHours(time(8), time(8), "Asia/Shanghai").contains(datetime(2026, 7, 7, 0, 0, tzinfo=UTC))


def test_settings_are_checked_field_by_field() -> None:
    assert parse_settings({"windows": [1, 4], "least_ratio": 1.5}) == BurstSettings(windows=(1, 4), least_ratio=1.5)
    for name, value in {"false_share": 0.9, "windows": [3, 1], "time_zone": "Mars", "least_cuont": 3}.items():
        with pytest.raises(BadInput, match=f"“{name}”"):
            parse_settings({name: value})
