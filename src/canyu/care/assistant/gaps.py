"""Questions that no article answered, gathered into drafts that a person writes: those asked most come first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from canyu.care.assistant.rephrasing import mask_personal
from canyu.care.assistant.tokens import fold_text, is_chinese, list_tokens

LEAST_ALIKE = 0.3
"""Of the tokens that a question or a group's core has, so many are in both. Own paraphrases: 0.3 to 0.7, others 0.2."""

CORE_SHARE = 0.34
"""A token belongs to a group's core where so many of its questions have it."""

LEAST_QUESTIONS = 3
MOST_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class DraftArticle:
    """A draft: the question nearest to all others as its title, without a body, which a person must write.

    ``asked``: how many questions it would have answered, repeated ones counted; ``language``: ``zh`` or ``en``.
    """

    id: str
    title: str
    language: str
    asked: int
    questions: tuple[str, ...]

    def write_yaml(self) -> str:
        """Return an entry for a file of articles; it cannot be loaded before a person has written its body."""
        examples = "".join(f"    # {question}\n" for question in self.questions)
        title = self.title.replace("\\", "\\\\").replace('"', '\\"')
        return (
            f'  - id: {self.id}\n    version: 1\n    source: ""\n    title: {{{self.language}: "{title}"}}\n'
            f'    body: {{{self.language}: ""}}\n    # {self.asked}\n{examples}'
        )


@dataclass(slots=True)
class _Group:
    language: str
    questions: Counter[str]
    tokens: Counter[str]
    core: frozenset[str] = frozenset()

    def add_question(self, question: str, times: int, tokens: frozenset[str]) -> None:
        self.questions[question] += times
        for token in tokens:
            self.tokens[token] += times
        least = CORE_SHARE * self.questions.total()
        self.core = frozenset(token for token, count in self.tokens.items() if count >= least)


def draft_articles(questions: Iterable[str], least: int = LEAST_QUESTIONS) -> list[DraftArticle]:
    """Return drafts of the articles that are missing, those that would answer most questions first.

    Each question joins the group whose core it shares most of (Jaccard, at least ``LEAST_ALIKE``), the most frequent
    ones first; groups of fewer than ``least`` questions are left out. The order in which they were asked does not
    matter. Phone numbers and mail addresses are masked, in titles too.

    >>> asked = ["耳机能防水吗", "你们的耳机防水吗", "耳机防水不", "天气怎么样"]
    >>> [(draft.title, draft.asked) for draft in draft_articles(asked)]
    [('你们的耳机防水吗', 3)]
    """
    counted = Counter(_clean(question) for question in questions)
    groups: list[_Group] = []
    for question, times in sorted(counted.items(), key=lambda each: (-each[1], -len(each[0]), each[0])):
        tokens = frozenset(list_tokens(question))
        if not tokens:
            continue
        language = "zh" if is_chinese(question) else "en"
        shares = [(_compare(tokens, group.core), group) for group in groups if group.language == language]
        best = max(shares, key=lambda each: each[0], default=(0.0, None))
        if best[1] is None or best[0] < LEAST_ALIKE:
            groups.append(best_group := _Group(language, Counter(), Counter()))
        else:
            best_group = best[1]
        best_group.add_question(question, times, tokens)
    told = [group for group in groups if group.questions.total() >= least]
    told.sort(key=lambda group: (-group.questions.total(), min(group.questions)))
    return [_draft(group, number) for number, group in enumerate(told, 1)]


def _draft(group: _Group, number: int) -> DraftArticle:
    core = group.core
    nearest = sorted(
        group.questions, key=lambda each: (-_compare(frozenset(list_tokens(each)), core), -group.questions[each], each)
    )
    return DraftArticle(
        f"draft-{number}", nearest[0], group.language, group.questions.total(), tuple(nearest[:MOST_EXAMPLES])
    )


def _clean(question: str) -> str:
    return " ".join(mask_personal(question).split())[:200] if fold_text(question).strip() else ""


def _compare(one: frozenset[str], other: frozenset[str]) -> float:
    both = len(one & other)  # of most pairs nothing: what is in either is counted from it, not gathered
    return both / (len(one) + len(other) - both) if both else 0.0
