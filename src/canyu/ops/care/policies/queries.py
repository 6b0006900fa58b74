"""All reads of what is promised: which policy a case gets, calendars by name, who answers, and written answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TypeVar

from django.db.models import Count
from django.utils.translation import gettext as _

from canyu import care
from canyu.care import ALWAYS, CRISIS_POLICY, Calendar, CaseKind, ChainStep, Policy, make_policy
from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.ops.care.models import Agent, CannedAnswer, CareCalendar, CarePolicy, Case, Versioned
from canyu.ops.people.models import Person

STANDARD = Policy("standard", ALWAYS)
"""First response in 1 h, solution in 24 h, around the clock: what holds before anybody wrote a policy."""
Kept = TypeVar("Kept", bound=Versioned)


@dataclass(frozen=True, slots=True)
class Desk:
    """An agent and how many open cases they have."""

    agent: Agent
    open_cases: int


def list_newest(model: type[Kept]) -> list[Kept]:
    """Return the newest version of each name that is not withdrawn, in the order of names."""
    rows = model._default_manager.filter(is_withdrawn=False).order_by("name", "number")
    return list({row.name: row for row in rows}.values())


def list_calendars(viewer: Person) -> list[CareCalendar]:  # noqa: ARG001 - reads take the viewer first
    """Return the calendars that hold."""
    return list_newest(CareCalendar)


def find_missing_year(viewer: Person, today: date) -> Words | None:
    """Return what is to be done where a calendar in use goes by official days that are not known yet; else None."""
    tables = (_parse_calendar(row.text).workdays for row in list_calendars(viewer))
    told = (care.tell_missing_year(table, today) for table in tables if table is not None)
    return next((words for words in told if words is not None), None)


def list_policies(viewer: Person) -> list[CarePolicy]:  # noqa: ARG001 - reads take the viewer first
    """Return the policies that hold."""
    return list_newest(CarePolicy)


def get_calendar_row(viewer: Person, name: str) -> CareCalendar:  # noqa: ARG001 - reads take the viewer first
    """Return the version of a calendar that holds; raises NotFound."""
    return _get_newest(CareCalendar, name)


def get_policy_row(viewer: Person, name: str) -> CarePolicy:  # noqa: ARG001 - reads take the viewer first
    """Return the version of a policy that holds; raises NotFound."""
    return _get_newest(CarePolicy, name)


def load_named_calendar(name: str) -> Calendar:
    """Return a calendar by its name, around the clock for none. Raises NotFound."""
    return _parse_calendar(_get_newest(CareCalendar, name).text) if name else ALWAYS


def load_named_policy(row: CarePolicy) -> Policy:
    """Return a policy with its calendar as both are now. Raises NotFound, BadInput."""
    chain = tuple(ChainStep(care.Role(step["role"]), step["wait_s"]) for step in row.chain)
    return make_policy(
        Policy(
            row.name,
            load_named_calendar(row.calendar),
            row.first_response_s,
            row.solution_s,
            row.update_s,
            tuple(row.thresholds),
            chain,
        )
    )


def choose_policy(kind: CaseKind) -> Policy | None:
    """Return the policy that a new case of a kind is given: one that names the kind, else one for all kinds.

    Where several do, the first by name. Before anybody wrote a policy it is ``STANDARD``; a crisis always has one.
    """
    rows = list_newest(CarePolicy)
    named = [row for row in rows if kind.value in row.kinds] or [row for row in rows if not row.kinds]
    if kind is CaseKind.CRISIS and not (named and named[0].kinds):
        return CRISIS_POLICY
    if named:
        return load_named_policy(named[0])
    return None if rows else STANDARD


def list_desks(viewer: Person | None) -> list[Desk]:  # noqa: ARG001 - reads take the viewer first
    """Return the agents with their loads."""
    open_cases = dict(
        Case.objects.filter(is_open=True).exclude(assignee="").values_list("assignee").annotate(n=Count("pk"))
    )
    return [Desk(row, open_cases.get(row.username, 0)) for row in Agent.objects.order_by("username")]


def choose_assignee(skills: Sequence[str]) -> str:
    """Return who gets a case by skill and load, empty where nobody can."""
    team = [
        care.Agent(
            desk.agent.username,
            frozenset(desk.agent.skills),
            desk.open_cases,
            max(desk.agent.most_cases, 1),
            desk.agent.is_present and desk.agent.most_cases > 0,
        )
        for desk in list_desks(None)
    ]
    found = care.choose_agent(team, skills)
    return found.id if found else ""


def list_agents() -> list[Agent]:
    """Return all agents."""
    return list(Agent.objects.order_by("username"))


def choose_receivers(agents: Sequence[Agent], role: care.Role, assignee: str) -> list[Agent]:
    """Return who of the agents is told what a role is told."""
    if role is care.Role.ASSIGNEE:
        return [row for row in agents if row.username == assignee]
    return [row for row in agents if role.value in row.roles]


def list_answers(viewer: Person) -> list[CannedAnswer]:  # noqa: ARG001 - reads take the viewer first
    """Return the texts written beforehand that hold."""
    return list(CannedAnswer.objects.filter(is_withdrawn=False).order_by("name"))


def get_agent(viewer: Person, username: str) -> Agent:  # noqa: ARG001 - reads take the viewer first
    """Return an agent; raises NotFound."""
    found = Agent.objects.filter(username=username).first()
    if found is None:
        raise NotFound(_("There is no such agent."), mend=_("Choose one from the list of agents."))
    return found


def get_answer(viewer: Person, answer_id: int) -> CannedAnswer:  # noqa: ARG001 - reads take the viewer first
    """Return a text written beforehand; raises NotFound."""
    found = CannedAnswer.objects.filter(pk=answer_id).first()
    if found is None:
        raise NotFound(_("There is no such text."), mend=_("Choose one from the list of texts."))
    return found


@lru_cache(maxsize=64)
def _parse_calendar(text: str) -> Calendar:
    return care.parse_calendar(text)


def _get_newest(model: type[Kept], name: str) -> Kept:
    found = model._default_manager.filter(name=name, is_withdrawn=False).order_by("-number").first()
    if found is None:
        raise NotFound(
            _("There is no calendar or policy named %s.") % name, mend=_("Choose one from the settings of care.")
        )
    return found
