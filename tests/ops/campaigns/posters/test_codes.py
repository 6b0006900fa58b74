"""Every QR code is read back by two decoders that have nothing in common, also from a picture a quarter as large.

At half and at a quarter each pixel is the mean of those that it stands for: a module is then two pixels wide, and both
read it as it is. Scaled by a sharper filter, 188 pixels are not quite a quarter of 750 and edges blur: ZXing reads that
too, OpenCV does not.
"""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image

from canyu.ops.campaigns.posters import queries
from canyu.ops.campaigns.posters.drawing import MOST_LINK, Guest, draw_poster
from canyu.ops.campaigns.posters.errors import LinkTooLong
from canyu.ops.campaigns.posters.layouts import HEIGHT, LAYOUTS, WIDTH
from poster_fixtures import design, make_photo, make_product

SHORT = "https://m.example/l/Ab3dEf5hJk9?via=qr"
LONGEST = f"https://{'campaigns.' * 7}example/l/Ab3dEf5hJk9?via=qr"
QUARTER = (188, 334)


def read_code(picture: Image.Image) -> tuple[str, str]:
    """Return what each of both decoders reads."""
    grey = np.asarray(picture.convert("L"))
    found = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormat.QRCode)
    return " ".join(one.text for one in found), cv2.QRCodeDetectorAruco().detectAndDecode(grey)[0]


@pytest.mark.parametrize("link", [SHORT, LONGEST], ids=["short", "longest"])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_code_is_read_back_at_every_size(layout: str, language: str, link: str) -> None:
    side = "left" if link == LONGEST else "right"
    face = queries.make_face(design(layout=layout, side=side), language, make_product())
    poster = Image.open(io.BytesIO(draw_poster(face, Guest("欧阳小满 Ann", link, make_photo()))))
    assert poster.size == (WIDTH, HEIGHT) == (750, 1334)
    rgb = poster.convert("RGB")
    assert [read_code(rgb.reduce(times)) for times in (1, 2, 4)] == [(link, link)] * 3
    assert rgb.reduce(4).size == QUARTER
    assert read_code(rgb.resize(QUARTER, Image.Resampling.LANCZOS))[0] == link


def test_the_readers_read_what_is_there_and_nothing_else() -> None:
    """The negative control: another link is read as another one, and a spoiled code not at all."""
    face = queries.make_face(design(), "zh", b"")
    poster = Image.open(io.BytesIO(draw_poster(face, Guest("", "https://m.example/l/other")))).convert("RGB")
    assert read_code(poster) == ("https://m.example/l/other",) * 2
    poster.paste("white", (WIDTH // 2, 900, WIDTH - 120, HEIGHT))
    assert read_code(poster) == ("", "")


def test_the_longest_link_is_as_long_as_a_code_can_hold() -> None:
    assert MOST_LINK - 10 < len(LONGEST) <= MOST_LINK
    face = queries.make_face(design(), "zh", b"")
    with pytest.raises(LinkTooLong):
        draw_poster(face, Guest("", "https://m.example/" + "x" * MOST_LINK))
