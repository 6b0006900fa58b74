"""The form of a challenge: plain fields, instants in the market's own time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from canyu.kit.clock import find_instant
from canyu.ops.campaigns.challenges.models import Challenge
from canyu.ops.campaigns.challenges.rules import (
    MOST_TAGS,
    MOST_WEIGHT,
    PART_WORDS,
    USUAL_HOSTS,
    WAY_WORDS,
    Part,
    ScoreRule,
    split_tags,
)
from canyu.ops.campaigns.challenges.schemas import ChallengeDraft
from canyu.ops.campaigns.rules import Market
from canyu.ops.kols.forms import PlainForm

MOST_LETTERS = 4_000
LOCAL = "%Y-%m-%dT%H:%M"
HOST = re.compile(r"\.?[\w-]+(\.[\w-]+)+")


class ChallengeForm(PlainForm):
    """The set-up of one challenge."""

    hashtags = forms.CharField(max_length=200, label=gettext_lazy("Hashtags, with a space between them"))
    market = forms.ChoiceField(label=gettext_lazy("Market whose clock counts"))
    opens_at = forms.CharField(max_length=25, label=gettext_lazy("Opens at, in the market's time"))
    closes_at = forms.CharField(max_length=25, label=gettext_lazy("Closes at, in the market's time"))
    rules_zh = forms.CharField(max_length=MOST_LETTERS, label=gettext_lazy("Rules (Chinese)"), widget=forms.Textarea)
    rules_en = forms.CharField(max_length=MOST_LETTERS, label=gettext_lazy("Rules (English)"), widget=forms.Textarea)
    prizes_zh = forms.CharField(
        max_length=MOST_LETTERS, required=False, label=gettext_lazy("Prizes (Chinese)"), widget=forms.Textarea
    )
    prizes_en = forms.CharField(
        max_length=MOST_LETTERS, required=False, label=gettext_lazy("Prizes (English)"), widget=forms.Textarea
    )
    ways = forms.MultipleChoiceField(label=gettext_lazy("Ways to enter"), widget=forms.CheckboxSelectMultiple)
    hosts = forms.CharField(
        max_length=2_000,
        required=False,
        label=gettext_lazy("Hosts that links may lead to (.example.com: all below it)"),
        widget=forms.Textarea,
    )
    most_entries_a_day = forms.IntegerField(
        min_value=1, max_value=100, initial=3, label=gettext_lazy("Entries of one person a day")
    )
    most_votes_a_day = forms.IntegerField(
        min_value=1, max_value=1_000, initial=10, label=gettext_lazy("Votes of one person a day")
    )
    is_decided_first = forms.BooleanField(
        required=False, initial=True, label=gettext_lazy("An entry is shown once somebody decided so")
    )

    def __init__(self, data: QueryDict | None = None, *, markets: Sequence[Market], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._zones = {market.market: market.zone for market in markets}
        choices = [(market.market, f"{market.market} · {market.zone}") for market in markets]
        self.fields["market"].choices = choices  # type: ignore[attr-defined]
        ways = [(way, str(words)) for way, words in WAY_WORDS.items()]
        self.fields["ways"].choices = ways  # type: ignore[attr-defined]
        for name in ("opens_at", "closes_at"):
            self.fields[name].widget = forms.DateTimeInput({"type": "datetime-local"}, LOCAL)
        for name in ("rules_zh", "rules_en", "prizes_zh", "prizes_en", "hosts"):
            self.fields[name].widget.attrs["rows"] = 5
        for part, words in PART_WORDS.items():
            weight = forms.IntegerField(min_value=0, max_value=MOST_WEIGHT, initial=0, label=str(words))
            self.fields[f"weight_{part}"] = weight
        for name, field in self.fields.items():
            field.widget.attrs |= {"autocomplete": "off", "aria-describedby": f"hint_{name}"}

    def clean_hashtags(self) -> list[str]:
        """Return the hashtags without their signs."""
        tags = split_tags(str(self.cleaned_data["hashtags"]))
        if not 1 <= len(tags) <= MOST_TAGS or any(len(tag) > 40 for tag in tags):
            raise forms.ValidationError(_("Write one to five hashtags of 40 characters at most."))
        return tags

    def clean_hosts(self) -> list[str]:
        """Return the hosts; an address in their place would let no link in."""
        hosts = str(self.cleaned_data["hosts"]).lower().replace(",", " ").split()
        wrong = next((host for host in hosts if not HOST.fullmatch(host)), None)
        if wrong is not None:
            raise forms.ValidationError(_('"%s" is no host such as weibo.com.') % wrong[:60])
        return hosts

    def clean(self) -> dict[str, Any]:
        """Read both instants in the market's time, and the order in which they come."""
        found = super().clean() or {}
        zone = self._zones.get(str(found.get("market", "")))
        for name in ("opens_at", "closes_at"):
            if zone and found.get(name):
                found[name] = self._read_moment(name, str(found[name]), zone)
        if not self.errors and found["closes_at"] <= found["opens_at"]:
            self.add_error("closes_at", _("The challenge closes before it opens."))
        return found

    def make_draft(self) -> ChallengeDraft:
        """Return the challenge that the form describes."""
        given = self.cleaned_data
        same = ("market", "opens_at", "closes_at", "ways", "most_entries_a_day", "most_votes_a_day")
        texts = {name: given[name].replace("\r\n", "\n") for name in ("rules_zh", "rules_en", "prizes_zh", "prizes_en")}
        return ChallengeDraft(
            **{name: given[name] for name in (*same, "is_decided_first", "hashtags", "hosts")},
            **texts,
            rule=ScoreRule(**{part: given[f"weight_{part}"] for part in Part}),
            zone=self._zones[given["market"]],
        )

    def _read_moment(self, name: str, text: str, zone: str) -> datetime | None:
        """Return an instant of the market's clock; one that its clock skips or is written wrongly is a fault."""
        try:
            found = find_instant(datetime.fromisoformat(text), zone)
        except ValueError:
            self.add_error(name, _("Write a day and a time, such as 2026-12-01T10:00."))
            return None
        if found is None:
            self.add_error(name, _("The clock of this market skips this time; choose another one."))
        return found


def fill_form(challenge: Challenge | None) -> dict[str, Any]:
    """Return what the form shows first: the challenge that is kept, or usual values."""
    if challenge is None:
        return {"hosts": " ".join(USUAL_HOSTS), "weight_votes": 1, "ways": list(WAY_WORDS)}
    names = ("rules_zh", "rules_en", "prizes_zh", "prizes_en", "market", "ways", "most_entries_a_day")
    zone = ZoneInfo(challenge.zone)
    return {
        **{name: getattr(challenge, name) for name in (*names, "most_votes_a_day", "is_decided_first")},
        **{name: f"{getattr(challenge, name).astimezone(zone):{LOCAL}}" for name in ("opens_at", "closes_at")},
        **{f"weight_{part}": challenge.weights.get(part, 0) for part in Part},
        "hashtags": " ".join(f"#{tag}" for tag in challenge.hashtags),
        "hosts": " ".join(challenge.hosts),
    }
