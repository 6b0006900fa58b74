"""Posters as pictures: colours one can read, texts that fit, photos in their circle, flat parts that stay flat."""

from __future__ import annotations

import io
from itertools import combinations

import pytest
from PIL import Image

from canyu.ops.campaigns.posters import queries
from canyu.ops.campaigns.posters.drawing import Guest, draw_poster, get_sheet
from canyu.ops.campaigns.posters.layouts import HEIGHT, LAYOUTS, WIDTH, Box, Layout, mirror
from canyu.ops.campaigns.posters.rules import ACCENTS, INK, LEAST_CONTRAST, PAPER, WHITE, measure_contrast
from canyu.ops.campaigns.posters.typesetting import ELLIPSIS, break_lines, set_text
from poster_fixtures import design, make_photo, make_product

LINK = "https://m.example/l/Ab3dEf5hJk9?via=qr"
WAYS = [(name, turned) for name in LAYOUTS for turned in (False, True)]


def draw(guest: Guest, picture: bytes = b"", **changes: str) -> Image.Image:
    return Image.open(io.BytesIO(draw_poster(queries.make_face(design(**changes), "zh", picture), guest)))


def choose(name: str, is_mirrored: bool) -> Layout:
    return mirror(LAYOUTS[name]) if is_mirrored else LAYOUTS[name]


@pytest.mark.parametrize("name", ACCENTS)
def test_texts_can_be_read_in_every_colour(name: str) -> None:
    grounds = {"white on it": WHITE, "it on white": WHITE, "it on paper": PAPER}
    found = {what: measure_contrast(ACCENTS[name], ground) for what, ground in grounds.items()}
    assert min(found.values()) >= LEAST_CONTRAST
    assert min(measure_contrast(INK, WHITE), measure_contrast(INK, PAPER)) >= LEAST_CONTRAST


@pytest.mark.parametrize(("name", "is_mirrored"), WAYS)
def test_no_part_of_a_layout_leaves_the_sheet_or_covers_another(name: str, is_mirrored: bool) -> None:
    layout = choose(name, is_mirrored)
    lines = (layout.headline, layout.subline, layout.name, layout.invites, layout.hint, layout.mark)
    boxes = [*(line.box for line in lines), layout.portrait, layout.code]
    assert all(box.x >= 0 and box.y >= 0 and box.corners[2] <= WIDTH and box.corners[3] <= HEIGHT for box in boxes)
    assert [(one, other) for one, other in combinations(boxes, 2) if meet(one, other)] == []
    assert not any(meet(layout.picture, line.box) for line in lines)
    assert (layout.code.x % 4, layout.code.y % 4) == (0, 0)


def meet(one: Box, other: Box) -> bool:
    left, top, right, bottom = one.corners
    return left < other.corners[2] and other.x < right and top < other.corners[3] and other.y < bottom


@pytest.mark.parametrize(("name", "is_mirrored"), WAYS)
def test_name_and_code_stand_on_plain_white(name: str, is_mirrored: bool) -> None:
    side = "left" if is_mirrored else "right"
    sheet = get_sheet(queries.make_face(design(layout=name, side=side), "zh", make_product()))
    layout = sheet.layout
    assert layout == choose(name, is_mirrored)
    for box in (layout.name.box, layout.invites.box, layout.code):
        assert sheet.picture.crop(box.corners).getextrema() == (0, 0)
    assert sheet.colours[:3] == bytes(WHITE)


def test_headlines_shrink_then_are_cut() -> None:
    line = LAYOUTS["window"].headline
    words = "春天一起上路去看海吧"
    short, long, huge = (set_text(text, line) for text in ("春天", words * 2, words * 9))
    assert (short.font.size, len(short.lines)) == (line.size, 1)
    assert (len(long.lines), "".join(long.lines)) == (2, words * 2)
    assert huge.font.size < long.font.size < short.font.size
    assert huge.lines[-1].endswith(ELLIPSIS)


def test_lines_break_as_each_language_does() -> None:
    assert break_lines("hello big world", lambda part: len(part) <= 9) == ["hello big", "world"]
    assert break_lines("我们一起去，好吗？", lambda part: len(part) <= 5) == ["我们一起", "去，好吗？"]
    assert break_lines("abcdefgh", lambda part: len(part) <= 3) == ["abc", "def", "gh"]
    assert break_lines("", str.isascii) == [""]


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_photo_fills_its_circle_in_its_own_colours(name: str) -> None:
    green = Image.new("RGB", (300, 500), (30, 160, 60))
    poster = draw(Guest("小满", LINK, green), make_product(), layout=name).convert("RGB")
    box = LAYOUTS[name].portrait
    middle = poster.getpixel((box.x + box.width // 2, box.y + box.height // 2))
    assert max(abs(a - b) for a, b in zip(middle, (30, 160, 60), strict=True)) < 12


def test_a_product_picture_is_seen_and_a_poster_stays_small() -> None:
    content = draw_poster(queries.make_face(design(), "zh", make_product()), Guest("小满", LINK, make_photo(400, 400)))
    poster = Image.open(io.BytesIO(content))
    assert (poster.format, poster.mode, sorted(poster.info)) == ("PNG", "P", [])
    assert 50_000 < len(content) < 600_000
    assert len(draw_poster(queries.make_face(design(), "zh", b""), Guest("", LINK))) < 100_000


def test_an_advertisement_says_that_it_is_one() -> None:
    sheet = get_sheet(queries.make_face(design(), "zh", b""))
    mark = sheet.picture.convert("L").crop(sheet.layout.mark.box.corners)
    assert mark.getextrema()[0] < 100
