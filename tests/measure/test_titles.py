"""Titles say what is seen, and say nothing that chance explains."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from canyu.kit.words import Words
from canyu.measure.figures import Tally
from canyu.measure.titles import NOTHING, tell_posts, tell_products, tell_sentiment, tell_share, tell_volume


def make_days(posts: list[int | None]) -> list[dict[str, object]]:
    return [{"day": date(2025, 4, 1) + timedelta(days=n), "posts": count} for n, count in enumerate(posts)]


def make_share(name: str, share: float, half: float, *, is_chosen: bool = False) -> dict[str, object]:
    bounds = {"low": share - half, "high": share + half}
    return {"label_zh": name, "label_en": name, "share": share, **bounds, "is_chosen": is_chosen}


@pytest.mark.parametrize(
    ("posts", "title"),
    [
        ([100, 100, 300, 100, 100], Words("4月3日声量增至三倍", "Volume tripled on 3 April")),
        ([100, 100, 205, 100, 100], Words("4月3日声量翻倍", "Volume doubled on 3 April")),
        (
            [100, 100, 812, 100, None, 100],
            Words("4月3日声量达到平日的 8.1 倍", "Volume reached 8.1 times the usual day on 3 April"),
        ),
        ([0, 0, 40, 0, 0, 0], Words("声量集中在4月3日", "Volume is concentrated on 3 April")),
        ([100, 104, 96, 100, 101, 99], Words("声量平稳，每天约 100 条", "Volume is steady at about 100 posts a day")),
        ([100, 100, 100, 160, 160, 160], Words("后半段声量上升 60%", "Volume rose by 60 % in the second half")),
        ([160, 160, 160, 100, 100, 100], Words("后半段声量下降 38%", "Volume fell by 38 % in the second half")),
        ([12_345], Words("4月1日共 1.23万 条", "12.3K posts on 1 April")),
        ([None, 0, None], NOTHING),
    ],
)
def test_volume_is_told_as_it_is_seen(posts: list[int | None], title: Words) -> None:
    assert tell_volume(make_days(posts)) == title


def test_three_posts_instead_of_one_are_no_peak() -> None:
    assert tell_volume(make_days([1, 1, 3, 1, 1])).en == "Volume is steady at about 1 posts a day"


def test_opinion_leans_only_where_the_interval_says_so() -> None:
    days = [{"day": date(2025, 4, 1), "net": 0.0, "low": -50.0, "high": 50.0}]
    assert tell_sentiment(days, Tally(100, 60, 20, 20)).en == "More is positive than negative"
    assert tell_sentiment(days, Tally(100, 20, 20, 60)).en == "More is negative than positive"
    assert tell_sentiment(days, Tally(10, 4, 3, 3)).en == "Positive and negative balance out"
    assert tell_sentiment([], Tally()) == NOTHING


def test_a_bad_day_is_told_where_it_is_clearly_below_the_rest() -> None:
    usual = [{"day": date(2025, 4, n), "net": 10.0, "low": 5.0, "high": 15.0} for n in range(1, 7)]
    bad = {"day": date(2025, 4, 7), "net": -35.0, "low": -42.0, "high": -28.0}
    whole = Tally(1000, 400, 300, 300)
    assert tell_sentiment([*usual, bad], whole) == Words("4月7日口碑跌至 −35", "Opinion fell to −35 on 7 April")
    doubtful = {**bad, "net": -1.0, "low": -14.0, "high": 12.0}
    assert tell_sentiment([*usual, doubtful], whole).en == "More is positive than negative"


def test_shares_whose_intervals_touch_are_level() -> None:
    rows = [make_share("A", 40, 3), make_share("B", 36, 3, is_chosen=True), make_share("C", 10, 1)]
    assert tell_share(rows) == Words("A与B不相上下", "A and B are level")
    rows = [make_share("A", 50, 3), make_share("B", 36, 3, is_chosen=True)]
    assert tell_share(rows) == Words("B排第 2，A居首", "B is number 2, behind A")
    assert tell_share([make_share("A", 50, 3, is_chosen=True), make_share("B", 36, 3)]).en == "A leads with 50 %"


def test_one_post_dominates_or_none_does() -> None:
    assert tell_posts([{"total": 60}], 100).zh == "一条帖子引来 60% 的互动"
    assert tell_posts([{"total": 2}], 100).en == "Engagement is spread; no post dominates"
    assert tell_posts([], 0) == NOTHING


def test_two_products_that_chance_could_part_are_named_together() -> None:
    rows = [{"label_zh": name, "label_en": name, "mentions": count} for name, count in (("A", 110), ("B", 100))]
    assert tell_products(rows) == Words("A和B被谈论最多", "A and B are spoken of most")
    assert tell_products([{**rows[0], "mentions": 200}, rows[1]]).en == "A is spoken of most"
