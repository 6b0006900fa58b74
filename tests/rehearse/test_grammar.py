from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from canyu.events.catalogue import load_catalogue
from canyu.listen.linking import Linker
from canyu.listen.text import pack_texts
from canyu.rehearse import RehearsalResult
from canyu.rehearse.grammar import Style, Wanted, draw_styles, draw_tones, load_phrasebook
from canyu.rehearse.market import KINDS, LANGUAGES, TONES, load_market
from canyu.rehearse.phrasebook import list_aspects, split_template
from canyu.rehearse.settings import load_settings


def test_both_languages_speak_of_the_same_aspects_in_every_tone() -> None:
    spoken = {}
    for language in LANGUAGES:
        phrases = load_settings(f"phrases/{language}")
        spoken[language] = {kind: dict(list_aspects(phrases, kind)) for kind in KINDS}
        for aspects in spoken[language].values():
            assert all(aspect[tone] for aspect in aspects.values() for tone in TONES)
    assert {kind: set(found) for kind, found in spoken["zh"].items()} == {
        kind: set(found) for kind, found in spoken["en"].items()
    }


def test_the_grammar_is_rich_and_says_nothing_twice() -> None:
    book = load_phrasebook()
    assert len(book.tables.pieces) > 1_500
    assert len(book.tables.templates) > 350
    chinese = load_settings("phrases/zh")["cores"]
    cores = [core for kind in chinese.values() for aspect in kind.values() for tone in aspect.values() for core in tone]
    assert len(cores) == len(set(cores)) > 300


def test_a_template_has_at_most_two_slots() -> None:
    assert split_template("投诉{p}：{core}，退款").slots == (1, 3)
    with pytest.raises(ValueError, match="two slots"):
        split_template("{p}{q}{core}")


def test_a_text_says_what_was_wanted() -> None:
    market, random = load_market(), np.random.default_rng(5)
    product = random.integers(0, len(market.products), 5_000).astype(np.int16)
    tone = draw_tones(random, market.mix[product])
    wanted = Wanted(np.zeros(5_000, np.int16), product, tone, draw_styles(random, tone, market))
    texts = load_phrasebook().write(random, wanted)
    for row in range(0, 5_000, 50):
        names = market.products[product[row]]["names"]["zh"]
        assert any(name in texts.strings[row].as_py() for name in names)
    assert pc.count_distinct(texts.strings).as_py() > 4_700
    assert pc.min(pc.utf8_length(texts.strings)).as_py() >= 4
    assert (texts.links[:, 0] == product).all()


def test_irony_is_negative_and_news_is_neutral() -> None:
    market, random = load_market(), np.random.default_rng(6)
    tone = random.integers(0, 3, 30_000).astype(np.int16)
    style = draw_styles(random, tone, market)
    assert set(tone[style == Style.IRONY]) == {0}
    assert set(tone[style == Style.NEWS]) == {1}
    assert abs((style[tone == 0] == Style.IRONY).mean() - 0.10) < 0.01


def test_every_product_is_in_the_example_catalogue() -> None:
    known = load_catalogue().by_id
    assert [row["id"] for row in load_market().products if row["id"] not in known] == []


def test_labels_name_what_the_linker_finds(played: RehearsalResult) -> None:
    order = pc.index_in(played.labels["event_id"], played.events["id"])
    texts = played.events["text"].take(order).combine_chunks()
    found = Linker(load_catalogue()).link(pack_texts(texts), texts)
    wanted = played.labels["links"].combine_chunks()
    same = [a == b for a, b in zip(found.to_pylist(), wanted.to_pylist(), strict=True)]
    assert sum(same) / len(same) > 0.999
    assert isinstance(wanted, pa.ListArray)
