"""The one gate for pictures that strangers send: decoded within a limit, written anew, nothing of the file kept.

What goes out is a picture that we drew ourselves: no EXIF, no comment, no colour profile, nothing behind its end.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

from PIL import Image, ImageOps

from canyu.kit.errors import BadInput
from canyu.kit.words import Words

CLEAN_TYPE = "image/jpeg"
"""What ``encode_clean`` writes."""
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_SIDE = 16_000
QUALITY = 85
ACTIVE = re.compile(rb"<script|<!doctype|<html[\s>]|<svg[\s>]|<\?php|%PDF-\d", re.IGNORECASE)
"""What other programs would read out of the same file; too long to stand in compressed pixels by chance."""
UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


def open_image(data: bytes, *, most_pixels: int, most_bytes: int) -> Image.Image:
    """Return the picture in a file, upright, as RGB or RGBA and without anything else that the file held.

    Its size is read and checked before a pixel is decoded; of a moving picture the first frame is taken. Raises
    BadInput for what is too large, is no JPEG, PNG or WebP, is damaged, or is another kind of file as well.
    """
    if len(data) > most_bytes:
        raise _refuse_size(most_bytes)
    if ACTIVE.search(data) or zipfile.is_zipfile(io.BytesIO(data)):
        raise BadInput(
            Words("这个文件不只是一张图片。", "The file is more than a picture."),
            mend=Words("请在相册中另存为 JPEG 后再上传。", "Save it as JPEG in a picture program, then send that."),
        )
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        _check_pixels(image.size, most_pixels)
        image.load()
        return _copy_pixels(ImageOps.exif_transpose(image))
    except UNREADABLE as error:
        raise BadInput(
            Words("这个文件不是能读的图片。", "The file is no picture that can be read."),
            mend=Words("请上传 JPEG、PNG 或 WebP 图片。", "Send a JPEG, PNG or WebP picture."),
        ) from error


def encode_clean(image: Image.Image) -> bytes:
    """Return a picture as a JPEG file that holds its pixels alone; what was see-through is white."""
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    kept = io.BytesIO()
    paper.save(kept, "JPEG", quality=QUALITY, optimize=True)
    return kept.getvalue()


def _copy_pixels(image: Image.Image) -> Image.Image:
    """Return the pixels in a fresh picture, which has no notes of the file's."""
    mode = "RGBA" if image.has_transparency_data else "RGB"
    fresh = Image.new(mode, image.size)
    fresh.paste(image.convert(mode))
    return fresh


def _check_pixels(size: tuple[int, int], most_pixels: int) -> None:
    width, height = size
    if width * height > most_pixels or max(size) > MOST_SIDE:
        limit = f"{most_pixels / 1_000_000:g}"
        raise BadInput(
            Words(f"图片是 {width} × {height} 像素，太大了。", f"The picture is {width} × {height} pixels: too large."),
            mend=Words(
                f"请缩小到 {limit} 百万像素以内、每边不超过 {MOST_SIDE} 像素。",
                f"Make it {limit} million pixels or fewer, no side above {MOST_SIDE}.",
            ),
        )


def _refuse_size(most_bytes: int) -> BadInput:
    limit = f"{most_bytes / 1_048_576:g}"
    return BadInput(
        Words(f"图片文件超过 {limit} MB。", f"The picture's file is larger than {limit} MB."),
        mend=Words("请压缩后再上传。", "Make it smaller, then send it again."),
    )
