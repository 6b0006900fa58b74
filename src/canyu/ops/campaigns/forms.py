"""The forms of a plan, its markets and its referral rule: each says field by field what cannot be used."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel.numbers import list_currencies
from django import forms
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from canyu.kit.words import Words
from canyu.measure.channels import CHANNELS
from canyu.measure.markets import MARKETS
from canyu.ops.campaigns.referral.rules import RewardRule, Touch
from canyu.ops.campaigns.rules import (
    COPY_FIELDS,
    GOAL_WORDS,
    MOST_GOAL,
    PLAN_HINTS,
    SLUG,
    STRATEGY,
    TACTIC,
    CampaignDraft,
    Goal,
    Market,
)
from canyu.ops.config import load_config
from canyu.ops.kols.forms import PlainForm
from canyu.ops.kols.intake.cells import parse_minor
from canyu.ops.kols.rules import USUAL_CURRENCY

MOST_LETTERS = 4_000
MOST_MARKETS = 12
PERCENT = "CNY"
"""A percentage has two digits after the point, as an amount of this currency has."""
LANGUAGES = (("zh", gettext_lazy("Chinese")), ("en", gettext_lazy("English")))
TOUCH_WORDS = {Touch.FIRST: Words("第一次触达", "the first touch"), Touch.LAST: Words("最后一次触达", "the last touch")}
CAUSE_WORDS = {"order": Words("对方下单", "they order"), "join": Words("对方参与", "they join")}


class PlanForm(PlainForm):
    """A campaign's plan without its markets."""

    name = forms.CharField(max_length=120, label=gettext_lazy("Name"))
    slug = forms.CharField(max_length=60, label=gettext_lazy("Address: /c/…/"))
    owner = forms.CharField(max_length=150, label=gettext_lazy("Owner"))
    starts_at = forms.DateTimeField(required=False, label=gettext_lazy("Begins"))
    ends_at = forms.DateTimeField(required=False, label=gettext_lazy("Ends"))
    budget = forms.CharField(max_length=30, initial="0", label=gettext_lazy("Budget for rewards"))
    currency = forms.CharField(max_length=3, initial=USUAL_CURRENCY, label=gettext_lazy("Currency"))
    channels = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Channels"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name, words in {**STRATEGY, **TACTIC}.items():
            self._add(name, _make_text(words, PLAN_HINTS[name]))
        for name, words in COPY_FIELDS.items():
            is_title = name.startswith("title")
            most = 80 if name == "title_zh" else 120 if is_title else MOST_LETTERS
            self._add(name, _make_text(words, None, 1 if is_title else 5, most))
        for goal, words in GOAL_WORDS.items():
            self._add(
                f"goal_{goal}", forms.FloatField(required=False, min_value=0, max_value=MOST_GOAL, label=_say(words))
            )
        for name in ("starts_at", "ends_at"):
            self.fields[name].widget = forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
            self._add(name, self.fields[name])
        choices = [(name, _say(words)) for name, words in CHANNELS.items() if name != "twitter"]
        self.fields["channels"].choices = choices  # type: ignore[attr-defined]

    def _add(self, name: str, field: forms.Field) -> None:
        field.widget.attrs |= {"autocomplete": "off", "aria-describedby": f"hint_{name}"}
        self.fields[name] = field

    def clean_slug(self) -> str:
        """Return the address; letters, digits and hyphens only."""
        slug = str(self.cleaned_data["slug"]).lower()
        if not SLUG.fullmatch(slug):
            raise forms.ValidationError(_("Use 3 to 60 small letters, digits and hyphens, such as spring-road."))
        return slug

    def clean(self) -> dict[str, Any]:
        """Read the budget in minor units, exactly, and check that the campaign ends after it begins."""
        found = super().clean() or {}
        currency = str(found.get("currency", "")).upper()
        if currency not in list_currencies():
            self.add_error("currency", _("Write three letters, such as CNY."))
            return found
        minor = parse_minor(str(found.get("budget", "")) or "0", currency)
        if minor is None and "budget" not in self.errors:
            self.add_error("budget", _("Write an amount such as 2300 or 2300.50."))
        starts, ends = found.get("starts_at"), found.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("The campaign ends before it begins."))
        return found | {"currency": currency, "budget_minor": minor}

    def make_draft(self, markets: list[Market]) -> CampaignDraft:
        """Return the plan that the form describes."""
        given = self.cleaned_data
        texts = {name: given[name].replace("\r\n", "\n").strip() for name in (*STRATEGY, *TACTIC, *COPY_FIELDS)}
        goals = {goal.value: given[f"goal_{goal}"] for goal in Goal if given[f"goal_{goal}"]}
        return CampaignDraft(
            slug=given["slug"],
            name=given["name"],
            owner=given["owner"],
            texts=texts,
            goals=goals,
            markets=markets,
            channels=given["channels"],
            budget_minor=given["budget_minor"],
            currency=given["currency"],
            starts_at=_to_brand_time(given["starts_at"]),
            ends_at=_to_brand_time(given["ends_at"]),
        )


