"""A statement as schema.org ClaimReview, for programs that read the page; what it says is what the page says.

Fields as the search engines' guide of claim reviews asks for: ``claimReviewed``, ``reviewRating`` with
``alternateName`` and ``url`` are needed, ``author`` and ``itemReviewed`` are advised.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from canyu.care.crisis.statement import VERDICTS, Statement, Verdict
from canyu.kit.jsonio import dump_json

RATINGS = {Verdict.TRUE: 5, Verdict.PARTLY: 3, Verdict.MISLEADING: 2, Verdict.FALSE: 1}
"""From 1, false, to 5, true; what is not proven has a name and no number."""
ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


def make_claim_review(statement: Statement, url: str, released_at: datetime, language: str) -> dict[str, Any] | None:
    """Return the data of a released statement; None for one that was withdrawn, which judges nothing.

    ``url``: the whole address of the page; ``language``: the tag of the language that the page is in.
    """
    if statement.verdict is Verdict.WITHDRAWN:
        return None
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": VERDICTS[statement.verdict].say(language)}
    if statement.verdict in RATINGS:
        rating |= {"ratingValue": RATINGS[statement.verdict], "bestRating": 5, "worstRating": 1}
    claimed: dict[str, Any] = {"@type": "Claim"}
    if statement.source:
        claimed["author"] = {"@type": "Organization", "name": statement.source}
    if statement.claimed_on:
        claimed["datePublished"] = statement.claimed_on.isoformat()
    if statement.urls:
        claimed["appearance"] = [{"@type": "CreativeWork", "url": each} for each in statement.urls]
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": url,
        "inLanguage": "zh-Hans" if language.startswith("zh") else "en",
        "datePublished": released_at.date().isoformat(),
        "claimReviewed": say(statement.claim, language),
        "author": {"@type": "Organization", "name": statement.publisher},
        "reviewRating": rating,
        "itemReviewed": claimed,
    }


def say(words: tuple[str, str], language: str) -> str:
    """Return a text in a language; the Chinese where there is no English."""
    chinese, english = words
    return english or chinese if not language.startswith("zh") else chinese


def dump_for_page(data: dict[str, Any]) -> str:
    r"""Return JSON that may stand in a script element: nothing in it ends the element, whatever people wrote.

    >>> dump_for_page({"a": "</script>"})
    '{"a":"\\u003c/script\\u003e"}'
    """
    return dump_json(data).translate(ESCAPES)
