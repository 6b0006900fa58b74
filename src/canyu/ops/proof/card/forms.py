"""The form of a target."""

from __future__ import annotations

import math
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from canyu.measure.scorecard import list_goal_metrics
from canyu.ops.kols.forms import PlainForm
from canyu.ops.proof.card.actions import TargetDraft
from canyu.ops.proof.card.rules import RHYTHMS
from canyu.ops.proof.models import Rhythm

MOST = 1e15


class TargetForm(PlainForm):
    """What a metric is to be, from when on, and who answers for it."""

    metric = forms.ChoiceField(label=gettext_lazy("Metric"))
    rhythm = forms.ChoiceField(label=gettext_lazy("In one"))
    value = forms.FloatField(
        required=False, min_value=-MOST, max_value=MOST, label=gettext_lazy("Target (empty: none any more)")
    )
    since = forms.DateField(
        label=gettext_lazy("From this day on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    owner = forms.CharField(max_length=80, label=gettext_lazy("Who answers for it"))

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        metrics = [
            (one.name, f"{one.label} ({one.unit})" if str(one.unit) else str(one.label)) for one in list_goal_metrics()
        ]
        self.fields["metric"].choices = metrics  # type: ignore[attr-defined]
        self.fields["rhythm"].choices = [(name, str(words)) for name, words in RHYTHMS.items()]  # type: ignore[attr-defined]
        self.fields["value"].widget.attrs["step"] = "any"

    def clean_value(self) -> float | None:
        """Return a number that can be compared with."""
        value: float | None = self.cleaned_data["value"]
        if value is not None and not math.isfinite(value):
            raise forms.ValidationError(_("Write a number."))
        return value

    def make_draft(self) -> TargetDraft:
        """Return the target that the form describes."""
        given = self.cleaned_data
        return TargetDraft(given["metric"], Rhythm(given["rhythm"]), given["value"], given["since"], given["owner"])
