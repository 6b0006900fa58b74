"""The only place that keeps images: looked at before they are decoded, made anew from their pixels, kept as files."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from canyu.kit.images import Limits, open_image, write_jpeg
from canyu.ops.config import load_config

LIMITS = Limits(most_bytes=8 << 20, most_pixels=40_000_000, most_side=1_600)
SMALL = 480
FOLDER = "challenge-media"
ABANDONED = timedelta(hours=1)
"""A file that no entry names is left over from a process that was killed; one as young may belong to an open form."""


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
