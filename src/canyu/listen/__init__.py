"""What people say: language, products, sentiment, kept beside the events they were read from."""

from __future__ import annotations

from canyu.listen.batch import Scorer, score_texts
from canyu.listen.language import detect_language
from canyu.listen.sentiment import SentimentModel, load_sentiment
from canyu.listen.text import PackedTexts, pack_texts

__all__ = ["PackedTexts", "Scorer", "SentimentModel", "detect_language", "load_sentiment", "pack_texts", "score_texts"]
