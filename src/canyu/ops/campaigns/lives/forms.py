"""The forms of a session, a mark, a minute by hand, a clip and files: each says field by field what is wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.validators import URLValidator
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from canyu.kit.clock import find_instant
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.channels import CHANNELS
from canyu.ops.campaigns.lives.actions import ClipDraft, MarkDraft
from canyu.ops.campaigns.lives.intake.reading import MOST_BYTES
from canyu.ops.campaigns.lives.rules import (
    HOST_WORDS,
    MARK_WORDS,
    METRIC_WORDS,
    SCOPE_WORDS,
    Host,
    MarkKind,
    Scope,
    SessionDraft,
)
from canyu.ops.campaigns.models import Campaign
from canyu.ops.campaigns.rules import CampaignState
from canyu.ops.config import load_config
from canyu.ops.insight.queries import get_catalogue
from canyu.ops.kols.forms import PlainForm
from canyu.ops.kols.models import Kol

MOST_LINKS = 20
MOST_WINDOW = 24 * 60
SECONDS = "%Y-%m-%dT%H:%M:%S"
_is_address = URLValidator(schemes=["https", "http"])


class SessionForm(PlainForm):
    """A session as it is planned; times are on the clock of its zone."""

    campaign = forms.ModelChoiceField(Campaign.objects.none(), label=gettext_lazy("Campaign"))
    title_zh = forms.CharField(max_length=80, label=gettext_lazy("Title (Chinese)"))
    title_en = forms.CharField(max_length=120, label=gettext_lazy("Title (English)"))
    host = forms.ChoiceField(label=gettext_lazy("Who is on screen"))
    host_name = forms.CharField(required=False, max_length=120, label=gettext_lazy("Name of the founder"))
    kol = forms.ModelChoiceField(Kol.objects.none(), required=False, label=gettext_lazy("KOL of the roster"))
    platforms = forms.MultipleChoiceField(
        label=gettext_lazy("Platforms"), widget=forms.CheckboxSelectMultiple, required=False
    )
    zone = forms.CharField(max_length=60, label=gettext_lazy("Time zone"))
    planned_start = forms.DateTimeField(label=gettext_lazy("Planned start"))
    planned_end = forms.DateTimeField(label=gettext_lazy("Planned end"))
    window_minutes = forms.IntegerField(
        min_value=1, max_value=MOST_WINDOW, initial=10, label=gettext_lazy("Window: minutes from the opening of orders")
    )
    tail_minutes = forms.IntegerField(
        min_value=0, max_value=MOST_WINDOW, initial=30, label=gettext_lazy("Session: and so many minutes after its end")
    )
    scope = forms.ChoiceField(label=gettext_lazy("Which orders are the session's"))
    baseline_days = forms.IntegerField(
        min_value=14, max_value=366, initial=56, label=gettext_lazy("Days before that say what is usual")
    )
    products = forms.MultipleChoiceField(required=False, label=gettext_lazy("Products"))
    links = forms.CharField(required=False, max_length=4_000, label=gettext_lazy("Links, one a line"))
    lake_object = forms.CharField(
        required=False, max_length=200, label=gettext_lazy("Object of its events in the lake (may be empty)")
    )

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        open_ones = Campaign.objects.exclude(state=CampaignState.CLOSED).order_by("name")
        self.fields["campaign"].queryset = open_ones  # type: ignore[attr-defined]
        self.fields["campaign"].label_from_instance = lambda one: one.name  # type: ignore[attr-defined]
        self.fields["kol"].queryset = Kol.objects.filter(is_blocked=False).order_by("name")  # type: ignore[attr-defined]
        self.fields["kol"].label_from_instance = lambda one: one.name  # type: ignore[attr-defined]
        channels = [(name, str(words)) for name, words in CHANNELS.items() if name != "twitter"]
        products = [(one.id, str(one.name)) for one in get_catalogue().entries if "/" in one.id]
        for name, choices in (("platforms", channels), ("products", products)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        for name, words in (("host", HOST_WORDS), ("scope", SCOPE_WORDS)):
            self.fields[name].choices = [(key, str(said)) for key, said in words.items()]  # type: ignore[attr-defined]
        for name in ("planned_start", "planned_end"):
            attrs = {**self.fields[name].widget.attrs, "type": "datetime-local"}
            self.fields[name].widget = forms.DateTimeInput(attrs, "%Y-%m-%dT%H:%M")
        self.fields["links"].widget = forms.Textarea({**self.fields["links"].widget.attrs, "rows": 3})
        self.fields["products"].widget.attrs["size"] = 6

    def clean_zone(self) -> str:
        """Return the zone; one that there is."""
        zone = str(self.cleaned_data["zone"])
        if zone not in available_timezones():
            raise forms.ValidationError(_("Write a time zone such as Asia/Shanghai."))
        return zone

    def clean_links(self) -> list[str]:
        """Return the links, each a web address."""
        links = [line.strip() for line in str(self.cleaned_data["links"]).splitlines() if line.strip()]
        for link in links[:MOST_LINKS]:
            try:
                _is_address(link)
            except forms.ValidationError as error:
                raise forms.ValidationError(_('"%s" is no web address.') % link[:60]) from error
        if len(links) > MOST_LINKS:
            raise forms.ValidationError(_("At most %s links.") % MOST_LINKS)
        return links

    def clean(self) -> dict[str, Any]:
        """Read both times on the clock of the session's zone."""
        found = super().clean() or {}
        for name in ("planned_start", "planned_end"):
            if found.get(name) and found.get("zone"):
                found[name] = _place(self, name, found["zone"])
        return found

    def make_draft(self) -> SessionDraft:
        """Return the session that the form describes."""
        given = self.cleaned_data
        same = ("title_zh", "title_en", "host_name", "zone", "window_minutes", "tail_minutes", "baseline_days")
        return SessionDraft(
            **{name: given[name] for name in (*same, "lake_object")},
            host=Host(given["host"]),
            kol=given["kol"].pk if given["kol"] else None,
            platforms=tuple(given["platforms"]),
            planned_start=given["planned_start"],
            planned_end=given["planned_end"],
            scope=Scope(given["scope"]),
            products=tuple(given["products"]),
            links=tuple(given["links"]),
        )


