"""Names of any script and of any malice: cleaned, bounded, cut with an ellipsis, drawn within their place."""

from __future__ import annotations

import io
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from canyu.ops.campaigns.posters import fonts, queries
from canyu.ops.campaigns.posters.drawing import Guest, draw_poster
from canyu.ops.campaigns.posters.errors import FontsMissing
from canyu.ops.campaigns.posters.fonts import can_write, choose_family, find_fonts, keep_written, list_unwritten
from canyu.ops.campaigns.posters.layouts import LAYOUTS
from canyu.ops.campaigns.posters.rules import MOST_MARKS, MOST_NAME, clean_name, split_clusters
from canyu.ops.campaigns.posters.typesetting import ELLIPSIS, draw_text, set_text
from poster_fixtures import design

BOMB = "Z" + "\u0353\u0336\u0301" * 5000
LINK = "https://m.example/l/Ab3dEf5hJk9?via=qr"


def draw(name: str) -> Image.Image:
    face = queries.make_face(design(), "zh", b"")
    return Image.open(io.BytesIO(draw_poster(face, Guest(name, LINK))))


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("\u202eevil\u202c", "evil"),
        ("a\u200b\u200d\u2060\ufeffb", "ab"),
        ("line\r\none\u2028two\x85three", "line one two three"),
        ("\x00\x1b[31mred\x07", "[31mred"),
        ("  \u3000\u00a0 ", ""),
        ("👩‍👩‍👧", "👩👩👧"),
        ("\ud800x\ue000\uffff", "x"),
        ("Nguyễn Thị Bưởi", "Nguyễn Thị Bưởi"),
        ("Ａｎｎ", "Ａｎｎ"),
        (BOMB, "\u0179" + "\u0336" * 3),
    ],
)
def test_what_is_not_seen_is_left_out(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned


@settings(max_examples=60)
@given(st.text(max_size=200))
@example(BOMB)
@example("\u0301" * 100)
@example("ab\u0323" * 200)
def test_a_cleaned_name_is_short_whole_and_stays_as_it_is(name: str) -> None:
    cleaned = clean_name(name)
    clusters = list(split_clusters(cleaned))
    assert len(clusters) <= MOST_NAME
    assert max((len(one) for one in clusters), default=0) <= 1 + MOST_MARKS
    assert not any(unicodedata.category(letter)[0] == "C" for letter in cleaned)
    assert clean_name(cleaned) == cleaned


@settings(max_examples=60)
@given(st.text(max_size=60))
@example("W" * 60)
@example("م" * 60)
@example("한" * 60)
def test_any_name_is_drawn_within_its_line(name: str) -> None:
    line = LAYOUTS["window"].name
    written = clean_name(name)
    setting = set_text(written, line)
    assert len(setting.lines) == 1
    assert setting.font.getlength(setting.lines[0]) <= line.box.width
    shown = keep_written(written)
    assert setting.lines[0] == shown or setting.lines[0].endswith(ELLIPSIS)
    assert draw_text(written, line, is_centred=False).size == (line.box.width, line.box.height)


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("欧阳小满", "noto-sans-sc"),
        ("Renée Ünal", "noto-sans-sc"),
        ("Дмитрий", "noto-sans-sc"),
        ("हरि", "noto-sans"),
        ("Ŝtefan đặng", "noto-sans"),
        ("محمد علي", "noto-sans-arabic"),
        ("김하늘", "noto-sans-kr"),
        ("สมชาย", "noto-sans-thai"),
    ],
)
def test_names_of_our_markets_are_written_whole(name: str, family: str) -> None:
    assert (choose_family(name), keep_written(name)) == (family, name)


def test_emoji_leave_no_empty_square() -> None:
    assert keep_written("小明🎉 Ann ❤") == "小明 Ann"
    assert not can_write("noto-sans-sc", "🎉")
    assert draw("🎉").tobytes() == draw("").tobytes() != draw("小明").tobytes()


def test_scripts_that_need_shaping_are_left_out_where_the_machine_cannot_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("محمد", "हरि", "สมชาย")
    assert [(keep_written(name), list_unwritten(name)) for name in names] == [(name, []) for name in names]
    monkeypatch.setattr(fonts, "is_shaping", lambda: False)
    assert [keep_written(name) for name in names] == ["", "", ""]
    assert list_unwritten("محمد") == ["م", "ح", "د"]
    assert keep_written("小明 Ann محمد") == "小明 Ann"
    assert draw("محمد").tobytes() == draw("").tobytes()


def test_names_that_look_the_same_are_the_same_picture() -> None:
    assert draw("A\u200bnn\u202e").tobytes() == draw("Ann").tobytes()


def test_without_fonts_it_says_how_to_get_them(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(FontsMissing, match="make install"):
        find_fonts([tmp_path])
