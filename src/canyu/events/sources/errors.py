"""What goes wrong between us and a source: it refuses us, or the allowance for the period is spent."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from canyu.kit.errors import CanyuError
from canyu.kit.words import Text


class SourceFailure(CanyuError):
    """The source refused, failed or answered what cannot be used; what was kept before stays."""

    code: ClassVar[str] = "source_failure"
    status: ClassVar[int] = 502


class QuotaSpent(CanyuError):
    """The allowance is spent; nothing was asked. ``resets`` is when asking makes sense again."""

    code: ClassVar[str] = "quota_spent"
    status: ClassVar[int] = 429

    def __init__(self, message: Text, *, mend: Text = "", resets: datetime) -> None:
        super().__init__(message, mend=mend)
        self.resets = resets
