"""The forms of a pledge, a payout, a story and a picture: each says field by field what cannot be used."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from canyu.kit.images import ACCEPTED
from canyu.ops.campaigns.charity.models import Payout
from canyu.ops.campaigns.charity.rules import (
    BASIS_WORDS,
    MOST_RECEIPT_BYTES,
    PICTURE_LIMITS,
    Basis,
    PayoutDraft,
    PictureDraft,
    PledgeDraft,
    StoryDraft,
)
from canyu.ops.config import load_config
from canyu.ops.kols.forms import PlainForm
from canyu.ops.kols.intake.cells import parse_minor

MOST_LETTERS = 4_000


class MinorForm(PlainForm):
    """A form with amounts in the campaign's currency."""

    def __init__(self, data: QueryDict | None = None, *, currency: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.currency = currency

    def read_minor(self, name: str) -> int | None:
        """Return an amount in minor units, exactly; what is none is told at the field."""
        text = str(self.cleaned_data.get(name, "")).strip()
        minor = parse_minor(text, self.currency) if text else None
        if text and not minor and name not in self.errors:
            self.add_error(name, _("Write an amount such as 2300 or 2300.50."))
        return minor


class PledgeForm(MinorForm):
    """What a campaign gives; times are the brand's."""

    basis = forms.ChoiceField(label=gettext_lazy("What brings a gift"))
    amount = forms.CharField(max_length=30, label=gettext_lazy("Amount of one gift"))
    cap = forms.CharField(required=False, max_length=30, label=gettext_lazy("At most in all (may be empty)"))
    starts_at = forms.DateTimeField(label=gettext_lazy("Counted from"))
    ends_at = forms.DateTimeField(label=gettext_lazy("Counted until (not included)"))
    recipient = forms.CharField(max_length=200, label=gettext_lazy("Who receives it"))
    recipient_number = forms.CharField(
        required=False, max_length=60, label=gettext_lazy("Registration number of the organisation")
    )
    note_zh = forms.CharField(max_length=1000, label=gettext_lazy("Legal note (Chinese)"))
    note_en = forms.CharField(max_length=1000, label=gettext_lazy("Legal note (English)"))

    def __init__(self, data: QueryDict | None = None, *, currency: str, **kwargs: Any) -> None:
        super().__init__(data, currency=currency, **kwargs)
        choices = [(basis, words.say(get_language() or "")) for basis, words in BASIS_WORDS.items()]
        self.fields["basis"].choices = choices  # type: ignore[attr-defined]
        for name in ("starts_at", "ends_at"):
            attrs = {**self.fields[name].widget.attrs, "type": "datetime-local"}
            self.fields[name].widget = forms.DateTimeInput(attrs, "%Y-%m-%dT%H:%M")
        for name in ("note_zh", "note_en"):
            self.fields[name].widget = forms.Textarea({**self.fields[name].widget.attrs, "rows": 3, "dir": "auto"})

    def clean(self) -> dict[str, Any]:
        """Read both amounts exactly."""
        found = super().clean() or {}
        return found | {"amount_minor": self.read_minor("amount"), "cap_minor": self.read_minor("cap")}

    def make_draft(self) -> PledgeDraft:
        """Return the pledge that the form describes."""
        given, zone = self.cleaned_data, ZoneInfo(load_config().zone)
        texts = {name: given[name] for name in ("recipient", "recipient_number", "note_zh", "note_en")}
        return PledgeDraft(
            basis=Basis(given["basis"]),
            amount_minor=given["amount_minor"],
            cap_minor=given["cap_minor"],
            starts_at=given["starts_at"].replace(tzinfo=zone),
            ends_at=given["ends_at"].replace(tzinfo=zone),
            **texts,
        )


class PayoutForm(MinorForm):
    """One transfer to the recipient, and the file of its receipt."""

    amount = forms.CharField(max_length=30, label=gettext_lazy("Amount paid"))
    paid_on = forms.DateField(label=gettext_lazy("Day of the transfer"))
    note = forms.CharField(required=False, max_length=500, label=gettext_lazy("Note"))
    receipt = forms.FileField(max_length=200, label=gettext_lazy("Receipt"))

    def __init__(self, data: QueryDict | None = None, *, currency: str, **kwargs: Any) -> None:
        super().__init__(data, currency=currency, **kwargs)
        self.fields["paid_on"].widget = forms.DateInput({**self.fields["paid_on"].widget.attrs, "type": "date"})

    def clean(self) -> dict[str, Any]:
        """Read the amount exactly, and refuse a file that is too large."""
        found = super().clean() or {}
        receipt = found.get("receipt")
        if receipt and receipt.size > MOST_RECEIPT_BYTES:
            self.add_error("receipt", _("The file is larger than %s MB.") % (MOST_RECEIPT_BYTES >> 20))
        return found | {"amount_minor": self.read_minor("amount")}

    def make_draft(self) -> PayoutDraft:
        """Return the payout that the form describes."""
        given = self.cleaned_data
        receipt = given["receipt"]
        return PayoutDraft(given["amount_minor"], given["paid_on"], receipt.name, receipt.read(), given["note"])


class StoryForm(PlainForm):
    """A story in both languages, and the payouts that it tells of."""

    title_zh = forms.CharField(max_length=80, label=gettext_lazy("Title (Chinese)"))
    title_en = forms.CharField(max_length=120, label=gettext_lazy("Title (English)"))
    text_zh = forms.CharField(max_length=MOST_LETTERS, label=gettext_lazy("Text (Chinese)"))
    text_en = forms.CharField(max_length=MOST_LETTERS, label=gettext_lazy("Text (English)"))
    payouts = forms.ModelMultipleChoiceField(
        Payout.objects.none(),
        required=False,
        label=gettext_lazy("Payouts that it tells of"),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: QueryDict | None = None, *, payouts: list[Payout], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        mine = Payout.objects.filter(pk__in=[one.pk for one in payouts]).order_by("paid_on", "pk")
        self.fields["payouts"].queryset = mine  # type: ignore[attr-defined]
        for name in ("text_zh", "text_en"):
            self.fields[name].widget = forms.Textarea({**self.fields[name].widget.attrs, "rows": 6, "dir": "auto"})

    def make_draft(self) -> StoryDraft:
        """Return the story that the form describes."""
        given = self.cleaned_data
        texts = {name: given[name].replace("\r\n", "\n") for name in ("title_zh", "title_en", "text_zh", "text_en")}
        return StoryDraft(**texts, payouts=tuple(one.pk for one in given["payouts"]))


class PictureForm(PlainForm):
    """A picture, what it shows, and the consent of who is on it."""

    picture = forms.FileField(max_length=200, label=gettext_lazy("Picture (JPEG, PNG, WebP or GIF)"))
    alt_zh = forms.CharField(max_length=200, label=gettext_lazy("What it shows (Chinese)"))
    alt_en = forms.CharField(max_length=200, label=gettext_lazy("What it shows (English)"))
    shows_people = forms.BooleanField(required=False, label=gettext_lazy("People can be recognised on it"))
    consent = forms.CharField(
        required=False, max_length=500, label=gettext_lazy("Who consented, and where the consent lies")
    )
    consent_on = forms.DateField(required=False, label=gettext_lazy("Day of the consent"))
    person = forms.CharField(
        required=False, max_length=200, label=gettext_lazy("Their id in the lake, where they have one")
    )

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["consent_on"].widget = forms.DateInput({**self.fields["consent_on"].widget.attrs, "type": "date"})
        self.fields["picture"].widget.attrs["accept"] = ACCEPTED

    def clean(self) -> dict[str, Any]:
        """Refuse a file that is too large before it is read."""
        found = super().clean() or {}
        picture = found.get("picture")
        if picture and picture.size > PICTURE_LIMITS.most_bytes:
            self.add_error("picture", _("The file is larger than %s MB.") % (PICTURE_LIMITS.most_bytes >> 20))
        return found

    def make_draft(self) -> PictureDraft:
        """Return the picture that the form describes."""
        given = self.cleaned_data
        rest = {name: given[name] for name in ("alt_zh", "alt_en", "shows_people", "person", "consent", "consent_on")}
        return PictureDraft(given["picture"].read(), **rest)
