"""All reads of fans: a person by an identifier, what is known of them, their consents, requests and receipts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from canyu.events.importers.actors import get_salt, hash_actor
from canyu.kit.errors import NotFound
from canyu.ops.campaigns.models import Consent, Signal
from canyu.ops.fans.holdings import HOLDINGS, Whose
from canyu.ops.fans.models import AgeTold, ConsentGiven, Dismissal, Fan, Identifier, Merge, Receipt, Request
from canyu.ops.fans.rules import FAN, IdKind, LookUp, Named, Purpose, name_identifier, split_customer
from canyu.ops.fans.subject.rules import ERASING, PUBLIC, WAITING, Stand
from canyu.ops.lakes import find_lake
from canyu.ops.offers.drops.models import Claim, Entrant
from canyu.ops.people.models import Person

MOST_ROWS = 100
MOST_EVENTS = 50
MOST_ALIKE = 10
"""A fingerprint of more people is a shop's: it suggests nothing."""


@dataclass(frozen=True, slots=True)
class Told:
    """One decision on one purpose, wherever it is kept."""

    purpose: str
    is_given: bool
    is_guardian: bool
    text: str
    language: str
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Alike:
    """Somebody who may be the same person: weak evidence, for staff to judge."""

    identifier: Identifier
    other: str
    kind: str
    campaign: str


def get_key() -> str:
    """Return the key of all hashes of contacts."""
    return salted_hmac("canyu.fans", "identifiers", settings.SECRET_KEY, algorithm="sha256").hexdigest()


def read_named(kind: LookUp, text: str) -> Named:
    """Return the identifier that somebody typed, hashed as it is kept. Raises BadInput."""
    if kind is LookUp.CUSTOMER:
        lake = find_lake()
        if lake is None:
            raise NotFound(_("There is no data yet."))
        return Named(IdKind.ACTOR, hash_actor(get_salt(lake.path), *split_customer(text)))
    return name_identifier(get_key(), IdKind(kind.value), text)


def find_fan(viewer: Person, kind: LookUp, text: str) -> Fan | None:  # noqa: ARG001 - reads take the viewer first
    """Return the person with an identifier, None where nobody is known by it. Raises BadInput."""
    if kind is LookUp.FAN:
        return find_present(text.strip()) if FAN.fullmatch(text.strip()) else None
    named = read_named(kind, text)
    row = Identifier.objects.select_related("fan").filter(kind=named.kind, value=named.value).first()
    return row.fan if row else None


def find_known(person: str) -> Fan | None:
    """Return the fan whom the lake and the rooms call so, None where nobody asked about them yet."""
    row = Identifier.objects.select_related("fan").filter(kind=IdKind.ACTOR, value=person).first() if person else None
    return row.fan if row else None


def find_present(key: str) -> Fan | None:
    """Return the fan who has the identifiers of a number now: itself, or who took it in."""
    fan = Fan.objects.filter(key=key).first()
    if fan is None:
        return None
    home = Identifier.objects.select_related("fan").filter(home=fan).first()
    return home.fan if home and not Identifier.objects.filter(fan=fan).exists() else fan


def is_held(named: Named) -> bool:
    """Say whether any room or the lake holds something of an actor who is no fan yet."""
    whose = Whose("", 0, (), (named.value,))
    return named.kind is IdKind.ACTOR and any(True for one in HOLDINGS for _row in one.rows(whose))


def get_fan(viewer: Person, key: str) -> Fan:  # noqa: ARG001 - reads take the viewer first
    """Return a person by number, also by one that was merged into another; raises NotFound."""
    found = find_present(key)
    if found is None:
        raise NotFound(_("There is no such person, or they were erased."), mend=_("Look them up again."))
    return found


def describe_whose(fan: Fan) -> Whose:
    """Return a person as rooms and lake know them."""
    rows = list(Identifier.objects.filter(fan=fan).order_by("pk").values_list("kind", "value", "home__key"))
    keys = dict.fromkeys((fan.key, *(home for _kind, _value, home in rows)))
    return Whose(fan.key, fan.pk, tuple(keys), tuple(value for kind, value, _home in rows if kind == IdKind.ACTOR))


def list_identifiers(fan: Fan) -> list[Identifier]:
    """Return a person's identifiers, the first one first."""
    return list(Identifier.objects.filter(fan=fan).order_by("pk"))


def list_merges(fan: Fan) -> list[Merge]:
    """Return how this person came to be, newest first."""
    chosen = Merge.objects.filter(Q(source=fan) | Q(into=fan)).select_related("source", "into", "link")
    return list(chosen.annotate(undone=Count("undone_by")).order_by("-pk")[:MOST_ROWS])


def list_events(actors: Sequence[str]) -> list[dict[str, Any]]:
    """Return what the lake has of a person, newest first."""
    lake = find_lake()
    if lake is None or lake.version() is None or not actors:
        return []
    events = lake.scan("events")
    chosen = events.filter(events.actor.isin(list(actors)))
    names = ["id", "time", "type", "source", "channel", "object", "campaign"]
    rows: list[dict[str, Any]] = lake.engine.run(
        chosen.select(*names).order_by(chosen.time.desc(), chosen.id).limit(MOST_EVENTS)
    ).to_pylist()
    return rows


