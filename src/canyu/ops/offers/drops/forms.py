"""The form of a drop: a definition in plain fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from canyu.ops.kols.intake.cells import CURRENCY, parse_minor
from canyu.ops.offers.drops.actions import MOST_UNITS, DropDraft
from canyu.ops.offers.drops.rules import ENTRY_WORDS
from canyu.ops.offers.forms import PlainForm, split_names


class DropForm(PlainForm):
    """The definition of one drop."""

    code = forms.SlugField(max_length=60, label=_("Short name (letters, digits, dashes)"))
    name_zh = forms.CharField(max_length=120, label=_("Name in Chinese"))
    name_en = forms.CharField(max_length=120, label=_("Name in English"))
    campaign = forms.CharField(max_length=120, required=False, label=_("Campaign"))
    units = forms.IntegerField(min_value=1, max_value=MOST_UNITS, label=_("Units"))
    quotas = forms.CharField(
        max_length=400, required=False, label=_("Units kept for markets, as in: cn=600, de=100 (the rest is shared)")
    )
    per_person = forms.IntegerField(min_value=1, max_value=100, initial=1, label=_("Units per person"))
    price = forms.CharField(max_length=30, required=False, label=_("Price"))
    currency = forms.CharField(max_length=3, initial="CNY", label=_("Currency"))
    opens_at = forms.DateTimeField(
        label=_("Opens at"), widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"})
    )
    closes_at = forms.DateTimeField(
        required=False,
        label=_("Closes at (empty: when it is sold out)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}),
    )
    entry = forms.ChoiceField(label=_("Way in"))
    hold_minutes = forms.IntegerField(min_value=1, max_value=1440, initial=15, label=_("Minutes to pay"))

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.set_choices("entry", dict(ENTRY_WORDS))

    def clean(self) -> dict[str, Any]:
        """Read the price and the quotas exactly."""
        found = super().clean() or {}
        currency = str(found.get("currency", "")).upper()
        if not CURRENCY.fullmatch(currency):
            self.add_error("currency", _("Write three letters, such as CNY."))
            return found
        minor = parse_minor(str(found.get("price") or "0"), currency)
        if minor is None:
            self.add_error("price", _("Write an amount such as 2300 or 2300.50."))
        quotas: dict[str, int] = {}
        for pair in split_names(str(found.get("quotas", ""))):
            market, _sign, units = (part.strip() for part in pair.partition("="))
            if not market or not units.isdecimal() or market in quotas:
                self.add_error("quotas", _("Write each market once, as in: cn=600, de=100"))
                break
            quotas[market] = int(units)
        return found | {"currency": currency, "price_minor": minor, "parsed_quotas": quotas}

    def make_draft(self) -> DropDraft:
        """Return the drop that the form describes."""
        given = self.cleaned_data
        same = ("code", "name_zh", "name_en", "campaign", "units", "per_person", "currency", "opens_at", "closes_at")
        fields = {name: given[name] for name in (*same, "entry", "hold_minutes", "price_minor")}
        return DropDraft(**fields, quotas=given["parsed_quotas"])
