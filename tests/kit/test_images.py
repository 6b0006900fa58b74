"""Pictures from strangers: what is let in, what is refused before a pixel is decoded, and that nothing else stays."""

from __future__ import annotations

import io
import struct
import threading
import time
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image, PngImagePlugin, features

from canyu.kit import images
from canyu.kit.errors import BadInput
from canyu.kit.images import Limits, open_image, write_jpeg

LIMITS = Limits(most_bytes=2 << 20, most_pixels=1_000_000, most_side=1_200)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def save(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    kept = io.BytesIO()
    image.save(kept, kind, **options)
    return kept.getvalue()


def make_photo(width: int = 64, height: int = 48) -> Image.Image:
    return Image.effect_noise((width, height), 60).convert("RGB")


def make_png(width: int, height: int, *more: tuple[bytes, bytes]) -> bytes:
    """A PNG of a few bytes that says how large it is; decoding it would take its pixels' memory."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), *more, (b"IEND", b""))
    chunks = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def make_archive() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("page.html", "hello")
    return kept.getvalue()


def refuse(data: bytes) -> str:
    with pytest.raises(BadInput) as caught:
        open_image(data, LIMITS)
    return str(caught.value)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_comes_out_with_its_size_and_colour(kind: str) -> None:
    image = open_image(save(Image.new("RGB", (40, 30), (200, 30, 30)), kind), LIMITS)

    again = Image.open(io.BytesIO(write_jpeg(image)))

    assert (again.format, again.mode, again.size) == ("JPEG", "RGB", (40, 30))
    assert all(abs(have - want) < 12 for have, want in zip(again.getpixel((20, 15)), (200, 30, 30), strict=True))


def test_where_it_was_taken_and_what_was_noted_does_not_go_out() -> None:
    exif = Image.Exif()
    exif[0x010F] = "a camera of Mrs Wang at 31.2304N 121.4737E"
    data = save(Image.new("RGB", (40, 30)), "JPEG", exif=exif, comment=b"call 13800000000", icc_profile=b"x" * 200)
    assert b"Wang" in data
    image = open_image(data, LIMITS)
    assert image.info == {}
    image.info["comment"] = b"call 13800000000"
    clean = write_jpeg(image)
    assert not Image.open(io.BytesIO(clean)).getexif()
    assert not any(word in clean for word in (b"Exif", b"Wang", b"13800000000", b"xxx"))


def test_text_in_a_png_does_not_go_out() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "Mrs Wang")
    assert open_image(save(Image.new("P", (4, 4)), pnginfo=notes), LIMITS).info == {}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_turned_upright_however_the_camera_was_held(kind: str, orientation: int) -> None:
    upright = Image.new("RGB", (40, 20), "red")
    upright.paste("blue", (0, 0, 20, 10))
    held = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE"}
    held |= {6: "ROTATE_90", 7: "TRANSVERSE", 8: "ROTATE_270"}
    taken = upright.transpose(Image.Transpose[held[orientation]]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = open_image(save(taken, kind, exif=exif, quality=95), LIMITS)
    assert found.size == (40, 20)
    corners = [found.getpixel(place) for place in ((5, 5), (35, 5), (5, 15), (35, 15))]
    assert [blue > red for red, _green, blue in corners] == [True, False, False, False]


def test_a_photo_whose_notes_are_badly_written_is_shown_all_the_same() -> None:
    tags = struct.pack(">HHHII", 2, 0x0112, 3, 1, 6 << 16) + struct.pack(">HHIHH", 0x011A, 3, 1, 0, 0)
    tags = tags.replace(b"\x01\x1a\x00\x03", b"\x01\x1a\x00\x02")  # a resolution as text, which cannot be written again
    exif = b"Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08" + tags + bytes(4)
    assert open_image(save(Image.new("RGB", (40, 30)), "JPEG", exif=exif), LIMITS).size == (30, 40)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_a_moving_picture_the_first_frame_is_taken(kind: str) -> None:
    assert features.check("webp")
    frames = [Image.new("RGB", (30, 30), colour) for colour in ("red", "blue", "lime")]
    content = save(frames[0], kind, save_all=True, append_images=frames[1:])
    red, green, blue = open_image(content, LIMITS).getpixel((15, 15))
    assert (red > 200, green < 60, blue < 60) == (True, True, True)


@pytest.mark.parametrize("size", [(8, 8), (600, 300)])
@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "YCbCr"])
def test_every_kind_of_colour_becomes_rgb_on_white(mode: str, size: tuple[int, int]) -> None:
    kind = "JPEG" if mode in {"CMYK", "YCbCr"} else "PNG"
    colour, want = {"I;16": (128 << 8, 128), "L": (128, 128), "P": (0, 0), "1": (0, 0)}.get(mode, (0, 255))
    if mode == "YCbCr":
        colour, want = (128, 128, 128), 128
    found = open_image(save(Image.new(mode, size, colour), kind), Limits(2 << 20, 1_000_000, 100))
    assert (found.mode, max(found.size)) == ("RGB", min(100, max(size)))
    assert found.getpixel((0, 0)) == (want, want, want)  # see-through, and without ink, is white


@pytest.mark.parametrize("mode", ["L", "RGB", "P"])
def test_a_colour_that_stands_for_see_through_is_white(mode: str) -> None:
    clear = (0, 0, 0) if mode == "RGB" else 0
    assert open_image(save(Image.new(mode, (8, 8)), transparency=clear), LIMITS).getpixel((4, 4)) == (255, 255, 255)


def test_sides_are_bounded_however_odd_they_are() -> None:
    assert open_image(save(make_photo(3000, 40)), LIMITS).size == (1200, 16)
    assert open_image(save(Image.new("RGB", (16_000, 1))), LIMITS).size == (1200, 1)
    assert "no side above 16000" in refuse(save(Image.new("RGB", (16_001, 1))))


@pytest.mark.parametrize(
    "size", [(1_001, 1_000), (20_000, 20_000), (50_000, 50_000), (65_000, 65_000), (20_000, 1), (2**31 - 1, 1)]
)
def test_a_bomb_of_pixels_is_refused_before_it_is_decoded(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[object] = []
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded.append)
    refuse(make_png(*size, (b"IDAT", zlib.compress(bytes(999)))))
    assert decoded == []


def test_what_is_too_large_is_refused_with_the_limit_named() -> None:
    assert "larger than 2 MB" in refuse(b"\x89PNG" + bytes(LIMITS.most_bytes))
    assert "1 million pixels or fewer" in refuse(make_png(1_001, 1_000, (b"IDAT", b"")))


def test_a_bomb_of_compressed_text_is_refused() -> None:
    bomb = zlib.compress(b"\0" * (64 << 20))
    body = zlib.compress(b"\0\0\0\0")
    told = refuse(make_png(1, 1, (b"zTXt", b"note\0\0" + bomb), (b"IDAT", body)))
    assert "no picture that can be read" in told


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        bytes(100),
        SVG,
        b'<?xml version="1.0"?>' + SVG,
        HTML,
        b"%PDF-1.7\n",
        make_archive(),
        b"GIF89a" + bytes(60),
        b"GIF89a/*" + HTML + b"*/=1;",
        b"\xff\xd8\xff\xe0" + bytes(40),
        b"\xff\xd8\xff\xe0" + HTML,
        b"\xff\xd8\xff\xe0" + b"<?php ?>" * 20,
        b"\x89PNG\r\n\x1a\n" + HTML,
        make_png(10, 10, (b"IDAT", zlib.compress(b""))),  # its pixels are missing
        b"BM" + bytes(200),
        *(save(Image.new("RGB", (40, 30)), kind) for kind in ("BMP", "TIFF", "ICO")),
    ],
)
def test_what_is_no_picture_of_ours_is_refused_whatever_it_says_it_is(data: bytes) -> None:
    assert "no picture that can be read" in refuse(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_file_that_was_cut_off_is_refused(kind: str) -> None:
    whole = save(make_photo(), kind)
    for share in (0.5, 0.9):
        assert "damaged" in refuse(whole[: int(len(whole) * share)])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize(
    "tail",
    [
        b"<script>alert(1)</script>",
        b"<!DOCTYPE html>",
        b"<html>",
        b"%PDF-1.7",
        b"<?PHP 1",
        b"<svg onload=1>",
        b"<svg/onload=1>",
        make_archive(),
    ],
)
def test_a_picture_that_is_another_file_as_well_is_refused(kind: str, tail: bytes) -> None:
    assert "more than a picture" in refuse(save(make_photo(), kind) + tail)


def test_only_two_pictures_are_decoded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    draw, gate, now, seen = images._draw_anew, threading.Lock(), [0], []

    def watch(image: Image.Image, most_side: int) -> Image.Image:
        with gate:
            now[0] += 1
            seen.append(now[0])
        time.sleep(0.02)
        try:
            return draw(image, most_side)
        finally:
            with gate:
                now[0] -= 1

    monkeypatch.setattr(images, "_draw_anew", watch)
    whole = save(make_photo())
    with ThreadPoolExecutor(8) as pool:
        opened = pool.map(lambda _number: open_image(whole, LIMITS).size, range(8))
        broken = pool.map(lambda _number: refuse(whole[:-2000]), range(4))
        assert (set(opened), len(list(broken))) == ({(64, 48)}, 4)
    assert (len(seen), max(seen)) == (12, 2)
