"""All reads of rules on forecasts and of their alarms; the viewer comes first."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.listen.bursts import Severity
from canyu.ops.alerts.alarms.rules import Alarm, AlarmRule
from canyu.ops.alerts.alarms.schemas import load_alarm
from canyu.ops.alerts.models import AlarmRule as AlarmRuleRow
from canyu.ops.alerts.models import FiredAlert, Kind
from canyu.ops.alerts.queries import read_quiet
from canyu.ops.people.models import Person


def list_alarm_rules(viewer: Person) -> list[AlarmRuleRow]:  # noqa: ARG001 - reads take the viewer first
    """Return every rule on forecasts, by name."""
    return list(AlarmRuleRow.objects.order_by("name"))


def get_alarm_rule(viewer: Person, rule_id: int) -> AlarmRuleRow:  # noqa: ARG001 - reads take the viewer first
    """Return one rule on forecasts; raises NotFound."""
    found = AlarmRuleRow.objects.filter(pk=rule_id).first()
    if found is None:
        raise NotFound(_("There is no such rule."))
    return found


def find_active_alarm_rules() -> list[AlarmRule]:
    """Return the rules on forecasts that are on."""
    return [
        AlarmRule(
            name=row.name,
            team=row.team,
            passes=row.passes,
            chance_percent=row.chance_percent,
            products=tuple(row.products),
            severity=Severity(row.severity),
            quiet=read_quiet(row),
        )
        for row in AlarmRuleRow.objects.filter(is_on=True).order_by("name")
    ]


def find_open_alarms(since: datetime) -> list[Alarm]:
    """Return the alarms that are not settled yet, or were settled only after ``since``."""
    rows = FiredAlert.objects.filter(Q(ended=None) | Q(ended__gte=since), kind=Kind.FORECAST)
    return [load_alarm(row.facts) for row in rows.order_by("found", "pk")]
