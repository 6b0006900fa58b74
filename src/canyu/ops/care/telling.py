"""What cases tell the lake: complaints that came to us, answers, solutions and ratings."""

from __future__ import annotations

from datetime import datetime

from canyu.care import Audience, CaseKind, case_events
from canyu.events import Event, Verb, make_event_id
from canyu.kit.jsonio import dump_json
from canyu.ops.care.models import Case
from canyu.ops.care.rules import CaseDraft
from canyu.ops.outbox.rules import CONSOLE

CARE = "care"
"""The source of what customers told us here; what staff do is of the console."""
PRIVATE = "—"
"""An answer to one person is no word of mouth: that there was one is told, its words are not."""


def name_opening(case: Case) -> str:
    """Return the id of the event that answers and solutions of a case belong to."""
    return case.opening_event or make_event_id(CARE, "case", str(case.pk))


def tell_opening(case: Case, draft: CaseDraft, now: datetime) -> Event | None:
    """Return the complaint that a customer brought; None for what the lake has, and for what is none."""
    if not draft.customer or draft.kind is not CaseKind.COMPLAINT or case.opening_event:
        return None
    return Event(
        id=name_opening(case),
        type=str(Verb.COMPLAIN),
        time=now,
        received=now,
        source=CARE,
        market=case.market or None,
        actor=draft.customer,
        object=case.product or None,
        text=draft.text,
        props=_tell_case(case),
    )


def tell_reply(case: Case, said: case_events.Said, text: str, now: datetime) -> Event:
    """Return that a case was answered, with the words where they were said in public."""
    return Event(
        id=make_event_id(CONSOLE, "case_reply", str(case.pk), said.message),
        type=str(Verb.REPLY),
        time=now,
        received=now,
        source=CONSOLE,
        parent=name_opening(case),
        object=case.product or None,
        text=text if said.audience is Audience.PUBLIC else PRIVATE,
        props=_tell_case(case),
    )


def tell_solution(case: Case, now: datetime) -> Event:
    """Return that a case was solved; one that was reopened can be solved again."""
    return Event(
        id=make_event_id(CONSOLE, "case_resolve", str(case.pk), str(case.records_count)),
        type=str(Verb.RESOLVE),
        time=now,
        received=now,
        source=CONSOLE,
        parent=name_opening(case),
        object=case.product or None,
        props=_tell_case(case),
    )


def tell_rating(case: Case, score: int, words: str, now: datetime) -> Event:
    """Return the customer's rating of how a case was solved."""
    return Event(
        id=make_event_id(CARE, "case_rate", str(case.pk)),
        type=str(Verb.RATE),
        time=now,
        received=now,
        source=CARE,
        actor=case.person or None,
        object=f"case/{case.number}",
        parent=name_opening(case),
        text=words or None,
        value=score,
        props=_tell_case(case),
    )


def _tell_case(case: Case) -> str:
    return dump_json({"case": case.number, "kind": case.kind, "severity": case.severity})
