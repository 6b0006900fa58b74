"""Which language a text is read as: by the script it is written in, and for Latin letters by its common words."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.yamlio import load_yaml
from canyu.listen.kernels.script import ENGLISH, OTHER, find_scripts
from canyu.listen.kernels.words import find_words, hash_words
from canyu.listen.text import PackedTexts, pack_texts

LANGUAGES = ("other", "zh", "en")  # by the kernel's numbers
MARKUP = re.compile(r"<!--.*?(?:-->|\Z)|</?[a-z][^<>]*>|&#?[a-z0-9]{1,8};", re.IGNORECASE | re.DOTALL)
"""Tags, comments and entities of HTML: their letters are nobody's words."""
WORDS_FILE = Path(__file__).parent / "language_words.yaml"


def detect_language(packed: PackedTexts) -> pa.Array:
    """Return ``zh``, ``en`` or ``other`` per text; a text without letters is ``other``.

    Script tells Chinese. Latin letters are ``en`` only where more words are common in English than in another
    language: a name alone ("iPhone 16 Pro") is ``other``. The letters of HTML tags do not count.

    >>> from canyu.listen.text import pack_texts
    >>> texts = ["SU7 真香", "Great phone!", "Das Handy ist gut", "とても良い", "😀", None]
    >>> detect_language(pack_texts(pa.array(texts))).to_pylist()
    ['zh', 'en', 'other', 'other', 'other', 'other']
    """
    numbers = pa.array(find_languages(packed).astype(np.int32))
    return pa.DictionaryArray.from_arrays(numbers, pa.array(LANGUAGES)).dictionary_decode()


def find_languages(packed: PackedTexts) -> NDArray[np.int8]:
    """Return the place in LANGUAGES per text, int8, shape (n,): what ``detect_language`` says, as numbers."""
    found = _judge(packed)
    other = np.flatnonzero(found == OTHER)
    rows, bare = strip_markup(packed, other) if other.size else (other, None)
    if bare is not None:
        found[rows] = _judge(bare)
    return found


def strip_markup(packed: PackedTexts, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], PackedTexts | None]:
    """Return which of these texts hold HTML tags or entities, and they alone without them; None where none does.

    >>> rows, bare = strip_markup(pack_texts(pa.array(["<b>真香</b>&nbsp;", "1 < 2"])), np.arange(2))
    >>> rows.tolist(), "".join(map(chr, bare.codes)).strip()
    ([0], '真香')
    """
    codes, offsets = take_texts(packed, rows)
    marks = np.concatenate([[0], np.cumsum((codes == ord("<")) | (codes == ord("&")))])
    chosen, texts = [], []
    for place in np.flatnonzero(marks[offsets[1:]] > marks[offsets[:-1]]).tolist():
        text = "".join(map(chr, codes[offsets[place] : offsets[place + 1]].tolist()))
        bare = MARKUP.sub(" ", text)
        if bare != text:
            chosen.append(place)
            texts.append(bare)
    return rows[chosen], pack_texts(pa.array(texts, pa.large_string())) if texts else None


def _judge(packed: PackedTexts) -> NDArray[np.int8]:
    found = find_scripts(packed.codes, packed.offsets)
    latin = np.flatnonzero(found == ENGLISH)
    if latin.size:
        keys, votes = get_language_words()
        hashes, starts = hash_words(*take_texts(packed, latin))
        places = find_words(hashes, keys)
        votes_of = np.where(places >= 0, votes[places], 0)
        sums = np.concatenate([[0], np.cumsum(votes_of)])
        found[latin[sums[starts[1:]] - sums[starts[:-1]] <= 0]] = OTHER
    return found


@cache
def get_language_words() -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the hashes of common words, ascending, and their votes: 1 for English, -1 for another language."""
    listed = load_yaml(WORDS_FILE.read_text("utf-8"))
    english, other = (set(str(listed[name]).split()) for name in ("english", "other"))
    words = sorted(english ^ other)
    keys = hash_list(words)
    order = np.argsort(keys)
    return keys[order], np.array([1 if word in english else -1 for word in words])[order]


def hash_list(words: list[str]) -> NDArray[np.uint64]:
    """Return the hash of each word, one word per text."""
    hashes, _ = hash_words(*_unpack(pack_texts(pa.array(words, pa.large_string()))))
    return np.asarray(hashes)


def take_texts(packed: PackedTexts, rows: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return codes and offsets of these texts alone."""
    lengths = np.diff(packed.offsets)[rows]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    shift = np.repeat(packed.offsets[rows] - offsets[:-1], lengths)
    return packed.codes[np.arange(offsets[-1]) + shift], offsets


def _unpack(packed: PackedTexts) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    return packed.codes, packed.offsets
