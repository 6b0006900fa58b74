"""The forms of offers: a definition in plain fields, codes to make, and a cart to try offers on."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from canyu.kit.jsonio import parse_json
from canyu.kit.words import Words
from canyu.ops.config import load_config
from canyu.ops.kols.intake.cells import CURRENCY, parse_minor
from canyu.ops.kols.models import split_list
from canyu.ops.offers.actions import MOST_CODES, OfferDraft
from canyu.ops.offers.models import Offer
from canyu.ops.offers.quoting import Scope, Stacks
from canyu.ops.offers.quoting.telling import format_minor
from canyu.ops.offers.rules import KIND_WORDS, SCOPE_WORDS, STACKS_WORDS, SWITCH_WORDS

PART = re.compile(r"(?P<names>[^x×*]+?)(?:\s*[x×*]\s*(?P<quantity>\d{1,6}))?")
PERCENT, AMOUNT, EACH = "percent", "amount", "each"
DISCOUNT_WORDS = {
    PERCENT: Words("打折（百分比）", "a percentage"),
    AMOUNT: Words("减一笔金额", "an amount once"),
    EACH: Words("每件减金额", "an amount per unit"),
}


class PlainForm(forms.Form):
    """What all forms here have in common: labels without a colon, faults named beside the field."""

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["autocomplete"] = "off"
            field.widget.attrs["aria-describedby"] = f"hint_{name}"

    def set_choices(self, name: str, words: dict[Any, Words]) -> None:
        """Name the choices in the page's language."""
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(str(key), one.say(get_language() or "")) for key, one in words.items()]


