from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput, NotFound
from canyu.kit.model_store import write_arrays
from canyu.listen.rumours import Stance, View, load_rumours
from canyu.listen.rumours.cues import find_stances, unpack_texts
from canyu.listen.text import pack_texts

MODEL = load_rumours()
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = START + timedelta(hours=2)
CLAIM = "紧急扩散！网传某品牌手机充电时爆炸，3人死亡，记者被封口，请马上转发给家人！"
COPY = "紧急扩散！！网传某品牌手机充电时爆炸，3人死亡，记者被封口，请马上转发给家人"
CALM = "今天和朋友去试驾，内饰好看，晚饭吃了火锅"
ANSWERS = ["真的吗？求证", "已经辟谣了，假的", "太可怕了", "谣言吧？", "不是谣言，我就在现场", ""]


def make_posts(texts: list[str | None], **columns: list[object]) -> pa.Table:
    ids = [f"p{number}" for number in range(len(texts))]
    times = pa.array([START + timedelta(minutes=n) for n in range(len(texts))], pa.timestamp("us", "UTC"))
    return pa.table({"event_id": ids, "time": times, "text": pa.array(texts, pa.string()), **columns})


def make_reactions(parent: str, texts: list[str | None], minutes: float = 5) -> pa.Table:
    times = pa.array([START + timedelta(minutes=minutes + n) for n in range(len(texts))], pa.timestamp("us", "UTC"))
    rows = {"event_id": [f"{parent}r{n}" for n in range(len(texts))], "parent": [parent] * len(texts), "time": times}
    return pa.table({**rows, "text": pa.array(texts, pa.string()), "actor": [f"a{n}" for n in range(len(texts))]})


def test_copies_of_a_claim_are_one_candidate_above_calm_posts() -> None:
    found = MODEL.rank(make_posts([CALM, CLAIM, COPY]), precision=0.8, now=NOW)
    assert [candidate.posts for candidate in found] == [("p1", "p2")]
    assert (found[0].rank, found[0].copies, found[0].view) == (1, 2, View.TEXT)
    assert found[0].claim.sentence.startswith("网传某品牌手机充电时爆炸")
    assert 0.5 < found[0].probability < 1


def test_quotes_tell_doubt_denial_and_confirmation_by_id() -> None:
    found = MODEL.rank(make_posts([CLAIM]), make_reactions("p0", ANSWERS), precision=0.8, now=NOW)
    quotes = [(quote.stance, quote.event_id, quote.row) for quote in found[0].quotes]
    assert quotes == [
        (Stance.DENIAL, "p0r1", 1),
        (Stance.DOUBT, "p0r0", 0),
        (Stance.DOUBT, "p0r3", 3),
        (Stance.CONFIRMATION, "p0r4", 4),
    ]
    assert found[0].quotes[1].text == "真的吗？求证"
    spread = found[0].spread
    assert (spread.reactions, spread.first_hour, spread.per_hour) == (6, 6, 0)
    assert (spread.doubt, spread.denial) == (pytest.approx(2 / 6), pytest.approx(1 / 6))


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("真的假的啊", "doubt"),
        ("假的吧", "doubt"),
        ("但愿是假的", "doubt"),
        ("這是謠言", "denial"),
        ("早就澄清过了，旧闻", "denial"),
        ("如果是真的就太可怕了", ""),
        ("是真的，我亲眼看到", "confirmation"),
        ("转发微博", ""),
    ],
)
def test_stances_of_reactions(text: str, stance: str) -> None:
    folded = pa.array(unpack_texts(pack_texts(pa.array([text]))), pa.large_string())
    assert find_stances(folded).tolist() == [stance]


def test_no_probability_is_surer_than_the_held_out_posts_allow() -> None:
    answers = make_reactions("p0", ["谣言", "求证", "已经辟谣了"] * 60, minutes=0)
    found = MODEL.rank(make_posts([CLAIM * 3]), answers, precision=0.8, now=NOW)
    assert 0.9 < found[0].probability < 0.9991


def test_doubt_raises_the_probability_and_later_reactions_do_not_count() -> None:
    posts = make_posts([CLAIM])
    praise = MODEL.score(posts, make_reactions("p0", ["哈哈", "喜欢", "好美", "晚安"] * 10), now=NOW).log_odds[0]
    doubt = MODEL.score(posts, make_reactions("p0", ["求证", "真的假的？", "谣言", "辟谣了"] * 10), now=NOW).log_odds[0]
    assert doubt > praise + 1
    assert not len(MODEL.score(posts, make_reactions("p0", ["谣言"]), now=START).reactions)
    late = MODEL.score(posts, make_reactions("p0", ["谣言"] * 5, minutes=70), now=NOW)
    assert View(late.views[0]) is View.TEXT


