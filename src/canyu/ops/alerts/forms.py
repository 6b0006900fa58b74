"""The forms of rules, routes and settings: each says field by field what cannot be used."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.aspects import load_taxonomy
from canyu.listen.bursts import BurstSettings, Severity, parse_settings
from canyu.listen.bursts.rules import MOST_HOURS
from canyu.ops.alerts.alarms.rules import LEAST_CHANCE, MOST_CHANCE, MOST_PASSES, USUAL_CHANCE, USUAL_PASSES
from canyu.ops.alerts.alarms.schemas import AlarmDraft
from canyu.ops.alerts.delivery import NAME
from canyu.ops.alerts.models import Addressed, AlarmRule, AlertRoute, AlertRule, Preset, Selected
from canyu.ops.alerts.rules import SETTINGS_ASKED, SEVERITIES
from canyu.ops.alerts.schemas import RouteDraft, RuleDraft, Selector
from canyu.ops.config import load_config
from canyu.ops.insight.queries import get_catalogue

MOST_ADDRESSES = 10
ANY, WHOLE, NEGATIVE, ASPECTS = "any", "whole", "negative", "aspects"
COUNTS = (
    (ANY, _("posts, negative posts and complaints about aspects")),
    (WHOLE, _("all posts about the product")),
    (NEGATIVE, _("negative posts about the product")),
    (ASPECTS, _("negative posts about the aspects chosen")),
)
SETTING_LABELS = {
    "false_share": _("Share of false alerts allowed in an hour"),
    "most_chance": _("Largest p of an alert"),
    "least_count": _("Posts that a window must hold"),
    "least_ratio": _("Times the expected count, at least"),
    "close_hours": _("Calm hours that end an alert"),
    "critical_excess": _("Posts above the expected that make it critical"),
}


class AddressedForm(forms.Form):
    """What all rules and routes have in common."""

    team = forms.CharField(max_length=60, label=_("Team"))
    products = forms.MultipleChoiceField(required=False, label=_("Products and brands"))
    quiet_from = forms.TimeField(required=False, label=_("Quiet from"))
    quiet_to = forms.TimeField(required=False, label=_("Quiet until"))
    time_zone = forms.CharField(max_length=60, label=_("Time zone"))

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        self.set_choices("products", _list_products())
        for name in ("quiet_from", "quiet_to"):
            self.fields[name].widget.input_type = "time"
        for name, field in self.fields.items():
            if name not in {"products", "aspects"}:
                field.widget.attrs["autocomplete"] = "off"
            field.widget.attrs["aria-describedby"] = f"hint_{name}"

    def clean_time_zone(self) -> str:
        """Return the zone's name where there is such a zone."""
        name = str(self.cleaned_data["time_zone"])
        try:
            ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            raise forms.ValidationError(_("Name a time zone, for example Asia/Shanghai.")) from None
        return name

    def clean(self) -> dict[str, Any]:
        """Check that quiet hours have both ends."""
        found = super().clean() or {}
        if (found.get("quiet_from") is None) != (found.get("quiet_to") is None):
            name = "quiet_to" if found.get("quiet_to") is None else "quiet_from"
            if name not in self.errors:
                self.add_error(name, _("Give both ends of the quiet hours, or none."))
        return found

    def make_selector(self) -> Selector:
        """Return whom it is for, which products are meant, and when nobody is disturbed."""
        given = self.cleaned_data
        ends = (given["quiet_from"], given["quiet_to"])
        quiet = (ends[0].isoformat(), ends[1].isoformat()) if ends[0] is not None and ends[1] is not None else None
        return Selector(given["team"], tuple(given["products"]), quiet=quiet, time_zone=given["time_zone"])

    def set_choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        """Give a field of several choices what there is to choose."""
        field = self.fields[name]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = choices
            field.widget.attrs["size"] = 8


class SelectorForm(AddressedForm):
    """What rules on counts and routes have in common."""

    counts = forms.ChoiceField(choices=COUNTS, label=_("What is counted"))
    aspects = forms.MultipleChoiceField(required=False, label=_("Aspects"))

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.set_choices("aspects", _list_aspects())

    def clean(self) -> dict[str, Any]:
        """Check what two fields say together."""
        found = super().clean()
        if found.get("counts") == ASPECTS and not found.get("aspects") and "aspects" not in self.errors:
            self.add_error("aspects", _("Choose at least one aspect."))
        return found

    def make_selector(self) -> Selector:
        """Return what the form selects."""
        given = self.cleaned_data
        aspects, sentiments = _read_counts(given["counts"], tuple(given["aspects"]))
        return replace(super().make_selector(), aspects=aspects, sentiments=sentiments)


