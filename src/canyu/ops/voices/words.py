"""What aspects, storylines, emotions and polarities are called, for every page that names one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from canyu.kit.words import Words
from canyu.listen.aspects import load_taxonomy
from canyu.listen.storylines import Storylines, open_storylines

POLARITIES: dict[str, Words] = {
    "1": Words("好评", "praise"),
    "0": Words("中性", "neither praise nor blame"),
    "-1": Words("抱怨", "blame"),
}
POLARITY_STYLES = {"1": "good", "0": "even", "-1": "bad"}
POLARITY_SIGNS = {"1": "+", "0": "=", "-1": "−"}


@lru_cache(maxsize=1)
def get_aspect_names() -> Mapping[str, Words]:
    """Return the name of every aspect of the taxonomy."""
    return {aspect.id: aspect.name for aspect in load_taxonomy().aspects}


@lru_cache(maxsize=1)
def get_domain_names() -> Mapping[str, Words]:
    """Return the name of every kind of product of the taxonomy."""
    return {domain.id: domain.name for domain in load_taxonomy().domains}


@lru_cache(maxsize=1)
def get_storylines() -> Storylines:
    """Return the storylines that posts are scored by, read once per process."""
    return open_storylines()
