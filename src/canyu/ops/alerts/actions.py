"""The only place that changes alerts: checks, what the team did about them, rules, routes, settings and messages."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from canyu.kit.words import Words
from canyu.listen.bursts import Memory, Notice, Route, Rule, route_alerts
from canyu.listen.bursts.alerts import STATISTICAL
from canyu.ops.alerts import delivery, queries
from canyu.ops.alerts.alarms.actions import Look, drop_erased, keep_alarms
from canyu.ops.alerts.alarms.evaluation import find_new_alarms, follow_alarms
from canyu.ops.alerts.alarms.queries import find_active_alarm_rules, find_open_alarms, get_alarm_rule
from canyu.ops.alerts.alarms.rules import Alarm, write_alarm
from canyu.ops.alerts.errors import NoteMissing, RuleNameTaken
from canyu.ops.alerts.evaluation import Evaluation, Wanted, evaluate_lake
from canyu.ops.alerts.models import AlarmRule, AlertRoute, AlertRule, FiredAlert, Kind, Message, Sending, State, Watch
from canyu.ops.alerts.rules import choose_settings, join_texts, write_notice
from canyu.ops.alerts.schemas import RouteDraft, RuleDraft, dump_alert, dump_memory, load_memory
from canyu.ops.alerts.selecting import fill_selected
from canyu.ops.config import load_config
from canyu.ops.lakes import find_missing_posts, get_lake
from canyu.ops.people.models import Person

LEASE = timedelta(minutes=15)  # a sender that died is taken over after this
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)
MOST_ATTEMPTS = 30
MOST_AT_ONCE = 100
SETTLED = timedelta(days=2)  # an alarm that is settled is looked at for so long: quiet hours may hold it
FACTS = ("facts", "product", "severity", "found", "ended", "counted_until", "versions")
logger = logging.getLogger("canyu.alerts")


@dataclass(frozen=True, slots=True)
class Check:
    """What one check did: alerts there are, those told for the first time, messages made; late: another was first."""

    until: datetime
    alerts: int
    new: int
    messages: int
    is_late: bool
    notes: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round of sending did: sent, failed and kept for another try, given up."""

    sent: int
    failed: int
    given_up: int


@dataclass(frozen=True, slots=True)
class _Heard:
    """What is told in one check: notices of counts that rose, and alarms each with its team."""

    notices: Iterable[Notice]
    alarms: Iterable[tuple[str, Alarm]]


def check_alerts(now: datetime) -> Check:
    """Evaluate the lake's newest hours, keep what fired and write the messages that are due.

    Safe to repeat and to run twice at once: an alert is kept once by its id, and told once per team; a post that
    will go far once per team and number.
    """
    watch = queries.get_watch()
    settings = choose_settings(watch.preset, watch.custom)
    rules, alarm_rules = queries.find_active_rules(), find_active_alarm_rules()
    lake = get_lake()
    found = evaluate_lake(lake, now, Wanted(settings, rules, queries.find_known_alerts()))
    followed = follow_alarms(lake, find_open_alarms(now - SETTLED), now)
    look = Look(find_new_alarms(lake, now, alarm_rules), followed, found.until)
    many = len(found.alerts) + len(look.alarms)
    with transaction.atomic():
        watch = _lock_watch()
        if watch.checked_at is not None and watch.checked_at > now:
            return Check(found.until, many, 0, 0, True, found.notes)
        new = _keep_alerts(found)
        new_alarms, told = keep_alarms(look, alarm_rules, now)
        routes = queries.find_active_routes()
        memory = _drop_switched_off(load_memory(watch.memory), rules)
        engine_routes = [route for route, _names in routes]
        notices, memory = route_alerts(found.alerts, memory, now=now, routes=engine_routes, rules=rules)
        made = _make_messages(_Heard(notices, told), routes, now)
        watch.memory, watch.checked_at, watch.checked_until = dump_memory(memory), now, found.until
        watch.checked = {
            "versions": found.versions,
            "model": found.model,
            "series": found.series,
            "notes": [list(note) for note in found.notes],
        }
        watch.save()
    return Check(found.until, many, new + new_alarms, made, False, found.notes)


