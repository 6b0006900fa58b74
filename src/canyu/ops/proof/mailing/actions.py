"""The only place that changes schedules and sends the scorecard: once per due time, whoever dies in between."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F

from canyu.kit.errors import CanyuError, Conflict, StorageFailure, Unsupported
from canyu.kit.words import Words, speak
from canyu.ops.config import load_config
from canyu.ops.people.models import Person
from canyu.ops.proof.card.pages import make_report
from canyu.ops.proof.card.queries import FILE_WAIT_S, find_card
from canyu.ops.proof.mailing import letters
from canyu.ops.proof.mailing.rules import LANGUAGES, MOST_ATTEMPTS, find_asked, find_next_due, find_wait
from canyu.ops.proof.models import Letter, Mailing, Rhythm, Schedule

LEASE = timedelta(minutes=15)  # a process that died before it spoke to the mail server is taken over after this
NO_SERVER = Words("没有设置邮件服务器（CANYU_MAIL_HOST）。", "No mail server is set (CANYU_MAIL_HOST).")
UNREACHED = Words("联系不上邮件服务器。", "The mail server could not be reached.")
TOO_LONG = Words("记分卡还没有算完。", "The scorecard was not worked out yet.")
logger = logging.getLogger("canyu.proof")


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """A schedule as somebody enters it."""

    rhythm: Rhythm
    day: int
    hour: int
    zone: str
    language: str
    recipients: tuple[str, ...]
    by: str


def create_schedule(viewer: Person, draft: ScheduleDraft, now: datetime) -> Schedule:
    """Keep a schedule; its first card goes out at the next due time."""
    row = Schedule(changed_by=viewer.username, changed_at=now, recipients=list(draft.recipients))
    for name in ("rhythm", "day", "hour", "zone", "language", "by"):
        setattr(row, name, getattr(draft, name))
    row.next_due = find_next_due(row, now)
    row.save()
    logger.info("%s scheduled the scorecard by mail: %s", viewer.username, row.pk)
    return row


def switch_schedule(viewer: Person, schedule: Schedule, is_on: bool, now: datetime) -> None:
    """Switch a schedule on or off; what fell due meanwhile is not sent later."""
    Schedule.objects.filter(pk=schedule.pk).update(
        is_on=is_on, next_due=find_next_due(schedule, now), changed_by=viewer.username, changed_at=now
    )


def drop_schedule(viewer: Person, schedule: Schedule) -> None:
    """Forget a schedule, its recipients and what became of its mails."""
    Schedule.objects.filter(pk=schedule.pk).delete()
    logger.info("%s dropped the scorecard by mail: %s", viewer.username, schedule.pk)


def send_again(viewer: Person, schedule: Schedule, now: datetime) -> int:
    """Try mails again that were refused or are not clear; a person decides it, since the latter may arrive twice."""
    stuck = schedule.mailings.filter(state__in=(Letter.REFUSED, Letter.UNCLEAR))
    count = stuck.update(state=Letter.WAITING, next_try=now, attempts=0, fault={})
    logger.info("%s asked for %s mails of the scorecard again", viewer.username, count)
    return count


def send_due(now: datetime) -> int:
    """Send every scorecard whose time has come; returns how many mails left.

    A mail is marked before the server is told of it, and never told again by itself: what a process left marked when
    it died may have left, and is shown as unclear.
    """
    _make_mailings(now)
    Mailing.objects.filter(state=Letter.SENDING, next_try__lte=now).update(state=Letter.UNCLEAR)
    waiting = Mailing.objects.filter(state=Letter.WAITING, next_try__lte=now).select_related("schedule")
    groups: dict[tuple[int, datetime], list[Mailing]] = {}
    for mailing in waiting.order_by("due_at", "pk"):
        groups.setdefault((mailing.schedule_id, mailing.due_at), []).append(mailing)
    return sum(_send_group(group, now) for group in groups.values())


def _make_mailings(now: datetime) -> None:
    """Make the mails of each schedule that is due: of its last due time only, where several have passed."""
    for schedule in Schedule.objects.filter(is_on=True, next_due__lte=now):
        due_at, following = schedule.next_due, find_next_due(schedule, schedule.next_due)
        while following <= now:
            due_at, following = following, find_next_due(schedule, following)
        with transaction.atomic():
            if Schedule.objects.filter(pk=schedule.pk, next_due=schedule.next_due).update(next_due=following):
                rows = [
                    Mailing(schedule=schedule, due_at=due_at, recipient=each, next_try=now)
                    for each in dict.fromkeys(schedule.recipients)
                ]
                Mailing.objects.bulk_create(rows, ignore_conflicts=True)


def _send_group(group: Sequence[Mailing], now: datetime) -> int:
    """Send one card to those of its recipients that no other process has taken."""
    mine = [each for each in group if _take(each, now)]
    if not mine:
        return 0
    try:
        letter = _write(mine[0])
        if not load_config().mail_host:
            raise Unsupported(NO_SERVER)
    except CanyuError as error:
        _put_off(mine, error, now)
        return 0
    return _send_each(mine, letter, now)


def _take(mailing: Mailing, now: datetime) -> bool:
    taken = Mailing.objects.filter(pk=mailing.pk, state=Letter.WAITING, next_try=mailing.next_try).update(
        next_try=now + LEASE, attempts=F("attempts") + 1
    )
    mailing.attempts += 1
    return bool(taken)


def _write(mailing: Mailing) -> letters.Letter:
    schedule = mailing.schedule
    asked = find_asked(schedule, mailing.due_at)
    with speak(schedule.language):
        card = find_card(asked, FILE_WAIT_S)
        if card is None:
            raise Conflict(TOO_LONG)
        return letters.write_letter(make_report(card, schedule.language), asked)


def _send_each(mailings: Sequence[Mailing], letter: letters.Letter, now: datetime) -> int:
    """Send a letter to one after the other; where the server cannot be reached, all that are left wait."""
    sent = 0
    for place, mailing in enumerate(mailings):
        connection = get_connection()
        try:
            connection.open()
        except OSError:  # all errors of smtplib are such: nothing was said of the mail yet
            _put_off(mailings[place:], StorageFailure(UNREACHED), now)
            break
        try:
            sent += _send_one(connection, mailing, letter, now)
        finally:
            connection.close()
    return sent


def _send_one(connection: BaseEmailBackend, mailing: Mailing, letter: letters.Letter, now: datetime) -> bool:
    """Mark a mail that is still this process's own, then tell the server of it."""
    mine = Mailing.objects.filter(pk=mailing.pk, state=Letter.WAITING, attempts=mailing.attempts)
    if not mine.update(state=Letter.SENDING):
        return False
    try:
        connection.send_messages([letters.address_letter(letter, mailing)])
    except OSError as error:
        fate, said = letters.read_fault(error)
        told = CanyuError(Words(said, said))
        if fate is letters.Fate.AGAIN:
            _put_off([mailing], told, now)
        else:
            state = Letter.REFUSED if fate is letters.Fate.NEVER else Letter.UNCLEAR
            Mailing.objects.filter(pk=mailing.pk).update(state=state, fault=_tell(told))
        return False
    Mailing.objects.filter(pk=mailing.pk).update(state=Letter.SENT, sent_at=now, fault={})
    return True


def _put_off(mailings: Sequence[Mailing], error: CanyuError, now: datetime) -> None:
    """Keep mails that have certainly not left for another try, at last as not sent."""
    for mailing in mailings:
        state = Letter.WAITING if mailing.attempts < MOST_ATTEMPTS else Letter.REFUSED
        Mailing.objects.filter(pk=mailing.pk).update(
            state=state, next_try=now + find_wait(mailing.attempts), fault=_tell(error)
        )


def _tell(error: CanyuError) -> dict[str, str]:
    """Return what went wrong in both languages: whoever looks later reads one of them."""
    found = {}
    for language in LANGUAGES:
        with speak(language):
            found[language] = str(error)[:300]
    return found
