from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from canyu.rehearse.market import load_market
from canyu.rehearse.seasons import DAY_MS, HOUR_MS, Seasons, list_festivals, list_known_years


@pytest.mark.parametrize(
    ("year", "festival", "first", "last"),
    [
        (2025, "spring_festival", date(2025, 1, 28), date(2025, 2, 4)),
        (2026, "spring_festival", date(2026, 2, 16), date(2026, 2, 23)),
        (2025, "lantern", date(2025, 2, 12), date(2025, 2, 12)),
        (2025, "dragon_boat", date(2025, 5, 31), date(2025, 6, 2)),
        (2025, "mid_autumn", date(2025, 10, 5), date(2025, 10, 7)),
        (2024, "qingming", date(2024, 4, 4), date(2024, 4, 6)),
        (2025, "eleven_eleven", date(2025, 10, 31), date(2025, 11, 11)),
    ],
)
def test_festivals_fall_where_they_fell(year: int, festival: str, first: date, last: date) -> None:
    found = next(row for row in list_festivals(year) if row.id == festival)
    assert (found.first, found.last) == (first, last)


def test_every_known_year_has_its_days_and_factors() -> None:
    for year in list_known_years():
        seasons = Seasons(year, load_market())
        assert len(seasons.days) == (366 if year % 4 == 0 else 365)
        assert seasons.trade.shape == (len(seasons.days), 5)
        assert seasons.trade.min() > 0


def test_shops_sell_most_on_11_11_in_china_and_on_diwali_in_india() -> None:
    seasons = Seasons(2025, load_market())
    assert seasons.days[int(seasons.trade[:, 0].argmax())] == date(2025, 11, 11)
    best = seasons.days[int(seasons.trade[:, 1].argmax())]
    assert date(2025, 10, 6) <= best <= date(2025, 10, 20)


def test_a_drawn_time_lies_on_its_shanghai_day_and_in_local_waking_hours() -> None:
    seasons = Seasons(2025, load_market())
    days = np.full(20_000, 40)
    for market, shift in ((0, 8.0), (1, 5.5), (3, 1.0)):
        times = seasons.draw_times(np.random.default_rng(1), days, np.full(20_000, market, np.int16), "talk")
        start = seasons.start_ms + 40 * DAY_MS
        assert start <= times.min()
        assert times.max() < start + DAY_MS
        local_hour = ((times + int(shift * HOUR_MS)) % DAY_MS) // HOUR_MS
        assert np.bincount(local_hour, minlength=24).argmax() in (20, 21, 22)


def test_campaign_moments_are_shanghai_time() -> None:
    seasons = Seasons(2025, load_market())
    assert seasons.find_moment("02-27 19:00") == 1_740_654_000_000
    assert seasons.find_day("02-27 19:00") == 57
