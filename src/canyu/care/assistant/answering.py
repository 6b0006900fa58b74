"""The assistant: answers from articles above a calibrated score, asks back once, and hands over otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from canyu.care.assistant.article_index import ArticleIndex, Hit, Reader
from canyu.care.assistant.articles import Article, Shelf
from canyu.care.assistant.confidence import DEFAULT_CONFIDENCE, Confidence
from canyu.care.assistant.faithful import Unfaithful, trace_sentences
from canyu.care.assistant.handing_over import MESSAGES, HandOverReason, find_reason
from canyu.care.assistant.rephrasing import Rephraser, RephrasingFailure
from canyu.care.assistant.sentences import split_sentences
from canyu.care.assistant.tokens import is_chinese
from canyu.care.case_events import Audience
from canyu.kit.words import Words

CLEAR_LEAD = 0.03
"""By so much the first article's chance must be above the second's; else the question fits both, and is asked back."""

MOST_CHOICES = 3
"""Titles that are shown where the assistant asks back, or an agent takes over."""

ASK_BACK = Words(
    "没有完全听懂。是下面的哪一个？都不是的话请换个说法。",
    "I am not sure what you mean. Is it one of these? If not, please say it in other words.",
)


class Rephrasing(StrEnum):
    """What became of the language model's part in an answer."""

    OFF = "off"
    TAKEN = "taken"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: who asks, when (aware), about which product, and how often the assistant was unsure in this talk.

    ``language``: ``zh`` or ``en``; where it is empty the question's own letters tell.
    """

    question: str
    now: datetime
    audience: Audience = Audience.PUBLIC
    product: str = ""
    times_unsure: int = 0
    language: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """An article as an answer names it; ``score``: the chance, from 0 to 1, that it is the right one."""

    article: str
    version: int
    title: str
    link: str
    source: str
    score: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer and the one it comes from: ``place`` in the article's body, from 0 on, and its words."""

    text: str
    article: str
    version: int
    place: int
    original: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, every sentence of it from the articles in ``sources``.

    ``related``: other articles above the score, titles only. ``refusal``: why a rephrased answer did not go out.
    """

    language: str
    sentences: tuple[Sentence, ...]
    sources: tuple[Source, ...]
    related: tuple[Source, ...] = ()
    rephrasing: Rephrasing = Rephrasing.OFF
    refusal: str = ""

    @property
    def text(self) -> str:
        """The sentences, one after the other."""
        return ("" if self.language == "zh" else " ").join(each.text for each in self.sentences)


@dataclass(frozen=True, slots=True)
class AskBack:
    """The assistant is unsure for the first time: it shows titles and asks again, and says nothing else."""

    message: Words
    choices: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class HandOver:
    """A person takes over. ``message`` is for the customer, ``near`` for the agent: it may be of no use."""

    reason: HandOverReason
    message: Words
    near: tuple[Source, ...] = ()


Outcome = Answer | AskBack | HandOver


@dataclass(frozen=True, slots=True)
class Assistant:
    """Answers from an index, and asks the shelf again before anything goes out."""

    index: ArticleIndex
    shelf: Shelf
    confidence: Confidence = DEFAULT_CONFIDENCE
    rephraser: Rephraser | None = None

    def answer(self, asked: Asked) -> Outcome:
        """Return an answer whose articles are valid now in the version quoted, or ask back, or hand over.

        Raises BadInput for an empty question.
        """
        reason = find_reason(asked.question)
        if reason is not None:
            return _hand_over(reason)
        language = asked.language or ("zh" if is_chinese(asked.question) else "en")
        reader = Reader(asked.now, asked.audience, asked.product)
        scored = [(hit, self.confidence.estimate(hit)) for hit in self.index.find_articles(asked.question, reader, 5)]
        near = tuple(_name_source(hit.article, score, language) for hit, score in scored[:MOST_CHOICES])
        if not scored or scored[0][1] < self.confidence.ask_from:
            return _hand_over(HandOverReason.NO_ARTICLE, near)
        is_torn = len(scored) > 1 and scored[0][1] - scored[1][1] < CLEAR_LEAD
        if is_torn or scored[0][1] < self.confidence.answer_from:
            if asked.times_unsure:
                return _hand_over(HandOverReason.UNSURE, near)
            return self._drop_stale(AskBack(ASK_BACK, near), asked)
        above = [(hit, score) for hit, score in scored if score >= self.confidence.answer_from]
        return self._drop_stale(self._write_answer(asked, language, above), asked)

    def _write_answer(self, asked: Asked, language: str, above: Sequence[tuple[Hit, float]]) -> Answer:
        (hit, score), *others = above
        article = hit.article
        written = article.find_language(language)
        originals = split_sentences(article.body.say(written))
        sentences, rephrasing, refusal = self._rephrase(asked.question, article, originals, written)
        return Answer(
            written,
            sentences,
            (_name_source(article, score, written),),
            tuple(_name_source(each.article, chance, written) for each, chance in others[: MOST_CHOICES - 1]),
            rephrasing,
            refusal,
        )

    def _rephrase(
        self, question: str, article: Article, originals: list[str], language: str
    ) -> tuple[tuple[Sentence, ...], Rephrasing, str]:
        plain = tuple(Sentence(text, article.id, article.version, place, text) for place, text in enumerate(originals))
        if self.rephraser is None:
            return plain, Rephrasing.OFF, ""
        try:
            told = self.rephraser.rephrase(question, originals, language)
        except RephrasingFailure as failure:
            return plain, Rephrasing.FAILED, str(failure)
        traced = trace_sentences(told, originals)
        if isinstance(traced, Unfaithful):
            return plain, Rephrasing.REFUSED, traced.fault.value
        taken = tuple(
            Sentence(each.text, article.id, article.version, each.place, originals[each.place]) for each in traced
        )
        return taken, Rephrasing.TAKEN, ""

    def _drop_stale(self, outcome: Answer | AskBack, asked: Asked) -> Outcome:
        """Return the outcome without titles of changed articles; hand over where it quotes one.

        What may be quoted is decided by the shelf, last of all: an article may be withdrawn, replaced or made internal
        between the search and this line.
        """
        if isinstance(outcome, AskBack):
            choices = tuple(each for each in outcome.choices if self._is_current(each, asked))
            return AskBack(outcome.message, choices) if choices else _hand_over(HandOverReason.NO_ARTICLE)
        if not all(self._is_current(each, asked) for each in outcome.sources):
            return _hand_over(HandOverReason.NO_ARTICLE)
        related = tuple(each for each in outcome.related if self._is_current(each, asked))
        return Answer(
            outcome.language, outcome.sentences, outcome.sources, related, outcome.rephrasing, outcome.refusal
        )

    def _is_current(self, source: Source, asked: Asked) -> bool:
        article = self.shelf.find_article(source.article)
        return (
            article is not None
            and article.version == source.version
            and article.is_valid(asked.now)
            and article.suits(asked.audience, asked.product)
        )


def _hand_over(reason: HandOverReason, near: tuple[Source, ...] = ()) -> HandOver:
    return HandOver(reason, MESSAGES[reason], near)


def _name_source(article: Article, score: float, language: str) -> Source:
    title = article.title.say(article.find_language(language))
    return Source(article.id, article.version, title, article.link, article.source, round(score, 3))
