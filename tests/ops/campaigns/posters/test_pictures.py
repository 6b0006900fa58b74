"""Pictures of strangers: decoded only where that is safe, upright, and of nothing but their pixels."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, features

from canyu.kit.pictures import write_jpeg
from canyu.ops.campaigns.posters.errors import PictureUnusable
from canyu.ops.campaigns.posters.pictures import MOST_BYTES, MOST_PIXELS, open_picture
from poster_fixtures import make_photo, save

PLACE = b"Exif\x00\x00secret place 31.2304N 121.4737E"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def make_png(width: int, height: int, *more: tuple[bytes, bytes]) -> bytes:
    """Return the head of a PNG file that says how large it is, with chunks."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), *more, (b"IEND", b""))
    parts = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def refuse(content: bytes) -> str:
    with pytest.raises(PictureUnusable) as caught:
        open_picture(content)
    return caught.value.message


def test_a_bomb_of_pixels_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[object] = []
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded.append)
    side = 5_500
    assert side * side > MOST_PIXELS
    assert "million pixels" in refuse(make_png(side, side))
    for size in ((100_000, 100_000), (2**31 - 1, 1), (65_000, 65_000)):
        refuse(make_png(*size))
    assert decoded == []


def test_a_bomb_of_compressed_text_is_refused() -> None:
    bomb = zlib.compress(b"\0" * (64 << 20))
    body = zlib.compress(b"\0\0\0\0")
    refuse(make_png(1, 1, (b"zTXt", b"note\0\0" + bomb), (b"IDAT", body)))


@pytest.mark.parametrize(
    "content",
    [
        SVG,
        b'<?xml version="1.0"?>' + SVG,
        HTML,
        b"",
        b"\0" * 100,
        b"GIF89a/*" + HTML + b"*/=1;",
        b"%PDF-1.7\n",
        b"BM" + b"\0" * 200,
        save(Image.new("RGB", (4, 4)), "TIFF"),
        save(Image.new("RGB", (4, 4)), "ICO"),
        b"\x89PNG\r\n\x1a\n" + HTML,
        b"\xff\xd8\xff\xe0" + HTML,
    ],
    ids=["svg", "xml", "html", "empty", "zeros", "gif-script", "pdf", "bmp", "tiff", "ico", "png-html", "jpeg-html"],
)
def test_what_is_no_picture_of_ours_is_refused_whatever_it_says_it_is(content: bytes) -> None:
    refuse(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_file_that_was_cut_off_is_refused(kind: str) -> None:
    whole = save(make_photo(64, 48), kind)
    for share in (0.5, 0.9):
        refuse(whole[: int(len(whole) * share)])


def test_a_file_that_is_too_large_is_refused() -> None:
    assert "8 MiB" in refuse(b"\xff\xd8\xff" + b"\0" * MOST_BYTES)


def test_a_picture_with_a_page_behind_it_is_its_pixels_alone() -> None:
    polyglot = save(make_photo(64, 48), "JPEG") + HTML
    assert b"script" not in write_jpeg(open_picture(polyglot))


def test_a_photo_is_turned_upright_and_forgets_where_it_was_taken() -> None:
    photo = Image.new("RGB", (40, 20), "red")
    photo.paste("blue", (0, 0, 20, 20))
    tags = Image.Exif()
    tags[0x0112], tags[0x010E] = 6, PLACE.decode("latin-1")
    content = save(photo, "JPEG", exif=tags, quality=95)
    assert b"secret place" in content
    upright = open_picture(content)
    assert upright.size == (20, 40)
    assert upright.getpixel((10, 5))[2] > 200 > upright.getpixel((10, 35))[2]
    written = write_jpeg(upright)
    assert b"secret" not in written
    assert b"Exif" not in written
    assert not Image.open(io.BytesIO(written)).getexif()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_a_moving_picture_the_first_frame_is_taken(kind: str) -> None:
    assert features.check("webp")
    frames = [Image.new("RGB", (30, 30), colour) for colour in ("red", "blue", "lime")]
    content = save(frames[0], kind, save_all=True, append_images=frames[1:])
    red, green, blue = open_picture(content).getpixel((15, 15))
    assert (red > 200, green < 60, blue < 60) == (True, True, True)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGBA", "CMYK", "I;16", "YCbCr"])
def test_every_kind_of_colour_becomes_rgb_on_white(mode: str) -> None:
    kind = "JPEG" if mode in {"CMYK", "YCbCr"} else "PNG"
    source = Image.new("LA" if mode == "PA" else mode, (8, 8))
    found = open_picture(save(source, kind))
    assert (found.mode, found.size) == ("RGB", (8, 8))
    clear = {"LA", "PA", "RGBA"}
    assert found.getpixel((0, 0)) == ((255, 255, 255) if mode in clear else found.getpixel((0, 0)))


def test_sides_are_bounded_however_odd_they_are() -> None:
    assert max(open_picture(save(make_photo(3000, 40), "PNG")).size) == 1200
    assert open_picture(save(Image.new("RGB", (20_000, 1)), "PNG"), 480).size == (480, 1)
