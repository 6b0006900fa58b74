"""Pictures from strangers: what is let in, what is refused before a pixel is decoded, and that nothing else stays."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image, PngImagePlugin

from canyu.kit.errors import BadInput
from canyu.kit.images import encode_clean, open_image

LIMITS = {"most_pixels": 1_000_000, "most_bytes": 2_000_000}


def save(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    kept = io.BytesIO()
    image.save(kept, kind, **options)
    return kept.getvalue()


def make_bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be huge: decoding it would take its pixels' memory."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_comes_out_with_its_size_and_colour(kind: str) -> None:
    image = open_image(save(Image.new("RGB", (40, 30), (200, 30, 30)), kind), **LIMITS)

    again = Image.open(io.BytesIO(encode_clean(image)))

    assert again.format == "JPEG"
    assert again.size == (40, 30)
    assert all(abs(have - want) < 12 for have, want in zip(again.getpixel((20, 15)), (200, 30, 30), strict=True))


def test_where_it_was_taken_and_what_was_noted_does_not_go_out_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera of Mrs Wang"  # to be turned by a quarter
    data = save(Image.new("RGB", (40, 30)), "JPEG", exif=exif, comment=b"call 13800000000", icc_profile=b"x" * 200)

    clean = encode_clean(open_image(data, **LIMITS))

    again = Image.open(io.BytesIO(clean))
    assert again.size == (30, 40)
    assert not again.getexif()
    assert not {"comment", "icc_profile", "exif"} & again.info.keys()
    assert b"Wang" in data
    assert b"Wang" not in clean
    assert b"13800000000" not in clean


def test_text_in_a_png_does_not_go_out() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "Mrs Wang")
    assert b"Wang" not in encode_clean(open_image(save(Image.new("P", (4, 4)), pnginfo=notes), **LIMITS))


def test_what_is_see_through_is_white() -> None:
    clean = encode_clean(open_image(save(Image.new("RGBA", (8, 8), (0, 0, 0, 0))), **LIMITS))
    assert Image.open(io.BytesIO(clean)).getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize("size", [(50_000, 50_000), (20_000, 20_000), (1_001, 1_000), (20_000, 1)])
def test_a_bomb_is_refused_by_its_size_alone(size: tuple[int, int]) -> None:
    with pytest.raises(BadInput):
        open_image(make_bomb(*size), **LIMITS)


def test_a_file_over_the_limit_is_refused_with_the_limit_named() -> None:
    with pytest.raises(BadInput, match="2 MB"):
        open_image(b"\x89PNG" + bytes(2_097_152), most_pixels=1_000, most_bytes=2_097_152)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        b"GIF89a" + bytes(40),
        b"\xff\xd8\xff\xe0" + bytes(40),
        make_bomb(10, 10),  # its pixels are missing
        save(Image.new("RGB", (400, 300)), "JPEG")[:500],
        save(Image.new("RGB", (40, 30)), "BMP"),
        save(Image.new("RGB", (40, 30)), "TIFF"),
    ],
)
def test_what_is_no_picture_of_ours_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        open_image(data, **LIMITS)


def make_archive() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("page.html", "hello")
    return kept.getvalue()


@pytest.mark.parametrize(
    "tail",
    [b"<script>alert(1)</script>", b"<!DOCTYPE html>", b"%PDF-1.7", b"<?PHP 1", b"<svg onload=1>", make_archive()],
)
def test_a_picture_that_is_another_file_as_well_is_refused(tail: bytes) -> None:
    with pytest.raises(BadInput, match="more than a picture"):
        open_image(save(Image.new("RGB", (40, 30)), "JPEG") + tail, **LIMITS)
