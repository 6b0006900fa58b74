"""A copy as the rules read it: folded, freed of what stands between letters, disguises undone, places remembered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import pyarrow as pa

from canyu.listen.copycheck.lexicon import load_lexicon
from canyu.listen.text import pack_texts

# What people put between the letters of a term: blanks, dots, stars, zero-width and combining marks, emoji. Between
# two digits such a sign is part of a number (99.9, 1-11), and a line's end is an end.
BETWEEN = (
    r"[ \t\r\x00-\x08\x0b-\x1f\x7f-\xa0.·•‧∙・*_~^\-\\+=`'’‘|¦丨\u00ad\u0300-\u036f\u180e\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u20d0-\u20ff\u2500-\u2775\u2794-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\ufeff\U0001f000-\U0001faff"
    r"\U000e0000-\U000e007f]"
)
NOISY = re.compile(BETWEEN)  # a quick look: most texts hold no such sign
NOISE = re.compile(rf"(?<![0-9]){BETWEEN}+|{BETWEEN}+(?![0-9])")
SLASH = re.compile(r"(?<=[一-龥])/(?=[一-龥])")
# Every disguise in tricks.yaml holds one of these.
TRICKY = frozenset("蕞朂嶵嘬嘴醉罪晬①❶㈠壹⒈ⅰ1弟递帝地惟维鼎丁顶囯嘉佳决至君№㏍氵abcdefghijklmnopqrstuvwxyz")
SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class PlainCopy:
    """``plain[i]`` stands for ``text[starts[i]:ends[i]]``; ``folded`` is as long as ``text``."""

    text: str
    folded: str
    plain: str
    starts: Sequence[int]
    ends: Sequence[int]

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the original of a place in ``plain`` (``start`` < ``end``)."""
        return self.starts[start], self.ends[end - 1]

    def is_disguised(self, start: int, end: int) -> bool:
        """Say whether the original wrote this place otherwise than plainly (width, case and script aside)."""
        first, last = self.locate(start, end)
        return self.folded[first:last] != self.plain[start:end]


def read_copies(texts: Sequence[str]) -> Iterator[PlainCopy]:
    """Yield every text as the rules read it, in order; lone surrogates count as unknown characters."""
    try:
        column = pa.array(texts, pa.large_string())
    except UnicodeEncodeError:
        column = pa.array([SURROGATES.sub("\ufffd", text) for text in texts], pa.large_string())
    packed = pack_texts(column)
    whole = packed.codes.astype("<u4", copy=False).tobytes().decode("utf-32-le")
    offsets = packed.offsets.tolist()
    for text, first, last in zip(texts, offsets, offsets[1:], strict=False):
        yield _undo(text, whole[first:last])


def _undo(text: str, folded: str) -> PlainCopy:
    plain = folded
    starts: Sequence[int] = range(len(folded))
    ends: Sequence[int] = range(1, len(folded) + 1)
    if NOISY.search(plain):
        plain, starts, ends = _replace(plain, starts, ends, NOISE, {})
    if "/" in plain:
        plain, starts, ends = _replace(plain, starts, ends, SLASH, {})
    if not TRICKY.isdisjoint(plain):
        plain, starts, ends = _replace(plain, starts, ends, *_load_tricks())
    return PlainCopy(text, folded, plain, starts, ends)


def _replace(
    plain: str, starts: Sequence[int], ends: Sequence[int], pattern: re.Pattern[str], names: dict[str, str]
) -> tuple[str, Sequence[int], Sequence[int]]:
    """Replace each match by what its group's name stands for; a replacement's characters share the match's place."""
    if not pattern.search(plain):
        return plain, starts, ends
    pieces: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    done = 0
    for match in pattern.finditer(plain):
        first, last = match.span()
        put = names[match.lastgroup] if match.lastgroup else ""
        pieces += (plain[done:first], put)
        new_starts += starts[done:first]
        new_ends += ends[done:first]
        new_starts += [starts[first]] * len(put)
        new_ends += [ends[last - 1]] * len(put)
        done = last
    pieces.append(plain[done:])
    new_starts += starts[done:]
    new_ends += ends[done:]
    return "".join(pieces), new_starts, new_ends


@cache
def _load_tricks() -> tuple[re.Pattern[str], dict[str, str]]:
    tricks = load_lexicon().tricks
    names = {f"t{number}": meant for number, meant in enumerate(tricks)}
    return re.compile("|".join(f"(?P<{name}>{tricks[meant]})" for name, meant in names.items())), names
