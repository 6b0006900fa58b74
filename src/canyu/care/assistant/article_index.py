"""Finds articles by BM25 (tantivy) over our own tokens, with the part of the question that each one covers."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import tantivy

from canyu.care.assistant.articles import READ_BY, Article
from canyu.care.assistant.tokens import MEANING, fold_text, list_meanings, list_parts, list_tokens
from canyu.care.case_events import Audience
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

MOST_CHARACTERS = 500
"""Of a question that are read; further on it is a letter, and tokens would cost more than they tell."""

TITLE_WEIGHT = 1.0
ASKED_WEIGHT = 1.0
BODY_WEIGHT = 0.5
PARTS_WEIGHT = 1.0
MEANING_WEIGHT = 2.0
"""Chosen on the development half alone, of 26 combinations: it was right on 123 of 127, as on a plateau around it."""

PRODUCT_BONUS = 10.0
"""Added for an article that is about the very product asked for, not about any."""

_WRITER_BYTES = 15_000_000  # the least that tantivy takes
_ANY_PRODUCT = "*"
_TOLD = re.compile(r"已经|已(?=收|退|取|发|用)|收到了|到了|取消了|退了|好了|\b(?:already|was|were|have)\b")
_ASKING = re.compile(
    r"[?吗呢么嘛]|怎|如何|什么|哪|几|多久|多少|多长|多大|为啥|咋|能不|能否|可否|可以|能|是否|是不是|有没有|想|我要|帮我|需要|申请|查一?下|"
    r"\b(?:how|what|when|where|which|who|why|can|could|may|do|does|is|are|will|would|should|need|want|please|help)\b"
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: what they may read, about which product (any, where none is named), and when (aware)."""

    now: datetime
    audience: Audience = Audience.PUBLIC
    product: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found.

    ``bm25``: tantivy's score; ``covered``: share of the question's weight (inverse document frequency; a token that no
    article has weighs most) that the article holds, from 0 to 1; ``shared``: the
    weight itself that question and article have in common; ``lead``: share of the score by which it is ahead of the
    next one (for those behind the first: 0); ``is_told``: the question says what has been done already,
    and asks nothing; ``has_evidence``: more than a chance is shared, a word of one meaning or two tokens.
    """

    article: Article
    bm25: float
    covered: float
    shared: float
    lead: float
    is_told: bool
    has_evidence: bool


class ArticleIndex:
    """An index in memory, built once per change of the articles: 60 take 0.2 s, and 0.02 s where most are known."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._articles = {article.id: article for article in articles}
        builder = tantivy.SchemaBuilder()
        for name in ("title", "asked", "body", "parts", "meanings"):
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
        for name in ("audience", "products"):
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema)
        self._index.register_tokenizer(
            "whitespace", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        )
        self._tokens = {each.id: _cut_article(each)[1] for each in self._articles.values()}
        self._frequencies = Counter(token for tokens in self._tokens.values() for token in tokens)
        self._fill()
        self._searcher = self._index.searcher()

    def find_article(self, article_id: str) -> Article | None:
        """Return an article as it was when the index was built."""
        return self._articles.get(article_id)

    def find_articles(self, question: str, reader: Reader, most: int = 5) -> list[Hit]:
        """Return the articles that suit the reader, best first; none where no token is found.

        Raises BadInput for an empty question.
        """
        asked = question[:MOST_CHARACTERS]
        tokens = list(dict.fromkeys(list_tokens(asked)))
        parts = list(dict.fromkeys(list_parts(asked)))
        if not asked.strip():
            raise BadInput(Words("问题是空的。", "The question is empty."), mend=Words("请写出问题。", "Write one."))
        if not tokens and not parts:
            return []
        query = self._write_query(tokens, parts, reader)
        found = self._searcher.search(query, limit=max(most, 2) + len(self._articles) // 10, count=False)
        scored: list[tuple[Article, float]] = []
        is_told = _is_told(asked)
        for score, place in found.hits:
            article = self._articles[self._searcher.doc(place)["id"][0]]
            if article.is_valid(reader.now) and article.suits(reader.audience, reader.product):
                scored.append((article, float(score)))
        behind = [score for _, score in scored[1:]] + [0.0]
        return [
            self._measure(article, score, tokens, (1 - behind[0] / score if place == 0 else 0.0, is_told))
            for place, (article, score) in enumerate(scored[:most])
        ]

    def _fill(self) -> None:
        writer = self._index.writer(heap_size=_WRITER_BYTES, num_threads=1)
        for article in self._articles.values():
            writer.add_document(tantivy.Document(id=article.id, **_cut_article(article)[0]))
        writer.commit()
        self._index.reload()

    def _write_query(self, tokens: list[str], parts: list[str], reader: Reader) -> tantivy.Query:
        should = [(name, each, weight) for each in tokens for name, weight in _list_fields(each)]
        should += [("parts", each, PARTS_WEIGHT) for each in parts]
        asked = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Should, tantivy.Query.boost_query(self._write_term(name, each), weight))
                for name, each, weight in should
            ]
        )
        clauses = [(tantivy.Occur.Must, asked), (tantivy.Occur.Must, self._allow("audience", READ_BY[reader.audience]))]
        if reader.product:
            products = (reader.product.replace(" ", "_"), _ANY_PRODUCT)
            clauses.append((tantivy.Occur.Must, self._allow("products", products)))
            named = tantivy.Query.const_score_query(self._allow("products", products[:1]), PRODUCT_BONUS)
            clauses.append((tantivy.Occur.Should, named))
        return tantivy.Query.boolean_query(clauses)

    def _allow(self, name: str, values: Iterable[str]) -> tantivy.Query:
        """Return the condition that a field has one of these values; it adds nothing to the score."""
        either = [(tantivy.Occur.Should, self._write_term(name, str(value))) for value in values]
        return tantivy.Query.const_score_query(tantivy.Query.boolean_query(either), 0.0)

    def _write_term(self, name: str, value: str) -> tantivy.Query:
        option = "basic" if name in {"audience", "products"} else "freq"
        return tantivy.Query.term_query(self._schema, name, value, option)

    def _measure(self, article: Article, bm25: float, tokens: list[str], rest: tuple[float, bool]) -> Hit:
        weights = {token: self._weigh(token) for token in tokens}
        whole = sum(weights.values()) or 1.0
        shared = sum(weight for token, weight in weights.items() if token in self._tokens[article.id])
        return Hit(article, bm25, shared / whole, shared, *rest, self._has_evidence(article, tokens))

    def _has_evidence(self, article: Article, tokens: list[str]) -> bool:
        shared = self._tokens[article.id].intersection(tokens)
        return len(shared) > 1 or any(token.startswith(MEANING) for token in shared)

    def _weigh(self, token: str) -> float:
        """Return the inverse document frequency of a token, as BM25 has it."""
        count, all_of_them = self._frequencies[token], len(self._articles)
        return math.log(1 + (all_of_them - count + 0.5) / (count + 0.5))


