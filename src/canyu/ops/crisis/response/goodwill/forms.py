"""The form of a goodwill offer: what, to whom by what they bought, how many, and the words; no condition anywhere."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from canyu.care.crisis.goodwill_text import check_offer_words
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.ops.crisis.response.goodwill.actions import GoodwillDraft
from canyu.ops.crisis.response.models import GoodwillKind
from canyu.ops.kols.intake.cells import CURRENCY, parse_minor
from canyu.ops.offers.forms import PlainForm

MOST_CAP = 10**6
MOST_WORDS = 1_000
KINDS = {
    GoodwillKind.WARRANTY: Words("延长保修", "a longer warranty"),
    GoodwillKind.VOUCHER: Words("代金券", "a voucher"),
}


class GoodwillForm(PlainForm):
    """A goodwill offer as somebody wants it."""

    kind = forms.ChoiceField(label=gettext_lazy("What people get"))
    name_zh = forms.CharField(max_length=120, label=gettext_lazy("Name in Chinese"))
    name_en = forms.CharField(max_length=120, label=gettext_lazy("Name in English"))
    months = forms.IntegerField(
        min_value=1, max_value=120, required=False, label=gettext_lazy("Warranty: longer by (months)")
    )
    service = forms.CharField(
        max_length=120, required=False, label=gettext_lazy("Warranty: the shop's product that is free with the code")
    )
    amount = forms.CharField(max_length=30, required=False, label=gettext_lazy("Voucher: worth (amount)"))
    currency = forms.CharField(max_length=3, initial="CNY", label=gettext_lazy("Currency"))
    product = forms.CharField(max_length=200, label=gettext_lazy("For whoever bought this product"))
    bought_from = forms.DateField(label=gettext_lazy("Bought from"), widget=forms.DateInput(attrs={"type": "date"}))
    bought_until = forms.DateField(
        label=gettext_lazy("Bought until, this day included"), widget=forms.DateInput(attrs={"type": "date"})
    )
    cap = forms.IntegerField(min_value=1, max_value=MOST_CAP, label=gettext_lazy("Cap: how many there are in all"))
    valid_days = forms.IntegerField(
        min_value=1, max_value=3660, initial=180, label=gettext_lazy("Codes hold for (days)")
    )
    words_zh = forms.CharField(
        max_length=MOST_WORDS,
        label=gettext_lazy("What people are told, in Chinese"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    words_en = forms.CharField(
        max_length=MOST_WORDS,
        label=gettext_lazy("What people are told, in English"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.set_choices("kind", dict(KINDS))

    def clean(self) -> dict[str, Any]:
        """Read the amount, and refuse words that make the offer hang on what people say."""
        found = super().clean() or {}
        found["currency"] = str(found.get("currency", "")).upper()
        if not CURRENCY.fullmatch(found["currency"]):
            self.add_error("currency", _("Write three letters, such as CNY."))
            return found
        if found.get("kind") == GoodwillKind.VOUCHER:
            found["amount_minor"] = parse_minor(found.get("amount", ""), found["currency"]) or 0
            if found["amount_minor"] < 1:
                self.add_error("amount", _("Write an amount such as 2300 or 2300.50."))
        elif not found.get("months") or not found.get("service"):
            self.add_error("months", _("Say by how many months, and which product of the shop stands for it."))
        if found.get("bought_from") and found.get("bought_until") and found["bought_from"] > found["bought_until"]:
            self.add_error("bought_until", _("The last day lies before the first one."))
        for name in ("name_zh", "name_en", "words_zh", "words_en"):
            try:
                check_offer_words(str(found.get(name, "")))
            except BadInput as error:
                self.add_error(name, f"{error.message} {error.mend}")
        return found

    def make_draft(self) -> GoodwillDraft:
        """Return what the form describes."""
        given = self.cleaned_data
        is_voucher = given["kind"] == GoodwillKind.VOUCHER
        return GoodwillDraft(
            kind=GoodwillKind(given["kind"]),
            name=Words(given["name_zh"], given["name_en"]),
            words=Words(given["words_zh"], given["words_en"]),
            product=given["product"],
            bought=(given["bought_from"], given["bought_until"]),
            cap=given["cap"],
            valid_days=given["valid_days"],
            currency=given["currency"],
            amount_minor=given["amount_minor"] if is_voucher else 0,
            months=0 if is_voucher else given["months"],
            service="" if is_voucher else given["service"],
        )
