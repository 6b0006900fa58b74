"""What a column is, told by its header: synonyms from a data file, and a look at the first values."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

from canyu.kit.yamlio import load_yaml

NOISE = re.compile(r"[\s_\-.:：/]+|[(（\[【].*?[)）\]】]")


def normalise_header(name: str) -> str:
    """Return a header without case, spaces, marks and what stands in brackets.

    >>> normalise_header(" Created_At "), normalise_header("实付金额（元）")
    ('createdat', '实付金额')
    """
    return NOISE.sub("", unicodedata.normalize("NFKC", name).casefold()) or name


@cache
def load_synonyms() -> dict[str, dict[str, int]]:
    """Return role -> normalised header -> how specific it is (0 is the most specific)."""
    text = files("canyu.events.importers").joinpath("headers.yaml").read_text("utf-8")
    document: dict[str, list[str]] = load_yaml(text)
    return {
        role: {normalise_header(str(name)): place for place, name in reversed(list(enumerate(names)))}
        for role, names in document.items()
    }


def recognise_headers(names: list[str]) -> dict[str, str]:
    """Return role -> column for the columns whose header is known; each role takes its most specific column."""
    roles: dict[str, str] = {}
    for role, synonyms in load_synonyms().items():
        ranked = [
            (synonyms[normalise_header(name)], at)
            for at, name in enumerate(names)
            if normalise_header(name) in synonyms
        ]
        if ranked:
            roles[role] = names[min(ranked)[1]]
    return roles
