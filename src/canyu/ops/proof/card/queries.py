"""All reads of the scorecard: the targets in force and their history, and the card, computed beside the page."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

from canyu.measure.catalogue import INDICES
from canyu.measure.facts import identify_lake
from canyu.measure.figure import Proof
from canyu.measure.kept import Kept
from canyu.measure.scorecard import CardQuery, Goal, Scorecard, compute_scorecard, list_goal_metrics
from canyu.measure.scorecard.report import prove_index
from canyu.ops.config import load_config
from canyu.ops.insight.queries import get_catalogue
from canyu.ops.lakes import get_lake
from canyu.ops.people.models import Person
from canyu.ops.proof.card.rules import Asked
from canyu.ops.proof.claims.queries import list_told
from canyu.ops.proof.models import Rhythm, Target

WAIT_S = 3.0
"""A page waits so long for its card; then it says that it is being worked out."""
FILE_WAIT_S = 120.0
_CARDS = Kept(32)
_POOL = ThreadPoolExecutor(1, "canyu-scorecard")
_LOCK = threading.Lock()


def list_targets(rhythm: Rhythm, day: date) -> list[Target]:
    """Return the targets in force for a week or month that begins on a day, in the order of the catalogue."""
    rows = Target.objects.filter(rhythm=rhythm, since__lte=day).order_by("since", "set_at", "pk")
    newest = {row.metric: row for row in rows}
    return [
        newest[one.name] for one in list_goal_metrics() if one.name in newest and newest[one.name].value is not None
    ]


def list_history(viewer: Person) -> list[Target]:  # noqa: ARG001 - reads take the viewer first
    """Return every target that was ever set, the newest first."""
    return list(Target.objects.order_by("-set_at", "-pk")[:500])


def find_card(asked: Asked, wait_s: float | None = None) -> Scorecard | None:
    """Return the card of a week or month, for a page or a mail; None while it is being worked out beside the page.

    Raises what is wrong with the question. The newest verdicts on claims are told with it.
    """
    lake, span = get_lake(), asked.span
    goals = tuple(
        Goal(row.metric, row.value or 0.0, row.since, row.owner) for row in list_targets(span.rhythm, span.first)
    )
    brand = get_catalogue().home
    query = CardQuery(span.first, span.last, load_config().zone, brand, asked.by, asked.weights)
    versions = lake.versions()
    key = (identify_lake(lake), tuple(versions.items()), span, asked.by, tuple(asked.weights.items()), goals, brand)
    with _LOCK:
        future: Future[Scorecard] | None = _CARDS.find(key)
        if future is None:
            future = _POOL.submit(compute_scorecard, lake, query, goals, versions=versions)
            _CARDS.keep(key, future)
    try:
        card = future.result(WAIT_S if wait_s is None else wait_s)
    except TimeoutError:
        return None
    except Exception:
        _CARDS.keep(key, None)  # the next page tries again
        raise
    return replace(card, claims=tuple(list_told()))


def forget_cards() -> None:
    """Drop every card that is kept, so that the next one is computed again."""
    _CARDS.clear()


def find_proof(card: Scorecard, kind: str, name: str) -> Mapping[str, Any] | None:
    """Return what a figure of the card is and how it came to be; None where there is none of this name."""
    if kind == "metric":
        line = next((one for one in card.lines if one.metric.name == name), None)
        return {"line": line, "label": line.metric.label, "proof": line.result.proof} if line else None
    if kind == "index" and name in INDICES:
        index = next(one for one in card.indices if one.index.name == name)
        return {"index": index, "label": index.index.label, "proof": prove_index(index)}
    found = next(((line, shift) for line, shift in card.shifts if line.metric.name == name), None)
    if kind != "shift" or found is None or found[1].proof is None:
        return None
    proof: Proof = found[1].proof
    return {"shift": found[1], "label": found[0].metric.label, "proof": proof}
