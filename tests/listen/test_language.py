from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canyu.listen.kernels.script import CHINESE, find_script, find_scripts
from canyu.listen.language import detect_language
from canyu.listen.text import pack_texts


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("小米SU7 Ultra真香", "zh"),
        ("好 https://t.cn/A6abcdefghijklmnop", "zh"),
        ("转发 @Some_Long_User_Name_Here 好看", "zh"),
        ("[doge][doge]", "other"),
        ("Great phone, love it", "en"),
        ("iPhone 16 Pro Max", "other"),
        ("[赞][赞]", "zh"),
        ("這車太快了", "zh"),
        ("𠮷野家", "zh"),
        ("The new SU7 is great 车", "en"),
        ("naïve café prices", "other"),
        ("It’s naive to expect one cafe for this whole big town, but café", "en"),
        ("とても良いです", "other"),
        ("배터리가 좋아요", "other"),
        ("Очень хорошо", "other"),
        ("बैटरी अच्छी है", "other"),
        ("12345 !!! 😀", "other"),
        ("https://example.org/abc", "other"),
        ("", "other"),
    ],
)
def test_the_script_tells_the_language(text: str, language: str) -> None:
    assert detect_language(pack_texts(pa.array([text]))).to_pylist() == [language]


def test_a_null_text_has_no_language_of_its_own() -> None:
    assert detect_language(pack_texts(pa.array([None, "好"], pa.string()))).to_pylist() == ["other", "zh"]


def test_an_empty_batch_gives_an_empty_column_of_strings() -> None:
    found = detect_language(pack_texts(pa.array([], pa.string())))
    assert (len(found), found.type) == (0, pa.string())


ENGLISH = """The battery dies by lunchtime
Great phone!
Stopped working after two weeks
Not worth the money
Love the new colour
My fridge makes a weird noise at night
Customer service never called back
Is the 256 GB version in stock?
best purchase this year
Screen cracked on day one
range dropped to 180 miles this winter
Anyone know if it fits a two-door garage?
meh
Delivery was quick, packaging solid
update broke bluetooth again"""
OTHERS = """Der Akku ist nach zwei Stunden leer
Das Handy ist super, gerne wieder
Leider nach einer Woche kaputt
La batería dura muy poco
Muy contento con el coche, lo recomiendo
No funciona, quiero mi dinero
Sangat bagus, baterai awet
barang rusak, kecewa banget
HP ini cepat panas
battery bahut kharab hai yaar
update ke baad phone hang ho raha hai
paisa vasool, mast gaadi
La batterie ne tient pas la charge
Très bon produit
Je suis déçu du service
A bateria não dura nada
Produto muito bom, recomendo
De batterij is snel leeg
Il telefono è molto lento
iPhone 16 Pro Max
Telefon çok iyi ama pahalı
ang ganda ng phone na to
Bateria trzyma bardzo krótko
Điện thoại này rất tốt"""


def test_on_lines_written_after_the_words_two_of_39_are_misread() -> None:
    lines = [(text, "en") for text in ENGLISH.splitlines()] + [(text, "other") for text in OTHERS.splitlines()]
    found = detect_language(pack_texts(pa.array([text for text, _ in lines]))).to_pylist()
    wrong = [text for (text, language), given in zip(lines, found, strict=True) if given != language]
    assert (len(lines), wrong) == (39, ["meh", "De batterij is snel leeg"])


@given(st.lists(st.text("好車カ한ᄀéaZ@ht:/p éЖ\u4dbf\U00020001", max_size=30), max_size=6))
def test_the_quick_look_at_a_script_says_what_the_look_letter_by_letter_says(texts: list[str]) -> None:
    packed = pack_texts(pa.array(["看http://a.cn/bcdef", *texts], pa.string()))
    one_by_one = [find_script(packed.codes, start, stop) for start, stop in pairwise(packed.offsets)]
    assert find_scripts(packed.codes, packed.offsets).tolist() == one_by_one
    assert one_by_one[0] == CHINESE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<p class="post-body">真香</p>', "zh"),
        ("<div><span>好用</span><br/></div>&nbsp;", "zh"),
        ('<a href="/u/1" title="x">@me</a> 不错', "zh"),
        ("<!-- wp:paragraph --><p>续航差</p>", "zh"),
        ('<p style="color:red">とても良い</p>', "other"),
        ("<img src=x>", "other"),
        ("<" * 50_000, "other"),
        ("&" * 50_000, "other"),
        ("<!--" * 20_000, "other"),
    ],
)
def test_letters_of_markup_do_not_count(text: str, expected: str) -> None:
    assert detect_language(pack_texts(pa.array([text]))).to_pylist() == [expected]
