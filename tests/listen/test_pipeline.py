"""Listening on a lake: what is scored, what follows from it, and that nothing is ever doubled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from canyu.events import Event, Lake, build_event_table
from canyu.events.catalogue import load_catalogue
from canyu.events.catalogue_file import parse_catalogue, read_text
from canyu.events.listenings import find_listening, find_model_version
from canyu.kit.errors import Conflict
from canyu.kit.jsonio import dump_json
from canyu.listen import Scorer, derive, pipeline
from canyu.listen.pipeline import Extent, forget, hold_lake, listen
from canyu.listen.scorer import load_scorer

NOW = datetime(2025, 7, 1, tzinfo=UTC)
START = datetime(2025, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return load_scorer(load_catalogue())


def make_event(number: int, type_: str = "post", text: str | None = None, **fields: object) -> Event:
    time = fields.pop("time", START + timedelta(hours=number))
    props = fields.pop("props", None)
    given = {"channel": "weibo", "market": "cn", "actor": f"u{number}", "source": "test", **fields}
    text_of = dump_json(props) if props is not None else None
    return Event(id=f"e{number}", type=type_, time=time, received=NOW, text=text, props=text_of, **given)


def append(lake: Lake, *events: Event) -> None:
    lake.append(build_event_table(list(events)))


def read(lake: Lake, name: str, *columns: str) -> list[tuple[object, ...]]:
    rows = lake.engine.run(lake.scan(name).order_by(list(columns)).select(*columns)).to_pylist()
    return [tuple(row[column] for column in columns) for row in rows]


def read_model(lake: Lake, name: str, model_version: str) -> list[object]:
    return [row for row in read(lake, name, "event_id", "model_version") if row[1] == model_version]


def test_what_people_say_is_scored_and_linked_and_nothing_else(lake: Lake, scorer: Scorer) -> None:
    append(
        lake,
        make_event(1, text="小米SU7真好看，太喜欢了"),
        make_event(2, "repost", parent="e1", text="特斯拉更好"),
        make_event(3, "repost", parent="e1"),
        make_event(4, "reply", parent="e1", text="感谢支持小米"),
        make_event(5, "like", parent="e1"),
        make_event(6, text=""),
        make_event(7, "rate", object="xiaomi/su7", value=5, text="this is a good car and I like it"),
    )
    heard = listen(lake, scorer, now=NOW)
    assert (heard.scored, heard.mentions, heard.remaining, heard.events_version) == (3, 3, 0, lake.version("events"))
    assert read(lake, "scores", "event_id", "type", "lang", "links") == [
        ("e1", "post", "zh", ["xiaomi", "xiaomi/su7"]),
        ("e2", "repost", "zh", ["tesla"]),
        ("e7", "rate", "en", []),
    ]


def test_a_mention_row_per_link_marks_the_first_of_its_brand(lake: Lake, scorer: Scorer) -> None:
    append(lake, make_event(1, text="雷军说小米SU7比特斯拉Model 3好"))
    listen(lake, scorer, now=NOW)
    assert read(lake, "mentions", "event_id", "brand", "link", "is_first_of_brand", "actor") == [
        ("e1", "tesla", "tesla", True, "u1"),
        ("e1", "tesla", "tesla/model-3", False, "u1"),
        ("e1", "xiaomi", "xiaomi", True, "u1"),
        ("e1", "xiaomi", "xiaomi/lei-jun", False, "u1"),
        ("e1", "xiaomi", "xiaomi/su7", False, "u1"),
    ]


def test_copies_join_the_cluster_of_the_first_also_in_later_listenings(lake: Lake, scorer: Scorer) -> None:
    text = "小米SU7的续航比我想的要好得多，高速也不掉电"
    append(
        lake, make_event(2, text=text), make_event(1, text=f"转一下：{text}！"), make_event(3, text="华为手机拍照清楚")
    )
    listen(lake, scorer, now=NOW)
    append(lake, make_event(4, text=text + "[赞]"))
    listen(lake, scorer, now=NOW)
    assert read(lake, "scores", "event_id", "cluster_id", "is_copy") == [
        ("e1", "e1", False), ("e2", "e1", True), ("e3", "e3", False), ("e4", "e1", True)
    ]  # fmt: skip
    assert read(lake, "clusters", "event_id") == [("e1",), ("e3",)]
    assert {row[0]: row[1] for row in read(lake, "mentions", "event_id", "is_copy")} == {
        "e1": False, "e2": True, "e3": False, "e4": True
    }  # fmt: skip


def test_a_text_that_comes_again_after_a_month_is_news_again(lake: Lake, scorer: Scorer) -> None:
    text = "小米SU7的续航比我想的要好得多，高速也不掉电"
    append(lake, make_event(1, text=text))
    listen(lake, scorer, now=NOW)
    append(lake, make_event(1000, text=text))
    listen(lake, scorer, now=NOW)
    assert read(lake, "scores", "event_id", "is_copy") == [("e1", False), ("e1000", False)]


def test_an_erased_first_text_leaves_no_signature(lake: Lake, scorer: Scorer) -> None:
    text = "小米SU7的续航比我想的要好得多，高速也不掉电"
    append(lake, make_event(1, text=text), make_event(2, text=text))
    listen(lake, scorer, now=NOW)
    lake.erase("u1", now=NOW)
    assert read(lake, "clusters", "event_id") == []
    assert read(lake, "scores", "event_id", "is_copy") == []
    listen(lake, scorer, now=NOW)
    assert read(lake, "scores", "event_id", "is_copy") == [("e2", False)]
    append(lake, make_event(3, text=text))
    listen(lake, scorer, now=NOW)
    assert read(lake, "clusters", "event_id", "actor") == [("e2", "u2")]


def test_an_opinion_stands_once_for_each_thing_that_the_text_names(lake: Lake, scorer: Scorer) -> None:
    append(
        lake,
        make_event(1, text="小米SU7的续航太差了，高速掉电很快"),
        make_event(2, text="这车续航太差了，开车不敢上高速"),
        make_event(3, text="早上好"),
    )
    listen(lake, scorer, now=NOW)
    rows = read(lake, "opinions", "event_id", "link", "brand", "aspect", "polarity", "start", "is_first_of_aspect")
    assert [row for row in rows if row[3] == "car/range"] == [
        ("e1", "xiaomi", "xiaomi", "car/range", -1, 6, True),
        ("e1", "xiaomi/su7", "xiaomi", "car/range", -1, 6, False),
        ("e2", None, None, "car/range", -1, 2, True),
    ]
    assert {row[0] for row in rows} == {"e1", "e2"}


def test_what_people_say_has_an_emotion_and_carries_messages(lake: Lake, scorer: Scorer) -> None:
    append(lake, make_event(1, text="红米打游戏首选！太开心了"), make_event(2, text="Great phone, I love it"))
    listen(lake, scorer, now=NOW)
    assert read(lake, "scores", "event_id", "emotion", "storylines") == [
        ("e1", "happy", ["first-for-gaming"]),
        ("e2", None, []),
    ]


def test_listening_again_adds_nothing_and_new_events_add_only_themselves(lake: Lake, scorer: Scorer) -> None:
    append(lake, make_event(1, text="小米"), make_event(2, text="华为手机"))
    assert listen(lake, scorer, now=NOW).scored == 2
    before = lake.versions()
    assert listen(lake, scorer, now=NOW).scored == 0
    assert lake.versions() == before
    append(lake, make_event(3, text="小米"))
    assert listen(lake, scorer, now=NOW).scored == 1
    assert read(lake, "scores", "event_id") == [("e1",), ("e2",), ("e3",)]
    assert len(read(lake, "mentions", "event_id")) == 3


def test_a_new_catalogue_scores_again_and_takes_over_when_it_is_done(lake: Lake, scorer: Scorer) -> None:
    append(lake, make_event(1, text="小米"), make_event(2, text="华为手机"))
    listen(lake, scorer, now=NOW)
    text = read_text().replace("aliases: [遥遥领先", "aliases: [").replace("      - huawei\n", "      - hua wei\n")
    newer = load_scorer(parse_catalogue(text))
    assert newer.version != scorer.version
    assert listen(lake, newer, now=NOW, extent=Extent(limit=1)).remaining == 1
    assert find_model_version(lake) == scorer.version
    assert len(read_model(lake, "engagement", scorer.version)) == 2  # the old version is whole until the new one is
    assert listen(lake, newer, now=NOW).scored == 1
    assert find_model_version(lake) == newer.version
    assert read(lake, "scores", "event_id", "model_version") == sorted(
        (event, version) for event in ("e1", "e2") for version in (scorer.version, newer.version)
    )


def test_forgetting_leaves_one_version_after_the_next_listening(lake: Lake, scorer: Scorer) -> None:
    append(lake, make_event(1, text="小米"))
    listen(lake, scorer, now=NOW)
    forget(lake)
    assert find_model_version(lake) == ""
    assert listen(lake, scorer, now=NOW).scored == 1
    assert read(lake, "scores", "event_id") == [("e1",)]
    assert len(read(lake, "mentions", "event_id")) == 1
    assert find_listening(lake) is not None


def test_mentions_of_a_killed_listening_are_not_doubled(
    lake: Lake, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(lake, make_event(1, text="小米SU7"), make_event(2, text="华为手机"))
    write = lake.write_derived

    def fail_at_scores(name: str, rows: pa.Table, *, mode: str = "append") -> int:
        if name == "scores":
            raise KeyboardInterrupt
        return write(name, rows, mode=mode)

    monkeypatch.setattr(lake, "write_derived", fail_at_scores)
    with pytest.raises(KeyboardInterrupt):
        listen(lake, scorer, now=NOW)
    monkeypatch.undo()
    assert len(read(lake, "mentions", "event_id")) == 3
    assert listen(lake, scorer, now=NOW).mentions == 0
    assert read(lake, "mentions", "event_id", "link") == [("e1", "xiaomi"), ("e1", "xiaomi/su7"), ("e2", "huawei")]


def test_days_are_packed_into_parts_and_a_huge_day_is_cut(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "ROWS_PER_COMMIT", 4)
    for day, count in enumerate((1, 2, 9, 1)):
        time = START + timedelta(days=day)
        append(lake, *(make_event(100 * day + n, text="小米", time=time) for n in range(count)))
    parts = [(part.first.day, part.last.day, part.slices, part.number) for part in pipeline.plan_parts(lake)]
    assert parts == [(1, 2, 1, 0), *((3, 3, 4, number) for number in range(4)), (4, 4, 1, 0)]


def test_every_event_of_a_cut_day_is_scored_once(lake: Lake, scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "ROWS_PER_COMMIT", 4)
    monkeypatch.setattr(pipeline, "ROWS_PER_BATCH", 3)
    append(lake, *(make_event(n, text=f"小米真好{n}", time=START) for n in range(40)))
    assert listen(lake, scorer, now=NOW).scored == 40
    assert len({row[0] for row in read(lake, "scores", "event_id")}) == 40
    assert len(read(lake, "mentions", "event_id")) == 40


def test_the_report_reaches_the_total(lake: Lake, scorer: Scorer) -> None:
    append(lake, make_event(1, text="小米"), make_event(30, text="小米"))
    told: list[tuple[int, int]] = []
    listen(lake, scorer, now=NOW, report=lambda done, total: told.append((done, total)))
    assert told[-1] == (2, 2)


def test_two_cannot_listen_at_once(lake: Lake, scorer: Scorer) -> None:
    append(lake, make_event(1, text="小米"))
    with hold_lake(lake), pytest.raises(Conflict, match="Another program is listening"):
        listen(lake, scorer, now=NOW)
    assert find_model_version(lake) == ""


def test_an_empty_lake_has_nothing_to_say(lake: Lake, scorer: Scorer) -> None:
    assert listen(lake, scorer, now=NOW).scored == 0
    assert find_model_version(lake) == ""


def test_engagement_counts_the_whole_tree_or_what_the_source_states(lake: Lake, scorer: Scorer) -> None:
    append(
        lake,
        make_event(1, text="小米SU7", props={"reposts": 1, "comments": 9, "likes": 3}),
        make_event(2, "repost", parent="e1", text="转"),
        make_event(3, "repost", parent="e2", text="再转"),
        make_event(4, "comment", parent="e3", text="好"),
        make_event(5, "like", parent="e1"),
        make_event(6, "like", parent="e4"),
        make_event(7, "repost", parent="unknown"),
        make_event(8, text="今天天气好", props={"likes": "many", "reposts": -4}),
    )
    listen(lake, scorer, now=NOW)
    assert read(lake, "engagement", "event_id", "reposts", "comments", "likes", "total", "brands", "links") == [
        ("e1", 2, 9, 3, 14, ["xiaomi"], ["xiaomi", "xiaomi/su7"]),
        ("e8", 0, 0, 0, 0, [], []),
    ]


def test_roots_are_found_through_long_chains_and_loops_end(scorer: Scorer) -> None:
    chain = np.arange(1, 5001)
    found = derive.find_roots(np.array([0]), chain, chain - 1)
    assert found.tolist() == [0] * 5000
    assert derive.find_roots(np.array([0]), np.array([1, 2, 3]), np.array([2, 1, 3])).tolist() == [-1, -1, -1]
    nothing = np.array([], np.int64)
    assert derive.find_roots(nothing, nothing, nothing).tolist() == []
    assert derive.find_roots(nothing, np.array([1]), np.array([5])).tolist() == [-1]


def observe(number: int, title: str, value: int, minutes: int, **props: object) -> Event:
    time = START + timedelta(minutes=minutes)
    fields = {"metric": "hot_rank", **props}
    return make_event(number, "observe", object=title, value=value, time=time, props=fields, actor=None)


def test_a_snapshot_stands_until_the_next_of_its_list_and_over_two_hours_is_unknown(lake: Lake, scorer: Scorer) -> None:
    append(
        lake,
        observe(1, "小米SU7上热搜", 3, 0, heat=1234567),
        observe(2, "天气预报", 1, 60),
        observe(3, "小米和特斯拉", 2, 60),
        observe(4, "小米手机降价", 1, 181),
        observe(5, "天气预报", 1, 30, board="another list"),
        observe(6, "小米股价", 5, 301, heat="hot"),
    )
    listen(lake, scorer, now=NOW)
    at = {minutes: START + timedelta(minutes=minutes) for minutes in (0, 60, 181, 301)}
    assert read(lake, "board", "event_id", "brand", "start", "end", "top_rank", "heat", "is_spell") == [
        ("e1", "xiaomi", at[0], at[60], 3, 1_234_567, False),
        ("e3", "tesla", at[60], at[60], 2, None, False),  # 121 minutes to the next
        ("e3", "xiaomi", at[60], at[60], 2, None, False),
        ("e4", "xiaomi", at[181], at[301], 1, None, False),  # just 120
        ("e6", "xiaomi", at[301], at[301], 5, None, False),  # the last of its list
    ]


def test_a_spell_lasts_its_minutes_and_absurd_ones_are_cut(lake: Lake, scorer: Scorer) -> None:
    append(
        lake,
        observe(1, "雷军直播", 90, 0, metric="hot_spell", top_rank=4),
        observe(2, "小米发布会", 10**15, 5, metric="hot_spell"),
        observe(3, "小米股价", -5, 6, metric="hot_spell"),
        observe(4, "小米搜索指数", 77, 7, metric="search_index"),
    )
    listen(lake, scorer, now=NOW)
    rows = read(lake, "board", "event_id", "start", "end", "top_rank", "is_spell")
    assert rows[0] == ("e1", START, START + timedelta(minutes=90), 4, True)
    assert [(row[0], row[2] - row[1]) for row in rows[1:]] == [("e2", timedelta(days=366)), ("e3", timedelta(0))]


def test_every_derived_row_names_its_model(lake: Lake, scorer: Scorer) -> None:
    append(lake, make_event(1, text="小米"), observe(2, "小米", 1, 0))
    listen(lake, scorer, now=NOW)
    for name in ("scores", "mentions", "engagement", "board", "listenings"):
        assert read(lake, name, "model_version") == [(scorer.version,)]
