"""Storylines: what a brand would like people to say, whether they say it, and what they say against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.listen.storylines.background import train_storylines
    from canyu.listen.storylines.definition_file import check_storylines, open_storylines, parse_storylines
    from canyu.listen.storylines.definitions import (
        ASKED,
        DENIED,
        Counter,
        Stance,
        Storyline,
        Storylines,
        get_stance,
        get_storyline,
    )
    from canyu.listen.storylines.matcher import StorylineMatcher
    from canyu.listen.storylines.pull_through import (
        CARRIERS_SCHEMA,
        GROWTH_SCHEMA,
        OWN_SCHEMA,
        PULL_THROUGH_SCHEMA,
        PullThroughSettings,
        compute_carrying,
        compute_growth,
        compute_own,
        compute_pull_through,
        find_first_carriers,
    )
    from canyu.listen.storylines.words import CAVEAT_MATCH, DEFINITIONS

__all__ = [
    "ASKED",
    "CARRIERS_SCHEMA",
    "CAVEAT_MATCH",
    "DEFINITIONS",
    "DENIED",
    "GROWTH_SCHEMA",
    "OWN_SCHEMA",
    "PULL_THROUGH_SCHEMA",
    "Counter",
    "PullThroughSettings",
    "Stance",
    "Storyline",
    "StorylineMatcher",
    "Storylines",
    "check_storylines",
    "compute_carrying",
    "compute_growth",
    "compute_own",
    "compute_pull_through",
    "find_first_carriers",
    "get_stance",
    "get_storyline",
    "open_storylines",
    "parse_storylines",
    "train_storylines",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.listen.storylines.background": "train_storylines",
        "canyu.listen.storylines.definition_file": "check_storylines open_storylines parse_storylines",
        "canyu.listen.storylines.definitions": "ASKED DENIED Counter Stance Storyline Storylines "
        "get_stance get_storyline",
        "canyu.listen.storylines.matcher": "StorylineMatcher",
        "canyu.listen.storylines.pull_through": "CARRIERS_SCHEMA GROWTH_SCHEMA PULL_THROUGH_SCHEMA PullThroughSettings "
        "OWN_SCHEMA compute_carrying compute_growth compute_own compute_pull_through find_first_carriers",
        "canyu.listen.storylines.words": "CAVEAT_MATCH DEFINITIONS",
    },
)