class MomentForm(PlainForm):
    """An instant on the clock of the session's zone; empty is now."""

    at = forms.DateTimeField(required=False, label=gettext_lazy("When (empty: now)"))

    def __init__(self, data: QueryDict | None = None, *, zone: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.zone = zone
        attrs = {**self.fields["at"].widget.attrs, "type": "datetime-local", "step": "1"}
        self.fields["at"].widget = forms.DateTimeInput(attrs, SECONDS)

    def clean_at(self) -> datetime | None:
        """Return the instant on the clock of the session's zone."""
        return _place(self, "at", self.zone) if self.cleaned_data["at"] else None

    def find_moment(self, now: datetime) -> datetime:
        """Return the instant that was written, or now."""
        at: datetime | None = self.cleaned_data["at"]
        return at or now


class MarkForm(MomentForm):
    """One mark."""

    kind = forms.ChoiceField(label=gettext_lazy("What happened"))
    label = forms.CharField(required=False, max_length=80, label=gettext_lazy("In words (may be empty)"))

    def __init__(self, data: QueryDict | None = None, *, zone: str, **kwargs: Any) -> None:
        super().__init__(data, zone=zone, **kwargs)
        choices = [(kind, str(words)) for kind, words in MARK_WORDS.items()]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]

    def make_draft(self, now: datetime) -> MarkDraft:
        """Return the mark that the form describes."""
        return MarkDraft(MarkKind(self.cleaned_data["kind"]), self.find_moment(now), self.cleaned_data["label"])


class MinuteForm(PlainForm):
    """One minute by hand: the same fields as a row of a file."""

    minute = forms.CharField(max_length=30, label=gettext_lazy("Minute"))
    platform = forms.ChoiceField(label=gettext_lazy("Platform"))
    metric = forms.ChoiceField(label=gettext_lazy("What is counted"))
    viewers = forms.CharField(required=False, max_length=20, label=gettext_lazy("Count"))
    note = forms.ChoiceField(required=False, label=gettext_lazy("Where it is not simply a count"))

    def __init__(self, data: QueryDict | None = None, *, platforms: list[str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["minute"].widget.attrs["placeholder"] = "2026-12-01 20:05"
        notes = [("", "—"), ("missing", _("not known")), ("zero", _("truly 0"))]
        named = [(name, str(CHANNELS.get(name, Words(name, name)))) for name in platforms]
        metrics = [(name, str(words)) for name, words in METRIC_WORDS.items()]
        for name, choices in (("platform", named), ("metric", metrics), ("note", notes)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]


class ClipForm(MomentForm):
    """One clip; empty time is now."""

    title = forms.CharField(max_length=120, label=gettext_lazy("Title"))
    platform = forms.ChoiceField(label=gettext_lazy("Platform"))
    url = forms.CharField(required=False, max_length=500, label=gettext_lazy("Link"), validators=[_is_address])
    is_replay = forms.BooleanField(required=False, label=gettext_lazy("It is the replay of the whole session"))

    def __init__(self, data: QueryDict | None = None, *, zone: str, platforms: list[str], **kwargs: Any) -> None:
        super().__init__(data, zone=zone, **kwargs)
        named = [(name, str(CHANNELS.get(name, Words(name, name)))) for name in platforms]
        self.fields["platform"].choices = named  # type: ignore[attr-defined]

    def make_draft(self, now: datetime) -> ClipDraft:
        """Return the clip that the form describes."""
        given = self.cleaned_data
        return ClipDraft(given["title"], given["platform"], given["url"], given["is_replay"], self.find_moment(now))


class UploadForm(forms.Form):
    """A CSV file."""

    file = forms.FileField(max_length=200)

    def read(self) -> bytes:
        """Return what the file holds; raises BadInput for none and for one that is too large."""
        file = self.cleaned_data["file"] if self.is_valid() else None
        if file is None or file.size > MOST_BYTES:
            raise BadInput(
                _("There is no file, or it is larger than %s MB.") % (MOST_BYTES >> 20), mend=_("Choose another one.")
            )
        data: bytes = file.read()
        return data


def _place(form: PlainForm, name: str, zone: str) -> datetime | None:
    """Return the instant at which a zone's clock shows a field's time, whatever zone the request is in."""
    found = find_instant(form.cleaned_data[name].replace(tzinfo=None), zone)
    if found is None:
        form.add_error(name, form.fields[name].error_messages["invalid"])
    return found


def get_zone() -> str:
    """Return the zone that a new session has: the brand's."""
    return load_config().zone