def list_decisions(fan: Fan, until: datetime) -> list[Told]:
    """Return every decision of a person at or before a time, newest first: here, in campaigns, in limited editions."""
    actors = describe_whose(fan).actors
    told = [
        Told(row.purpose, row.is_given, row.is_guardian, row.text, row.language, row.channel, row.at)
        for row in ConsentGiven.objects.filter(identifier__fan=fan, at__lte=until)
    ]
    for one in Consent.objects.filter(member__person__in=actors).select_related("member__campaign"):
        what = (one.text, one.language, one.member.campaign.slug)
        told.append(Told(Purpose.CAMPAIGN, True, False, *what, one.given_at))
        if one.withdrawn_at:
            told.append(Told(Purpose.CAMPAIGN, False, False, *what, one.withdrawn_at))
    told += [
        Told(Purpose.DROP, True, False, claim.consent, claim.language, claim.drop.code, claim.claimed_at)
        for claim in Claim.objects.filter(person__in=actors).select_related("drop")
    ]
    told += [
        Told(Purpose.DROP, True, False, entry.consent, entry.language, entry.drop.code, entry.entered_at)
        for entry in Entrant.objects.filter(person__in=actors).select_related("drop")
    ]
    # of two at one instant the withdrawal holds
    return sorted((one for one in told if one.at <= until), key=lambda one: (one.at, not one.is_given), reverse=True)


def has_consent(fan: Fan, purpose: Purpose, at: datetime) -> bool:
    """Say whether we may do something to a person at a time: only where their newest decision on it says yes.

    Below fourteen only what a guardian gave counts (Personal Information Protection Law of China, art. 31).
    """
    return is_allowed(purpose, list_decisions(fan, at), is_minor=is_minor(fan, at))


def is_allowed(purpose: Purpose, decisions: Sequence[Told], *, is_minor: bool) -> bool:
    """Say the same of decisions that were read already, newest first."""
    newest = next((one for one in decisions if one.purpose == purpose), None)
    return newest is not None and newest.is_given and (newest.is_guardian or not is_minor)


def is_minor(fan: Fan, at: datetime) -> bool:
    """Say whether a person was told to be below fourteen."""
    newest = AgeTold.objects.filter(identifier__fan=fan, at__lte=at).order_by("-at", "-pk").first()
    return newest is not None and newest.is_minor


def list_alike(fan: Fan) -> list[Alike]:
    """Return who shares a fingerprint with a person in campaigns, and was not dismissed."""
    mine = {row.value: row for row in list_identifiers(fan) if row.kind == IdKind.ACTOR}
    gone = set(Dismissal.objects.filter(identifier__fan=fan).values_list("identifier__value", "other"))
    found: dict[tuple[str, str], Alike] = {}
    for signal in Signal.objects.filter(member__person__in=list(mine)).select_related("member"):
        others = Signal.objects.filter(kind=signal.kind, digest=signal.digest).select_related("member__campaign")
        near = list(others.exclude(member__person__in=list(mine))[: MOST_ALIKE + 1])
        for other in near if len(near) <= MOST_ALIKE else ():
            pair = (signal.member.person, other.member.person)
            if pair not in gone:
                found[pair] = Alike(mine[pair[0]], pair[1], signal.kind, other.member.campaign.slug)
    return [found[pair] for pair in sorted(found)]


def list_requests(viewer: Person, *, is_open: bool) -> list[Request]:  # noqa: ARG001 - reads take the viewer first
    """Return requests: the open ones by what is due, or the closed ones, newest first."""
    rows = Request.objects.filter(stand__in=WAITING) if is_open else Request.objects.exclude(stand__in=WAITING)
    return list(rows.order_by(*(("due_at", "pk") if is_open else ("-closed_at", "-pk")))[:MOST_ROWS])


def list_fan_requests(fan: Fan) -> list[Request]:
    """Return what a person has asked for under any number that they had, newest first."""
    return list(Request.objects.filter(fan__in=describe_whose(fan).keys).order_by("-pk")[:MOST_ROWS])


def list_unfinished() -> list[Request]:
    """Return the erasures that were released and are not done."""
    return list(Request.objects.filter(stand__in=ERASING).order_by("pk"))


def find_ready(fan: Fan) -> Request | None:
    """Return the copy that a person may fetch."""
    ready = Request.objects.filter(fan__in=describe_whose(fan).keys, stand=Stand.READY, channel=PUBLIC)
    return ready.exclude(released_by="").first()


def list_receipts(viewer: Person) -> list[Receipt]:  # noqa: ARG001 - reads take the viewer first
    """Return the receipts, newest first."""
    return list(Receipt.objects.order_by("-pk")[:MOST_ROWS])


def get_receipt(viewer: Person, number: str) -> Receipt:  # noqa: ARG001 - reads take the viewer first
    """Return one receipt; raises NotFound."""
    found = Receipt.objects.filter(number=number).first()
    if found is None:
        raise NotFound(_("There is no such receipt."), mend=_("Open it from the list of receipts."))
    return found


def find_known_receipt(number: str) -> dict[str, str] | None:
    """Return digest and previous digest that are kept under a number, None where there is none."""
    found = Receipt.objects.filter(number=number).first()
    return {"digest": found.digest, "previous": found.previous} if found else None
