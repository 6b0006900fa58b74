"""The taxonomy file: what it must hold, and how it refuses."""

from __future__ import annotations

import pytest

from canyu.kit.errors import BadInput
from canyu.listen.aspects import load_taxonomy, parse_taxonomy

SMALL = """
version: "1"
domains:
  car:
    name: {zh: 汽车, en: Cars}
    aspects:
      power: {name: {zh: 动力, en: Power}, more: good, terms: [发动机], good: [动力强]}
"""


def test_the_ten_subjects_of_car_talk_stand_under_their_chinese_names() -> None:
    names = {str(aspect.name.zh): aspect.id for aspect in load_taxonomy().aspects if aspect.domain == "car"}
    assert {"动力", "价格", "油耗", "操控", "舒适性", "配置", "安全性", "内饰", "外观", "空间"} <= set(names)
    assert names["动力"] == "car/power"


def test_every_aspect_has_two_names_and_words() -> None:
    taxonomy = load_taxonomy()
    assert len(taxonomy.aspects) == len({aspect.id for aspect in taxonomy.aspects}) > 50
    assert all(aspect.name.zh and aspect.name.en and aspect.terms for aspect in taxonomy.aspects)
    assert sum(len(aspect.terms + aspect.weak + aspect.good + aspect.bad) for aspect in taxonomy.aspects) > 1500


def test_a_small_taxonomy_is_read() -> None:
    (aspect,) = parse_taxonomy(SMALL).aspects
    assert (aspect.id, aspect.domain, aspect.terms, aspect.good) == ("car/power", "car", ("发动机",), ("动力强",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a mapping"),
        ("a: [", "is not YAML"),
        ("version: &a x\ndomains: *a", "uses YAML anchors"),
        (SMALL.replace("more: good", "more: perhaps"), "`more`"),
        (SMALL.replace("good: [动力强]", "god: [动力强]"), "unknown field god"),
        (SMALL.replace("[发动机]", "[车]"), "no short text"),
        (SMALL.replace("en: Power", "en: ''"), "is not a text"),
        (SMALL.replace("good: [动力强]", "good: [动力强], bad: [动力强]"), "good and bad"),
        ("x" * 2_000_000, "is over 1 MiB"),
    ],
)
def test_a_wrong_taxonomy_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse_taxonomy(text)