class OfferForm(PlainForm):
    """The definition of one offer."""

    key = forms.SlugField(max_length=80, label=_("Short name (letters, digits, dashes)"))
    name_zh = forms.CharField(max_length=120, label=_("Name in Chinese"))
    name_en = forms.CharField(max_length=120, label=_("Name in English"))
    campaign = forms.CharField(max_length=120, required=False, label=_("Campaign"))
    kind = forms.ChoiceField(label=_("Kind"))
    discount = forms.ChoiceField(label=_("What is taken off"))
    value = forms.CharField(max_length=30, label=_("How much (per cent, or an amount)"))
    currency = forms.CharField(max_length=3, initial="CNY", label=_("Currency"))
    scope = forms.ChoiceField(label=_("Off what"))
    products = forms.CharField(max_length=2000, required=False, label=_("Products, separated by commas (empty: all)"))
    categories = forms.CharField(max_length=2000, required=False, label=_("Categories, separated by commas"))
    bundle = forms.CharField(
        max_length=2000,
        required=False,
        label=_("A bundle needs, one part per line, as in: ac × 1"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    triggers = forms.CharField(
        max_length=2000, required=False, label=_("An entitlement comes with the purchase of these products")
    )
    min_amount = forms.CharField(max_length=30, required=False, label=_("Minimum amount"))
    min_quantity = forms.IntegerField(min_value=1, max_value=10**6, required=False, label=_("Minimum quantity"))
    markets = forms.CharField(max_length=400, required=False, label=_("Markets, separated by commas (empty: all)"))
    starts_at = forms.DateTimeField(
        required=False, label=_("From"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    ends_at = forms.DateTimeField(
        required=False, label=_("Until (empty: open)"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    first_order = forms.BooleanField(required=False, label=_("Only with a first order"))
    stacks = forms.ChoiceField(label=_("Beside other offers"))
    budget = forms.CharField(max_length=30, required=False, label=_("Budget (empty: none)"))
    uses = forms.IntegerField(min_value=1, max_value=10**9, required=False, label=_("Uses in all (empty: no limit)"))
    person_uses = forms.IntegerField(
        min_value=1, max_value=10**6, required=False, label=_("Uses per person (empty: no limit)")
    )
    valid_days = forms.IntegerField(min_value=1, max_value=3660, required=False, label=_("Personal codes hold (days)"))
    keeps_rest = forms.BooleanField(required=False, label=_("What a voucher does not use up stays on it"))
    keeps_on_refund = forms.BooleanField(required=False, label=_("A refund does not give the use back"))

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.set_choices("kind", KIND_WORDS)
        self.set_choices("discount", DISCOUNT_WORDS)
        self.set_choices("scope", SCOPE_WORDS)
        self.set_choices("stacks", STACKS_WORDS)

    def clean(self) -> dict[str, Any]:
        """Read amounts, per cents and bundle parts exactly."""
        found = super().clean() or {}
        currency = str(found.get("currency", "")).upper()
        if not CURRENCY.fullmatch(currency):
            self.add_error("currency", _("Write three letters, such as CNY."))
            return found
        found["currency"] = currency
        for name in ("min_amount", "budget"):
            found[f"{name}_minor"] = self._read_amount(name, currency)
        if found.get("discount") != PERCENT:
            found["value_minor"] = self._read_amount("value", currency)
        elif not re.fullmatch(r"\d{1,3}(\.\d{1,2})?%?", found.get("value", "")):
            self.add_error("value", _("Write a per cent such as 12.5."))
        found["parts"] = self._read_parts()
        return found

    def make_draft(self) -> OfferDraft:
        """Return the offer that the form describes."""
        given = self.cleaned_data
        return OfferDraft(
            key=given["key"],
            name_zh=given["name_zh"],
            name_en=given["name_en"],
            rules=self._make_rules(),
            currency=given["currency"],
            campaign=given["campaign"],
            budget_minor=given["budget_minor"],
            uses=given["uses"],
            person_uses=given["person_uses"],
            triggers=tuple(split_names(given["triggers"])),
            valid_days=given["valid_days"],
            keeps_on_refund=given["keeps_on_refund"],
        )

    def _make_rules(self) -> dict[str, Any]:
        given = self.cleaned_data
        effect: dict[str, Any] = {"on": given["scope"]}
        if given["discount"] == PERCENT:
            effect["percent"] = given["value"].removesuffix("%")
        else:
            effect |= {
                "amount_minor": given["value_minor"],
                "spread": "each" if given["discount"] == EACH else "across",
            }
        for name in ("products", "categories"):
            if names := split_names(given[name]):
                effect[name] = names
        conditions: dict[str, Any] = {"first_order": given["first_order"], "markets": split_names(given["markets"])}
        conditions |= {name: given[name].isoformat() for name in ("starts_at", "ends_at") if given[name]}
        if given["min_amount_minor"]:
            conditions["min_amount_minor"] = given["min_amount_minor"]
        if given["min_quantity"]:
            conditions["min_quantity"] = given["min_quantity"]
        rules = {"kind": given["kind"], "effect": effect, "conditions": conditions, "stacks": given["stacks"]}
        if given["parts"]:
            rules["bundle"] = given["parts"]
        return rules | {"unused": "keep" if given["keeps_rest"] else "forfeit"}

    def _read_amount(self, name: str, currency: str) -> int | None:
        text = str(self.cleaned_data.get(name, ""))
        minor = parse_minor(text, currency) if text else None
        if text and minor is None:
            self.add_error(name, _("Write an amount such as 2300 or 2300.50."))
        return minor

    def _read_parts(self) -> list[dict[str, Any]]:
        parts = []
        for line in str(self.cleaned_data.get("bundle", "")).splitlines():
            found = PART.fullmatch(line.strip()) if line.strip() else None
            if found:
                parts.append({"products": split_names(found["names"]), "quantity": int(found["quantity"] or 1)})
            elif line.strip():
                self.add_error("bundle", _("Write a product and how many, as in: ac × 1"))
        return parts


def describe_offer(offer: Offer) -> dict[str, Any]:
    """Return what the form shows of a draft."""
    rules = parse_json(offer.rules)
    effect, conditions = rules["effect"], rules.get("conditions", {})
    is_percent = "percent" in effect
    shown = {name: getattr(offer, name) for name in SAME_FIELDS}
    shown |= {
        "discount": PERCENT if is_percent else EACH if effect.get("spread") == "each" else AMOUNT,
        "value": effect["percent"] if is_percent else format_minor(effect["amount_minor"], offer.currency),
        "scope": effect.get("on", Scope.GOODS.value),
        "products": ", ".join(effect.get("products", [])),
        "categories": ", ".join(effect.get("categories", [])),
        "bundle": "\n".join(
            f"{', '.join(p.get('products', []))} × {p.get('quantity', 1)}" for p in rules.get("bundle", [])
        ),
        "triggers": ", ".join(split_list(offer.triggers)),
        "markets": ", ".join(conditions.get("markets", [])),
        "first_order": conditions.get("first_order", False),
        "min_quantity": conditions.get("min_quantity"),
        "stacks": rules.get("stacks", Stacks.COMMON.value),
        "keeps_rest": rules.get("unused") == "keep",
        "budget": "" if offer.budget_minor is None else format_minor(offer.budget_minor, offer.currency),
    }
    if conditions.get("min_amount_minor"):
        shown["min_amount"] = format_minor(conditions["min_amount_minor"], offer.currency)
    zone = ZoneInfo(load_config().zone)
    for name in ("starts_at", "ends_at"):
        if conditions.get(name):
            shown[name] = datetime.fromisoformat(conditions[name]).astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    return shown


class CodesForm(PlainForm):
    """How many personal codes to make."""

    number = forms.IntegerField(min_value=1, max_value=MOST_CODES, initial=100, label=_("How many"))


class TryForm(PlainForm):
    """A cart to try offers on."""

    lines = forms.CharField(
        max_length=20_000,
        label=_("Cart, one line each: product, quantity, unit price, category"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    codes = forms.CharField(
        max_length=2000, required=False, label=_("Codes, one per line"), widget=forms.Textarea(attrs={"rows": 2})
    )
    currency = forms.CharField(max_length=3, initial="CNY", label=_("Currency"))
    shipping = forms.CharField(max_length=30, required=False, label=_("Shipping"))
    market = forms.CharField(max_length=40, required=False, label=_("Market"))
    person = forms.CharField(max_length=200, required=False, label=_("Person (an opaque id)"))
    first_order = forms.BooleanField(required=False, label=_("First order"))
    policy = forms.ChoiceField(label=_("One refused code"))
    base = forms.ChoiceField(label=_("Percents look at"))
    per_product = forms.ChoiceField(label=_("Offers per product"))
    rounding = forms.ChoiceField(label=_("Rounding"))

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name, words in SWITCH_WORDS.items():
            self.set_choices(name, dict(words))

    def make_request(self, now: datetime) -> dict[str, Any]:
        """Return the request as the API takes it. What cannot be read stays as it is: the reader names it."""
        given = self.cleaned_data
        currency = given["currency"].upper()
        cart = {
            "currency": currency,
            "at": now.isoformat(),
            "market": given["market"] or None,
            "person": given["person"] or None,
            "first_order": given["first_order"],
            "shipping_minor": _read_minor(given["shipping"] or "0", currency),
            "lines": [_read_line(line, currency) for line in given["lines"].splitlines() if line.strip()],
        }
        codes = [line.strip() for line in given["codes"].splitlines() if line.strip()]
        return {
            "format": 1,
            "cart": cart,
            "codes": codes,
            "switches": {name: given[name] for name in SWITCH_WORDS},
        }


SAME_FIELDS = (
    "key", "name_zh", "name_en", "campaign", "kind", "currency", "uses", "person_uses", "valid_days", "keeps_on_refund"
)  # fmt: skip


def split_names(text: str) -> list[str]:
    """Return the names in a text, however they are separated.

    >>> split_names("ac, fridge，tv、")
    ['ac', 'fridge', 'tv']
    """
    return [name.strip() for name in re.split(r"[,，、;；\n]", text) if name.strip()]


def _read_line(line: str, currency: str) -> dict[str, Any]:
    cells = [cell.strip() for cell in re.split(r"[,，\t]", line)]
    product, quantity, price, category = (*cells, "", "", "", "")[:4]
    found: dict[str, Any] = {"product": product, "quantity": quantity or "1"}
    found["unit_price_minor"] = _read_minor(price, currency)
    return found | ({"category": category} if category else {})


def _read_minor(text: str, currency: str) -> Any:
    minor = parse_minor(text, currency)
    return text if minor is None else minor
