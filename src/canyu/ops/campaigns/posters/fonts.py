"""The fonts of the posters: found in one place, chosen by what they can write."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont, features

from canyu.kit.words import Words
from canyu.ops.campaigns.posters.errors import FontsMissing

SCOPE = Path("node_modules") / "@expo-google-fonts"
FAMILIES = {
    "noto-sans-sc": "NotoSansSC",
    "noto-sans": "NotoSans",
    "noto-sans-arabic": "NotoSansArabic",
    "noto-sans-kr": "NotoSansKR",
    "noto-sans-thai": "NotoSansThai",
}
"""In this order: the first one that can write the whole of a text writes it."""
MAIN = "noto-sans-sc"
WEIGHTS = {False: "400Regular", True: "700Bold"}
SHAPED = re.compile("[\u0590-\u109f\u1780-\u17ff\ufb1d-\ufdff\ufe70-\ufeff]")
"""Hebrew and Arabic to Myanmar, Indic scripts and Thai among them; Khmer; forms of Hebrew and Arabic letters."""
NOTHING = "\U0010ffff"  # a letter that no font has


def list_font_folders() -> list[Path]:
    """Return where fonts may be: a checkout's ``fonts`` first, then the folder that an installation brought."""
    return [Path(__file__).resolve().parents[5] / "fonts", Path(sys.prefix) / "share" / "canyu" / "fonts"]


def find_fonts(folders: list[Path] | None = None) -> Path:
    """Return the folder of the font packages; raises FontsMissing with the way to get them."""
    asked = list_font_folders() if folders is None else folders
    for folder in asked:
        if (folder / SCOPE / MAIN).is_dir():
            return folder / SCOPE
    place = next((folder for folder in asked if folder.is_dir()), asked[0])
    raise FontsMissing(
        Words("海报所用的字体还没有安装。", "The fonts of the posters are not installed."),
        mend=Words(
            f"请运行 make install，或在 {place} 中运行 npm ci --ignore-scripts。",
            f"Run make install, or npm ci --ignore-scripts in {place}.",
        ),
    )


@lru_cache(maxsize=256)
def load_font(family: str, size: int, is_bold: bool) -> ImageFont.FreeTypeFont:
    """Return a font, opened once per process; raises FontsMissing."""
    weight = WEIGHTS[is_bold]
    path = find_fonts() / family / weight / f"{FAMILIES[family]}_{weight}.ttf"
    # Chinese and Latin need no shaping, and are set the same where the library for it is absent
    engine = ImageFont.Layout.BASIC if family == MAIN else None
    return ImageFont.truetype(str(path), size, layout_engine=engine)


def choose_family(text: str) -> str:
    """Return the first family that can write the whole text, or else the one that can write most of it.

    >>> choose_family("小明 Ann"), choose_family("محمد")
    ('noto-sans-sc', 'noto-sans-arabic')
    """
    letters = [letter for letter in text if not letter.isspace()]
    return max(FAMILIES, key=lambda family: sum(may_write(family, letter) for letter in letters))


def keep_written(text: str) -> str:
    """Return a text without what its family cannot write, emoji above all: a gap is better than an empty square."""
    family = choose_family(text)
    return " ".join("".join(letter for letter in text if letter.isspace() or may_write(family, letter)).split())


def list_unwritten(text: str) -> list[str]:
    """Return the letters of a text that ``keep_written`` leaves out, each once; marks on a letter are no letters.

    >>> list_unwritten("小明🎉 Ann 🎉❤\ufe0f")
    ['🎉', '❤']
    """
    family = choose_family(text)
    letters = (letter for letter in text if not letter.isspace() and unicodedata.category(letter)[0] != "M")
    return list(dict.fromkeys(letter for letter in letters if not may_write(family, letter)))


def may_write(family: str, letter: str) -> bool:
    """Say whether a family has a letter and this machine sets it right: unjoined Arabic is as bad as squares."""
    return can_write(family, letter) and (is_shaping() or not SHAPED.match(letter))


@lru_cache(maxsize=1)
def is_shaping() -> bool:
    """Say whether scripts whose letters join, reorder or stack are set right here: raqm needs libfribidi for it."""
    return bool(features.check_feature("raqm"))


@lru_cache(maxsize=20_000)
def can_write(family: str, letter: str) -> bool:
    """Say whether a family has a letter."""
    font = load_font(family, 20, False)
    return bytes(font.getmask(letter)) != bytes(font.getmask(NOTHING))
