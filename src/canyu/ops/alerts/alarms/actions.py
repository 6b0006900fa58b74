"""Everything that changes rules on forecasts and their alarms; each inside a transaction."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from canyu.ops.alerts.alarms import queries
from canyu.ops.alerts.alarms.evaluation import Found
from canyu.ops.alerts.alarms.rules import Alarm, AlarmRule, list_hearers
from canyu.ops.alerts.alarms.schemas import AlarmDraft, dump_alarm, load_alarm
from canyu.ops.alerts.errors import RuleNameTaken
from canyu.ops.alerts.models import AlarmRule as AlarmRuleRow
from canyu.ops.alerts.models import FiredAlert, Kind
from canyu.ops.alerts.selecting import fill_addressed
from canyu.ops.people.models import Person

FACTS = ("facts", "severity", "found", "ended", "counted_until", "versions")
logger = logging.getLogger("canyu.alerts")


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the lake brought: new alarms (None: not looked), and earlier ones with what is known by now."""

    found: Found | None
    followed: tuple[Alarm, ...]
    until: datetime

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """The alarms found."""
        return self.found.alarms if self.found else ()


def keep_alarms(look: Look, rules: Sequence[AlarmRule], now: datetime) -> tuple[int, list[tuple[str, Alarm]]]:
    """Keep alarms, each post and number once; return how many are new, and whom to tell of which, each team once.

    Runs inside the transaction of a check.
    """
    ids = [alarm.alert_id for alarm in (*look.alarms, *look.followed)]
    rows = FiredAlert.objects.filter(kind=Kind.FORECAST, alert_id__in=ids)
    known = {row.alert_id: load_alarm(row.facts) for row in rows}
    current = {
        alarm.alert_id: _update(known[alarm.alert_id], alarm) for alarm in look.followed if alarm.alert_id in known
    }
    teams = {rule.name: rule.team for rule in rules}
    for alarm in look.alarms:
        before = known.get(alarm.alert_id)
        current[alarm.alert_id] = _add_teams(_update(before.join(alarm), alarm) if before else alarm, teams)
    own, notices = _list_own(look, rules), []
    for alert_id, alarm in current.items():
        hear, wait = list_hearers(alarm, rules, now)
        current[alert_id] = replace(alarm, told=(*alarm.told, *hear), waiting=tuple(wait))
        notices += [(team, own.get((team, alert_id), alarm)) for team in hear]
    _save(current, look)
    return len(current.keys() - known.keys()), notices


def drop_erased() -> int:
    """Drop the alarms whose post left the evidence of alerts; return how many."""
    gone = [row.pk for row in FiredAlert.objects.filter(kind=Kind.FORECAST) if not row.facts["evidence"]]
    FiredAlert.objects.filter(pk__in=gone).delete()
    return len(gone)


def save_alarm_rule(viewer: Person, rule_id: int | None, draft: AlarmDraft, now: datetime) -> AlarmRuleRow:
    """Keep a rule on forecasts, a new one where no id is given. Raises NotFound, RuleNameTaken, BadInput."""
    row = AlarmRuleRow() if rule_id is None else queries.get_alarm_rule(viewer, rule_id)
    fill_addressed(row, draft.selector, viewer, now)
    row.name, row.passes, row.chance_percent = draft.name, draft.passes, draft.chance_percent
    row.severity = draft.severity.value
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise RuleNameTaken(_("Another rule has this name."), mend=_("Choose another one.")) from error
    logger.info("%s kept the rule on forecasts %s", viewer.username, row.pk)
    return row


def _list_own(look: Look, rules: Sequence[AlarmRule]) -> dict[tuple[str, str], Alarm]:
    """Return each alarm as the rules of one team found it: a surer rule finds a post later, and surer."""
    found: dict[tuple[str, str], Alarm] = {}
    by_rule = look.found.by_rule if look.found else {}
    for rule in rules:
        for alarm in by_rule.get(rule.name, ()):
            key = (rule.team, alarm.alert_id)
            known = found.get(key)
            first, second = sorted((known or alarm, alarm), key=lambda one: one.found)
            found[key] = first.join(second)
    return found


def _update(before: Alarm, now: Alarm) -> Alarm:
    """Return the alarm as it was found, with what came since."""
    return replace(before, came=now.came, passed_at=now.passed_at, ended=now.ended)


def _add_teams(alarm: Alarm, teams: Mapping[str, str]) -> Alarm:
    heard = {*alarm.told, *alarm.waiting}
    fresh = [teams[name] for name in alarm.rules if name in teams and teams[name] not in heard]
    return replace(alarm, waiting=(*alarm.waiting, *dict.fromkeys(fresh)))


def _save(alarms: Mapping[str, Alarm], look: Look) -> None:
    versions = dict(look.found.watched.versions) if look.found else {}
    rows = [
        FiredAlert(
            alert_id=alert_id,
            kind=Kind.FORECAST,
            facts=dump_alarm(alarm),
            product="",
            severity=alarm.severity.value,
            found=alarm.found,
            ended=alarm.ended,
            counted_until=look.until,
            versions=versions,
        )
        for alert_id, alarm in alarms.items()
    ]
    FiredAlert.objects.bulk_create(rows, update_conflicts=True, unique_fields=["alert_id"], update_fields=FACTS)
