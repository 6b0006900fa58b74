"""The only place that changes who is one person: links, and the fans that follow from them; merges and their undoing.

Whoever changes it holds the one ``Turn`` row until their transaction ends: two at once wait for one another.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from canyu.events.suppression import find_erased_actors
from canyu.kit.errors import NotFound
from canyu.ops.fans.errors import SamePerson, WrongStep
from canyu.ops.fans.identity.grouping import Rule, split_sides
from canyu.ops.fans.identity.neighbours import describe, gather
from canyu.ops.fans.models import Cut, Dismissal, Fan, Identifier, Link, Merge, Request, Turn
from canyu.ops.fans.rules import IdKind, Named
from canyu.ops.fans.subject.rules import ERASING, WAITING, Stand, Wish
from canyu.ops.lakes import find_lake
from canyu.ops.people.models import Person

AT_ONCE = 300  # SQLite takes no more variables in one query on old systems
MOST_EVIDENCE = 300
logger = logging.getLogger("canyu.fans")
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Saying:
    """Somebody or something says that two identifiers are one person; ``evidence``: an event's id, or why."""

    before: Named
    after: Named
    rule: Rule
    evidence: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Linked:
    """What came of some sayings: links that were new, and changes of who is one person."""

    links: int
    merges: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Why identifiers move: the links that were new, or the merge that is undone; who says so, and when."""

    who: str
    now: datetime
    reason: str = ""
    links: Sequence[Link] = ()
    undoes: Merge | None = None


def keep_identifier(named: Named, now: datetime) -> Identifier:
    """Return an identifier, as a fan of its own where it was not known."""
    with transaction.atomic():
        take_turn()
        return _keep_identifiers([named], now)[named]


def link_identifiers(sayings: Sequence[Saying], now: datetime) -> Linked:
    """Keep what was said and merge whom it makes one person; what was said before, or cut by staff, changes nothing."""
    links = merges = 0
    for part in _cut(sayings):
        with transaction.atomic():
            take_turn()
            known = _keep_identifiers([named for one in part for named in (one.before, one.after)], now)
            fresh = _keep_links(part, known, now)
            links += len(fresh)
            touched = {number for link in fresh for number in (link.before_id, link.after_id)}
            if touched:
                merges += _regroup(touched, Cause(fresh[0].who, now, links=fresh))
    return Linked(links, merges)


def tie_by_hand(viewer: Person, one: Named, other: Named, reason: str, now: datetime) -> Linked:
    """Say as staff that two identifiers are one person. Raises SamePerson where they are already."""
    with transaction.atomic():
        take_turn()
        known = _keep_identifiers([one, other], now)
        if known[one].fan_id == known[other].fan_id:
            raise SamePerson(_("The two are one person already."), mend=_("Nothing was changed."))
        done = link_identifiers([Saying(other, one, Rule.STAFF, reason[:MOST_EVIDENCE], viewer.username, now)], now)
    logger.info("%s tied two identifiers of fan %s", viewer.username, known[one].fan.key)
    return done


def unmerge(viewer: Person, merge_id: int, reason: str, now: datetime) -> int:
    """Part two people who were merged wrongly, as they were before; return how many identifiers moved back.

    What came after the merge goes with what it is tied to. The links between the two count no more. Raises NotFound,
    WrongStep.
    """
    with transaction.atomic():
        take_turn()
        merge = Merge.objects.filter(pk=merge_id).first()
        if merge is None:
            raise NotFound(_("There is no such merge."))
        rows = {row.pk: row for row in Identifier.objects.filter(pk__in=[*merge.moved, *merge.stayed])}
        if (
            not merge.stayed
            or merge.undoes_id
            or merge.undone_by.exists()
            or len({r.fan_id for r in rows.values()}) > 1
        ):
            raise WrongStep(_("The two are apart already."), mend=_("Open the person's page again."))
        fan = next(iter(rows.values())).fan_id
        members = set(Identifier.objects.filter(fan=fan).values_list("pk", flat=True))
        ties = list(Link.objects.filter(before__in=members, after__in=members, cut=None).order_by("pk"))
        sides = split_sides(merge.moved, merge.stayed, describe(ties))
        crossing = [link for link in ties if sides.get(link.before_id) != sides.get(link.after_id)]
        Cut.objects.bulk_create(Cut(link=link, undoes=merge, at=now) for link in crossing)
        cause = Cause(viewer.username, now, reason[:MOST_EVIDENCE], undoes=merge)
        if not _regroup(members, cause):
            raise WrongStep(_("Nothing ties the two any more."), mend=_("Open the person's page again."))
    logger.info("%s undid the merge %s", viewer.username, merge_id)
    return sum(side for number, side in sides.items() if number in members)


def dismiss(viewer: Person, identifier: Identifier, other: str, now: datetime) -> None:
    """Note that two who look alike are two people; the suggestion does not come again."""
    with transaction.atomic():
        Dismissal.objects.get_or_create(
            identifier=identifier, other=other, defaults={"who": viewer.username, "at": now}
        )


def forget_erased(now: datetime) -> int:
    """Drop the identifiers of actors who were erased from the lake, and dismissals that name one; safe to repeat.

    Returns how many identifiers.

    Those of a person whose erasure is under way stay until its receipt: they tell what else is to be erased.
    """
    lake = find_lake()
    if lake is None:
        return 0
    under_way = Request.objects.filter(stand__in=ERASING).values("fan")
    merged = Identifier.objects.filter(home__key__in=under_way).values("fan")
    known = Identifier.objects.filter(kind=IdKind.ACTOR).exclude(fan__key__in=under_way).exclude(fan__in=merged)
    erased = sorted(find_erased_actors(lake.store, known.values_list("value", flat=True)))
    for part in _cut(erased):
        with transaction.atomic():
            take_turn()
            _drop_identifiers(list(known.filter(value__in=part)), now)
    others = Dismissal.objects.values_list("other", flat=True).distinct()
    for part in _cut(sorted(find_erased_actors(lake.store, others))):
        Dismissal.objects.filter(other__in=part).delete()
    return len(erased)


def forget_left(actor: str, now: datetime) -> bool:
    """Drop the identifier of somebody who left by themselves, and their open wishes where nothing else is theirs.

    False where there is none, or where an erasure was asked for: it needs the identifier, which goes with its receipt.
    """
    with transaction.atomic():
        take_turn()
        row = Identifier.objects.select_related("fan").filter(kind=IdKind.ACTOR, value=actor).first()
        if row is None:
            return False
        keys = {row.fan.key, *Identifier.objects.filter(fan=row.fan).values_list("home__key", flat=True)}
        waiting = Request.objects.filter(fan__in=keys, stand__in=WAITING)
        if waiting.filter(wish=Wish.ERASE).exists():
            return False
        _drop_identifiers([row], now)
        if not Identifier.objects.filter(fan=row.fan).exists():
            waiting.update(stand=Stand.DONE, note="", closed_at=now)
        Dismissal.objects.filter(other=actor).delete()
    return True


def keep_place(lake: str, version: int) -> None:
    """Remember up to which version of which lake links were read."""
    with transaction.atomic():
        take_turn()
        Turn.objects.filter(pk=1).update(lake=lake, version=version)


def take_turn() -> Turn:
    """Wait until nobody else changes who is one person, within the open transaction."""
    Turn.objects.get_or_create(pk=1)
    return Turn.objects.select_for_update().get(pk=1)


def _keep_identifiers(names: Iterable[Named], now: datetime) -> dict[Named, Identifier]:
    wanted = list(dict.fromkeys(names))
    known: dict[Named, Identifier] = {}
    for part in _cut(wanted):
        for row in Identifier.objects.filter(value__in=[named.value for named in part]).select_related("fan"):
            known[Named(row.kind, row.value)] = row  # type: ignore[arg-type]  # a StrEnum equals its text
    missing = [named for named in wanted if named not in known]
    fans = Fan.objects.bulk_create(Fan(key=f"f-{secrets.token_hex(12)}", made_at=now) for _named in missing)
    rows = [
        Identifier(kind=named.kind, value=named.value, home=fan, fan=fan, made_at=now)
        for named, fan in zip(missing, fans, strict=True)
    ]
    return known | dict(zip(missing, Identifier.objects.bulk_create(rows), strict=True))


def _drop_identifiers(rows: Sequence[Identifier], now: datetime) -> None:
    """Drop identifiers with their links; those who were one person through them are parted."""
    numbers, homes = {row.pk for row in rows}, {row.home_id for row in rows}
    rest = set(Identifier.objects.filter(fan__in={row.fan_id for row in rows}).values_list("pk", flat=True)) - numbers
    Identifier.objects.filter(pk__in=numbers).delete()
    if rest:
        _regroup(rest, Cause("canyu lake erase", now))
    Fan.objects.filter(pk__in=homes).delete()


def _keep_links(part: Sequence[Saying], known: dict[Named, Identifier], now: datetime) -> list[Link]:
    """Keep what was not said before, of the same said twice the first; return those links."""
    wanted = {(known[one.before].pk, known[one.after].pk, str(one.rule)): one for one in reversed(part)}
    near = {"before__in": [before for before, _after, _rule in wanted], "after__in": [key[1] for key in wanted]}
    told = set(Link.objects.filter(**near).values_list("before", "after", "rule"))
    fresh = [
        Link(
            before_id=key[0],
            after_id=key[1],
            rule=one.rule,
            evidence=one.evidence[:MOST_EVIDENCE],
            who=one.who,
            said_at=one.at,
            kept_at=now,
        )
        for key, one in reversed(wanted.items())
        if key not in told and key[0] != key[1]
    ]
    return Link.objects.bulk_create(fresh)


def _regroup(touched: set[int], cause: Cause) -> int:
    """Give every identifier near the touched ones the fan that follows from the links; return how many changes."""
    found = gather(touched)
    changes = 0
    for members in found.grouping.groups:
        home = found.rows[members[0]].home_id
        stayed = [number for number in members if found.rows[number].fan_id == home]
        sources: dict[int, list[int]] = {}
        for number in members:
            if found.rows[number].fan_id != home:
                sources.setdefault(found.rows[number].fan_id, []).append(number)
        for source, moved in sorted(sources.items()):
            Merge.objects.create(
                source_id=source,
                into_id=home,
                moved=moved,
                stayed=stayed,
                link=_find_link(cause.links, set(moved)),
                undoes=cause.undoes,
                reason=cause.reason or ("" if stayed else found.find_reason(source)),
                who=cause.who,
                at=cause.now,
            )
            for part in _cut(moved):
                Identifier.objects.filter(pk__in=part).update(fan_id=home)
            changes += 1
    return changes


def _find_link(links: Sequence[Link], moved: set[int]) -> Link | None:
    near = (link for link in links if link.before_id in moved or link.after_id in moved)
    return next(near, links[0] if links else None)


def _cut(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
