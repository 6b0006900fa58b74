"""The only place that makes images of entries: looked at before they are decoded, drawn anew, in two sizes."""

from __future__ import annotations

from dataclasses import dataclass

from canyu.kit.images import Limits, open_image, write_jpeg
from canyu.ops.pictures import PictureFolder

LIMITS = Limits(most_bytes=8 << 20, most_pixels=40_000_000, most_side=1_600)
SMALL = 480
SMALL_END = "-s"
IMAGES = PictureFolder("challenge-media", (SMALL_END, ""))


@dataclass(frozen=True, slots=True)
class Picture:
    """One image twice, both JPEG files without any metadata."""

    large: bytes
    small: bytes


def clean_image(data: bytes) -> Picture:
    """Return an image made anew from its pixels alone; what else was in the file is gone. Raises BadInput."""
    image = open_image(data, LIMITS)
    large = write_jpeg(image)
    image.thumbnail((SMALL, SMALL))
    return Picture(large, write_jpeg(image))
