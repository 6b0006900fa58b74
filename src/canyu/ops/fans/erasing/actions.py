"""The only place that erases a person everywhere; each step is safe to repeat, so that a killed erasure is finished.

Released -> running (lake, inbox, every room, a search) -> wiped (own rows gone, receipt kept) -> done (bytes gone).
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from canyu.events import Lake, open_lake
from canyu.events.collector import Carrier
from canyu.events.collector.segments import list_segments
from canyu.events.importers.actors import get_salt
from canyu.kit.clock import get_now
from canyu.ops.config import load_config
from canyu.ops.fans.erasing.receipts import FIRST, FORMAT, KEPT, LAW, seal
from canyu.ops.fans.erasing.search import mask_aside, search_tables
from canyu.ops.fans.errors import StillThere
from canyu.ops.fans.identity.actions import take_turn
from canyu.ops.fans.models import (
    AgeTold,
    ConsentGiven,
    Dismissal,
    Fan,
    Identifier,
    Link,
    Merge,
    Receipt,
    Request,
    RequestStep,
)
from canyu.ops.fans.queries import describe_whose, find_present, list_unfinished
from canyu.ops.fans.subject.rules import Stand, Wish
from canyu.ops.forgetting import forget_erased
from canyu.ops.lakes import find_lake
from canyu.ops.offers.drops.actions import refuse_persons
from canyu.ops.outbox.actions import forget_actors
from canyu.ops.sources.desk import ConsoleDesk
from canyu.ops.sources.queries import load_sources

TRIES = 3
INBOX_WAIT_S = 60.0
INBOX_BEAT_S = 0.2
logger = logging.getLogger("canyu.fans")


def finish_erasures(clock: Callable[[], datetime]) -> list[Receipt]:
    """Carry out every erasure that was released and is not done, one after the other.

    One that cannot end yet keeps no other one from ending; its fault is raised when all were tried.
    """
    receipts: list[Receipt] = []
    faults: list[Exception] = []
    for request in list_unfinished():
        try:
            receipts.append(carry_out(request, clock))
        except Exception as error:
            logger.warning("the erasure of request %s is not done yet: %s", request.pk, type(error).__name__)
            faults.append(error)
    if faults:
        raise faults[0]
    return receipts


def carry_out(request: Request, clock: Callable[[], datetime]) -> Receipt:
    """Erase one person everywhere and keep the receipt; killed anywhere, the same call goes on. Raises StillThere.

    Not within a transaction: what is erased is erased, whatever comes later.
    """
    if request.stand in {Stand.RELEASED, Stand.RUNNING}:
        fan = find_present(request.fan)  # who asked may be one with somebody else by now
        _begin(request, clock())
        _wipe(request, _erase_outside(request, fan), fan, clock())
    wipe_bytes()
    now = clock()
    with transaction.atomic():
        if Request.objects.filter(pk=request.pk, stand=Stand.WIPED).update(stand=Stand.DONE, closed_at=now):
            RequestStep.objects.create(request=request, before=Stand.WIPED, after=Stand.DONE, who="canyu", at=now)
    logger.info("the erasure of request %s is done", request.pk)
    return Receipt.objects.get(request=request)


def get_signing_key() -> str:
    """Return the key that signs receipts."""
    return salted_hmac("canyu.fans", "receipts", settings.SECRET_KEY, algorithm="sha256").hexdigest()


def wipe_bytes() -> None:
    """Rewrite the database file, so that what was deleted is not in its free pages or its log of writes either.

    Raises StillThere where somebody reads so long that the log of writes cannot be emptied.
    """
    if connection.in_atomic_block:
        raise RuntimeError("the database is rewritten outside of transactions")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        if connection.vendor == "sqlite":
            is_busy, _pages, _moved = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if is_busy:
                raise _refuse_end(["the log of writes"])


def _begin(request: Request, now: datetime) -> None:
    with transaction.atomic():
        if Request.objects.filter(pk=request.pk, stand=Stand.RELEASED).update(stand=Stand.RUNNING, begun_at=now):
            RequestStep.objects.create(request=request, before=Stand.RELEASED, after=Stand.RUNNING, who="canyu", at=now)
    request.refresh_from_db()


def _erase_outside(request: Request, fan: Fan | None) -> dict[str, Any]:
    """Erase from lake, inbox and rooms, and search; return what was done, summed over all tries."""
    actors = describe_whose(fan).actors if fan else ()
    lake = find_lake() or open_lake(load_config().lake, create=True)
    tally = dict(request.tally)
    tally.setdefault("versions_before", lake.versions())
    for actor in actors:  # first of all: from here on the lake takes nothing of them
        _add(tally, "lake", asdict(lake.erase(actor)))
        _keep_tally(request, tally)
    tally["lake"] = {**tally.get("lake", {}), "actors": len(actors)}
    for _turn in range(TRIES):
        _carry_inbox()
        _add(tally, "inbox", {"masked": _mask(lake, actors)})
        refuse_persons(actors, get_now())  # also where no room has a row of them: a cookie would bring them back
        _add(tally, "rooms", {"outbox": forget_actors(list(actors)), **asdict(forget_erased())})
        _keep_tally(request, tally)
        found = search_tables(_list_names(fan), with_own=False)
        if not found.places:
            return tally | {"search": {"tables": found.tables, "rows": found.rows, "found": 0}}
    raise _refuse_end(found.places)


def _refuse_end(places: Sequence[str]) -> StillThere:
    return StillThere(
        _("Something of this person is left in: %s.") % ", ".join(places),
        mend=_("The erasure goes on by itself; tell who runs this room where it stays."),
    )


def _wipe(request: Request, tally: dict[str, Any], fan: Fan | None, now: datetime) -> None:
    """Drop what this room holds of the person and keep the receipt, both or neither; the last step that needs names."""
    with transaction.atomic():
        take_turn()
        if not Request.objects.filter(pk=request.pk, stand=Stand.RUNNING).exists():
            return  # another one was first
        whose = describe_whose(fan) if fan else None
        if whose and len(whose.actors) != tally["lake"].get("actors", 0):
            raise StillThere(_("More of this person came in meanwhile."), mend=_("The erasure goes on by itself."))
        own = _drop_own(fan) if fan else {}
        _close_others({request.fan, *(whose.keys if whose else ())}, now)
        told = _tell(request, tally, own, now)
        document = seal(told, get_signing_key())
        Receipt.objects.create(
            number=told["number"],
            request=request,
            previous=told["previous"],
            digest=document["digest"],
            document=document,
            made_at=now,
        )
        Request.objects.filter(pk=request.pk).update(stand=Stand.WIPED, tally={})
        RequestStep.objects.create(request=request, before=Stand.RUNNING, after=Stand.WIPED, who="canyu", at=now)


def _tell(request: Request, tally: dict[str, Any], own: dict[str, int], now: datetime) -> dict[str, Any]:
    """Return what the receipt says, chained to the one before."""
    lake, last = find_lake(), Receipt.objects.order_by("-pk").first()
    return {
        "format": FORMAT,
        "number": f"r-{secrets.token_hex(8)}",
        "fan": request.fan,
        "law": LAW,
        "asked_by": request.asked_by,
        "asked_at": request.received_at.isoformat(),
        "released_by": request.released_by,
        "released_at": request.released_at.isoformat() if request.released_at else "",
        "begun_at": request.begun_at.isoformat() if request.begun_at else "",
        "erased_at": now.isoformat(),
        "erased": {**{place: tally.get(place, {}) for place in ("lake", "inbox", "rooms")}, "fans": own},
        "lake_versions": {"before": tally["versions_before"], "after": lake.versions() if lake else {}},
        "search": tally["search"],
        "kept": [{"what": what, "why": [why.zh, why.en]} for what, why in KEPT],
        "previous": last.digest if last else FIRST,
    }


def _close_others(keys: Collection[str], now: datetime) -> None:
    """Drop the words of all requests of a person, and close what needs no receipt."""
    mine = Request.objects.filter(fan__in=keys)
    mine.update(note="")
    mine.exclude(wish=Wish.ERASE).exclude(stand__in=(Stand.DONE, Stand.REFUSED)).update(stand=Stand.DONE, closed_at=now)


def _drop_own(fan: Fan) -> dict[str, int]:
    """Drop identifiers and all that hangs on them, and the numbers that others have of this person."""
    rows = Identifier.objects.filter(fan=fan)
    homes = {fan.pk, *rows.values_list("home_id", flat=True)}
    numbers = list(rows.values_list("pk", flat=True))
    counted = {
        "identifiers": len(numbers),
        "consents": ConsentGiven.objects.filter(identifier__in=numbers).count(),
        "ages": AgeTold.objects.filter(identifier__in=numbers).count(),
        "links": (Link.objects.filter(before__in=numbers) | Link.objects.filter(after__in=numbers)).distinct().count(),
        "dismissals": Dismissal.objects.filter(other__in=[row.value for row in rows]).delete()[0],
        "merges": (Merge.objects.filter(source__in=homes) | Merge.objects.filter(into__in=homes)).delete()[0],
    }
    others = Identifier.objects.filter(home__in=homes).exclude(pk__in=numbers).values_list("home_id", flat=True)
    rows.delete()
    Fan.objects.filter(pk__in=homes - set(others)).delete()
    return counted


def _carry_inbox() -> None:
    """Wait until what was acknowledged before is in the lake, which drops what is of them. Raises StillThere."""
    folder = load_config().inbox_path
    if not folder.is_dir():
        return
    waiting, until = set(list_segments(folder)), time.monotonic() + INBOX_WAIT_S
    carrier = Carrier(folder, ConsoleDesk())
    while waiting & set(list_segments(folder)):
        if time.monotonic() > until:
            raise StillThere(_("The inbox is not carried into the lake."), mend=_("Start the server, then repeat."))
        if not carrier.try_once():
            time.sleep(INBOX_BEAT_S)


def _mask(lake: Lake, actors: Sequence[str]) -> int:
    aside = Path(load_config().inbox_path, "aside")
    return mask_aside(aside, actors, list(load_sources()), get_salt(lake.path)) if aside.is_dir() else 0


def _list_names(fan: Fan | None) -> list[str]:
    return list(Identifier.objects.filter(fan=fan).values_list("value", flat=True)) if fan else []


def _add(tally: dict[str, Any], place: str, done: dict[str, Any]) -> None:
    kept = tally.setdefault(place, {})
    for name, value in done.items():
        if isinstance(value, int):
            kept[name] = kept.get(name, 0) + value
    if "receipt" in done:
        kept.setdefault("receipts", []).append(done["receipt"])


def _keep_tally(request: Request, tally: dict[str, Any]) -> None:
    Request.objects.filter(pk=request.pk).update(tally=tally)
