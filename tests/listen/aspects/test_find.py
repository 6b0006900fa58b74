"""Finding aspects: exact answers of the shipped model, spans in the original text, hostile input."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput, NotFound
from canyu.listen.aspects import FINDING, AspectModel, load_aspects
from canyu.listen.text import PackedTexts, pack_texts


@pytest.fixture(scope="module")
def model() -> AspectModel:
    return load_aspects()


def say(model: AspectModel, text: str, *domains: str) -> dict[str, int]:
    return {term.aspect: term.polarity for term in model.find_terms(text, domains=domains)}


@pytest.mark.parametrize(
    ("text", "aspect", "polarity"),
    [
        ("油耗高，开着心疼", "car/consumption", -1),
        ("手机发热严重，烫手", "phone/heat", -1),
        ("客服态度太差了", "service/attitude", -1),
        ("物流很快", "delivery/speed", 1),
        ("包装很好，完好无损", "delivery/packaging", 1),
        ("屏幕不错，很清晰", "phone/screen", 1),
    ],
)
def test_a_term_is_found_with_what_is_thought_of_it(model: AspectModel, text: str, aspect: str, polarity: int) -> None:
    assert say(model, text)[aspect] == polarity


def test_high_is_bad_of_consumption_and_good_of_value(model: AspectModel) -> None:
    assert say(model, "这车油耗太高了", "car")["car/consumption"] == -1
    assert say(model, "这车性价比很高", "car")["car/price"] == 1


def test_a_negation_turns_what_a_term_says(model: AspectModel) -> None:
    assert say(model, "玩游戏从来没有卡顿，很流畅", "phone")["phone/performance"] == 1


def test_spans_are_characters_of_the_original_text(model: AspectModel) -> None:
    text = "😀ＳＵ７，發動機聲音很大"
    (term,) = (term for term in model.find_terms(text, domains=("car",)) if term.aspect == "car/power")
    assert text[term.start : term.end] == "發動機"


def test_new_words_of_electric_cars_are_known(model: AspectModel) -> None:
    found = say(model, "辅助驾驶很好用，车机很流畅，换电很方便", "car")
    assert {"car/assist", "car/cabin", "car/range"} <= set(found)


def test_talk_about_no_product_gives_nothing(model: AspectModel) -> None:
    texts = ["今天天气真好，想去吃火锅", "哈哈哈哈哈", "转发微博", "晚安，好梦"]
    assert model.find(pack_texts(pa.array(texts))).to_pylist() == [[], [], [], []]


def test_a_known_domain_decides_whose_battery_it_is(model: AspectModel) -> None:
    assert "car/range" in say(model, "续航不错", "car")
    assert "phone/battery" in say(model, "续航不错", "phone")


def test_the_answer_has_a_fixed_shape(model: AspectModel) -> None:
    found = model.find(pack_texts(pa.array(["油耗高", None, ""])))
    assert found.type == pa.list_(FINDING)
    assert [len(items) for items in found.to_pylist()] == [1, 0, 0]
    assert model.find(pack_texts(pa.array([], pa.string()))).to_pylist() == []


def test_each_text_is_answered_as_if_alone(model: AspectModel) -> None:
    texts = ["油耗高，空间大", "物流很快，包装很好", "今天下雨", "屏幕发黄，拍照模糊"] * 3
    together = model.find(pack_texts(pa.array(texts))).to_pylist()
    assert together == [model.find(pack_texts(pa.array([text]))).to_pylist()[0] for text in texts]


@pytest.mark.parametrize(
    "text", ["", "\x00" * 50, "，" * 5000, "油耗" * 200_000, "h̷̢e" * 999, "🚗" * 300, "a" * 1_000_000, "屏幕，" * 3000]
)
def test_hostile_texts_are_read_without_harm(model: AspectModel, text: str) -> None:
    (items,) = model.find(pack_texts(pa.array([text]))).to_pylist()
    assert all(0 <= item["start"] < item["end"] <= len(text) for item in items if item["start"] is not None)
    assert all(0.0 < item["p"] <= 1.0 and item["polarity"] in (-1, 0, 1) for item in items)


def test_wild_code_points_are_read_without_harm(model: AspectModel) -> None:
    codes = np.array([-5, 2**31 - 1, 0xD800, 0x10FFFF + 9, ord("油"), ord("耗")], np.int32)
    assert len(model.find(PackedTexts(codes, np.array([0, 6], np.int64)))) == 1


def test_domains_must_be_one_list_per_text(model: AspectModel) -> None:
    with pytest.raises(BadInput, match="differ in number"):
        model.find(pack_texts(pa.array(["油耗高"])), domains=pa.array([["car"], ["car"]]))
    one = model.find(pack_texts(pa.array(["油耗高"])), domains=pa.array([["yacht", None]]))
    assert len(one.to_pylist()[0]) == 1


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(NotFound):
        load_aspects("aspects-zh-1+00000000")