class RuleForm(SelectorForm):
    """A rule."""

    name = forms.CharField(max_length=60, label=_("Name"))
    at_least = forms.IntegerField(min_value=1, max_value=2_000_000_000, label=_("At least so many posts"))
    hours = forms.IntegerField(min_value=1, max_value=MOST_HOURS, label=_("Within so many hours"))
    ratio = forms.FloatField(
        required=False, min_value=1, max_value=1e6, label=_("And so many times the expected (may be empty)")
    )
    severity = forms.ChoiceField(label=_("Severity"))
    field_order = ("name", "team", "counts", "products", "aspects", "at_least", "hours", "ratio", "severity")

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        _set_severities(self.fields["severity"])

    def make_draft(self) -> RuleDraft:
        """Return the rule that the form describes."""
        given = self.cleaned_data
        severity = Severity(given["severity"])
        return RuleDraft(
            given["name"], self.make_selector(), given["at_least"], given["hours"], given["ratio"], severity
        )


class AlarmRuleForm(AddressedForm):
    """A rule on forecasts."""

    name = forms.CharField(max_length=60, label=_("Name"))
    passes = forms.IntegerField(min_value=1, max_value=MOST_PASSES, label=_("A post will pass so many reactions"))
    chance_percent = forms.IntegerField(
        min_value=LEAST_CHANCE, max_value=MOST_CHANCE, label=_("With a probability of at least (%)")
    )
    severity = forms.ChoiceField(label=_("Severity"))
    field_order = ("name", "team", "passes", "chance_percent", "products", "severity")

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        _set_severities(self.fields["severity"])

    def make_draft(self) -> AlarmDraft:
        """Return the rule that the form describes."""
        given = self.cleaned_data
        severity = Severity(given["severity"])
        return AlarmDraft(given["name"], self.make_selector(), given["passes"], given["chance_percent"], severity)


class RouteForm(SelectorForm):
    """A route."""

    least_severity = forms.ChoiceField(label=_("From which severity on"))
    addresses = forms.CharField(required=False, max_length=500, label=_("Names of addresses"))
    field_order = ("team", "least_severity", "addresses", "counts", "products", "aspects")

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        _set_severities(self.fields["least_severity"])

    def clean_addresses(self) -> tuple[str, ...]:
        """Return names only: an address itself is refused, so that no secret is ever kept here."""
        names = tuple(dict.fromkeys(str(self.cleaned_data["addresses"]).replace(",", " ").split()))
        if len(names) > MOST_ADDRESSES:
            raise forms.ValidationError(_("Name %d addresses at most.") % MOST_ADDRESSES)
        if any(not NAME.fullmatch(name) for name in names):
            # what was typed may be the address itself, a secret: it is not sent back
            if isinstance(self.data, QueryDict):
                shown = self.data.copy()
                shown["addresses"] = ""
                self.data = shown
            raise forms.ValidationError(
                _("Give names such as WECOM_PR, not the addresses themselves; what you typed was not kept.")
            )
        return names

    def make_draft(self) -> RouteDraft:
        """Return the route that the form describes."""
        given = self.cleaned_data
        return RouteDraft(self.make_selector(), Severity(given["least_severity"]), given["addresses"])


