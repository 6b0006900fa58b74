"""What a claim is: a sentence that somebody publishes, the figure that it states, and what would prove it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from canyu.kit.words import Words
from canyu.measure.catalogue.query import MetricQuery
from canyu.measure.lift.design import LiftDesign

ABOUT_PERCENT = 5.0
"""How far, in per cent of what is stated, a figure may be off that is "about" it, where the claim says nothing else."""

_CAUSE = re.compile(
    r"带来|带动|拉动|促成|促使|归功于|得益于|因此|从而|使得|(?<!不)推动|引流|"
    r"\b(?:brought|brings?|caused|causes|drove|drives|driven by|led to|leads to|thanks to|because of|due to|"
    r"result(?:s|ed) in|generated|boosted|lifted)\b",
    re.IGNORECASE,
)


class Relation(StrEnum):
    """How the true figure stands to what is stated."""

    AT_LEAST = "at_least"
    ABOUT = "about"
    EXCEEDS = "exceeds"


class Part(StrEnum):
    """Which figure of a lift study is meant: per unit and period, over all of them, or in per cent."""

    EFFECT = "effect"
    TOTAL = "total"
    RELATIVE = "relative"


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim. It is proven by a metric over a period (``query``) or by a lift study (``design``), or by neither.

    ``metric`` is the name that the claim gives; ``query`` is None where the catalogue has no such metric.
    ``stated`` is in the metric's own unit; ``cell`` says which part of a breakdown is meant. ``complete`` says why
    the data hold everything that the figure counts; while it is empty, a count is no more than a lower bound.
    ``within`` is how far off "about" may be, in per cent of what is stated.
    """

    id: str
    statement: Words
    source: str
    stated: float
    relation: Relation
    metric: str = ""
    query: MetricQuery | None = None
    cell: tuple[tuple[str, str], ...] = ()
    design: LiftDesign | None = None
    part: Part = Part.TOTAL
    within: float = ABOUT_PERCENT
    complete: Words | None = None

    @property
    def is_causal(self) -> bool:
        """Whether the sentence says that something brought something about, in either language.

        >>> tell = lambda zh, en: Claim("a", Words(zh, en), "", 1, Relation.ABOUT).is_causal
        >>> tell("口碑带来订单", "orders"), tell("订单", "orders thanks to word of mouth"), tell("订单", "orders")
        (True, True, False)
        """
        return any(_CAUSE.search(text) for text in (self.statement.zh, self.statement.en))
