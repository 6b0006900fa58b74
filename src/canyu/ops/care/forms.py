"""The forms of care: each says field by field what cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from canyu import care
from canyu.care import CaseKind, ChainStep, Harm, Role, parse_target
from canyu.care.timeline import HARMS, KINDS, ROLES
from canyu.kit.clock import find_instant
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.ops.alerts.delivery import NAME
from canyu.ops.care.models import Agent, CannedAnswer, CarePolicy
from canyu.ops.care.policies.actions import AgentDraft, PolicyDraft
from canyu.ops.care.rules import MOST_TEXT
from canyu.ops.config import load_config

MOST_REACH = 2_000_000_000
EXAMPLE = """zone: Asia/Shanghai
hours:
  mon: ["09:00-12:00", "13:30-18:00"]
  tue: ["09:00-12:00", "13:30-18:00"]
  wed: ["09:00-12:00", "13:30-18:00"]
  thu: ["09:00-12:00", "13:30-18:00"]
  fri: ["09:00-12:00", "13:30-18:00"]
workdays: CN
"""
CHAIN_EXAMPLE = "assignee 0min\nlead 15min\nduty manager 15min\nhead 30min"


def choose(names: Mapping[Any, Words], *, with_none: str = "") -> list[tuple[str, str]]:
    """Return the choices of a field in the page's language."""
    language = get_language() or ""
    first = [("", with_none)] if with_none else []
    return first + [(str(value), words.say(language)) for value, words in names.items()]


def read_words(text: str) -> tuple[str, ...]:
    """Return what was written separated by blanks or commas, each once."""
    return tuple(dict.fromkeys(text.replace("，", " ").replace(",", " ").split()))


class CareForm(forms.Form):
    """What all forms here have in common: labels without a colon, faults named beside the field."""

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["autocomplete"] = "off"
            field.widget.attrs["aria-describedby"] = f"hint_{name}"
            if isinstance(field, forms.ChoiceField) and name in CHOICES:
                field.choices = choose(CHOICES[name])


CHOICES: dict[str, Mapping[Any, Words]] = {
    "kind": {kind.value: KINDS[kind] for kind in CaseKind},
    "harm": {harm.value: HARMS[harm] for harm in Harm},
    "kinds": {kind.value: KINDS[kind] for kind in CaseKind},
    "roles": {role.value: ROLES[role] for role in Role if role is not Role.ASSIGNEE},
}


class CaseForm(CareForm):
    """A case that staff take down, or open from a post."""

    kind = forms.ChoiceField(label=_("Kind"))
    text = forms.CharField(label=_("What it is about"), max_length=MOST_TEXT, widget=forms.Textarea)
    harm = forms.ChoiceField(label=_("Harm done"))
    product = forms.CharField(label=_("Product (id of the catalogue)"), max_length=200, required=False)
    market = forms.CharField(label=_("Market"), max_length=40, required=False)
    reach = forms.IntegerField(label=_("People reached"), min_value=0, max_value=MOST_REACH, required=False)
    skills = forms.CharField(label=_("Skills that it needs"), max_length=200, required=False)
    post = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    source = forms.CharField(max_length=10, required=False, widget=forms.HiddenInput)


class CalendarForm(CareForm):
    """A calendar in YAML, with a start and a target to try it on."""

    name = forms.CharField(label=_("Name"), max_length=60)
    text = forms.CharField(
        label=_("Calendar (YAML)"), max_length=20_000, widget=forms.Textarea(attrs={"class": "code", "rows": 14})
    )
    start = forms.CharField(label=_("Try: a case opened at"), max_length=40, required=False)
    target = forms.CharField(label=_("Try: target"), max_length=20, required=False)

    def clean_text(self) -> str:
        """Refuse a calendar that cannot be read, line by line."""
        text = str(self.cleaned_data["text"])
        try:
            care.parse_calendar(text)
        except BadInput as error:
            raise forms.ValidationError(str(error)) from error
        return text

    def clean_start(self) -> datetime | None:
        """Read a local time."""
        told = str(self.cleaned_data["start"]).strip()
        if not told:
            return None
        try:
            found = find_instant(datetime.fromisoformat(told), load_config().zone)
        except ValueError:
            found = None
        if found is None:
            raise forms.ValidationError(_("Write a time such as 2026-02-14T17:30."))
        return found

    def clean_target(self) -> timedelta | None:
        """Read a target such as 1h30m."""
        return read_target(str(self.cleaned_data["target"]))


