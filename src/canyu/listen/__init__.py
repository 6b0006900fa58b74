"""What people say: language, products, sentiment, kept beside the events they were read from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.listen.batch import Scorer, score_texts
    from canyu.listen.language import detect_language
    from canyu.listen.sentiment import SentimentModel, load_sentiment
    from canyu.listen.text import PackedTexts, pack_texts

__all__ = ["PackedTexts", "Scorer", "SentimentModel", "detect_language", "load_sentiment", "pack_texts", "score_texts"]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.listen.batch": "Scorer score_texts",
        "canyu.listen.language": "detect_language",
        "canyu.listen.sentiment": "SentimentModel load_sentiment",
        "canyu.listen.text": "PackedTexts pack_texts",
    },
)
