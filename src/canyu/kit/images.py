"""The one gate for pictures that strangers send, and the one place that writes pictures.

What comes in is measured before it is decoded, and drawn anew: no EXIF, no comment, no colour profile, nothing behind
its end.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from threading import BoundedSemaphore

from PIL import ExifTags, Image

from canyu.kit.errors import BadInput
from canyu.kit.words import Words

ACCEPTED = "image/jpeg,image/png,image/webp,image/gif"
"""What a page's file field offers: the kinds of ``FORMATS``."""
JPEG_TYPE = "image/jpeg"
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
LONGEST_SIDE = 16_000
"""Pixels of a side that is let in, however narrow the picture is."""
QUALITY = 85
ACTIVE = re.compile(
    rb"<script|<!doctype|<html[\s>]|<svg[\s/]+[a-z:-]+\s*=|<\?php\s|%PDF-\d",
    re.IGNORECASE,
)
"""What other programs would read out of the same file; each over 40 bits, so that compressed pixels of 8 MB hold one
by chance in less than one file of 100,000."""
UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow raises over files that are damaged, by chance or on purpose."""
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings a picture upright (EXIF 2.32, 4.6.4, Orientation). Pillow's own turning writes the file's EXIF anew, and
fails where a camera wrote it badly."""
_at_once = BoundedSemaphore(2)
"""Pictures of a process that are decoded at the same time: 40 million pixels take up to 650 MB (2026-11, a WebP)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be and how many pixels it may hold; the picture is made no larger than ``most_side``."""

    most_bytes: int
    most_pixels: int
    most_side: int


def open_image(data: bytes, limits: Limits) -> Image.Image:
    """Return the picture in a file in RGB and upright, on white where it was see-through, without anything else.

    Its size is read and checked before a pixel is decoded; of a moving picture the first frame is taken. Raises
    BadInput for what is too large, is no JPEG, PNG, WebP or GIF, is damaged, or is another kind of file as well.
    """
    if len(data) > limits.most_bytes:
        raise _refuse_bytes(limits.most_bytes)
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        _check_size(image.size, limits.most_pixels)
        _check_alone(data)
        with _at_once:
            return _draw_anew(image, limits.most_side)
    except UNREADABLE as error:
        raise BadInput(
            Words(
                "这个文件不是能读的图片，或者已经损坏。", "The file is no picture that can be read, or it is damaged."
            ),
            mend=Words("请选择 JPEG、PNG、WebP 或 GIF 图片。", "Choose a JPEG, PNG, WebP or GIF picture."),
        ) from error


def write_jpeg(image: Image.Image) -> bytes:
    """Return an RGB picture as a JPEG file that holds its pixels alone; notes that it came with are left behind.

    >>> write_jpeg(Image.new("RGB", (8, 8)))[:2].hex()
    'ffd8'
    """
    stream = io.BytesIO()
    bare = Image.frombytes("RGB", image.size, image.tobytes())
    bare.save(stream, "JPEG", quality=QUALITY, optimize=True)
    return stream.getvalue()


def write_png(image: Image.Image) -> bytes:
    """Return a picture as a PNG file, packed quickly: a tenth larger than packed best, in a fifth of the time.

    >>> write_png(Image.new("P", (8, 8)))[1:4]
    b'PNG'
    """
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def _draw_anew(image: Image.Image, most_side: int) -> Image.Image:
    """Decode a picture and draw it on fresh paper; it is made small as early as can be, which spares memory."""
    image.draft("RGB", (most_side, most_side))  # a large JPEG is decoded at a fraction of its size, not whole
    image.load()
    turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    if image.mode in {"1", "P"}:  # made small they would lose points, not mix them
        image = image.convert(_find_mode(image))
    if image.mode == "I;16":  # a PNG of 65,536 greys, which Pillow makes neither small nor RGB
        image = image.point(lambda value: value / 256).convert("L")
    image.thumbnail((most_side, most_side))
    image = image.convert(_find_mode(image))
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return paper if turn is None else paper.transpose(turn)


def _find_mode(image: Image.Image) -> str:
    return "RGBA" if image.has_transparency_data else "RGB"


def _check_size(size: tuple[int, int], most_pixels: int) -> None:
    width, height = size
    if width * height > most_pixels or max(size) > LONGEST_SIDE:
        limit = f"{most_pixels / 1_000_000:g}"
        raise BadInput(
            Words(f"图片是 {width} × {height} 像素，太大了。", f"The picture is {width} × {height} pixels: too large."),
            mend=Words(
                f"请缩小到 {limit} 百万像素以内、每边不超过 {LONGEST_SIDE} 像素。",
                f"Make it {limit} million pixels or fewer, no side above {LONGEST_SIDE}.",
            ),
        )


def _check_alone(data: bytes) -> None:
    if ACTIVE.search(data) or zipfile.is_zipfile(io.BytesIO(data)):
        raise BadInput(
            Words("这个文件不只是一张图片。", "The file is more than a picture."),
            mend=Words("请在相册中另存为 JPEG 后再上传。", "Save it as JPEG in a picture program, then send that."),
        )


def _refuse_bytes(most_bytes: int) -> BadInput:
    limit = f"{most_bytes / 1_048_576:g}"
    return BadInput(
        Words(f"图片文件超过 {limit} MB。", f"The picture's file is larger than {limit} MB."),
        mend=Words("请压缩后再上传。", "Make it smaller, then send it again."),
    )
