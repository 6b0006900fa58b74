"""What can go wrong with challenges, in the tree of ``canyu.kit.errors``."""

from __future__ import annotations

from canyu.kit.errors import BadInput, CanyuError, Conflict


class ChallengeUnusable(BadInput):
    """The set-up of a challenge cannot be used."""

    code = "challenge_unusable"


class EntryUnusable(BadInput):
    """An entry lacks something, or holds what may not be in one."""

    code = "entry_unusable"


class LimitReached(CanyuError):
    """Somebody did as much today as one person may; the message says when the next day begins."""

    code = "limit_reached"
    status = 429


class EntryChanged(Conflict):
    """An entry is no longer what was looked at."""

    code = "entry_changed"


class NotVotable(Conflict):
    """An entry takes no vote, or none of this person."""

    code = "not_votable"


class StepUndone(Conflict):
    """A step cannot be taken back: something came after it."""

    code = "cannot_undo"
