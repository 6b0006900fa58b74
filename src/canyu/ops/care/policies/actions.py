"""The only place that changes what is promised: versions of calendars and policies, agents, texts, recalculation."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from canyu import care
from canyu.care import ChainStep, Policy
from canyu.ops.care.actions import recalculate
from canyu.ops.care.errors import CareUnfit, NameTaken
from canyu.ops.care.models import Agent, CannedAnswer, CareCalendar, CarePolicy
from canyu.ops.care.policies.queries import get_policy_row, list_newest, load_named_calendar, load_named_policy
from canyu.ops.care.policies.recalculating import preview_policy
from canyu.ops.people.models import Person

MOST_NAME = 60
logger = logging.getLogger("canyu.care")


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """A policy as a person writes it."""

    name: str
    calendar: str
    kinds: tuple[str, ...]
    first_response_s: int | None
    solution_s: int | None
    update_s: int | None
    thresholds: tuple[int, ...]
    chain: tuple[ChainStep, ...]


@dataclass(frozen=True, slots=True)
class AgentDraft:
    """An agent as a person writes them."""

    username: str
    skills: tuple[str, ...]
    most_cases: int
    is_present: bool
    roles: tuple[str, ...]
    calendar: str
    addresses: tuple[str, ...]


def save_calendar(viewer: Person, name: str, text: str, now: datetime) -> CareCalendar:
    """Keep a calendar as the newest version of its name; running cases keep their copies. Raises BadInput."""
    care.parse_calendar(text)
    with transaction.atomic():
        newest = CareCalendar.objects.filter(name=_clean_name(name)).order_by("-number").first()
        if newest is not None and newest.text == text and not newest.is_withdrawn:
            return newest
        number = 1 if newest is None else newest.number + 1
        fields = {"name": _clean_name(name), "number": number, "made_by": viewer.username, "made_at": now}
        try:
            with transaction.atomic():
                kept = CareCalendar.objects.create(**fields, text=text)
        except IntegrityError as error:
            raise _tell_taken() from error
    logger.info("%s kept version %s of the calendar %s", viewer.username, number, kept.name)
    return kept


def save_policy(viewer: Person, draft: PolicyDraft, now: datetime) -> CarePolicy:
    """Keep a policy as the newest version of its name; running cases keep their copies. Raises BadInput, NotFound."""
    name = _clean_name(draft.name)
    calendar = load_named_calendar(draft.calendar)
    times = (draft.first_response_s, draft.solution_s, draft.update_s)
    care.make_policy(Policy(name, calendar, *times, draft.thresholds, draft.chain))
    with transaction.atomic():
        newest = CarePolicy.objects.filter(name=name).order_by("-number").first()
        number = 1 if newest is None else newest.number + 1
        try:
            with transaction.atomic():
                kept = CarePolicy.objects.create(
                    name=name,
                    number=number,
                    made_by=viewer.username,
                    made_at=now,
                    calendar=draft.calendar,
                    kinds=list(draft.kinds),
                    first_response_s=draft.first_response_s,
                    solution_s=draft.solution_s,
                    update_s=draft.update_s,
                    thresholds=list(draft.thresholds),
                    chain=[{"role": step.role.value, "wait_s": step.wait_s} for step in draft.chain],
                )
        except IntegrityError as error:
            raise _tell_taken() from error
    logger.info("%s kept version %s of the policy %s", viewer.username, number, name)
    return kept


def withdraw_policy(viewer: Person, name: str) -> None:
    """Take a policy out of use: no new case is given it, running ones keep their copies."""
    CarePolicy.objects.filter(name=name).update(is_withdrawn=True)
    logger.info("%s withdrew the policy %s", viewer.username, name)


def withdraw_calendar(viewer: Person, name: str) -> None:
    """Take a calendar out of use. Raises CareUnfit while a policy or an agent goes by it."""
    with transaction.atomic():
        policies = [row.name for row in list_newest(CarePolicy) if row.calendar == name]
        users = policies + list(Agent.objects.filter(calendar=name).values_list("username", flat=True))
        if users:
            raise CareUnfit(
                _("These go by the calendar: %s.") % ", ".join(users), mend=_("Give them another one first.")
            )
        CareCalendar.objects.filter(name=name).update(is_withdrawn=True)
    logger.info("%s withdrew the calendar %s", viewer.username, name)


def save_agent(viewer: Person, draft: AgentDraft, now: datetime) -> Agent:
    """Keep an agent by the name of their account. Raises CareUnfit, NotFound."""
    if not Person.objects.filter(username=draft.username).exists():
        raise CareUnfit(_("There is no account named %s.") % draft.username, mend=_("Make the account first."))
    load_named_calendar(draft.calendar)
    fields = {
        "skills": list(draft.skills),
        "most_cases": draft.most_cases,
        "is_present": draft.is_present,
        "roles": list(draft.roles),
        "calendar": draft.calendar,
        "addresses": list(draft.addresses),
        "changed_by": viewer.username,
        "changed_at": now,
    }
    kept, _is_new = Agent.objects.update_or_create(username=draft.username, defaults=fields)
    logger.info("%s kept the agent %s", viewer.username, draft.username)
    return kept


def save_answer(viewer: Person, name: str, texts: tuple[str, str], now: datetime) -> CannedAnswer:
    """Keep a text written beforehand, in Chinese and English."""
    if not all(text.strip() for text in texts):
        raise CareUnfit(_("The text is needed in both languages."), mend=_("Write it in Chinese and in English."))
    fields = {
        "text_zh": texts[0].strip(),
        "text_en": texts[1].strip(),
        "is_withdrawn": False,
        "changed_by": viewer.username,
        "changed_at": now,
    }
    kept, _is_new = CannedAnswer.objects.update_or_create(name=_clean_name(name), defaults=fields)
    return kept


def withdraw_answer(viewer: Person, answer_id: int, now: datetime) -> None:
    """Take a text written beforehand out of the list."""
    CannedAnswer.objects.filter(pk=answer_id).update(is_withdrawn=True, changed_by=viewer.username, changed_at=now)


def recalculate_policy(viewer: Person, name: str, expected: int, now: datetime) -> int:
    """Give all open cases of a policy its newest version, where as many dues move as the person was told.

    Raises NameTaken where it would be another number by now: nothing is changed.
    """
    policy = load_named_policy(get_policy_row(viewer, name))
    cases, found = preview_policy(policy, now)
    if len(found.moves) != expected:
        raise NameTaken(
            _("By now %d due times would move.") % len(found.moves), mend=_("Look at the preview again, then confirm.")
        )
    return recalculate(viewer, policy, cases, now)


def _clean_name(name: str) -> str:
    name = name.replace("\0", "").strip()
    if not name or len(name) > MOST_NAME:
        raise CareUnfit(_("The name is missing or too long."), mend=_("Give a name of at most 60 characters."))
    return name


def _tell_taken() -> NameTaken:
    return NameTaken(
        _("Somebody else kept a version at the same moment."), mend=_("Load the page anew and look at theirs first.")
    )
