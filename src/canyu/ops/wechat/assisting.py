"""Where the assistant is plugged in: from the room that keeps the articles, or, as it is now, from nowhere.

One function to change: ``open_assistant`` returns the assistant over the published articles, built once per change of
them. Without one every question is handed over.
"""

from __future__ import annotations

from datetime import datetime

from canyu.care import Audience
from canyu.care.assistant import Asked, Assistant, HandOver, HandOverReason, Outcome, find_reason
from canyu.care.assistant.handing_over import MESSAGES


def open_assistant() -> Assistant | None:
    """Return the assistant, None while no article is published anywhere."""
    return None


def answer(question: str, now: datetime, *, product: str = "", times_unsure: int = 0) -> Outcome:
    """Return what the assistant says to a customer; without an assistant a person takes over."""
    assistant = open_assistant()
    if assistant is None:
        reason = find_reason(question) or HandOverReason.NO_ARTICLE
        return HandOver(reason, MESSAGES[reason])
    return assistant.answer(Asked(question, now, Audience.CUSTOMER, product, times_unsure))
