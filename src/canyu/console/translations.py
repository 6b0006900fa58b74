"""Turns the written translations (.po) into what gettext reads (.mo), without any system tool."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

logger = logging.getLogger("canyu.console")
LOCALE_FOLDER = Path(__file__).resolve().parent / "locale"


def compile_catalogues(folder: Path = LOCALE_FOLDER) -> list[Path]:
    """Compile every catalogue that changed; return what was written. Atomic: a reader sees the old or the new one."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        try:
            _compile_one(source, target)
        except OSError as error:
            # installed where nobody may write: English, its own translation, is still complete
            logger.warning("%s cannot be written (%s): install Canyu with its compiled texts.", target, error.strerror)
            continue
        written.append(target)
    return written


def _compile_one(source: Path, target: Path) -> None:
    with source.open("rb") as stream:
        catalogue = read_po(stream)
    draft = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with draft.open("wb") as stream:
        write_mo(stream, catalogue)
    draft.replace(target)
