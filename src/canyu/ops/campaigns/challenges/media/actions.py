"""The only place that keeps images: looked at before they are decoded, made anew from their pixels, kept as files."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from canyu.ops.campaigns.challenges.errors import ImageUnusable
from canyu.ops.config import load_config

MOST_BYTES = 8 << 20
MOST_PIXELS = 40_000_000
"""What a header may claim: a bomb says how large it is before a single pixel is decoded."""
LARGE, SMALL = 1600, 480
KINDS = ("JPEG", "PNG", "WEBP")
FOLDER = "challenge-media"
ABANDONED = timedelta(hours=1)
"""A file that no entry names is left over from a process that was killed; one as young may belong to an open form."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One image twice, both JPEG files without any metadata."""

    large: bytes
    small: bytes


def clean_image(data: bytes) -> Picture:
    """Return an image made anew from its pixels alone; what else was in the file is gone.

    Raises ImageUnusable where it is too large, too many pixels, broken, or no JPEG, PNG or WebP.
    """
    if len(data) > MOST_BYTES:
        raise ImageUnusable(
            _("The image is larger than %s MB.") % (MOST_BYTES >> 20), mend=_("Make it smaller, then send it again.")
        )
    try:
        with Image.open(io.BytesIO(data), formats=KINDS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise ImageUnusable(
                    _("The image has more than %s million pixels.") % (MOST_PIXELS // 1_000_000),
                    mend=_("Make it smaller, then send it again."),
                )
            opened.draft("RGB", (LARGE, LARGE))
            image = _flatten(ImageOps.exif_transpose(opened))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageUnusable(
            _("The file is no image that can be shown."), mend=_("Send a whole JPEG, PNG or WebP image.")
        ) from error
    return Picture(_write(image, LARGE), _write(image, SMALL))


def keep_picture(picture: Picture) -> str:
    """Keep an image under a name that nobody guesses; returns the name."""
    name = secrets.token_hex(16)
    for is_small, data in ((True, picture.small), (False, picture.large)):
        path = locate_picture(name, is_small=is_small)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return name


def locate_picture(name: str, *, is_small: bool) -> Path:
    """Return where an image lies."""
    return load_config().state_path / FOLDER / name[:2] / f"{name}{'-s' if is_small else ''}.jpg"


def drop_pictures(names: Iterable[str]) -> None:
    """Delete images from the disk; one that is gone stays gone."""
    for name in names:
        for is_small in (True, False):
            locate_picture(name, is_small=is_small).unlink(missing_ok=True)


def list_old_pictures(now: datetime) -> set[str]:
    """Return the names of the images that were kept more than an hour ago."""
    folder, oldest = load_config().state_path / FOLDER, (now - ABANDONED).timestamp()
    found = folder.glob("??/*.jpg") if folder.is_dir() else ()
    return {path.stem.removesuffix("-s") for path in found if path.stat().st_mtime < oldest}


def _flatten(image: Image.Image) -> Image.Image:
    """Return an image in plain colours, on white where it was clear."""
    if image.mode in {"RGB", "L"}:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    white = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(white, clear).convert("RGB")


def _write(image: Image.Image, longest: int) -> bytes:
    small, told = image.copy(), io.BytesIO()
    small.thumbnail((longest, longest))
    small.info.clear()
    small.save(told, "JPEG", quality=82, optimize=True)
    return told.getvalue()
