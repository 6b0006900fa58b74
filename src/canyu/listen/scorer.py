"""The scorer that commands and the console use: every model that is installed, and the catalogue."""

from __future__ import annotations

from pathlib import Path

from canyu.events.catalogue import Catalogue
from canyu.listen.aspects import load_aspects
from canyu.listen.batch import Scorer
from canyu.listen.domains import DomainFinder
from canyu.listen.english import load_english
from canyu.listen.linking import Linker
from canyu.listen.sentiment import load_sentiment
from canyu.listen.storylines import StorylineMatcher, open_storylines


def load_scorer(
    catalogue: Catalogue, *, model: str = "", storylines: str = "", folders: list[Path] | None = None
) -> Scorer:
    """Return what scores texts for this catalogue.

    ``model``: a sentiment model by its version, empty for the newest. ``storylines``: a file of key messages, empty for
    the shipped example. ``folders``: where sentiment models are looked for, None for the installed ones. Raises
    NotFound or BadInput where one of them is missing or cannot be used.
    """
    matcher = StorylineMatcher(open_storylines(storylines))
    chinese, english = load_sentiment(model, folders=folders), load_english()
    return Scorer(chinese, Linker(catalogue), load_aspects(), matcher, DomainFinder(catalogue), english)
