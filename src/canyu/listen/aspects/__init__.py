"""Which aspects a post speaks of, where, and how it finds them: words of a taxonomy and trained heads together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.listen.aspects.evaluation import AspectFigures, evaluate_aspects
    from canyu.listen.aspects.model import FINDING, AspectModel, AspectTerm, load_aspects
    from canyu.listen.aspects.recipe import train_aspects
    from canyu.listen.aspects.taxonomy import Aspect, Domain, Taxonomy, load_taxonomy, parse_taxonomy

__all__ = [
    "FINDING",
    "Aspect",
    "AspectFigures",
    "AspectModel",
    "AspectTerm",
    "Domain",
    "Taxonomy",
    "evaluate_aspects",
    "load_aspects",
    "load_taxonomy",
    "parse_taxonomy",
    "train_aspects",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.listen.aspects.evaluation": "AspectFigures evaluate_aspects",
        "canyu.listen.aspects.model": "FINDING AspectModel AspectTerm load_aspects",
        "canyu.listen.aspects.recipe": "train_aspects",
        "canyu.listen.aspects.taxonomy": "Aspect Domain Taxonomy load_taxonomy parse_taxonomy",
    },
)
