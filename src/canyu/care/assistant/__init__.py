"""The assistant: articles with versions, answers only from them, and a hand-over with its reason otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.care.assistant.answering import (
        Answer,
        AskBack,
        Asked,
        Assistant,
        HandOver,
        Outcome,
        Rephrasing,
        Sentence,
        Source,
    )
    from canyu.care.assistant.article_file import load_articles, parse_articles
    from canyu.care.assistant.article_index import ArticleIndex, Hit, Reader
    from canyu.care.assistant.articles import Article, Library, Shelf
    from canyu.care.assistant.confidence import DEFAULT_CONFIDENCE, Confidence, fit_confidence
    from canyu.care.assistant.faithful import Fault, Traced, Unfaithful, trace_sentences
    from canyu.care.assistant.gaps import DraftArticle, draft_articles
    from canyu.care.assistant.guard import Promise, PromiseKind, find_promises
    from canyu.care.assistant.handing_over import HandOverReason, find_reason
    from canyu.care.assistant.rephrasing import ChatEndpoint, Rephraser, RephrasingFailure, mask_personal

HOMES = {
    "canyu.care.assistant.answering": "Answer AskBack Asked Assistant HandOver Outcome Rephrasing Sentence Source",
    "canyu.care.assistant.article_file": "load_articles parse_articles",
    "canyu.care.assistant.article_index": "ArticleIndex Hit Reader",
    "canyu.care.assistant.articles": "Article Library Shelf",
    "canyu.care.assistant.confidence": "DEFAULT_CONFIDENCE Confidence fit_confidence",
    "canyu.care.assistant.faithful": "Fault Traced Unfaithful trace_sentences",
    "canyu.care.assistant.gaps": "DraftArticle draft_articles",
    "canyu.care.assistant.guard": "Promise PromiseKind find_promises",
    "canyu.care.assistant.handing_over": "HandOverReason find_reason",
    "canyu.care.assistant.rephrasing": "ChatEndpoint Rephraser RephrasingFailure mask_personal",
}

__all__ = [
    "DEFAULT_CONFIDENCE",
    "Answer",
    "Article",
    "ArticleIndex",
    "AskBack",
    "Asked",
    "Assistant",
    "ChatEndpoint",
    "Confidence",
    "DraftArticle",
    "Fault",
    "HandOver",
    "HandOverReason",
    "Hit",
    "Library",
    "Outcome",
    "Promise",
    "PromiseKind",
    "Reader",
    "Rephraser",
    "Rephrasing",
    "RephrasingFailure",
    "Sentence",
    "Shelf",
    "Source",
    "Traced",
    "Unfaithful",
    "draft_articles",
    "find_promises",
    "find_reason",
    "fit_confidence",
    "load_articles",
    "mask_personal",
    "parse_articles",
    "trace_sentences",
]

__getattr__ = load_lazily(__name__, HOMES)
