"""How soon somebody should look at an alert."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How soon somebody should look."""

    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"


RANKS = {severity: rank for rank, severity in enumerate(Severity)}