class SettingsForm(forms.Form):
    """How sensitive the statistical alerts are."""

    preset = forms.ChoiceField(
        choices=(
            (Preset.DEFAULT.value, _("default: few false alarms")),
            (Preset.SENSITIVE.value, _("sensitive: smaller bursts, more false alarms")),
            (Preset.CUSTOM.value, _("custom: the values below")),
        ),
        label=_("Sensitivity"),
    )

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        for name in SETTINGS_ASKED:
            is_whole = isinstance(getattr(BurstSettings(), name), int)
            kind = forms.IntegerField if is_whole else forms.FloatField
            self.fields[name] = kind(required=False, label=SETTING_LABELS[name])
            if not is_whole:
                self.fields[name].widget.attrs["step"] = "any"

    def clean(self) -> dict[str, Any]:
        """Check each value as the engine does."""
        found = super().clean() or {}
        for name in SETTINGS_ASKED:
            if found.get("preset") != Preset.CUSTOM or found.get(name) is None or name in self.errors:
                continue
            try:
                parse_settings({name: found[name]})
            except BadInput as error:
                self.add_error(name, error.mend)
        return found

    def list_custom(self) -> dict[str, Any]:
        """Return the values that differ from the default; other presets keep none."""
        if self.cleaned_data["preset"] != Preset.CUSTOM:
            return {}
        usual = BurstSettings()
        given = {name: self.cleaned_data[name] for name in SETTINGS_ASKED}
        return {name: value for name, value in given.items() if value is not None and value != getattr(usual, name)}


def fill_rule(row: AlertRule | None) -> dict[str, Any]:
    """Return what a rule's form shows first."""
    if row is None:
        return {**_fill_selected(None), "at_least": 20, "hours": 3, "severity": Severity.WARNING.value}
    own = {"name": row.name, "at_least": row.at_least, "hours": row.hours, "ratio": row.ratio}
    return {**_fill_selected(row), **own, "severity": row.severity}


def fill_alarm_rule(row: AlarmRule | None) -> dict[str, Any]:
    """Return what the form of a rule on forecasts shows first."""
    if row is None:
        usual = {"passes": USUAL_PASSES, "chance_percent": USUAL_CHANCE, "severity": Severity.WARNING.value}
        return {**_fill_addressed(None), **usual}
    own = {"name": row.name, "passes": row.passes, "chance_percent": row.chance_percent, "severity": row.severity}
    return {**_fill_addressed(row), **own}


def fill_route(row: AlertRoute | None) -> dict[str, Any]:
    """Return what a route's form shows first."""
    if row is None:
        return {**_fill_selected(None), "least_severity": Severity.NOTICE.value}
    return {**_fill_selected(row), "least_severity": row.least_severity, "addresses": " ".join(row.addresses)}


def fill_settings(preset: str, custom: dict[str, Any]) -> dict[str, Any]:
    """Return what the form of the settings shows first."""
    usual = BurstSettings()
    return {"preset": preset, **{name: custom.get(name, getattr(usual, name)) for name in SETTINGS_ASKED}}


def tell_counts(row: Selected) -> str:
    """Return in words what a rule or route counts."""
    return str(dict(COUNTS)[_find_counts(row)])


def _read_counts(counts: str, aspects: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if counts == ANY:
        return (), ()
    return (aspects, ("negative",)) if counts == ASPECTS else (("",), ("negative",) if counts == NEGATIVE else ("",))


def _find_counts(row: Selected) -> str:
    if row.aspects == [""]:
        return NEGATIVE if row.sentiments == ["negative"] else WHOLE
    return ASPECTS if row.aspects else ANY


def _fill_addressed(row: Addressed | None) -> dict[str, Any]:
    if row is None:
        return {"time_zone": load_config().zone}
    return {name: getattr(row, name) for name in ("team", "products", "quiet_from", "quiet_to", "time_zone")}


def _fill_selected(row: Selected | None) -> dict[str, Any]:
    if row is None:
        return {**_fill_addressed(None), "counts": ANY}
    chosen = {"counts": _find_counts(row), "aspects": [name for name in row.aspects if name]}
    return {**_fill_addressed(row), **chosen}


def _say(words: Words) -> str:
    return words.say(get_language() or "")


def _set_severities(field: forms.Field) -> None:
    if isinstance(field, forms.ChoiceField):
        field.choices = [(severity.value, _say(words)) for severity, words in SEVERITIES.items()]


def _list_products() -> list[tuple[str, Any]]:
    catalogue = get_catalogue()
    return [
        (_say(brand.name), [(entry.id, _say(entry.name)) for entry in catalogue.list_entries(brand.id)])
        for brand in catalogue.list_brands()
    ]


def _list_aspects() -> list[tuple[str, Any]]:
    return [
        (_say(domain.name), [(aspect.id, _say(aspect.name)) for aspect in domain.aspects])
        for domain in load_taxonomy().domains
    ]
