"""A checked text cut into stretches, each with the finding that weighs most there; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from canyu.listen.copycheck import Finding, Severity

LIGHTEST_FIRST = (Severity.EXEMPT, Severity.NOTE, Severity.NEEDS_PROOF, Severity.BLOCK)
NOTHING = -1


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text; ``number`` of its finding counts from 1, and is 0 where nothing was found."""

    text: str
    number: int = 0
    style: str = ""


def mark_findings(text: str, findings: Sequence[Finding]) -> list[Part]:
    """Cut a text at its findings; where they overlap the heavier one shows, of equals the first.

    Joined, the parts are the text again.

    >>> from canyu.listen.copycheck import check_copy
    >>> text = "全网蕞低价，第一次买也放心"
    >>> [(part.text, part.number, part.style) for part in mark_findings(text, check_copy(text).findings)]
    [('全网', 0, ''), ('蕞低价', 1, 'block'), ('，第一次买也放心', 0, '')]
    """
    painted = [NOTHING] * len(text)
    order = sorted(range(len(findings)), key=lambda place: (LIGHTEST_FIRST.index(findings[place].severity), -place))
    for place in order:
        start, end = max(findings[place].start, 0), min(findings[place].end, len(text))
        if end > start:
            painted[start:end] = [place] * (end - start)
    parts: list[Part] = []
    at = 0
    for place, stretch in groupby(painted):
        length = len(list(stretch))
        style = "" if place == NOTHING else name_style(findings[place].severity)
        parts.append(Part(text[at : at + length], place + 1, style))
        at += length
    return parts


def name_style(severity: Severity) -> str:
    """Return the style's name of a severity: ``block``, ``unproven``, ``note`` or ``exempt``.

    >>> name_style(Severity.NEEDS_PROOF)
    'unproven'
    """
    return "unproven" if severity is Severity.NEEDS_PROOF else severity.value
