"""The only place that changes talks: a question with what went out, its case, and forgetting.

No answer is made within a transaction: a language model may take seconds, and SQLite has one writer.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from canyu.care import Audience
from canyu.care.assistant import Answer, AskBack, Asked, HandOver, mask_personal
from canyu.care.assistant import Outcome as Result
from canyu.events.suppression import find_erased_actors
from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.ops.care import actions as cases
from canyu.ops.care.models import Case, Channel
from canyu.ops.care.rules import CaseDraft
from canyu.ops.config import load_config
from canyu.ops.knowledge.asking.queries import count_unsure, find_by_form, make_case_token
from canyu.ops.knowledge.assistants import answer
from canyu.ops.knowledge.errors import NothingAsked, TooManyQuestions
from canyu.ops.knowledge.models import Outcome, Talk, Turn
from canyu.ops.knowledge.rules import MESSAGES, MOST_QUESTION, MOST_TURNS, choose_kind, name_form
from canyu.ops.lakes import get_lake
from canyu.ops.outbox.actions import forget_actors
from canyu.ops.people.models import Person

AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Question:
    """What a form sends: its name, that no other form has, the words, and the page's language (``zh`` or ``en``)."""

    form: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What a visitor sends on to the care team, and what they agreed to."""

    words: str = ""
    contact: str = ""
    consent: dict[str, str] = field(default_factory=dict)


def ask(question: Question, talk: Talk | None, now: datetime) -> Talk:
    """Answer a question from what may be quoted to customers, and keep it; a form sent twice is one question.

    Long numbers and mail addresses are not kept. Raises NothingAsked, TooManyQuestions.
    """
    text = question.text.replace("\0", "").strip()[:MOST_QUESTION]
    if not text:
        raise NothingAsked(
            Words("没有写问题。", "There is no question."), mend=Words("请写下想问的。", "Write what you want to know.")
        )
    talk = talk or find_by_form(question.form)
    form = name_form(question.form, text)
    if talk is not None and talk.turns.filter(form=form).exists():
        return talk
    if talk is not None and talk.turns.count() >= MOST_TURNS:
        raise TooManyQuestions(
            Words("这次对话的问题太多了。", "There are too many questions in this talk."),
            mend=Words("请重新开始，或把问题交给客服。", "Begin anew, or send it to our care team."),
        )
    times_unsure = count_unsure(talk) if talk else 0
    result = answer(Asked(text, now, Audience.CUSTOMER, times_unsure=times_unsure))
    fields = {"question": mask_personal(text), "form": form, "at": now, **_describe(result, question.language)}
    try:
        with transaction.atomic():
            home = talk or _open_talk(question.form, now)
            turn = Turn.objects.create(talk=home, **fields)
            Talk.objects.filter(pk=home.pk).update(last_at=now, **({"reason": turn.reason} if turn.reason else {}))
    except IntegrityError:
        twin = talk or find_by_form(question.form)
        if twin is None:
            raise
        return twin  # the same form, kept while this one was answered
    if turn.outcome == Outcome.HAND_OVER:
        _tell_case(home.pk, turn, now)
    return home


def send_on(talk: Talk, wish: Wish, now: datetime) -> Case:
    """Open the case of a talk for a visitor who agreed, or add to the one that there is. Raises NothingAsked."""
    if not wish.consent:
        raise NothingAsked(
            Words("还没有您的同意。", "Your consent is missing."),
            mend=Words("请勾选：未经同意我们不能保存。", "Tick the box: without it we may keep nothing."),
        )
    with transaction.atomic():
        locked = _lock(talk.pk)
        words = wish.words.replace("\0", "").strip()
        if locked.case is None:
            return _open_case(locked, cases.CUSTOMER, wish, now)
        said = "\n".join(each for each in (words, wish.contact) if each)
        mine = locked.case.messages.filter(is_customer=True)
        is_told = wish.contact in {"", locked.case.contact} and mine.filter(text__contains=words).exists()
        if not is_told:  # the case was opened by somebody else meanwhile; a form sent twice says nothing new
            cases.say(locked.case.pk, cases.Message(cases.CUSTOMER, said, is_customer=True), now)
        return locked.case


def make_case(viewer: Person, talk_id: int, now: datetime) -> Case:
    """Open the case of a talk by hand; of two who do so at once the second finds the first one's. Raises NotFound."""
    with transaction.atomic():
        talk = _lock(talk_id)
        return talk.case or _open_case(talk, viewer.username, Wish(), now)


