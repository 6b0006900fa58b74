"""Which aspects a post speaks of, where, and how it finds them: words of a taxonomy and trained heads together."""

from __future__ import annotations

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