def forget_erased() -> int:
    """Drop posts that the lake does not hold any more from the evidence of alerts; return how many alerts had any."""
    get_lake()  # without a lake nothing is dropped
    with transaction.atomic():
        watch = _lock_watch()
        rows = list(FiredAlert.objects.only("pk", "facts"))
        kept = [row.facts for row in rows] + [held["alert"] for held in watch.memory.get("held", ())]
        gone = find_missing_posts(sorted({name for facts in kept for name in facts["evidence"]}))
        touched = [row for row in rows if gone.intersection(row.facts["evidence"])]
        for facts in kept:
            facts["evidence"] = [name for name in facts["evidence"] if name not in gone]
        FiredAlert.objects.bulk_update(touched, ["facts"], batch_size=200)
        drop_erased()
        watch.save(update_fields=["memory"])
    return len(touched)


def deliver_messages(now: datetime) -> Delivered:
    """Send every message that is due; one that fails is kept and tried again later, at last given up.

    Two senders at once never take the same message; one that died after sending may send it again after the lease.
    """
    due = Message.objects.filter(sending__in=(Sending.WAITING, Sending.SENDING), due_at__lte=now)
    sent = failed = given_up = 0
    for message in list(due.order_by("due_at", "pk")[:MOST_AT_ONCE]):
        mine = Message.objects.filter(pk=message.pk, attempts=message.attempts, due_at=message.due_at).update(
            sending=Sending.SENDING, attempts=message.attempts + 1, due_at=now + LEASE
        )
        if not mine:
            continue
        fault = delivery.send_text(message.address, f"Canyu · {message.team}", message.text)
        state = _finish_message(message, fault, now)
        sent += state == Sending.SENT
        failed += state == Sending.WAITING
        given_up += state == Sending.GIVEN_UP
    return Delivered(sent, failed, given_up)


def retry_messages(viewer: Person, now: datetime) -> int:
    """Make every message that was given up, or waits for its next try, due now; return how many."""
    stuck = Message.objects.filter(sending__in=(Sending.WAITING, Sending.GIVEN_UP))
    count = stuck.update(sending=Sending.WAITING, due_at=now, attempts=0)
    logger.info("%s asked for %s messages to be tried again", viewer.username, count)
    return count


@transaction.atomic
def update_state(viewer: Person, alert_id: str, state: State, note: str, now: datetime) -> FiredAlert:
    """Say where the team stands with an alert; closing needs a note. Raises NotFound or NoteMissing."""
    row = queries.get_alert(viewer, alert_id).row
    note = note.strip()[:2000]
    if state == State.CLOSED and not note:
        raise NoteMissing(
            _("Closing needs a note."), mend=_("Write in a few words what it was and what you did about it.")
        )
    row.state, row.note = state, note or row.note
    row.changed_by, row.changed_at = viewer.username, now
    row.save(update_fields=["state", "note", "changed_by", "changed_at"])
    logger.info("%s set the alert %s to %s", viewer.username, alert_id, state)
    return row


def save_rule(viewer: Person, rule_id: int | None, draft: RuleDraft, now: datetime) -> AlertRule:
    """Keep a rule, a new one where no id is given. Raises NotFound, RuleNameTaken, BadInput."""
    row = AlertRule() if rule_id is None else queries.get_rule(viewer, rule_id)
    fill_selected(row, draft.selector, viewer, now)
    row.name, row.at_least, row.hours = draft.name, draft.at_least, draft.hours
    row.ratio, row.severity = draft.ratio, draft.severity.value
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise RuleNameTaken(_("Another rule has this name."), mend=_("Choose another one.")) from error
    logger.info("%s kept the alert rule %s", viewer.username, row.pk)
    return row


def save_route(viewer: Person, route_id: int | None, draft: RouteDraft, now: datetime) -> AlertRoute:
    """Keep a route, a new one where no id is given. Raises NotFound or BadInput."""
    row = AlertRoute() if route_id is None else queries.get_route(viewer, route_id)
    fill_selected(row, draft.selector, viewer, now)
    row.least_severity, row.addresses = draft.least_severity.value, list(draft.addresses)
    row.save()
    logger.info("%s kept the alert route %s", viewer.username, row.pk)
    return row


def switch_rule(viewer: Person, rule_id: int, is_on: bool, now: datetime) -> None:
    """Switch a rule on or off; an alert of a rule that is off is not told any more."""
    _switch(queries.get_rule(viewer, rule_id), viewer, is_on, now)


def switch_alarm_rule(viewer: Person, rule_id: int, is_on: bool, now: datetime) -> None:
    """Switch a rule on forecasts on or off; what it held for a team is not told any more."""
    _switch(get_alarm_rule(viewer, rule_id), viewer, is_on, now)


