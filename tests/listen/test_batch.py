from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest

from canyu.events.catalogue import load_catalogue
from canyu.listen import Scorer, load_sentiment, score_texts
from canyu.listen.batch import BATCH_SCHEMA, NoLinker
from canyu.listen.english import load_english
from canyu.listen.linking import Linker
from canyu.listen.scorer import load_scorer
from canyu.listen.sentiment import SENTIMENTS
from canyu.listen.text import pack_texts

TEXTS = ["小米SU7 Ultra太好看了，喜欢", "Great phone", None, "", "😀", "客服很差，失望"]


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(load_sentiment(), Linker(load_catalogue()))


def test_only_chinese_is_given_a_sentiment(scorer: Scorer) -> None:
    batch = score_texts(pa.array(TEXTS), scorer=scorer)
    assert batch.schema == BATCH_SCHEMA
    assert batch.column("lang").to_pylist() == ["zh", "en", "other", "other", "other", "zh"]
    assert batch.column("sentiment").to_pylist() == ["positive", None, None, None, None, "negative"]
    assert [batch.column(f"p_{kind}").null_count for kind in ("negative", "neutral", "positive")] == [4, 4, 4]


def test_links_and_version_come_with_every_row(scorer: Scorer) -> None:
    batch = score_texts(pa.array(TEXTS), scorer=scorer)
    assert batch.column("links").to_pylist() == [["xiaomi", "xiaomi/su7-ultra"], [], [], [], [], []]
    assert set(batch.column("model_version").to_pylist()) == {scorer.version}
    assert scorer.version == f"{scorer.sentiment.version}+{scorer.linker.version}"


def test_without_a_catalogue_the_version_is_the_models() -> None:
    scorer = Scorer(load_sentiment(), NoLinker())
    batch = score_texts(pa.array(TEXTS), scorer=scorer)
    assert scorer.version == scorer.sentiment.version
    assert batch.column("links").to_pylist() == [[]] * len(TEXTS)


def test_an_empty_batch_keeps_the_schema(scorer: Scorer) -> None:
    batch = score_texts(pa.array([], pa.string()), scorer=scorer)
    assert (batch.num_rows, batch.schema) == (0, BATCH_SCHEMA)


def test_any_split_over_threads_gives_the_same_rows(scorer: Scorer) -> None:
    texts = pa.array(TEXTS * 500)
    whole = score_texts(texts, scorer=scorer)
    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda at: score_texts(texts[at : at + 700], scorer=scorer), range(0, 3000, 700)))
    assert pa.Table.from_batches(parts).equals(pa.Table.from_batches([whole]))


def test_a_scorer_survives_the_way_to_a_worker() -> None:
    scorer = Scorer(load_sentiment(), NoLinker())
    again = pickle.loads(pickle.dumps(scorer))  # noqa: S301 - our own bytes
    assert score_texts(pa.array(TEXTS), scorer=again).equals(score_texts(pa.array(TEXTS), scorer=scorer))


def test_the_label_is_the_likeliest_probability(scorer: Scorer) -> None:
    batch = score_texts(pa.array(["今天发布会几点开始", "太差了", "太好了"]), scorer=scorer)
    rows = np.stack([batch.column(f"p_{kind}").to_numpy() for kind in ("negative", "neutral", "positive")], axis=1)
    kinds = np.array(["negative", "neutral", "positive"])
    assert batch.column("sentiment").to_pylist() == kinds[rows.argmax(axis=1)].tolist()


def test_the_channel_helps_to_name_the_sentiment_of_chinese_texts_only() -> None:
    sentiment, english = load_sentiment(), load_english()
    texts = pa.array(["油耗有点高", "油耗8个左右", "great phone, love it"] * 40)
    channels = pa.array(["autohome"] * 120)
    batch = score_texts(texts, scorer=Scorer(sentiment, NoLinker(), english=english), channels=channels)
    packed = pack_texts(texts)
    named = sentiment.choose(sentiment.predict(packed, channels), channels)
    expected = [SENTIMENTS[at] for at in named]
    expected[2::3] = [SENTIMENTS[at] for at in english.predict(packed).argmax(axis=1)[2::3]]
    assert batch.column("sentiment").to_pylist() == expected


def test_english_has_a_sentiment_and_no_emotion_and_other_languages_have_neither() -> None:
    scorer = load_scorer(load_catalogue())
    texts = [
        "太差了，气死我了",
        "I love this phone, the camera is excellent",
        "Das Handy ist leider sehr schlecht",
        None,
    ]
    rows = score_texts(pa.array(texts), scorer=scorer).to_pylist()
    assert [(row["lang"], row["sentiment"], row["emotion"]) for row in rows] == [
        ("zh", "negative", "angry"), ("en", "positive", None), ("other", None, None), ("other", None, None)
    ]  # fmt: skip
