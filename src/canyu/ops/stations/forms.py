"""The forms of stations, benches and of who comes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from canyu.care import parse_calendar
from canyu.kit.errors import CanyuError
from canyu.ops.offers.forms import PlainForm
from canyu.ops.stations.actions import StationDraft
from canyu.ops.stations.models import Station
from canyu.ops.stations.rules import MOST_DAYS, SKILLS, SLOT_MINUTES

MOST_CALENDAR = 20_000
CALENDAR = """zone: Asia/Shanghai
hours:
  mon: ["10:00-19:00"]
  tue: ["10:00-19:00"]
  wed: ["10:00-19:00"]
  thu: ["10:00-19:00"]
  fri: ["10:00-19:00"]
  sat: ["10:00-17:00"]
workdays: CN
"""


class StationForm(PlainForm):
    """A station: where it is, when it is open, how it takes bookings."""

    slug = forms.SlugField(max_length=60, label=gettext_lazy("Short name (letters, digits, dashes)"))
    name_zh = forms.CharField(max_length=80, label=gettext_lazy("Name in Chinese"))
    name_en = forms.CharField(max_length=120, label=gettext_lazy("Name in English"))
    address_zh = forms.CharField(max_length=200, label=gettext_lazy("Address in Chinese"))
    address_en = forms.CharField(max_length=200, label=gettext_lazy("Address in English"))
    calendar = forms.CharField(
        max_length=MOST_CALENDAR,
        strip=False,  # a problem names its line
        initial=CALENDAR,
        label=gettext_lazy("Opening hours (calendar, YAML)"),
        widget=forms.Textarea(attrs={"rows": 11, "spellcheck": "false"}),
    )
    slot_minutes = forms.TypedChoiceField(
        coerce=int, choices=[(each, each) for each in SLOT_MINUTES], initial=30, label=gettext_lazy("Minutes per visit")
    )
    notice_minutes = forms.IntegerField(
        min_value=0, max_value=10_080, initial=60, label=gettext_lazy("Booked at least so many minutes before")
    )
    horizon_days = forms.IntegerField(
        min_value=1, max_value=MOST_DAYS, initial=14, label=gettext_lazy("Booked at most so many days before")
    )
    hold_minutes = forms.IntegerField(
        min_value=1, max_value=60, initial=10, label=gettext_lazy("Minutes that a chosen time is held")
    )
    is_on = forms.BooleanField(required=False, initial=True, label=gettext_lazy("Takes bookings"))

    def clean_calendar(self) -> str:
        """Return the calendar's text; every problem is told with its line, field and mend."""
        text = str(self.cleaned_data["calendar"]).replace("\r\n", "\n")
        try:
            parse_calendar(text)
        except CanyuError as error:
            raise forms.ValidationError("%s %s" % (error.message, error.mend)) from error  # noqa: UP031 - two texts
        return text

    def make_draft(self) -> StationDraft:
        """Return the station that the form describes."""
        return StationDraft(**{name: self.cleaned_data[name] for name in StationDraft.__slots__})


def describe_station(station: Station) -> dict[str, Any]:
    """Return what the form starts with."""
    return {name: getattr(station, name) for name in StationDraft.__slots__}


class BenchForm(PlainForm):
    """A bench: its name and what can be done at it."""

    name = forms.CharField(max_length=40, label=gettext_lazy("Name of the bench"))
    skills = forms.MultipleChoiceField(
        label=gettext_lazy("What can be done at it"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["skills"].choices = [(key, str(words)) for key, words in SKILLS.items()]  # type: ignore[attr-defined]


class GuestForm(PlainForm):
    """Who comes, told by themselves."""

    name = forms.CharField(max_length=60, label=gettext_lazy("How may we call you?"))
    phone = forms.RegexField(
        r"^\+?[0-9][0-9 \-]{4,24}[0-9]$",
        max_length=30,
        required=False,
        label=gettext_lazy("Phone"),
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel"}),
    )
    mail = forms.EmailField(max_length=254, required=False, label=gettext_lazy("Mail, for the reminder"))
    note = forms.CharField(max_length=300, required=False, label=gettext_lazy("What is wrong with it?"))

    def clean(self) -> dict[str, Any]:
        """Ask for one way to reach them."""
        found = super().clean() or {}
        if not self.errors and not (found.get("phone") or found.get("mail")):
            self.add_error("phone", _("Give a phone number or a mail address."))
        return found
