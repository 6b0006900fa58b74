"""Which language a text is read as, by the script it is written in."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from canyu.listen.kernels.script import find_scripts
from canyu.listen.text import PackedTexts

LANGUAGES = ("other", "zh", "en")  # by the kernel's numbers


def detect_language(packed: PackedTexts) -> pa.Array:
    """Return ``zh``, ``en`` or ``other`` per text, by script alone; a text without letters is ``other``.

    ``en`` means plain Latin letters: French without accents is ``en`` too.

    >>> from canyu.listen.text import pack_texts
    >>> detect_language(pack_texts(pa.array(["SU7 真香", "Great phone!", "とても良い", "😀", None]))).to_pylist()
    ['zh', 'en', 'other', 'other', 'other']
    """
    numbers = pa.array(find_scripts(packed.codes, packed.offsets).astype(np.int32))
    return pa.DictionaryArray.from_arrays(numbers, pa.array(LANGUAGES)).dictionary_decode()
