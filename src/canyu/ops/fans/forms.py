"""The forms about people: a look-up, a tie, a decision on a purpose."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from canyu.kit.words import Words
from canyu.ops.fans.actions import Decision
from canyu.ops.fans.rules import LOOK_UP_WORDS, PURPOSE_WORDS, TOLD_ELSEWHERE, LookUp, Purpose


def _offer(words: dict[str, Words], without: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    is_chinese = (get_language() or "").startswith("zh")
    return [(str(name), each.zh if is_chinese else each.en) for name, each in words.items() if name not in without]


class LookUpForm(forms.Form):
    """Whom to look for; sent by POST, so that it stands in no address and no log."""

    kind = forms.ChoiceField(label=_("What you have"), choices=lambda: _offer(LOOK_UP_WORDS))
    text = forms.CharField(max_length=254, label=_("The number, address or id"))

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        self.fields["text"].widget.attrs["autocomplete"] = "off"
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"hint_{name}"

    def get_kind(self) -> LookUp:
        """Return what kind of identifier was typed."""
        return LookUp(self.cleaned_data["kind"])


class TieForm(LookUpForm):
    """Another identifier of the same person, and why staff think so."""

    reason = forms.CharField(max_length=300, label=_("How you know"))


class ConsentForm(forms.Form):
    """One decision on one purpose, as the person told it."""

    purpose = forms.ChoiceField(label=_("Purpose"), choices=lambda: _offer(PURPOSE_WORDS, TOLD_ELSEWHERE))
    decision = forms.ChoiceField(label=_("They said"), choices=[("1", _("yes")), ("0", _("no, or no longer"))])
    version = forms.CharField(max_length=64, label=_("Version of the text they were shown"))
    channel = forms.CharField(max_length=64, label=_("Where they said it"))
    at = forms.DateTimeField(label=_("When they said it"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    is_guardian = forms.BooleanField(required=False, label=_("A guardian said it, for a child under 14"))

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", auto_id="consent_%s", **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"hint_{name}"

    def make_decision(self) -> Decision:
        """Return what the form says."""
        given = self.cleaned_data
        language = get_language() or ""
        told = (given["version"], language, given["channel"])
        return Decision(Purpose(given["purpose"]), given["decision"] == "1", *told, given["at"], given["is_guardian"])
