"""Where pictures that people sent lie: files of the state folder, each under a name that nobody can guess."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.http import Http404, HttpResponse

from canyu.kit.images import JPEG_TYPE
from canyu.ops.config import load_config

ABANDONED = timedelta(hours=1)
"""A file that no row names was left by a process that was killed; the row of one as young may be on its way."""
ALONE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}


@dataclass(frozen=True, slots=True)
class PictureFolder:
    """The pictures of one room; each has a file of every size, ``sizes`` being what their names end with."""

    name: str
    sizes: tuple[str, ...] = ("",)

    def keep(self, *files: bytes) -> str:
        """Keep a picture, a file for each size in their order; returns its name."""
        name = secrets.token_hex(16)
        for size, data in zip(self.sizes, files, strict=True):
            path = self.find_path(name, size)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_bytes(data)
        return name

    def find_path(self, name: str, size: str = "") -> Path:
        """Return where a picture lies, whose name is hexadecimal digits."""
        digits = f"{int(name, 16):032x}"
        return self._find_root() / digits[:2] / f"{digits}{size}.jpg"

    def drop(self, names: Iterable[str]) -> None:
        """Delete pictures from the disk; one that is gone stays gone."""
        for name in names:
            for size in self.sizes:
                self.find_path(name, size).unlink(missing_ok=True)

    def list_old(self, now: datetime) -> set[str]:
        """Return the names of those that were kept more than an hour ago: a sweep drops what no row names."""
        oldest = (now - ABANDONED).timestamp()
        return {path.stem.partition("-")[0] for path in self._find_root().glob("??/*.jpg") if _is_older(path, oldest)}

    def _find_root(self) -> Path:
        return load_config().state_path / self.name


def answer_picture(path: Path) -> HttpResponse:
    """Return a picture as a file that a browser takes for nothing else; raises Http404 where it is gone."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise Http404(path.stem) from error
    return HttpResponse(data, content_type=JPEG_TYPE, headers=ALONE)


def _is_older(path: Path, oldest: float) -> bool:
    try:
        return path.stat().st_mtime < oldest
    except FileNotFoundError:  # dropped meanwhile
        return False