class PolicyForm(CareForm):
    """Targets, warnings and the chain of a policy."""

    name = forms.CharField(label=_("Name"), max_length=60)
    calendar = forms.ChoiceField(label=_("Calendar"), required=False)
    kinds = forms.MultipleChoiceField(label=_("Kinds of cases (nothing chosen: all)"), required=False)
    first_response = forms.CharField(label=_("First response within"), max_length=20, required=False)
    solution = forms.CharField(label=_("Solution within"), max_length=20, required=False)
    update = forms.CharField(label=_("Update within (empty: no such clock)"), max_length=20, required=False)
    thresholds = forms.CharField(label=_("Warnings at (per cent)"), max_length=80, required=False)
    chain = forms.CharField(
        label=_("Whom to call after a miss, one a line"), max_length=500, required=False, widget=forms.Textarea
    )

    def __init__(self, data: Any = None, *, calendars: list[str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field = self.fields["calendar"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("around the clock")), *((name, name) for name in calendars)]

    def clean_first_response(self) -> timedelta | None:
        """Read a target."""
        return read_target(str(self.cleaned_data["first_response"]))

    def clean_solution(self) -> timedelta | None:
        """Read a target."""
        return read_target(str(self.cleaned_data["solution"]))

    def clean_update(self) -> timedelta | None:
        """Read a target."""
        return read_target(str(self.cleaned_data["update"]))

    def clean_thresholds(self) -> tuple[int, ...]:
        """Read per cents."""
        parts = read_words(str(self.cleaned_data["thresholds"]))
        if not all(part.isascii() and part.isdigit() and len(part) < 5 for part in parts):
            raise forms.ValidationError(_("Write whole per cents such as 50, 80, 100, 150."))
        return tuple(int(part) for part in parts)

    def clean_chain(self) -> tuple[ChainStep, ...]:
        """Read a role and a wait a line."""
        steps = []
        for number, line in enumerate(str(self.cleaned_data["chain"]).splitlines(), 1):
            if not line.strip():
                continue
            role, _blank, wait = line.strip().rpartition(" ")
            target = read_target(wait)
            if role.strip() not in set(Role) or target is None:
                raise forms.ValidationError(
                    _("Line %(line)d: write a role and a wait, such as lead 15min."), params={"line": number}
                )
            steps.append(ChainStep(Role(role.strip()), int(target.total_seconds())))
        return tuple(steps)

    def make_draft(self) -> PolicyDraft:
        """Return what was written."""
        found = self.cleaned_data
        first, solution, update = (found[name] for name in ("first_response", "solution", "update"))
        return PolicyDraft(
            found["name"],
            found["calendar"],
            tuple(found["kinds"]),
            count_seconds(first),
            count_seconds(solution),
            count_seconds(update),
            found["thresholds"],
            found["chain"],
        )


class AgentForm(CareForm):
    """Somebody who takes cases."""

    username = forms.CharField(label=_("Account"), max_length=150)
    skills = forms.CharField(label=_("Skills"), max_length=400, required=False)
    most_cases = forms.IntegerField(label=_("Open cases at most"), min_value=0, max_value=10_000, initial=20)
    is_present = forms.BooleanField(label=_("Is there and takes new cases"), required=False, initial=True)
    roles = forms.MultipleChoiceField(label=_("Is called as"), required=False)
    calendar = forms.ChoiceField(label=_("Hours in which notices are sent"), required=False)
    addresses = forms.CharField(label=_("Names of addresses"), max_length=400, required=False)

    def __init__(self, data: Any = None, *, calendars: list[str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field = self.fields["calendar"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("around the clock")), *((name, name) for name in calendars)]

    def clean_addresses(self) -> tuple[str, ...]:
        """Refuse addresses: names only."""
        found = read_words(str(self.cleaned_data["addresses"]))
        if not all(NAME.fullmatch(name) for name in found):
            raise forms.ValidationError(_("Write names such as WECOM, never the address itself."))
        return found

    def make_draft(self) -> AgentDraft:
        """Return what was written."""
        found = self.cleaned_data
        return AgentDraft(
            found["username"].strip(),
            read_words(found["skills"]),
            found["most_cases"],
            found["is_present"],
            tuple(found["roles"]),
            found["calendar"],
            found["addresses"],
        )


class AnswerForm(CareForm):
    """A text written beforehand."""

    name = forms.CharField(label=_("Name"), max_length=60)
    text_zh = forms.CharField(label=_("In Chinese"), max_length=MOST_TEXT, widget=forms.Textarea)
    text_en = forms.CharField(label=_("In English"), max_length=MOST_TEXT, widget=forms.Textarea)


def read_target(text: str) -> timedelta | None:
    """Return a target, None for nothing; a ValidationError says what is wrong."""
    if not text.strip():
        return None
    try:
        return parse_target(text)
    except BadInput as error:
        raise forms.ValidationError(str(error)) from error


def count_seconds(target: timedelta | None) -> int | None:
    """Return a target in whole seconds."""
    return None if target is None else int(target.total_seconds())


def read_local(text: str) -> datetime | None:
    """Return a time as a browser's field writes it, by the brand's clock; None for none."""
    try:
        return find_instant(datetime.fromisoformat(text), load_config().zone)
    except ValueError:
        return None


def read_enum(kind: type[StrEnum], text: str) -> Any:
    """Return the member that a field names. Raises BadInput."""
    try:
        return kind(text)
    except ValueError:
        raise BadInput(
            Words(f"没有 {text[:40]!r} 这个选项。", f"There is no choice {text[:40]!r}."),
            mend=Words("请刷新页面再选。", "Load the page anew and choose again."),
        ) from None


def tell_target(seconds: int | None) -> str:
    """Return a target as it is written.

    >>> tell_target(5400), tell_target(86400), tell_target(45), tell_target(None)
    ('1h30m', '24h', '45s', '')
    """
    if seconds is None:
        return ""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{hours}h" if hours else "", f"{minutes}m" if minutes else "", f"{left}s" if left else ""]
    return "".join(parts) or "0s"


def fill_policy(row: CarePolicy | None) -> dict[str, Any]:
    """Return what the form of a policy begins with."""
    if row is None:
        return {"first_response": "1h", "solution": "24h", "thresholds": "50, 80, 100, 150", "chain": CHAIN_EXAMPLE}
    return {
        "name": row.name,
        "calendar": row.calendar,
        "kinds": row.kinds,
        "first_response": tell_target(row.first_response_s),
        "solution": tell_target(row.solution_s),
        "update": tell_target(row.update_s),
        "thresholds": ", ".join(map(str, row.thresholds)),
        "chain": "\n".join(f"{step['role']} {tell_target(step['wait_s'])}" for step in row.chain),
    }


def fill_agent(row: Agent | None) -> dict[str, Any]:
    """Return what the form of an agent begins with."""
    if row is None:
        return {}
    same = ("username", "most_cases", "is_present", "roles", "calendar")
    joined = {"skills": " ".join(row.skills), "addresses": " ".join(row.addresses)}
    return {name: getattr(row, name) for name in same} | joined


def fill_answer(row: CannedAnswer | None) -> dict[str, Any]:
    """Return what the form of a text begins with."""
    return {name: getattr(row, name) for name in ("name", "text_zh", "text_en")} if row else {}
