"""The form of a schedule: how often, when, in which language, to whom."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.validators import validate_email
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from canyu.measure.scorecard.decomposition import DIMENSIONS
from canyu.ops.kols.forms import PlainForm
from canyu.ops.proof.card.rules import RHYTHMS
from canyu.ops.proof.mailing.actions import ScheduleDraft
from canyu.ops.proof.mailing.rules import LANGUAGES, LAST_DAY, WEEKDAYS
from canyu.ops.proof.models import Rhythm

MOST_RECIPIENTS = 50


class ScheduleForm(PlainForm):
    """When the scorecard goes out, and to whom."""

    rhythm = forms.ChoiceField(label=gettext_lazy("A card of each"))
    weekday = forms.ChoiceField(required=False, label=gettext_lazy("On (weekly)"))
    month_day = forms.IntegerField(
        required=False, min_value=1, max_value=LAST_DAY, initial=1, label=gettext_lazy("On day (monthly)")
    )
    hour = forms.IntegerField(min_value=0, max_value=23, initial=9, label=gettext_lazy("At hour"))
    zone = forms.CharField(max_length=60, label=gettext_lazy("Time zone"))
    language = forms.ChoiceField(label=gettext_lazy("Language of the card"))
    by = forms.ChoiceField(label=gettext_lazy("Taken apart by"))
    recipients = forms.CharField(max_length=4_000, label=gettext_lazy("Recipients, one a line"))

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        weekdays = {str(place): words for place, words in enumerate(WEEKDAYS)}
        choices = (("rhythm", RHYTHMS), ("weekday", weekdays), ("language", LANGUAGES), ("by", DIMENSIONS))
        for name, words in choices:
            self.fields[name].choices = [(key, str(said)) for key, said in words.items()]  # type: ignore[attr-defined]
        self.fields["recipients"].widget = forms.Textarea({**self.fields["recipients"].widget.attrs, "rows": 3})

    def clean_zone(self) -> str:
        """Return the zone; one that there is."""
        zone = str(self.cleaned_data["zone"])
        if zone not in available_timezones():
            raise forms.ValidationError(_("Write a time zone such as Asia/Shanghai."))
        return zone

    def clean_recipients(self) -> tuple[str, ...]:
        """Return the addresses, each once."""
        lines = [line.strip() for line in str(self.cleaned_data["recipients"]).splitlines() if line.strip()]
        for line in lines[:MOST_RECIPIENTS]:
            try:
                validate_email(line)
            except forms.ValidationError as error:
                raise forms.ValidationError(_('"%s" is no mail address.') % line[:60]) from error
        if len(lines) > MOST_RECIPIENTS:
            raise forms.ValidationError(_("At most %s recipients.") % MOST_RECIPIENTS)
        return tuple(dict.fromkeys(lines))

    def clean(self) -> dict[str, Any]:
        """Take the day that belongs to the rhythm."""
        found = super().clean() or {}
        name = "weekday" if found.get("rhythm") == Rhythm.WEEK else "month_day"
        if not found.get(name) and name not in self.errors:
            self.add_error(name, _("Choose a day."))
        return found

    def make_draft(self) -> ScheduleDraft:
        """Return the schedule that the form describes."""
        given, rhythm = self.cleaned_data, Rhythm(self.cleaned_data["rhythm"])
        day = int(given["weekday"] if rhythm is Rhythm.WEEK else given["month_day"])
        same = {name: given[name] for name in ("hour", "zone", "language", "recipients", "by")}
        return ScheduleDraft(rhythm=rhythm, day=day, **same)