class MarketForm(PlainForm):
    """One market: an empty one is left out."""

    market = forms.ChoiceField(required=False, label=gettext_lazy("Market"))
    language = forms.ChoiceField(required=False, choices=LANGUAGES, label=gettext_lazy("Language"))
    currency = forms.CharField(required=False, max_length=3, label=gettext_lazy("Currency"))
    zone = forms.CharField(required=False, max_length=60, label=gettext_lazy("Time zone"))
    festivals = forms.CharField(required=False, max_length=2000, label=gettext_lazy("Festivals"))

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        choices = [("", "—"), *((name, _say(words)) for name, words in MARKETS.items())]
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"hint_{self.add_prefix(name)}"
        self.fields["market"].choices = choices  # type: ignore[attr-defined]
        self.fields["zone"].widget.attrs["placeholder"] = "Asia/Shanghai"
        self.fields["currency"].widget.attrs["placeholder"] = USUAL_CURRENCY
        self.fields["festivals"].widget.attrs["placeholder"] = "2027-02-06 春节; 2027-06-18 618"

    def clean(self) -> dict[str, Any]:
        """Check what a market needs, and read its festivals day by day."""
        found = super().clean() or {}
        if not found.get("market"):
            return found
        if str(found.get("currency", "")).upper() not in list_currencies():
            self.add_error("currency", _("Write three letters, such as CNY."))
        if found.get("zone") not in available_timezones():
            self.add_error("zone", _("Write a time zone such as Asia/Shanghai."))
        days, fault = parse_festivals(str(found.get("festivals", "")))
        if fault:
            self.add_error("festivals", _('"%s" is no day with its name, such as 2027-02-06 Spring Festival.') % fault)
        return found | {"days": days}

    def find_market(self) -> Market | None:
        """Return the market that the row describes; None for an empty row."""
        given = self.cleaned_data
        if not given.get("market"):
            return None
        return Market(given["market"], given["language"], given["currency"].upper(), given["zone"], given["days"])


