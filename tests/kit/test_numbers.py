"""Numbers as people write them, in both languages."""

from __future__ import annotations

import pytest

from canyu.kit.numbers import format_change, format_full, format_number


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0", "0"),
        (7, "7", "7"),
        (9_999, "9,999", "9,999"),
        (10_000, "1.00万", "10.0K"),
        (99_996, "10.0万", "100K"),
        (123_456, "12.3万", "123K"),
        (999_600, "100万", "1.00M"),
        (12_345_678, "1,235万", "12.3M"),
        (99_999_999, "1.00亿", "100M"),
        (123_456_789, "1.23亿", "123M"),
        (-123_456, "-12.3万", "-123K"),
        (0.0, "0", "0"),
        (-0.001, "0", "0"),
        (0.25, "0.25", "0.25"),
        (24.46, "24.5", "24.5"),
        (None, "—", "—"),
    ],
)
def test_a_number_is_short_and_exact_enough(value: float | int | None, zh: str, en: str) -> None:
    assert format_number(value, "zh-hans") == zh
    assert format_number(value, "en") == en


def test_a_wide_interval_takes_digits_away() -> None:
    assert format_number(24.46, "en", (24.3, 24.6)) == "24.5"
    assert format_number(24.46, "en", (20.0, 29.0)) == "24"
    assert format_number(123_456, "en", (100_000.0, 150_000.0)) == "123K"


def test_the_full_number_keeps_every_digit() -> None:
    assert format_full(123_456_789) == "123,456,789"
    assert format_full(None) == "—"


def test_a_change_from_nothing_is_not_told() -> None:
    assert format_change(10, 0) == "—"
    assert format_change(0, 10) == "−100%"
    assert format_change(105, 100) == "+5%"
    assert format_change(1_005, 1_000) == "+0.5%"