def _is_told(question: str) -> bool:
    folded = fold_text(question)
    return _TOLD.search(folded) is not None and _ASKING.search(folded) is None


@lru_cache(maxsize=2048)
def _cut_article(article: Article) -> tuple[dict[str, str], frozenset[str]]:
    """Return the fields of a version as the index takes them, and its tokens; a version never says anything else."""
    title, asked, body = " ".join(article.title), " ; ".join(article.asked), " ".join(article.body)
    meanings = list_meanings(fold_text(title)) * 2 + list_meanings(fold_text(asked)) + list_meanings(fold_text(body))
    fields = {
        "title": " ".join(_list_plain(title)),
        "body": " ".join(_list_plain(body)),
        "asked": " ".join(_list_plain(asked)),
        "parts": " ".join(list_parts(f"{title} {asked} {body}")),
        "meanings": " ".join(meanings),
        "audience": article.audience.value,
        "products": " ".join(each.replace(" ", "_") for each in article.products) or _ANY_PRODUCT,
    }
    return fields, frozenset(list_tokens(_write_whole(article)))


def _write_whole(article: Article) -> str:
    """Return all that an article is found by, as sentences of their own: no pair of characters spans two."""
    return " ; ".join((*article.title, *article.asked, *article.body))


def _list_plain(text: str) -> list[str]:
    return [token for token in list_tokens(text) if not token.startswith(MEANING)]


def _list_fields(token: str) -> list[tuple[str, float]]:
    if token.startswith(MEANING):
        return [("meanings", MEANING_WEIGHT)]
    return [("title", TITLE_WEIGHT), ("asked", ASKED_WEIGHT), ("body", BODY_WEIGHT)]
