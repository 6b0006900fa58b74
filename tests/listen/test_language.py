from __future__ import annotations

import pyarrow as pa
import pytest

from canyu.listen.language import detect_language
from canyu.listen.text import pack_texts


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("小米SU7 Ultra真香", "zh"),
        ("好 https://t.cn/A6abcdefghijklmnop", "zh"),
        ("转发 @Some_Long_User_Name_Here 好看", "zh"),
        ("[doge][doge]", "en"),
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
