"""Topics: groups, labels, copies, sentiment shares, hostile posts, and how topics go on from day to day."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from canyu.kit.errors import BadInput
from canyu.listen.topics import MEMBERS_SCHEMA, TOPICS_SCHEMA, TopicSettings, find_topics
from canyu.listen.topics.labels import choose_label, find_phrases, find_tags

LAUNCH = [f"#小米发布会# 今晚小米发布会{sign}，新车价格公布" for sign in "一二三四五六七八"]
RAIN = [f"北京暴雨预警升级{sign}，地铁站口积水" for sign in "甲乙丙丁戊己"]
FILM = [f"The new space film is out, space film tickets sold {sign}" for sign in "abcdefg"]
MORNING = datetime(2026, 6, 1, 2, tzinfo=UTC)


def make_posts(texts: list[str | None], day: int = 0, **columns: list[str | None]) -> pa.Table:
    times = [MORNING + timedelta(days=day, seconds=number) for number in range(len(texts))]
    return pa.table(
        {
            "event_id": [f"d{day}-{number:04}" for number in range(len(texts))],
            "time": pa.array(times, pa.timestamp("us", "UTC")),
            "text": pa.array(texts, pa.string()),
            **{name: pa.array(values, pa.string()) for name, values in columns.items()},
        }
    )


def tell(table: pa.Table, *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in table.to_pylist()]


def test_posts_of_the_same_words_are_one_topic_named_in_their_language() -> None:
    found = find_topics(make_posts([*LAUNCH, *RAIN, *FILM]))
    assert tell(found.topics, "label", "unique_posts", "status") == [
        ("小米发布会", 8, "new"),
        ("new space film", 7, "new"),
        ("北京暴雨预警升级", 6, "new"),
    ]
    assert found.topics.schema == TOPICS_SCHEMA
    assert found.members.schema == MEMBERS_SCHEMA
    assert len(found.members) == 21


def test_copies_count_once_in_the_label_and_in_unique_posts() -> None:
    texts = [*LAUNCH, *(["买它买它，限时折扣链接见评论区"] * 40)]
    clusters: list[str | None] = [*[None] * len(LAUNCH), *["copy"] * 40]
    found = find_topics(make_posts([*texts, LAUNCH[0]], cluster_id=[*clusters, None]))
    assert tell(found.topics, "label", "posts", "unique_posts") == [("小米发布会", 9, 9)]
    copied = find_topics(make_posts([*LAUNCH, *[LAUNCH[0]] * 20], cluster_id=["a", *[None] * 7, *["a"] * 20]))
    assert tell(copied.topics, "posts", "unique_posts") == [(28, 8)]
    assert len(copied.members) == 28


def test_authors_sentiment_and_standing_posts_are_told() -> None:
    tones: list[str | None] = ["positive", "positive", "negative", None, None, None, "neutral", None]
    actors: list[str | None] = ["ann", "ann", "bob", None, "cat", "cat", "cat", "cat"]
    row = find_topics(make_posts(list(LAUNCH), sentiment=tones, actor=actors)).topics.to_pylist()[0]
    assert (row["positive"], row["neutral"], row["negative"], row["authors"]) == (0.5, 0.25, 0.25, 3)
    assert len(row["standing"]) == 3
    assert set(row["standing"]) <= {f"d0-{number:04}" for number in range(8)}


def test_a_topic_keeps_its_id_while_it_goes_on_and_ends() -> None:
    days = [make_posts([*LAUNCH, *RAIN]), make_posts(list(LAUNCH), 1), make_posts(list(FILM), 2)]
    rows = find_topics(pa.concat_tables(days)).topics.to_pylist()
    launch, rain = rows[0]["topic_id"], rows[1]["topic_id"]
    assert [(row["topic_id"], row["status"]) for row in rows[2:4]] == [(launch, "continued"), (rain, "ended")]
    assert rows[2]["parents"] == [launch]
    assert [(row["label"], row["status"]) for row in rows[4:]] == [("new space film", "new"), ("小米发布会", "ended")]


def test_periods_given_one_by_one_are_linked_as_those_given_together() -> None:
    days = [make_posts([*LAUNCH, *RAIN], day) for day in range(2)]
    together = find_topics(pa.concat_tables(days)).topics
    first = find_topics(days[0])
    second = find_topics(days[1], previous=first).topics
    assert pa.concat_tables([first.topics, second]).equals(together)


def test_two_topics_that_become_one_are_merged_and_one_that_becomes_two_is_split() -> None:
    left = [f"小米汽车降价消息满天飞{sign}" for sign in "一二三四五六七八"]
    right = [f"车主维权要求退还差价款{sign}" for sign in "一二三四五六七八"]
    both = [f"小米汽车降价消息满天飞，车主维权要求退还差价款{sign}" for sign in "一二三四五六七八"]
    merged = find_topics(pa.concat_tables([make_posts([*left, *right]), make_posts(list(both), 1)])).topics
    assert tell(merged, "status")[2:] == [("merged",)]
    assert len(merged["parents"][2]) == 2
    split = find_topics(pa.concat_tables([make_posts(list(both)), make_posts([*left, *right], 1)])).topics
    assert sorted(tell(split, "status")[1:]) == [("continued",), ("split",)]


def test_the_order_of_the_posts_does_not_matter() -> None:
    posts = make_posts([*LAUNCH, *RAIN, *FILM])
    turned = posts.take(pa.array(range(len(posts) - 1, -1, -1)))
    assert find_topics(posts).topics.equals(find_topics(turned).topics)


def test_weeks_begin_on_monday_of_the_zone() -> None:
    posts = make_posts([*LAUNCH])
    row = find_topics(posts, TopicSettings(period="week")).topics.to_pylist()[0]
    assert (row["period_start"], row["period_end"]) == (
        datetime(2026, 5, 31, 16, tzinfo=UTC),
        datetime(2026, 6, 7, 16, tzinfo=UTC),
    )


def test_hostile_posts_give_a_result() -> None:
    odd: list[str | None] = [
        None,
        "",
        "#",
        "##",
        "###",
        "# #" * 5000,
        "\x00\x01",
        "😀" * 999,
        "好" * 300_000,
        "http://" * 9,
    ]
    found = find_topics(make_posts([*odd, *LAUNCH, "z̸̢̛͓a", "@a@b@", "𠀀" * 50]))
    assert tell(found.topics, "label") == [("小米发布会",)]
    million = find_topics(make_posts(["一样的帖子文字内容"] * 100_000, cluster_id=["one"] * 100_000))
    assert len(million.topics) == 0


def test_no_posts_give_empty_tables() -> None:
    found = find_topics(make_posts([]))
    assert (len(found.topics), len(found.members)) == (0, 0)


def test_what_cannot_be_used_is_refused() -> None:
    with pytest.raises(BadInput, match="text"):
        find_topics(make_posts([]).drop_columns(["text"]))
    for wrong in ({"period": "year"}, {"least_posts": 1}, {"least_like": 0}, {"time_zone": "Moon/Base"}):
        with pytest.raises(BadInput):
            TopicSettings(**wrong)  # type: ignore[arg-type]


def test_a_campaigns_hashtag_does_not_name_a_topic() -> None:
    tags = Counter({"夏日打卡": 10, "小米发布会": 7})
    assert choose_label(tags, Counter({"夏日打卡": 500, "小米发布会": 9}), 10, []) == "小米发布会"
    assert choose_label(Counter(), Counter(), 10, ["电池", "续航"]) == "电池 · 续航"
    assert find_tags("＃小米YU7＃ 好看 #a\nb#") == {"小米YU7"}


def test_phrases_end_at_their_borders() -> None:
    texts = ["今天的小米汽车工厂真壮观", "参观了小米汽车工厂", "小米汽车工厂开放日", "我也去小米汽车工厂看看"]
    assert find_phrases(texts) == ["小米汽车工厂"]
    assert find_phrases([]) == []


@pytest.mark.real
def test_topics_of_a_real_day_are_those_of_the_hot_list(shared_data: Path) -> None:
    folder = shared_data / "weibo_topics_2026"
    posts = pq.read_table(folder / "posts.parquet")
    posts = posts.filter(pc.equal(pc.strftime(posts["created_at"], "%Y-%m-%d"), "2026-08-20"))
    truth = pq.read_table(folder / "post_topics.parquet")
    topic_of = dict(zip(map(str, truth["post_no"].to_pylist()), truth["topic_no"].to_pylist(), strict=True))
    ids = posts["post_no"].cast(pa.string())
    found = find_topics(pa.table({"event_id": ids, "time": posts["created_at"], "text": posts["text"]}))
    groups: dict[str, Counter[int]] = defaultdict(Counter)
    for event, topic in tell(found.members, "event_id", "topic_id"):
        if event in topic_of:
            groups[str(topic)][topic_of[str(event)]] += 1
    members = sum(group.total() for group in groups.values())
    purity = sum(group.most_common(1)[0][1] for group in groups.values()) / members
    assert members > 0.7 * len(posts)
    assert purity > 0.88
