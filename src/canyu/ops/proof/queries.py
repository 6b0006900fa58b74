"""Whether there is anything to do: the errands ask this often, and load what does it only then."""

from __future__ import annotations

from datetime import datetime

from canyu.ops.proof.models import ClaimsRun, Letter, Mailing, RunState, Schedule


def is_check_due(now: datetime) -> bool:
    """Say whether a check of claims, or a replay, waits."""
    return ClaimsRun.objects.filter(state=RunState.WAITING, due_at__lte=now).exists()


def is_mail_due(now: datetime) -> bool:
    """Say whether a scorecard is to be mailed, or a mail waits that was not sent or not told of."""
    unfinished = Mailing.objects.filter(state__in=(Letter.WAITING, Letter.SENDING), next_try__lte=now)
    return Schedule.objects.filter(is_on=True, next_due__lte=now).exists() or unfinished.exists()
