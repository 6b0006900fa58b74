"""Reads what is near some identifiers: whom links reach that count; nobody is read through a device of many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from canyu.ops.fans.identity.grouping import (
    MOST_AFTER,
    MOST_BEFORE,
    MOST_SHARING,
    Degrees,
    Grouping,
    Rule,
    Tie,
    find_large,
    group,
    judge_number,
)
from canyu.ops.fans.models import Identifier, Link
from canyu.ops.fans.rules import IdKind

AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The identifiers that are near, and who is one person among them."""

    rows: dict[int, Identifier]
    grouping: Grouping
    degrees: Degrees

    def find_reason(self, fan_id: int) -> str:
        """Return why a fan falls apart: which of its identifiers are not one person's; empty where all are."""
        own = (number for number, row in self.rows.items() if row.fan_id == fan_id)
        return next((str(found) for number in own if (found := judge_number(number, self.degrees))), "")


def gather(touched: set[int]) -> Neighbourhood:
    """Return who is one person among the touched identifiers, all of their present fans, and whom their links reach.

    Behind more identifiers than one person has it reads no further: each of them is alone whatever comes there.
    """
    fans = {row.fan_id for row in _read(touched)}
    rows: dict[int, Identifier] = {}
    frontier = touched | set(Identifier.objects.filter(fan__in=fans).values_list("pk", flat=True))
    ties: set[Tie] = set()
    degrees = Degrees({}, {}, {})
    while frontier:
        for row in _read(frontier):
            rows[row.pk] = row
            if row.fan_id not in fans:  # whom a link brings in comes with all that they are
                fans.add(row.fan_id)
        found = count_degrees(rows[number] for number in frontier)
        degrees = Degrees(
            {**degrees.accounts, **found.accounts},
            {**degrees.visitors, **found.visitors},
            {**degrees.sharing, **found.sharing},
        )
        near = {tie for part in _cut(sorted(frontier)) for tie in describe(_list_counting(part, degrees))}
        ties |= near
        large = find_large(rows.keys(), ties, degrees)  # they are nobody, however far a chain goes on behind them
        far = {number for tie in near if not large & {tie.before, tie.after} for number in (tie.before, tie.after)}
        frontier = far - rows.keys()
        frontier |= set(Identifier.objects.filter(fan__in=fans).values_list("pk", flat=True)) - rows.keys()
    return Neighbourhood(rows, group(rows.keys(), ties, degrees), degrees)


def describe(links: Iterable[Link]) -> list[Tie]:
    """Return links as ties, in their order."""
    return [Tie(link.before_id, link.after_id, Rule(link.rule)) for link in links]


def count_degrees(rows: Iterable[Identifier]) -> Degrees:
    """Return how many others these identifiers are tied to, counted in the database."""
    chosen = list(rows)
    numbers = [row.pk for row in chosen]
    contacts = [row.pk for row in chosen if row.kind != IdKind.ACTOR]
    told = standing().filter(rule=Rule.IDENTIFY)
    sharing: dict[int, set[int]] = {}
    for part in _cut(contacts):
        for before, after in standing().filter(Q(before__in=part) | Q(after__in=part)).values_list("before", "after"):
            sharing.setdefault(before, set()).add(after)
            sharing.setdefault(after, set()).add(before)
    return Degrees(
        _count(told, "before", "after", numbers),
        _count(told, "after", "before", numbers),
        {number: len(sharing.get(number, ())) for number in contacts},
    )


def standing() -> QuerySet[Link]:
    """Return the links that nobody has cut."""
    return Link.objects.filter(cut=None)


def _list_counting(numbers: Sequence[int], degrees: Degrees) -> QuerySet[Link]:
    shared = [one for one in numbers if degrees.accounts.get(one, 0) > MOST_AFTER]
    nobody = [one for one in numbers if degrees.visitors.get(one, 0) > MOST_BEFORE]
    contacts = [one for one in numbers if degrees.sharing.get(one, 0) > MOST_SHARING]
    return (
        standing()
        .filter(Q(before__in=numbers) | Q(after__in=numbers))
        .exclude(rule=Rule.IDENTIFY, before__in=shared)
        .exclude(rule=Rule.IDENTIFY, after__in=nobody)
        .exclude(Q(before__in=contacts) | Q(after__in=contacts))
        .order_by("pk")
    )


def _count(links: QuerySet[Link], near: str, far: str, numbers: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for part in _cut(numbers):
        rows = links.filter(**{f"{near}__in": part}).values_list(near).annotate(n=Count(far, distinct=True))
        found |= dict(rows)
    return found


def _read(numbers: Iterable[int]) -> list[Identifier]:
    return [row for part in _cut(sorted(numbers)) for row in Identifier.objects.filter(pk__in=part)]


def _cut(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    return (numbers[start : start + AT_ONCE] for start in range(0, len(numbers), AT_ONCE))
