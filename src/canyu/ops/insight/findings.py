"""What was found in a post, in words: aspects, emotion and storylines, in its text and above a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import get_language

from canyu.kit.words import Words
from canyu.measure.emotions import EMOTIONS
from canyu.ops.insight.posts import Opinion
from canyu.ops.insight.rules import ANY_FINDING, ANY_GROUP, ASPECT_MARK, ONLY, WITHOUT, PostsQuery
from canyu.ops.voices.words import (
    POLARITIES,
    POLARITY_SIGNS,
    POLARITY_STYLES,
    get_aspect_names,
    get_storylines,
)

GROUP_WORDS = Words("一组协同账号", "one group of accounts that post as one")
ANY_GROUP_WORDS = Words("各组协同账号", "groups of accounts that post as one")
ONCE_WORDS = Words("去重", "without copies")
ACCOUNT_WORDS = {
    WITHOUT: Words("不含品牌官方账号", "without the brands' own accounts"),
    ONLY: Words("仅品牌官方账号", "the brands' own accounts only"),
}


def mark_opinions(parts: Iterable[tuple[str, str]], labels: Mapping[str, Words]) -> list[tuple[str, str, str, str]]:
    """Return each stretch of a text with what the hover says, the style of its mark and its sign; none are empty."""
    return [_mark(text, found_id, labels) for text, found_id in parts]


def name_opinion(opinion: Opinion) -> tuple[Words, Words, str, str]:
    """Return what an opinion is about, what is thought, and the style and sign of that."""
    key = str(opinion.polarity)
    return _name_aspect(opinion.aspect), POLARITIES[key], POLARITY_STYLES[key], POLARITY_SIGNS[key]


def name_findings(query: PostsQuery) -> list[tuple[Words, str]]:
    """Return the findings that a list is narrowed to, each with the parameter that states it."""
    found = []
    if query.aspect:
        found.append((_name_aspect(query.aspect), "aspect"))
    if query.polarity:
        found.append((POLARITIES[query.polarity], "polarity"))
    if query.storyline:
        usual = Words("任一传播主张", "any key message") if query.storyline == ANY_FINDING else None
        name = usual or get_storylines().names.get(query.storyline, Words(query.storyline, query.storyline))
        found.append((name, "storyline"))
    if query.emotion:
        found.append((EMOTIONS[query.emotion], "emotion"))
    if query.group:
        found.append((ANY_GROUP_WORDS if query.group == ANY_GROUP else GROUP_WORDS, "group"))
    if query.is_once:
        found.append((ONCE_WORDS, "copies"))
    if query.accounts:
        found.append((ACCOUNT_WORDS[query.accounts], "accounts"))
    return found


def _mark(text: str, found_id: str, labels: Mapping[str, Words]) -> tuple[str, str, str, str]:
    language = get_language() or ""
    if not found_id.startswith(ASPECT_MARK):
        return text, labels[found_id].say(language) if found_id in labels else found_id, "", ""
    polarity, _, aspect = found_id.removeprefix(ASPECT_MARK).partition(":")
    told = f"{_name_aspect(aspect).say(language)} · {POLARITIES[polarity].say(language)}"
    return text, told, POLARITY_STYLES[polarity], POLARITY_SIGNS[polarity]


def _name_aspect(aspect: str) -> Words:
    if aspect == ANY_FINDING:
        return Words("任一方面", "any aspect")
    return get_aspect_names().get(aspect, Words(aspect, aspect))
