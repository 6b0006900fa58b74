"""How bad a case is, from the harm that it does and the people that it reaches."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class CaseKind(StrEnum):
    """What a case is about."""

    QUESTION = "question"
    COMPLAINT = "complaint"
    RUMOUR = "rumour"
    CRISIS = "crisis"


class Harm(StrEnum):
    """The worst that the case says was done to somebody."""

    NONE = "none"
    NUISANCE = "nuisance"
    MONEY = "money"
    PRIVACY = "privacy"
    SAFETY = "safety"


class Severity(IntEnum):
    """From 1, which can wait its turn, to 4, which wakes people."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


HARM_POINTS = {Harm.NONE: 0, Harm.NUISANCE: 0, Harm.MONEY: 1, Harm.PRIVACY: 2, Harm.SAFETY: 2}
REACH_STEPS = (1_000, 100_000, 1_000_000)
"""People reached, each of which makes a case one step worse."""


def judge_severity(kind: CaseKind, harm: Harm, reach: int) -> Severity:
    """Return the severity; it never falls as harm or reach grow, and a crisis is critical.

    >>> [judge_severity(CaseKind.COMPLAINT, harm, 0).name for harm in (Harm.NONE, Harm.MONEY, Harm.SAFETY)]
    ['LOW', 'MEDIUM', 'HIGH']
    >>> judge_severity(CaseKind.RUMOUR, Harm.NONE, 2_000_000).name
    'CRITICAL'
    """
    if kind is CaseKind.CRISIS:
        return Severity.CRITICAL
    points = HARM_POINTS[harm] + sum(reach >= step for step in REACH_STEPS)
    return Severity(min(Severity.LOW + points, Severity.CRITICAL))
