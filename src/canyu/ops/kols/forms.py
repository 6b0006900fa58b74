"""The forms of the roster and of bookings: each says field by field what cannot be used."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from canyu.kit.words import Words
from canyu.ops.config import load_config
from canyu.ops.kols.actions import ContractDraft, PriceDraft
from canyu.ops.kols.bookings.rules import POST_KINDS, BookingDraft
from canyu.ops.kols.intake.cells import CURRENCY, parse_minor
from canyu.ops.kols.rules import USUAL_CURRENCY

DUE_HOUR = time(23, 59)
MOST_LETTERS = 10_000
USUAL_HOURS, MOST_HOURS = 72, 24 * 90
_NOT_HOURS = ("invalid", "min_value", "max_value")


class PlainForm(forms.Form):
    """What all forms here have in common: labels without a colon, faults named beside the field."""

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["autocomplete"] = "off"
            field.widget.attrs["aria-describedby"] = f"hint_{name}"
            if isinstance(field, forms.ChoiceField) and name == "kind":
                field.choices = [(kind, _say(words)) for kind, words in POST_KINDS.items()]


class MoneyForm(PlainForm):
    """An amount, its currency and what it is for."""

    kind = forms.ChoiceField(label=_("What for"))
    price = forms.CharField(max_length=30, label=_("Price"))
    currency = forms.CharField(max_length=3, initial=USUAL_CURRENCY, label=_("Currency"))

    def clean(self) -> dict[str, Any]:
        """Read the amount in minor units of its currency, exactly."""
        found = super().clean() or {}
        currency = str(found.get("currency", "")).upper()
        if not CURRENCY.fullmatch(currency):
            self.add_error("currency", _("Write three letters, such as CNY."))
            return found
        minor = parse_minor(str(found.get("price", "")), currency)
        if minor is None and "price" not in self.errors:
            self.add_error("price", _("Write an amount such as 2300 or 2300.50."))
        return found | {"currency": currency, "price_minor": minor}


class PriceForm(MoneyForm):
    """A new price of an account."""

    def make_draft(self) -> PriceDraft:
        """Return the price that the form describes."""
        given = self.cleaned_data
        return PriceDraft(given["kind"], given["price_minor"], given["currency"])


class ContractForm(PlainForm):
    """A contract with a KOL."""

    since = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(
        required=False, label=_("Until (empty: open)"), widget=forms.DateInput(attrs={"type": "date"})
    )
    terms = forms.CharField(required=False, max_length=5000, label=_("Terms"), widget=forms.Textarea(attrs={"rows": 3}))
    exclusivity = forms.CharField(required=False, max_length=2000, label=_("Exclusivity"))
    disclosure = forms.BooleanField(required=False, initial=True, label=_("Has to mark advertising"))

    def clean(self) -> dict[str, Any]:
        """Check that the contract does not end before it begins."""
        found = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        if since and until and until < since:
            self.add_error("until", _("The contract ends before it begins."))
        return found

    def make_draft(self) -> ContractDraft:
        """Return the contract that the form describes."""
        given = self.cleaned_data
        return ContractDraft(given["since"], given["until"], given["terms"], given["exclusivity"], given["disclosure"])


class BriefForm(PlainForm):
    """What the post should say, and by when."""

    brief = forms.CharField(
        required=False,
        max_length=MOST_LETTERS,
        label=_("Brief"),
        widget=forms.Textarea(attrs={"rows": 7, "dir": "auto"}),
    )
    due = forms.DateField(
        required=False, label=_("Post due on (end of the day)"), widget=forms.DateInput(attrs={"type": "date"})
    )

    def read_due(self) -> datetime | None:
        """Return the last moment of the day that is due, in the brand's zone."""
        due: date | None = self.cleaned_data["due"]
        return datetime.combine(due, DUE_HOUR, ZoneInfo(load_config().zone)) if due else None


class BookingForm(MoneyForm, BriefForm):
    """A booking of one account."""

    campaign = forms.CharField(required=False, max_length=120, label=_("Campaign"))
    hours = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_HOURS,
        initial=USUAL_HOURS,
        label=_("Hours after the post in which people count"),
        error_messages={name: _("Write a whole number of hours from 1 to 2160.") for name in _NOT_HOURS},
    )
    field_order = ("kind", "price", "currency", "campaign", "due", "hours", "brief")

    def make_draft(self, account: int) -> BookingDraft:
        """Return the booking that the form describes."""
        given = self.cleaned_data
        return BookingDraft(
            account=account,
            kind=given["kind"],
            price_minor=given["price_minor"],
            currency=given["currency"],
            campaign=given["campaign"],
            brief=given["brief"],
            post_due_at=self.read_due(),
            reach_hours=given["hours"] or USUAL_HOURS,
        )


def _say(words: Words) -> str:
    return words.say(get_language() or "")