def switch_route(viewer: Person, route_id: int, is_on: bool, now: datetime) -> None:
    """Switch a route on or off."""
    _switch(queries.get_route(viewer, route_id), viewer, is_on, now)


def save_settings(viewer: Person, preset: str, custom: dict[str, Any]) -> None:
    """Keep how sensitive the statistical alerts are. Raises BadInput that names the field."""
    choose_settings(preset, custom)
    with transaction.atomic():
        watch = _lock_watch()
        watch.preset, watch.custom = preset, custom
        watch.save()
    logger.info("%s set the alerts to %s", viewer.username, preset)


def _lock_watch() -> Watch:
    watch, _is_new = Watch.objects.select_for_update().get_or_create(pk=queries.ONLY)
    return watch


def _drop_switched_off(memory: Memory, rules: list[Rule]) -> Memory:
    """Hold back nothing of rules that were switched off meanwhile."""
    sources = {STATISTICAL, *(f"rule:{rule.name}" for rule in rules)}
    return replace(memory, held={key: alert for key, alert in memory.held.items() if alert.source in sources})


def _keep_alerts(found: Evaluation) -> int:
    ids = [alert.alert_id for alert in found.alerts]
    known = set(FiredAlert.objects.filter(alert_id__in=ids).values_list("alert_id", flat=True))
    rows = [
        FiredAlert(
            alert_id=alert.alert_id,
            facts=dump_alert(alert),
            product=alert.series.product[:200],
            severity=alert.severity.value,
            found=alert.found,
            ended=alert.ended,
            counted_until=found.until,
            versions=found.versions,
        )
        for alert in found.alerts
    ]
    FiredAlert.objects.bulk_create(rows, update_conflicts=True, unique_fields=["alert_id"], update_fields=FACTS)
    # open ones that the present data and settings do not show any more
    lost = FiredAlert.objects.filter(kind=Kind.BURST, ended=None).exclude(alert_id__in=ids)
    lost.update(ended=found.until)
    return len(set(ids) - known)


def _make_messages(heard: _Heard, routes: list[tuple[Route, tuple[str, ...]]], now: datetime) -> int:
    """Write one message per team, address and product, however many series of the product rose."""
    config, names = load_config(), queries.get_names()
    parts: dict[tuple[str, str, str], dict[str, str]] = {}
    for notice in heard.notices:
        is_rule = notice.alert.source.startswith("rule:")
        for route, addresses in routes:
            if route.team != notice.team or not (is_rule or route.selection.matches(notice.alert.series)):
                continue
            text = write_notice(notice, names, route.time_zone).say(config.language)
            for address in addresses:
                key = (notice.team, address, notice.alert.series.product)
                parts.setdefault(key, {}).setdefault(notice.alert.alert_id, text)
    for team, alarm in heard.alarms:
        for route, addresses in routes:
            text = write_alarm(alarm, route.time_zone).say(config.language)
            for address in addresses if route.team == team else ():
                parts.setdefault((team, address, ""), {}).setdefault(alarm.alert_id, text)
    rows = [
        Message(
            team=team,
            address=address,
            product=product[:200],
            alert_ids=list(told),
            text=join_texts(told.values()),
            made_at=now,
            due_at=now,
        )
        for (team, address, product), told in parts.items()
    ]
    Message.objects.bulk_create(rows)
    return len(rows)


def _finish_message(message: Message, fault: str, now: datetime) -> str:
    attempts = message.attempts + 1
    if not fault:
        changes: dict[str, Any] = {"sending": Sending.SENT, "sent_at": now, "fault": ""}
    elif attempts >= MOST_ATTEMPTS:
        changes = {"sending": Sending.GIVEN_UP, "fault": fault}
    else:
        wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
        changes = {"sending": Sending.WAITING, "fault": fault, "due_at": now + wait}
    Message.objects.filter(pk=message.pk).update(**changes)
    if fault:
        logger.warning("message %s to the address %s was not taken: %s", message.pk, message.address, fault)
    return str(changes["sending"])


def _switch(row: AlertRule | AlarmRule | AlertRoute, viewer: Person, is_on: bool, now: datetime) -> None:
    row.is_on, row.changed_by, row.changed_at = is_on, viewer.username, now
    row.save(update_fields=["is_on", "changed_by", "changed_at"])
    logger.info("%s switched %s %s %s", viewer.username, type(row).__name__, row.pk, "on" if is_on else "off")
