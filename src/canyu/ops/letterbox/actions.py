"""The only place that sends the mails that rooms keep as rows: each once, whoever runs twice or dies in between.

A mail is marked before the server is told of it, and never told again by itself: what a process left marked when it
died may have left, and is shown as unclear.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, Model, Q, QuerySet

from canyu.kit.errors import CanyuError, StorageFailure, Unsupported
from canyu.kit.words import Words
from canyu.ops.config import load_config
from canyu.ops.letterbox.rules import LEASE, MOST_ATTEMPTS, Fate, LetterState, find_wait, read_fault

NO_SERVER = Words("没有设置邮件服务器（CANYU_MAIL_HOST）。", "No mail server is set (CANYU_MAIL_HOST).")
UNREACHED = Words("联系不上邮件服务器。", "The mail server could not be reached.")


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A room's table of mails: rows with ``state``, ``next_try``, ``attempts``, ``fault`` and ``sent_at``.

    ``describe`` returns what the room keeps of a fault, of none too; ``standing`` is what must hold of a row for it to
    leave still.
    """

    table: type[Model]
    describe: Callable[[CanyuError | None], object]
    standing: Q = field(default_factory=Q)

    def list_waiting(self, now: datetime) -> QuerySet[Any]:
        """Return the mails whose time has come; what a dead process left marked is unclear from now on."""
        rows = self._list_rows()
        rows.filter(state=LetterState.SENDING, next_try__lte=now).update(state=LetterState.UNCLEAR)
        return rows.filter(state=LetterState.WAITING, next_try__lte=now)

    def take(self, row: Any, now: datetime) -> bool:
        """Lease a mail that nobody else has leased."""
        mine = self._list_rows().filter(pk=row.pk, state=LetterState.WAITING, next_try=row.next_try)
        row.attempts += 1
        return bool(mine.update(next_try=now + LEASE, attempts=F("attempts") + 1))

    def send(self, rows: Sequence[Any], write: Callable[[Any], EmailMessage], now: datetime) -> int:
        """Send leased mails one after the other; where the server cannot be reached, all that are left wait."""
        if rows and not load_config().mail_host:
            self.put_off(rows, Unsupported(NO_SERVER), now)
            return 0
        sent = 0
        for place, row in enumerate(rows):
            connection = get_connection()
            try:
                connection.open()
            except OSError:  # all errors of smtplib are such: nothing was said of the mail yet
                self.put_off(rows[place:], StorageFailure(UNREACHED), now)
                break
            try:
                sent += self._send_one(connection, row, write, now)
            finally:
                connection.close()
        return sent

    def put_off(self, rows: Sequence[Any], error: CanyuError, now: datetime) -> None:
        """Keep mails that have certainly not left for another try, at last as not sent."""
        for row in rows:
            state = LetterState.WAITING if row.attempts < MOST_ATTEMPTS else LetterState.REFUSED
            self._list_rows().filter(pk=row.pk).update(
                state=state, next_try=now + find_wait(row.attempts), fault=self.describe(error)
            )

    def send_again(self, rows: QuerySet[Any], now: datetime) -> int:
        """Let mails that were refused or are not clear wait anew; a person decides it, the latter may arrive twice."""
        stuck = rows.filter(state__in=(LetterState.REFUSED, LetterState.UNCLEAR))
        return stuck.update(state=LetterState.WAITING, next_try=now, attempts=0, fault=self.describe(None))

    def _send_one(
        self, connection: BaseEmailBackend, row: Any, write: Callable[[Any], EmailMessage], now: datetime
    ) -> bool:
        """Mark a mail that is still this process's own, then tell the server of it."""
        mine = self._list_rows().filter(self.standing, pk=row.pk, state=LetterState.WAITING, attempts=row.attempts)
        if not mine.update(state=LetterState.SENDING):
            return False
        same = self._list_rows().filter(pk=row.pk)
        try:
            connection.send_messages([write(row)])
        except OSError as error:
            fate, said = read_fault(error)
            told = CanyuError(Words(said, said))
            if fate is Fate.AGAIN:
                self.put_off([row], told, now)
            else:
                state = LetterState.REFUSED if fate is Fate.NEVER else LetterState.UNCLEAR
                same.update(state=state, fault=self.describe(told))
            return False
        same.update(state=LetterState.SENT, sent_at=now, fault=self.describe(None))
        return True

    def _list_rows(self) -> QuerySet[Any]:
        return self.table._default_manager.all()
