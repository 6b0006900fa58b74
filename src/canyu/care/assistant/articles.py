"""Articles of the knowledge base: what may be said to whom, from when until when, in which version, by which source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from canyu.care.case_events import Audience
from canyu.kit.words import Words

READ_BY = {
    Audience.PUBLIC: frozenset({Audience.PUBLIC}),
    Audience.CUSTOMER: frozenset({Audience.PUBLIC, Audience.CUSTOMER}),
    Audience.INSIDE: frozenset(Audience),
}
"""Whose articles a reader may be answered from: a customer reads what is public too, staff read everything."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article in one version; a text that is not written in a language is empty there.

    It is valid from ``starts_at`` until just before ``ends_at`` (aware; None: without an end), unless withdrawn.
    ``asked``: other ways to ask for it, which the search reads and nobody is shown.
    ``products``: identifiers of the catalogue; none means that it speaks of every product.
    """

    id: str
    version: int
    title: Words
    body: Words
    source: str
    link: str = ""
    audience: Audience = Audience.PUBLIC
    products: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_withdrawn: bool = False

    def is_valid(self, now: datetime) -> bool:
        """Say whether it may be quoted at an instant."""
        has_begun = self.starts_at is None or self.starts_at <= now
        return has_begun and (self.ends_at is None or now < self.ends_at) and not self.is_withdrawn

    def suits(self, reader: Audience, product: str = "") -> bool:
        """Say whether it is for this reader, and speaks of this product (any, where none is named)."""
        return self.audience in READ_BY[reader] and (not product or not self.products or product in self.products)

    def find_language(self, language: str) -> str:
        """Return the language to quote it in: the one asked for where it is written in it, else the other one."""
        wanted, other = ("zh", "en") if language.startswith("zh") else ("en", "zh")
        return wanted if self.body.say(wanted) else other


class Shelf(Protocol):
    """Where articles are kept; asked again just before an answer goes out."""

    def find_article(self, article_id: str) -> Article | None:
        """Return the newest version of an article, or None where there is none."""
        ...


class Library:
    """Articles kept in memory: the shelf of the command, of tests and of a process that loads them all."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._articles = {article.id: article for article in articles}

    def find_article(self, article_id: str) -> Article | None:
        """Return the newest version of an article, or None where there is none."""
        return self._articles.get(article_id)

    def list_articles(self) -> list[Article]:
        """Return every article, withdrawn and outdated ones too, by identifier."""
        return [self._articles[each] for each in sorted(self._articles)]

    def put_article(self, article: Article) -> None:
        """Keep a new article, or a new version in the place of the old one."""
        self._articles[article.id] = article

    def withdraw_article(self, article_id: str) -> None:
        """Withdraw an article at once: no answer quotes it from here on. Raises KeyError where there is none."""
        self._articles[article_id] = replace(self._articles[article_id], is_withdrawn=True)
