"""The assistant of this process: its index is built anew once the database says that an article changed."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from canyu.care.assistant import (
    Article,
    ArticleIndex,
    Asked,
    Assistant,
    ChatEndpoint,
    HandOver,
    HandOverReason,
    Hit,
    Outcome,
    Reader,
    Rephraser,
)
from canyu.ops.config import load_config
from canyu.ops.knowledge.queries import find_newest, load_newest, make_article, read_change

MOST_HITS = 5


@dataclass(frozen=True, slots=True)
class _Built:
    change: tuple[int, str]
    index: ArticleIndex


_lock = threading.Lock()
_built: list[_Built] = []


class DatabaseShelf:
    """The articles as they are in the database at this moment: what an answer is held against last of all."""

    def find_article(self, article_id: str) -> Article | None:
        """Return the newest version of an article, withdrawn or not, or None where there is none."""
        row = find_newest(article_id)
        return make_article(row) if row else None


def get_index() -> ArticleIndex:
    """Return an index that holds every change committed before this call; one thread builds while others wait."""
    change = read_change()
    if not _built or _built[0].change != change:
        with _lock:
            change = read_change()  # before the articles: an index is as new as its change, or newer
            if not _built or _built[0].change != change:
                _built[:] = [_Built(change, ArticleIndex(load_newest()))]
    return _built[0].index


def make_rephraser() -> Rephraser | None:
    """Return the language model that the settings name; None by default."""
    config = load_config()
    if not config.assistant_endpoint:
        return None
    key = config.assistant_key.get_secret_value()
    return ChatEndpoint(config.assistant_endpoint, config.assistant_model, key, config.assistant_timeout_s)


def answer(asked: Asked) -> Outcome:
    """Answer from the articles as they are; where one changed while the answer was made, once more from those now.

    Raises BadInput for an empty question.
    """
    change = read_change()
    outcome = _make_assistant().answer(asked)
    is_none = isinstance(outcome, HandOver) and outcome.reason is HandOverReason.NO_ARTICLE
    return _make_assistant().answer(asked) if is_none and read_change() != change else outcome


def rank_articles(asked: Asked) -> list[tuple[Hit, float]]:
    """Return the articles found for a question with their scores, best first, below every threshold too."""
    assistant = _make_assistant()
    reader = Reader(asked.now, asked.audience, asked.product)
    found = assistant.index.find_articles(asked.question, reader, MOST_HITS)
    return [(hit, assistant.confidence.estimate(hit)) for hit in found]


def _make_assistant() -> Assistant:
    return Assistant(get_index(), DatabaseShelf(), rephraser=make_rephraser())