def forget_erased() -> int:
    """Delete the talks of people who were erased from the lake; return how many. Safe to repeat."""
    persons = list(Talk.objects.values_list("person", flat=True))
    erased = find_erased_actors(get_lake().store, sorted(persons)) if persons else frozenset()
    return forget_persons(sorted(erased))


def forget_persons(persons: Sequence[str]) -> int:
    """Delete these people's talks, every word of them, and what waits for the lake. Safe to repeat."""
    forgotten = 0
    for start in range(0, len(persons), AT_ONCE):
        some = list(persons[start : start + AT_ONCE])
        with transaction.atomic():
            forget_actors(some)
            rows = Talk.objects.filter(person__in=some)
            forgotten += rows.count()
            rows.delete()
    return forgotten


def drop_old_talks(now: datetime) -> int:
    """Drop the words, links and persons of talks that are over for long; outcomes stay, and belong to nobody."""
    since, dropped = now - timedelta(days=load_config().talk_days), 0
    while old := list(Talk.objects.filter(last_at__lt=since).values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            mine = Turn.objects.filter(talk__in=old)
            mine.update(talk=None, form="", question="", text="", sources=[], refusal="")
            Talk.objects.filter(pk__in=old).delete()
        dropped += len(old)
    return dropped


def _open_talk(form: str, now: datetime) -> Talk:
    person = f"ask:{secrets.token_hex(16)}"
    return Talk.objects.create(key=secrets.token_hex(16), form=form, person=person, started_at=now, last_at=now)


def _lock(talk_id: int) -> Talk:
    found = Talk.objects.select_for_update(of=("self",)).filter(pk=talk_id).first()
    if found is None:
        raise NotFound(
            Words("没有这次对话；旧的对话会删除。", "There is no such talk; old ones are dropped."),
            mend=Words("请从对话列表打开。", "Open it from the list of talks."),
        )
    return found


def _open_case(talk: Talk, by: str, wish: Wish, now: datetime) -> Case:
    asked = list(talk.turns.exclude(question="").order_by("pk").values_list("question", flat=True))
    words = wish.words.replace("\0", "").strip()
    draft = CaseDraft(
        choose_kind(talk.reason),
        "\n".join([*asked, words] if words else asked),
        Channel.WEB,
        customer=talk.person,  # one wish to be erased reaches the talk and its case
        contact=wish.contact,
        consent=wish.consent,
        token=make_case_token(talk),
    )
    case = cases.open_case(by, draft, now).case
    Talk.objects.filter(pk=talk.pk).update(case=case)
    return case


def _tell_case(talk_id: int, turn: Turn, now: datetime) -> None:
    """Add what was handed over to the talk's case, or open one where the settings say so."""
    with transaction.atomic():
        talk = _lock(talk_id)
        if talk.case is not None:
            cases.say(talk.case.pk, cases.Message(cases.CUSTOMER, turn.question, is_customer=True), now)
        elif load_config().assistant_opens_cases:
            _open_case(talk, cases.CUSTOMER, Wish(), now)


def _describe(result: Result, language: str) -> dict[str, Any]:
    """Return what is kept of an outcome: what was said in the page's language, and the articles it names."""
    if isinstance(result, Answer):
        return {
            "outcome": Outcome.ANSWER,
            "language": result.language,
            "text": result.text,
            "sources": [_name(each, False) for each in result.sources] + [_name(each, True) for each in result.related],
            "rephrasing": result.rephrasing.value,
            "refusal": result.refusal[:60],
        }
    if isinstance(result, AskBack):
        choices = [_name(each, True) for each in result.choices]
        said = {"text": result.message.say(language), "sources": choices}
        return {"outcome": Outcome.ASK_BACK, "language": language, **said}
    return _describe_hand_over(result, language)


def _describe_hand_over(result: HandOver, language: str) -> dict[str, Any]:
    return {
        "outcome": Outcome.HAND_OVER,
        "language": language,
        "reason": result.reason.value,
        "text": MESSAGES[result.reason].say(language),
        "sources": [_name(each, True) for each in result.near],
    }


def _name(source: Any, is_related: bool) -> dict[str, Any]:
    return {
        "article": source.article,
        "version": source.version,
        "title": source.title,
        "score": source.score,
        "is_related": is_related,
    }
