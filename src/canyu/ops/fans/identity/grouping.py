"""Which identifiers are one person: a function of the set of links alone, whatever their order; pure, no database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from canyu.kit.words import Words
from canyu.ops.fans.rules import IdKind

MOST_AFTER = 1
"""A visitor who became two accounts is a device that people share: it belongs to neither."""
MOST_BEFORE = 100
"""An account that so many visitors became is nobody, such as one called "null"."""
MOST_SHARING = 5
"""A phone, mail address or WeChat id of more than so many is a shop's."""
MOST_TOGETHER = 300
"""Identifiers of one person; more come of a chain that somebody builds."""


class Rule(StrEnum):
    """What says that two identifiers are one person: a client's identify or alias, or staff."""

    IDENTIFY = "identify"
    STAFF = "staff"


class Refusal(StrEnum):
    """Why a link does not make two identifiers one person."""

    SHARED_DEVICE = "shared_device"
    NOBODY = "nobody"
    SHARED_CONTACT = "shared_contact"
    TOO_MANY = "too_many"


REFUSAL_WORDS: dict[str, Words] = {
    Refusal.SHARED_DEVICE: Words("这台设备登录过不止一个账户", "more than one account signed in on this device"),
    Refusal.NOBODY: Words(
        "这个账户来自上百个访客，不像一个人", "too many visitors became this account to be one person"
    ),
    Refusal.SHARED_CONTACT: Words("这个联系方式有好几个人在用", "several people use this contact"),
    Refusal.TOO_MANY: Words("连在一起的标识太多，不像一个人", "too many identifiers hang together to be one person"),
}


@dataclass(frozen=True, slots=True)
class Tie:
    """One link between two identifiers (by number): of ``before`` it was said that it is ``after``."""

    before: int
    after: int
    rule: Rule


@dataclass(frozen=True, slots=True)
class Degrees:
    """How many others each identifier is tied to: as a visitor to accounts, as an account to visitors, as a contact."""

    accounts: Mapping[int, int]
    visitors: Mapping[int, int]
    sharing: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Grouping:
    """The groups, each sorted, and why a tie was refused."""

    groups: list[list[int]]
    refused: dict[Tie, Refusal]


def count_degrees(ties: Iterable[Tie], kinds: Mapping[int, IdKind]) -> Degrees:
    """Return the degrees of all identifiers in these ties."""
    accounts: dict[int, set[int]] = {}
    visitors: dict[int, set[int]] = {}
    sharing: dict[int, set[int]] = {}
    for tie in ties:
        if tie.rule is Rule.IDENTIFY:
            accounts.setdefault(tie.before, set()).add(tie.after)
            visitors.setdefault(tie.after, set()).add(tie.before)
        for one, other in ((tie.before, tie.after), (tie.after, tie.before)):
            if kinds[one] is not IdKind.ACTOR:
                sharing.setdefault(one, set()).add(other)
    return Degrees(*({name: len(found) for name, found in each.items()} for each in (accounts, visitors, sharing)))


def judge_number(number: int, degrees: Degrees) -> Refusal | None:
    """Say why nobody is one person through this identifier; None where they are."""
    if degrees.accounts.get(number, 0) > MOST_AFTER:
        return Refusal.SHARED_DEVICE
    if degrees.visitors.get(number, 0) > MOST_BEFORE:
        return Refusal.NOBODY
    return Refusal.SHARED_CONTACT if degrees.sharing.get(number, 0) > MOST_SHARING else None


def judge_tie(tie: Tie, degrees: Degrees) -> Refusal | None:
    """Say why a tie does not count; None where it does. What staff say of a device counts, however many share it."""
    if tie.rule is Rule.IDENTIFY and degrees.accounts.get(tie.before, 0) > MOST_AFTER:
        return Refusal.SHARED_DEVICE
    if tie.rule is Rule.IDENTIFY and degrees.visitors.get(tie.after, 0) > MOST_BEFORE:
        return Refusal.NOBODY
    most = max(degrees.sharing.get(tie.before, 0), degrees.sharing.get(tie.after, 0))
    return Refusal.SHARED_CONTACT if most > MOST_SHARING else None


def group(numbers: Collection[int], ties: Collection[Tie], degrees: Degrees) -> Grouping:
    """Return who is one person among ``numbers``: connected by ties that count. Any order gives the same."""
    refused = {tie: why for tie in ties if (why := judge_tie(tie, degrees))}
    good = [tie for tie in ties if tie not in refused]
    found = _connect(numbers, good)
    large = _list_large(found)
    groups = [members for members in found if members[0] not in large] + [[one] for one in large]
    refused |= {tie: Refusal.TOO_MANY for tie in good if tie.before in large}
    return Grouping(sorted(groups), refused)


def find_large(numbers: Collection[int], ties: Collection[Tie], degrees: Degrees) -> set[int]:
    """Return the numbers that hang together with more than one person has."""
    return _list_large(_connect(numbers, [tie for tie in ties if judge_tie(tie, degrees) is None]))


def split_sides(moved: Collection[int], stayed: Collection[int], ties: Iterable[Tie]) -> dict[int, bool]:
    """Return on which side of an undone merge each identifier is: True for those that it had moved.

    ``ties`` come in the order in which they were told; what came after the merge goes with the first one that ties it.
    """
    sides = dict.fromkeys(stayed, False) | dict.fromkeys(moved, True)
    waiting, has_changed = list(ties), True
    while has_changed:
        has_changed = False
        for tie in waiting:
            if (tie.before in sides) != (tie.after in sides):
                side = sides[tie.before] if tie.before in sides else sides[tie.after]
                sides[tie.before] = sides[tie.after] = side
                has_changed = True
                break  # from the first one again: the earliest tie decides
    return sides


def _connect(numbers: Collection[int], ties: Iterable[Tie]) -> list[list[int]]:
    """Return which numbers ties connect, each group sorted; a tie that leads to another number connects nothing."""
    parents = {number: number for number in numbers}
    for tie in ties:
        if tie.before in parents and tie.after in parents:
            one, other = _find(parents, tie.before), _find(parents, tie.after)
            parents[max(one, other)] = min(one, other)
    found: dict[int, list[int]] = {}
    for number in sorted(numbers):
        found.setdefault(_find(parents, number), []).append(number)
    return list(found.values())


def _list_large(groups: Iterable[list[int]]) -> set[int]:
    return {one for members in groups if len(members) > MOST_TOGETHER for one in members}


def _find(parents: dict[int, int], number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number