class ReferralForm(PlainForm):
    """How a campaign rewards referral."""

    touch = forms.ChoiceField(label=gettext_lazy("Whose code counts where somebody came through several"))
    cause = forms.ChoiceField(label=gettext_lazy("A reward is due when"))
    is_percent = forms.BooleanField(required=False, label=gettext_lazy("Amounts are percent of the order"))
    levels = forms.CharField(max_length=120, label=gettext_lazy("For who invited, by generation"))
    invitee = forms.CharField(max_length=20, initial="0", label=gettext_lazy("For who was invited"))
    tiers = forms.CharField(required=False, max_length=200, label=gettext_lazy("Tiers (may be empty)"))
    is_every_order = forms.BooleanField(required=False, label=gettext_lazy("Every order, not the first alone"))
    pending_days = forms.IntegerField(min_value=0, max_value=365, initial=14, label=gettext_lazy("Days of waiting"))
    most_joins_an_hour = forms.IntegerField(
        min_value=1, max_value=100_000, initial=20, label=gettext_lazy("People one may bring within an hour")
    )
    statement = forms.CharField(
        required=False,
        max_length=1000,
        label=gettext_lazy("Legal word (needed for more than two generations)"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: QueryDict | None = None, *, currency: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.currency = currency
        for name, words in (("touch", TOUCH_WORDS), ("cause", CAUSE_WORDS)):
            self.fields[name].choices = [(key, _say(said)) for key, said in words.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Read every amount exactly."""
        found = super().clean() or {}
        unit = PERCENT if found.get("is_percent") else self.currency
        levels = [parse_minor(part, unit) for part in _split(str(found.get("levels", "")))]
        invitee = parse_minor(str(found.get("invitee", "")), unit)
        tiers = [_parse_tier(part, unit) for part in _split(str(found.get("tiers", "")))]
        if (not levels or None in levels) and "levels" not in self.errors:
            self.add_error("levels", _("Write amounts such as 5; 2 – the first generation's first."))
        if invitee is None and "invitee" not in self.errors:
            self.add_error("invitee", _("Write an amount such as 2300 or 2300.50."))
        if None in tiers:
            self.add_error("tiers", _("Write tiers such as 3:8; 10:12 – from how many people on, which amount."))
        return found | {"parsed": (levels, invitee, tiers)}

    def make_rule(self) -> RewardRule:
        """Return the rule that the form describes."""
        given = self.cleaned_data
        levels, invitee, tiers = given["parsed"]
        return RewardRule(
            levels=tuple(levels),
            invitee=invitee,
            is_percent=given["is_percent"],
            tiers=tuple(tiers),
            touch=Touch(given["touch"]),
            cause=given["cause"],
            is_every_order=given["is_every_order"],
            pending_days=given["pending_days"],
            most_joins_an_hour=given["most_joins_an_hour"],
        )


def make_markets(data: QueryDict | None = None, markets: list[Market] | None = None) -> BaseFormSet[MarketForm]:
    """Return the rows of markets, with two empty ones below."""
    maker = formset_factory(MarketForm, extra=2, max_num=MOST_MARKETS, validate_max=True)
    if data is not None:
        return maker(data, prefix="markets")
    initial = [{**one.dump(), "festivals": "; ".join(" ".join(day) for day in one.festivals)} for one in markets or ()]
    return maker(initial=initial, prefix="markets")


def parse_festivals(text: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return days with their names, and the first part that is none.

    >>> parse_festivals("2027-02-06 春节; 2027-06-18 618")
    ((('2027-02-06', '春节'), ('2027-06-18', '618')), '')
    >>> parse_festivals("next week")
    ((), 'next week')
    """
    days = []
    for part in filter(None, (part.strip() for part in text.replace("；", ";").split(";"))):
        day, _blank, name = part.partition(" ")
        try:
            date.fromisoformat(day)
        except ValueError:
            return (), part[:40]
        if not name.strip():
            return (), part[:40]
        days.append((day, name.strip()))
    return tuple(days), ""


def _parse_tier(text: str, unit: str) -> tuple[int, int] | None:
    start, _colon, amount = text.replace("：", ":").partition(":")
    minor = parse_minor(amount, unit)
    return (
        (int(start), minor) if start.isascii() and start.isdecimal() and len(start) < 7 and minor is not None else None
    )


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]


def _to_brand_time(moment: datetime | None) -> datetime | None:
    """Return a time as it was written, in the brand's zone, whatever zone the request is in."""
    return moment.replace(tzinfo=ZoneInfo(load_config().zone)) if moment else None


def _make_text(words: Words, hint: Words | None, rows: int = 3, most: int = MOST_LETTERS) -> forms.CharField:
    attrs: dict[str, Any] = {"rows": rows, "dir": "auto"}
    if hint:
        attrs["placeholder"] = _say(hint)
    return forms.CharField(
        required=False,
        max_length=most,
        label=_say(words),
        widget=forms.Textarea(attrs) if rows > 1 else forms.TextInput(),
    )


def _say(words: Words) -> str:
    return words.say(get_language() or "")