def test_what_is_not_known_is_missing_and_not_zero() -> None:
    unknown = MODEL.score(make_posts([CLAIM], followers=pa.array([None], pa.int64())), now=NOW)
    nobody = MODEL.score(make_posts([CLAIM], followers=[0]), now=NOW)
    assert (View(unknown.views[0]), View(nobody.views[0])) == (View.TEXT, View.PROFILE)
    partly = make_posts([CLAIM], followers=[1000], friends=pa.array([None], pa.int64()))
    assert (
        MODEL.score(partly, now=NOW).log_odds[0]
        == MODEL.score(make_posts([CLAIM], followers=[1000]), now=NOW).log_odds[0]
    )


def test_reasons_add_up_to_the_log_odds() -> None:
    scored = MODEL.score(make_posts([CLAIM, CALM], followers=[10, 10]), make_reactions("p0", ANSWERS), now=NOW)
    for row in range(2):
        added = sum(values[row] for values in scored.groups.values())
        assert added + MODEL.stages[scored.views[row]].bias == pytest.approx(scored.log_odds[row])


def test_more_precision_lists_less_and_a_rarer_rumour_needs_a_higher_threshold() -> None:
    loose, strict = MODEL.find_thresholds(0.8, 0.45), MODEL.find_thresholds(0.95, 0.45)
    rare = MODEL.find_thresholds(0.8, 0.1)
    for low, high, rarer in zip(loose, strict, rare, strict=True):
        assert low is not None
        assert high is not None
        assert rarer is not None
        assert (low.log_odds < high.log_odds, low.recall > high.recall) == (True, True)
        assert low.log_odds < rarer.log_odds
        assert low.low < low.precision < low.high


@pytest.mark.parametrize(
    ("precision", "share"), [(0.0, 0.4), (1.0, 0.4), (0.9, 0.0), (0.9999, 0.001), (float("nan"), 0.4)]
)
def test_an_impossible_precision_is_refused(precision: float, share: float) -> None:
    with pytest.raises(BadInput):
        MODEL.rank(make_posts([CLAIM]), precision=precision, share=share, now=NOW)


def test_hostile_rows_get_a_score() -> None:
    texts = [None, "", "\x00\x1f" * 50, "😀" * 3000, "é́́" * 500, "谣" * 1_000_000]
    followers = pa.array([None, -1.0, float("nan"), float("inf"), 1e300, 5.0])
    times = pa.array([None] * 6, pa.timestamp("s", "Asia/Shanghai"))
    posts = make_posts(texts, followers=followers).set_column(1, "time", times)
    scored = MODEL.score(posts, make_reactions("p1", [None, "谣言", "\x00"]), now=NOW)
    assert np.isfinite(scored.log_odds).all()
    assert scored.views.tolist() == [0, 2, 0, 0, 1, 1]


def test_a_hundred_thousand_copies_are_one_candidate() -> None:
    found = MODEL.rank(make_posts([CLAIM] * 100_000), precision=0.8, now=NOW)
    assert [(one.copies, one.lead) for one in found] == [(100_000, "p0")]


@pytest.mark.parametrize(
    "posts",
    [
        pa.table({"event_id": ["a"], "text": ["x"]}),
        pa.table({"event_id": ["a"], "text": ["x"], "time": ["2026"]}),
        pa.table({"event_id": ["a"], "text": ["x"], "time": pa.array([0], pa.timestamp("us"))}),
        make_posts(["x"], followers=["many"]),
    ],
)
def test_columns_of_another_kind_are_refused(posts: pa.Table) -> None:
    with pytest.raises(BadInput):
        MODEL.score(posts, now=NOW)


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(BadInput):
        MODEL.score(make_posts([CLAIM]), now=datetime(2026, 3, 1))  # noqa: DTZ001 - what is refused


def test_no_posts_are_no_candidates() -> None:
    assert MODEL.rank(make_posts([]), precision=0.8, now=NOW) == []


def test_a_repeated_id_counts_once_and_order_changes_nothing() -> None:
    posts = make_posts([CLAIM, CALM])
    answers = make_reactions("p0", ANSWERS)
    twice = pa.concat_tables([posts, posts])
    turned = answers.take(pa.array(range(len(answers) - 1, -1, -1)))
    assert np.array_equal(MODEL.score(twice, answers, now=NOW).log_odds, MODEL.score(posts, answers, now=NOW).log_odds)
    assert np.array_equal(MODEL.score(posts, turned, now=NOW).log_odds, MODEL.score(posts, answers, now=NOW).log_odds)


def test_a_version_loads_by_name_and_another_is_not_found(tmp_path: Path) -> None:
    assert load_rumours(MODEL.version).version == MODEL.version
    with pytest.raises(NotFound):
        load_rumours("rumour-zh-1+00000000")
    write_arrays(tmp_path / "rumour-zh-9" / "weights.npz", {"table": np.zeros(4, np.int16)})
    with pytest.raises(BadInput):
        load_rumours("rumour-zh-9", folders=[tmp_path])


def test_the_year_in_a_text_and_its_links_do_not_matter() -> None:
    texts = [f"{year}年3月，网传某手机爆炸 http://t.cn/z{year}" for year in (2012, 2026)]
    scored = MODEL.score(make_posts(texts), now=NOW)
    assert scored.log_odds[0] == scored.log_odds[1]
    assert replace(scored).probabilities[0] == scored.probabilities[1]
