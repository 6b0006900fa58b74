"""Options and lines that the words of journeys share: funnels, retention and attribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from canyu.commands.estimates import describe_proof
from canyu.kit.words import Words, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from canyu.measure.estimate import Estimate
    from canyu.measure.figure import Proof


def describe_answer(proof: Proof, notes: Iterable[Words], is_simulated: bool) -> dict[str, Any]:
    """Return what every answer carries beside its numbers."""
    return {**describe_proof(proof), "notes": [note.en for note in notes], "simulated": is_simulated}


def tell_share(one: Estimate) -> str:
    """Return a share in per cent with its interval, or a dash where it is not known.

    >>> from canyu.measure.estimate import Estimate
    >>> tell_share(Estimate(0.25, 0.2, 0.31, None, Words("", "")))
    '25.0% [20.0, 31.0]'
    """
    if one.value is None:
        return "—"
    told = f"{100 * one.value:.1f}%"
    return told if one.low is None or one.high is None else f"{told} [{100 * one.low:.1f}, {100 * one.high:.1f}]"


def tell_number(one: Estimate) -> str:
    """Return a number with its interval, or a dash where it is not known.

    >>> from canyu.measure.estimate import Estimate
    >>> tell_number(Estimate(1250.5, 1200.0, 1300.0, None, Words("", "")))
    '1,250.5 [1,200.0, 1,300.0]'
    """
    if one.value is None:
        return "—"
    told = f"{one.value:,.1f}"
    return told if one.low is None or one.high is None else f"{told} [{one.low:,.1f}, {one.high:,.1f}]"


def tell_notes(notes: Iterable[Words], is_simulated: bool) -> None:
    """Print what belongs beside the numbers."""
    for note in notes:
        click.echo(str(note))
    if is_simulated:
        click.echo(say("含模拟数据（演练）", "Contains simulated data (rehearsal)"))
