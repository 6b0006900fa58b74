"""A proof as a program reads it, and estimates in one line for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.measure.estimate import Estimate
    from canyu.measure.figure import Proof


def describe_proof(proof: Proof) -> dict[str, Any]:
    """Return how a figure came to be, as a program reads it."""
    return {
        "definition": proof.definition.en,
        "sql": proof.sql,
        "versions": proof.versions,
        "rows": proof.rows,
        "engine": proof.engine,
        "caveats": [caveat.en for caveat in proof.caveats],
    }


def tell_number(value: float) -> str:
    """Return a number with the digits that people read.

    >>> tell_number(148123.7), tell_number(3.07512)
    ('148,124', '3.075')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def tell_p_value(value: float) -> str:
    """Return a p-value; below one in ten thousand only that it is.

    >>> tell_p_value(0.0312), tell_p_value(1e-42)
    ('p 0.0312', 'p < 0.0001')
    """
    return "p < 0.0001" if value < 0.0001 else f"p {value:.3g}"


def tell_estimate(found: Estimate, write: Callable[[float], str] = tell_number) -> str:
    """Return an estimate with its interval, or why there is none.

    >>> from canyu.kit.words import Words
    >>> from canyu.measure.estimate import Estimate
    >>> tell_estimate(Estimate(0.25, 0.1, 0.4, 0.003, Words("", "")))
    '0.25 [0.1, 0.4], p 0.003'
    """
    if found.value is None or found.low is None or found.high is None:
        return say(f"未知：{found.missing}", f"not known: {found.missing}")
    told = f"{write(found.value)} [{write(found.low)}, {write(found.high)}]"
    return told if found.p_value is None else say("{}，{}", "{}, {}").format(told, tell_p_value(found.p_value))
