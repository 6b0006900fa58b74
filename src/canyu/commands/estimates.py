"""An estimate as a program reads it, and in one line for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.measure.estimate import Estimate
    from canyu.measure.figure import Proof


def describe_estimate(found: Estimate) -> dict[str, Any]:
    """Return an estimate as a program reads it; what is not known is null, with its reason."""
    return {
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "p_value": found.p_value,
        "method": found.method.en,
        "notes": [note.en for note in found.notes],
        "missing": found.missing.en if found.missing else None,
    }


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


def tell_estimate(found: Estimate, form: str = ",.4g") -> str:
    """Return an estimate with its interval, or why there is none.

    >>> from canyu.kit.words import Words
    >>> from canyu.measure.estimate import Estimate
    >>> tell_estimate(Estimate(0.25, 0.1, 0.4, 0.003, Words("", "")))
    '0.25 [0.1, 0.4], p 0.003'
    """
    if found.value is None:
        return say(f"未知：{found.missing}", f"not known: {found.missing}")
    told = f"{found.value:{form}} [{found.low:{form}}, {found.high:{form}}]"
    return told if found.p_value is None else say(f"{told}，p {found.p_value:.3g}", f"{told}, p {found.p_value:.3g}")
