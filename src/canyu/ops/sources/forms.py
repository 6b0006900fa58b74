"""The forms of sources and webhooks: each says field by field what cannot be used."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from canyu.kit.errors import CanyuError
from canyu.ops.sources.models import Subscription, WriteKey
from canyu.ops.sources.outbound.actions import SubscriptionDraft
from canyu.ops.sources.outbound.rules import ALERT, KINDS
from canyu.ops.sources.rules import (
    MOST_PER_MINUTE,
    SourceDraft,
    check_draft,
    check_name,
    check_origin,
    read_names,
    write_names,
)


class PlainForm(forms.Form):
    """What all forms here have in common: labels without a colon, hints and faults beside the field."""

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"hint_{name}"
            field.widget.attrs["autocomplete"] = "off"


class SourceForm(PlainForm):
    """What is set of a source."""

    market = forms.CharField(
        required=False, max_length=16, label=_("Market"), help_text=_("For events that name none, such as cn.")
    )
    channel = forms.CharField(
        required=False, max_length=64, label=_("Channel"), help_text=_("Of its events, such as site or app.")
    )
    origins = forms.CharField(
        required=False,
        max_length=5000,
        label=_("Websites that may send"),
        help_text=_("One per line, such as https://shop.example. Servers and apps need none; * allows every website."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    per_minute = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_PER_MINUTE,
        label=_("Events per minute at most"),
        help_text=_("Empty or 0: no limit."),
    )
    names = forms.CharField(
        required=False,
        max_length=50_000,
        label=_("Its own event names"),
        help_text=_("One per line, own name = type, such as: Test drive wanted = book"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_origins(self) -> tuple[str, ...]:
        """Return the origins in their standard form."""
        try:
            return tuple(check_origin(line) for line in str(self.cleaned_data["origins"]).split())
        except CanyuError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_names(self) -> dict[str, str]:
        """Return own name -> type."""
        try:
            names = read_names(str(self.cleaned_data["names"]))
            check_draft(SourceDraft(names=names))
        except CanyuError as error:
            raise forms.ValidationError(str(error)) from error
        return names

    def make_draft(self) -> SourceDraft:
        """Return what the form describes."""
        given = self.cleaned_data
        return SourceDraft(
            given["market"], given["channel"], given["origins"], given["per_minute"] or 0, given["names"]
        )


class NewSourceForm(SourceForm):
    """A new source: its name is for good."""

    name = forms.CharField(
        max_length=64,
        label=_("Name"),
        help_text=_("The events' source in the lake, for good. Lower-case letters, digits, dots and dashes."),
    )
    field_order = ("name", "market", "channel", "origins", "per_minute", "names")

    def clean_name(self) -> str:
        """Return a name that can be used."""
        try:
            return check_name(str(self.cleaned_data["name"]).strip())
        except CanyuError as error:
            raise forms.ValidationError(str(error)) from error


class SubscriptionForm(PlainForm):
    """An address that is told of events or alerts."""

    name = forms.CharField(max_length=60, label=_("Name"))
    url = forms.CharField(max_length=500, label=_("Address"), help_text=_("https://host/path of the receiver."))
    kinds = forms.MultipleChoiceField(label=_("What it is told"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        kinds = self.fields["kinds"]
        if isinstance(kinds, forms.MultipleChoiceField):
            kinds.choices = [(kind, _("alerts") if kind == ALERT else kind) for kind in KINDS]

    def make_draft(self) -> SubscriptionDraft:
        """Return what the form describes."""
        given = self.cleaned_data
        return SubscriptionDraft(given["name"].strip(), given["url"], tuple(given["kinds"]))


def fill_source(row: WriteKey) -> dict[str, Any]:
    """Return what the form of a source shows first."""
    return {
        "market": row.market,
        "channel": row.channel,
        "origins": "\n".join(row.origins),
        "per_minute": row.per_minute or None,
        "names": write_names(row.names),
    }


def fill_subscription(row: Subscription | None) -> dict[str, Any]:
    """Return what the form of a webhook shows first."""
    return {} if row is None else {"name": row.name, "url": row.url, "kinds": row.kinds}
