"""The only place that claims, sells and frees units: a unit's row, the ledger and the events commit together."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from canyu.events import Event, Verb, make_event_id
from canyu.kit.errors import NotFound
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words
from canyu.ledger import Expire, Hold, Ledger, Reverse, Settle, Verdict
from canyu.ledger.operations import name_expiry
from canyu.ops.ledger.actions import use_ledger
from canyu.ops.offers.drops.accounts import DropAccounts
from canyu.ops.offers.drops.claiming.rules import Answer, Answered, Ask
from canyu.ops.offers.drops.errors import WrongState
from canyu.ops.offers.drops.models import (
    Claim,
    ClaimState,
    Drop,
    DropState,
    Entrant,
    EntryMode,
    ErasedGuest,
    FreeUnit,
    LatePayment,
)
from canyu.ops.offers.drops.passes import digest_person
from canyu.ops.order_names import list_forms
from canyu.ops.outbox.actions import add_event, add_events
from canyu.ops.outbox.rules import CONSOLE

STANDING = (ClaimState.HELD, ClaimState.SOLD)
AT_ONCE = 400  # SQLite takes no more variables in one query on old systems
logger = logging.getLogger("canyu.drops")


def claim_units(drop: Drop, asks: Sequence[Ask], now: datetime, ledger: Ledger) -> list[Answer]:
    """Answer askers in their order, in the open transaction: a unit each, while there are any, once per person.

    Who is known gets the same answer again. Whether the drop is open and who holds what is looked at before the stock
    is touched. The ledger's limit decides; the serial given is the lowest one that is free.
    """
    early = _find_early(drop, now)
    if early is not None:
        return [early] * len(asks)
    erased = find_erased({ask.person for ask in asks})
    if erased:  # of an old page or cookie: nobody comes back by it
        allowed = iter(claim_units(drop, [ask for ask in asks if ask.person not in erased], now, ledger))
        return [Answer(Answered.FORGOTTEN) if ask.person in erased else next(allowed) for ask in asks]
    if drop.entry != EntryMode.FIRST_COME:
        return _enter(drop, asks, now)
    return _Counter(drop, now, ledger).answer(asks)


def find_erased(persons: Collection[str]) -> frozenset[str]:
    """Return which of these persons were erased."""
    names, found = {digest_person(person): person for person in persons}, set[str]()
    digests = sorted(names)
    for start in range(0, len(digests), AT_ONCE):
        part = ErasedGuest.objects.filter(digest__in=digests[start : start + AT_ONCE])
        found.update(part.values_list("digest", flat=True))
    return frozenset(names[digest] for digest in found)


def claim_together(drop: Drop, asks: Sequence[Ask], now: datetime) -> list[Answer]:
    """Answer askers in a transaction of their own."""
    with transaction.atomic():
        return claim_units(drop, asks, now, use_ledger())


class _Counter:
    """Judges one group of askers."""

    def __init__(self, drop: Drop, now: datetime, ledger: Ledger) -> None:
        self.drop, self.now, self.ledger = drop, now, ledger
        self.accounts = DropAccounts(drop.pk)
        self.until = now + timedelta(minutes=drop.hold_minutes)
        self.held: dict[str, list[Claim]] = {}

    def answer(self, asks: Sequence[Ask]) -> list[Answer]:
        self.held = _find_standing(self.drop, {ask.person for ask in asks})
        answers: list[Answer | None] = []
        fresh: list[Claim] = []
        for ask in asks:
            known = self.find_known(ask)
            answers.append(known)
            if known is None:
                fresh.append(self.draft(ask))
        kept = iter(self.keep(fresh))
        told = [known or next(kept) for known in answers]
        # a repeat within the group was answered before its first one was judged
        return [self.judge_repeat(ask, one) for ask, one in zip(asks, told, strict=True)]

    def find_known(self, ask: Ask) -> Answer | None:
        mine = self.held.get(ask.person, [])
        same = next((one for one in mine if one.key == ask.key or self.drop.per_person == 1), None)
        if same is not None:
            return _tell(same)
        return Answer(Answered.PERSON_LIMIT) if len(mine) >= self.drop.per_person else None

    def draft(self, ask: Ask) -> Claim:
        claim = Claim(
            drop_id=self.drop.pk,
            person=ask.person,
            key=ask.key,
            token=secrets.token_hex(16),
            market=ask.market,
            serial=0,
            claimed_at=self.now,
            expires_at=self.until,
            consent=ask.consent,
            language=ask.language,
        )
        self.held.setdefault(ask.person, []).append(claim)
        return claim

    def keep(self, fresh: list[Claim]) -> list[Answer]:
        holds = [
            Hold(
                _name_hold(one),
                self.accounts.find_free(one.market, self.drop.quotas),
                self.accounts.name("sold"),
                1,
                self.accounts.unit,
                expires_at=self.until,
            )
            for one in fresh
        ]
        outcomes = self.ledger.apply(holds, self.now) if holds else []
        won = [one for one, judged in zip(fresh, outcomes, strict=True) if judged.verdict is Verdict.DONE]
        for one, serial in zip(won, take_serials(self.drop, len(won)), strict=True):
            one.serial = serial
        Claim.objects.bulk_create(won, batch_size=AT_ONCE)
        add_events([_tell_event(self.drop, one, Verb.CLAIM, self.now) for one in won], self.now)
        return [_tell(one) for one in fresh]

    def judge_repeat(self, ask: Ask, answer: Answer) -> Answer:
        if answer.serial != 0:
            return answer
        mine = next((one for one in self.held.get(ask.person, []) if one.serial), None)
        return _tell(mine) if mine and self.drop.per_person == 1 else Answer(Answered.SOLD_OUT)


def take_serials(drop: Drop, number: int) -> list[int]:
    """Take the lowest serials that are free out of the pool; in the transaction that holds them in the ledger."""
    if not number:
        return []
    free = FreeUnit.objects.filter(drop=drop)
    serials = list(free.order_by("serial").values_list("serial", flat=True)[:number])
    if serials:
        free.filter(serial__lte=serials[-1]).delete()
    return serials


def expire_claims(now: datetime, most: int = AT_ONCE) -> int:
    """Free the units whose time to pay is over, each once; return how many. Safe to repeat and to run twice at once."""
    with transaction.atomic():
        return expire_due(now, use_ledger(), most)


def expire_due(now: datetime, ledger: Ledger, most: int = AT_ONCE) -> int:
    """Free the units whose time to pay is over, in the open transaction."""
    due = Claim.objects.select_for_update().filter(state=ClaimState.HELD, expires_at__lte=now).order_by("pk")[:most]
    lapsed = list(due)
    if not lapsed:
        return 0
    outcomes = ledger.apply([Expire(name_expiry(_name_hold(one)), _name_hold(one)) for one in lapsed], now)
    for outcome in outcomes:
        if outcome.verdict is not Verdict.ALREADY_EXPIRED:  # the ledger's own sweep may have been first
            outcome.require()
    _free(lapsed, ClaimState.EXPIRED)
    return len(lapsed)


def pay_claim(token: str, reference: str, now: datetime) -> Claim:
    """Sell a held unit, once. A payment that comes after the hold's time is kept as one to give back.

    Told again under the same reference, nothing changes. Raises NotFound for a claim that is not there.
    """
    with transaction.atomic():
        claim = Claim.objects.select_for_update().select_related("drop").filter(token=token).first()
        if claim is None:
            raise NotFound(
                Words("没有这个认领。", "There is no such claim."), mend=Words("请检查编号。", "Check its token.")
            )
        if claim.state == ClaimState.SOLD and claim.payment in list_forms([reference]):
            return claim
        if claim.state == ClaimState.HELD:
            hold = _name_hold(claim)
            (judged,) = use_ledger().apply([Settle(f"{hold}:paid", hold)], now)
            if judged.verdict is Verdict.DONE:
                Claim.objects.filter(pk=claim.pk).update(state=ClaimState.SOLD, payment=reference)
                claim.state, claim.payment = ClaimState.SOLD, reference
                add_event(_tell_event(claim.drop, claim, Verb.ORDER, now), now)
                return claim
        LatePayment.objects.get_or_create(
            reference=reference,
            defaults={
                "claim": claim,
                "amount_minor": claim.drop.price_minor,
                "currency": claim.drop.currency,
                "came_at": now,
            },
        )
    logger.info("a payment for the claim %s came too late and is to be given back", claim.pk)
    return claim


def return_claim(token: str, now: datetime) -> Claim:
    """Take a sold unit back after a refund, once: it is free again under its serial. Raises WrongState."""
    with transaction.atomic():
        claim = Claim.objects.select_for_update().select_related("drop").filter(token=token).first()
        if claim is None or claim.state not in {ClaimState.SOLD, ClaimState.RETURNED}:
            raise WrongState(
                Words("这件没有卖出。", "This unit is not sold."), mend=Words("请检查编号。", "Check its token.")
            )
        if claim.state == ClaimState.SOLD:
            hold = _name_hold(claim)
            use_ledger().require([Reverse(f"{hold}:returned", f"{hold}:paid")], now)
            _free([claim], ClaimState.RETURNED)
            add_event(_tell_event(claim.drop, claim, Verb.REFUND, now), now)
    return claim


def serve_waiting(drop: Drop, now: datetime, most: int = AT_ONCE) -> int:
    """Give free units to those who wait, in their order; return how many got one. Safe to repeat."""
    with transaction.atomic():
        Drop.objects.select_for_update().get(pk=drop.pk)
        waiting = list(
            Entrant.objects.filter(drop=drop, is_served=False, rank__isnull=False).order_by("rank", "pk")[:most]
        )
        asks = [Ask(one.person, one.market) for one in waiting]
        answers = _Counter(drop, now, use_ledger()).answer(asks)
        served = [one.pk for one, told in zip(waiting, answers, strict=True) if told.serial]
        Entrant.objects.filter(pk__in=served).update(is_served=True)
    return len(served)


def _enter(drop: Drop, asks: Sequence[Ask], now: datetime) -> list[Answer]:
    held = _find_standing(drop, {ask.person for ask in asks})
    rows = Entrant.objects.filter(drop=drop, person__in=[ask.person for ask in asks])
    known = set(rows.values_list("person", flat=True))
    fresh = {ask.person: ask for ask in asks if ask.person not in known}
    # ranks come with the draw, and later ones with the sweep that serves them
    Entrant.objects.bulk_create(
        [
            Entrant(
                drop=drop,
                person=ask.person,
                market=ask.market,
                entered_at=now,
                consent=ask.consent,
                language=ask.language,
            )
            for ask in fresh.values()
        ],
        batch_size=AT_ONCE // 3,
    )
    return [_tell(held[ask.person][0]) if ask.person in held else Answer(Answered.ENTERED) for ask in asks]


def _find_early(drop: Drop, now: datetime) -> Answer | None:
    if drop.state != DropState.RELEASED:
        return Answer(Answered.CLOSED)
    if drop.closes_at is not None and now >= drop.closes_at:
        return Answer(Answered.CLOSED)
    # a waiting room and a lottery are entered before the opening second; units are given after it
    if now < drop.opens_at and drop.entry == EntryMode.FIRST_COME:
        return Answer(Answered.NOT_OPEN, opens_at=drop.opens_at)
    return None


def _find_standing(drop: Drop, persons: set[str]) -> dict[str, list[Claim]]:
    names, found = sorted(persons), dict[str, list[Claim]]()
    for start in range(0, len(names), AT_ONCE):
        rows = Claim.objects.filter(drop=drop, person__in=names[start : start + AT_ONCE], state__in=STANDING)
        for row in rows.order_by("pk"):
            found.setdefault(row.person, []).append(row)
    return found


def _free(claims: list[Claim], state: str) -> None:
    Claim.objects.filter(pk__in=[one.pk for one in claims]).update(state=state)
    for one in claims:
        one.state = state
    FreeUnit.objects.bulk_create(
        [FreeUnit(drop_id=one.drop_id, serial=one.serial) for one in claims], batch_size=AT_ONCE
    )


def _name_hold(claim: Claim) -> str:
    return DropAccounts(claim.drop_id).name(f"claim-{claim.token}")


def _tell(claim: Claim) -> Answer:
    state = Answered.SOLD if claim.state == ClaimState.SOLD else Answered.HELD
    return Answer(state, claim.serial, claim.token, claim.expires_at)


def _tell_event(drop: Drop, claim: Claim, verb: Verb, now: datetime) -> Event:
    is_money = verb in {Verb.ORDER, Verb.REFUND}
    return Event(
        id=make_event_id(CONSOLE, f"drop_{verb}", drop.code, claim.token),
        type=str(verb),
        time=now,
        received=now,
        source=CONSOLE,
        market=claim.market or None,
        actor=claim.person,
        object=f"drop:{drop.code}:{claim.serial}",
        campaign=drop.campaign or None,
        value=drop.price_minor if is_money else None,
        currency=drop.currency if is_money else None,
        props=dump_json({"drop": drop.code, "serial": claim.serial}),
    )
