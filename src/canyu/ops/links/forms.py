"""The form of a short link."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from canyu.ops.config import load_config
from canyu.ops.links.rules import LinkDraft


class LinkForm(forms.Form):
    """A new short link."""

    target = forms.CharField(max_length=2000, label=_("Leads to"), help_text=_("With its utm marks, if it has any."))
    title = forms.CharField(required=False, max_length=200, label=_("What it is for"))
    campaign = forms.CharField(required=False, max_length=200, label=_("Campaign"))
    channel = forms.CharField(required=False, max_length=64, label=_("Channel"))
    market = forms.CharField(required=False, max_length=16, label=_("Market"))
    code = forms.CharField(
        required=False, max_length=64, label=_("Short code"), help_text=_("Empty: one that nobody can guess.")
    )
    until = forms.DateTimeField(
        required=False,
        label=_("Valid until (empty: for good)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"hint_{name}"
            field.widget.attrs["autocomplete"] = "off"

    def make_draft(self) -> LinkDraft:
        """Return the link that the form describes; the time is the brand's."""
        given = self.cleaned_data
        until = given["until"]
        if until is not None and until.tzinfo is None:
            until = until.replace(tzinfo=ZoneInfo(load_config().zone))
        plain = {name: given[name].strip() for name in ("target", "code", "title", "campaign", "market", "channel")}
        return LinkDraft(**plain, expires_at=until)
