"""What a case needs of a promise that was broken: its name, the same each time, and the event that opens it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from canyu.care.case_events import Opened
from canyu.care.plans.promises import Breach, Judgement
from canyu.care.severity import CaseKind
from canyu.kit.words import Words

BY = "plans"
"""Who opens such a case: no person."""


def list_openings(judgements: Iterable[Judgement], product: str, now: datetime) -> Iterator[tuple[str, Opened, Words]]:
    """Yield, for each breach that nothing mended, the case's own key, the event that opens it, and what it says.

    The key is of the product, the promise and the due day, so that a room that opens what is not there yet opens a
    breach once, however often it looks.
    """
    for judgement in judgements:
        for breach in judgement.breaches:
            if breach.mended is None:
                yield (
                    name_breach(judgement, breach, product),
                    open_breach(judgement, product, now),
                    tell(judgement, breach),
                )


def name_breach(judgement: Judgement, breach: Breach, product: str) -> str:
    """Return the key of a breach's case."""
    return f"promise:{product}:{judgement.promise.name}:{breach.due.isoformat()}"


def open_breach(judgement: Judgement, product: str, now: datetime) -> Opened:
    """Return the event that opens the case of a broken promise: a complaint that reaches whom it was promised."""
    promise = judgement.promise
    return Opened(now, BY, CaseKind.COMPLAINT, promise.harm, promise.owners, product)


def tell(judgement: Judgement, breach: Breach) -> Words:
    """Return the case's first sentence."""
    words, due = judgement.promise.words, breach.due
    return Words(
        f"承诺“{words.zh}”应在 {due} 前兑现，到 {judgement.day} 仍没有。",
        f"The promise “{words.en}” was due by {due} and is not kept by {judgement.day}.",
    )
