"""Whether there is anything to do: a round asks this often, and loads what does it only then."""

from __future__ import annotations

from datetime import datetime

from canyu.ops.proof.models import Letter, Mailing, Schedule


def is_mail_due(now: datetime) -> bool:
    """Say whether a scorecard is to be mailed, or a mail waits that was not sent or not told of."""
    unfinished = Mailing.objects.filter(state__in=(Letter.WAITING, Letter.SENDING), next_try__lte=now)
    return Schedule.objects.filter(is_on=True, next_due__lte=now).exists() or unfinished.exists()
