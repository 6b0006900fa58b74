"""Text from outside, made fit for XML and HTML: what these cannot hold is a blank."""

from __future__ import annotations

import re

# XML 1.0, section 2.2: no control characters but tab and line ends, no surrogates, neither U+FFFE nor U+FFFF.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def make_fit(text: str) -> str:
    r"""Return the text with a blank for every character that XML cannot hold.

    >>> make_fit("小米\x00 su7\x1b[31m")
    '小米  su7 [31m'
    """
    return _UNFIT.sub(" ", text)
