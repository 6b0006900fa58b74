"""Who gets a case: somebody who can do it, is there, and has room; of those whoever is least full."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who takes cases: skills, open cases, how many at most, and whether they are at work."""

    id: str
    skills: frozenset[str]
    open_cases: int
    most_cases: int
    is_present: bool = True


def choose_agent(agents: Iterable[Agent], skills: Iterable[str]) -> Agent | None:
    """Return who gets a case that needs skills: the least full, then whoever has fewer cases; None where nobody can.

    The same agents give the same answer in any order.

    >>> team = [Agent("a", frozenset({"battery"}), 4, 8), Agent("b", frozenset({"battery", "english"}), 3, 8)]
    >>> choose_agent(team, ["battery"]).id, choose_agent(team, ["screen"])
    ('b', None)
    """
    wanted = set(skills)
    able = [each for each in agents if each.is_present and wanted <= each.skills and each.open_cases < each.most_cases]
    return min(able, key=lambda each: (each.open_cases / each.most_cases, each.open_cases, each.id), default=None)
