"""Opens pictures of strangers: only few formats, measured before they are decoded, upright, without their metadata."""

from __future__ import annotations

import io
import struct
import zlib

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from canyu.ops.campaigns.posters.errors import PictureUnusable

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_BYTES = 8 << 20
MOST_PIXELS = 30_000_000
"""A telephone's 24 megapixels and a little; decoded it is 120 MB for a moment."""
MOST_SIDE = 1200
BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, IndexError, KeyError, OverflowError)
"""What Pillow raises over files that are damaged on purpose."""


def open_picture(content: bytes, most_side: int = MOST_SIDE) -> Image.Image:
    """Return the first frame of a picture in RGB, upright, no side longer than ``most_side``.

    What a file says of itself beside its pixels is not believed and not kept. Raises PictureUnusable.
    """
    if len(content) > MOST_BYTES:
        raise PictureUnusable(
            _("The picture is over %d MiB.") % (MOST_BYTES >> 20), mend=_("Make it smaller, then choose it again.")
        )
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise PictureUnusable(
                _("The picture has more than %d million pixels.") % (MOST_PIXELS // 1_000_000),
                mend=_("Make it smaller, then choose it again."),
            )
        picture.draft("RGB", (most_side, most_side))  # a large JPEG is decoded at a fraction of its size, not whole
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((most_side, most_side))
        return _flatten(upright)
    except (*BROKEN, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureUnusable(
            _("The file is no picture that can be shown, or it is damaged."),
            mend=_("Choose a JPEG, PNG, WebP or GIF file."),
        ) from error


def _flatten(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I;16") or picture.mode == "I":
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    white = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(white, clear).convert("RGB")
