"""Where the Chinese letters of a PDF come from: the machine's fonts, or folders named in CANYU_FONTS."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import typst

from canyu.kit.errors import Unsupported
from canyu.kit.words import Words

FAMILIES = (
    "Noto Sans CJK SC",
    "PingFang SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
)


@lru_cache(maxsize=1)
def find_fonts() -> tuple[str, tuple[str, ...]]:
    """Return a family with Chinese letters, and the folders to look in. Raises Unsupported where there is none."""
    folders = tuple(str(folder) for folder in list_folders() if folder.is_dir())
    present = set(typst.Fonts(font_paths=list(folders)).families())
    for family in FAMILIES:
        if family in present:
            return family, folders
    raise Unsupported(
        Words(
            "这台机器没有中文字体，生成的 PDF 无法阅读。",
            "There is no font with Chinese letters on this machine, so a PDF would be unreadable.",
        ),
        mend=Words(
            "请安装一种（Debian：apt-get install fonts-noto-cjk），或在 CANYU_FONTS 中指明字体文件夹，或改用 .html。",
            "Install one (Debian: apt-get install fonts-noto-cjk), name its folder in CANYU_FONTS, or ask for .html.",
        ),
    )


def list_folders() -> list[Path]:
    """Return the folders that may hold fonts beside the system's own."""
    return [Path(part) for part in os.environ.get("CANYU_FONTS", "").split(os.pathsep) if part]
