"""The only place where an order uses offers: held, redeemed, let go, reversed; each once, whatever is repeated."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from canyu.events import Event, Verb, make_event_id
from canyu.kit.errors import NotFound
from canyu.kit.jsonio import dump_json, parse_json
from canyu.ledger import Expire, LedgerRace, Operation, Reverse, Settle, Transfer, Verdict, Void
from canyu.ledger import Outcome as Judged
from canyu.ledger.operations import name_expiry
from canyu.ops.ledger.actions import use_ledger
from canyu.ops.offers import codes, queries
from canyu.ops.offers.accounts import OfferAccounts, Use, draw_use
from canyu.ops.offers.actions import return_clawback, undo_entitlements
from canyu.ops.offers.errors import OfferRefused, OrderReused, TotalChanged, WrongState
from canyu.ops.offers.models import Code, CodeState, Redemption, RedemptionLine, RedemptionState
from canyu.ops.offers.queries import Ready
from canyu.ops.offers.quoting import Checkout, Outcome, Reason, Step, Unused, describe_quote, parse_offer
from canyu.ops.order_names import is_hidden, list_forms, make_nameless
from canyu.ops.outbox.actions import add_event
from canyu.ops.outbox.rules import CONSOLE

State = RedemptionState
TRIES = 3
EXPIRED = frozenset({Verdict.EXPIRED, Verdict.ALREADY_EXPIRED, Verdict.ALREADY_VOIDED})
LIMIT_REASONS = {
    "money": Reason.BUDGET_EXCEEDED,
    "use": Reason.QUANTITY_EXCEEDED,
    "code": Reason.QUANTITY_EXCEEDED,
    "person": Reason.PERSON_LIMIT,
    "worth": Reason.BUDGET_EXCEEDED,
}
logger = logging.getLogger("canyu.offers")


def redeem(checkout: Checkout, now: datetime) -> dict[str, Any]:
    """Use offers for an order and return the quote that was kept; asked again for the same order, the same answer.

    What was held for the order is settled; a hold whose time is over is tried anew. Raises OrderReused for another
    request under the same order, OfferRefused where the ledger has nothing left, TotalChanged where the total is not
    the one that was shown. A refusal keeps nothing.
    """
    known = queries.find_redemption(checkout.order)
    if known is not None and known.state != State.RELEASED:
        answer = _answer_known(known, checkout)
        return answer if known.state != State.HELD else _settle(known, checkout, now)
    return _keep(checkout, queries.prepare_quote(checkout, now), None, now)


def hold(checkout: Checkout, until: datetime, now: datetime) -> dict[str, Any]:
    """Keep offers for an order until an instant, while it is being paid; nobody else gets them. As ``redeem``."""
    known = queries.find_redemption(checkout.order)
    if known is not None and known.state != State.RELEASED:
        return _answer_known(known, checkout)
    return _keep(checkout, queries.prepare_quote(checkout, now), until, now)


def let_go(order: str, now: datetime) -> None:
    """Give back what was held for an order that is not paid. Safe to repeat. Raises NotFound or WrongState."""
    with transaction.atomic():
        row = _lock(order)
        if row.state == State.RELEASED:
            return
        if row.state != State.HELD:
            raise WrongState(_("The order is not being paid."), mend=_("Give it back with a refund."))
        use_ledger().apply([Void(f"{name}:void", name) for name in _list_transfers(row)], now)
        _move(row, State.RELEASED, now)


def reverse(order: str, now: datetime) -> Redemption | None:
    """Give back what an order used and take back what it entitled to, once, however often the refund is told.

    Offers that keep their use on a refund stay used. Returns the order's row, None where it used nothing.
    """
    undo_entitlements(order, now)
    with transaction.atomic():
        row = find_locked(order)
        if row is None or row.state != State.REDEEMED:
            return row
        for line in row.lines.select_related("offer", "code").order_by("pk"):
            if not line.offer.keeps_on_refund:
                use_ledger().require(_list_back(line), now)
        _move(row, State.REVERSED, now)
        for code in Code.objects.filter(lines__redemption=row, clawed_minor__gt=0).select_related("offer"):
            return_clawback(code, now)
        told = replace(tell_order(row, Verb.REFUND, now), value=row.total_minor - row.refunded_minor)
        add_event(told, now)
        forget_again(row)
    logger.info("the offers of the order %s were given back", row.pk)
    return row


def tell_order(row: Redemption, verb: Verb, now: datetime) -> Event:
    """Return the event of an order, or of its refund, by the id that the same one always has."""
    return Event(
        id=make_event_id(CONSOLE, f"offer_{verb}", row.order, ""),
        type=str(verb),
        time=now,
        received=now,
        source=CONSOLE,
        market=row.market or None,
        actor=row.person or f"order:{row.order}",
        object=f"order:{row.order}",
        value=row.total_minor,
        currency=row.currency,
        props=dump_json({"order": row.order, "discount_minor": row.discount_minor}),
    )


def find_locked(order: str) -> Redemption | None:
    """Return what an order used, locked until the transaction ends; None where it used nothing."""
    return Redemption.objects.select_for_update().filter(order__in=list_forms([order])).first()


def forget_again(row: Redemption) -> None:
    """Drop the hash of an erased person's order that no refund can follow any more."""
    if is_hidden(row.order):
        Redemption.objects.filter(pk=row.pk).update(order=make_nameless())


def move_back(line: RedemptionLine, kept: int) -> list[Operation]:
    """Return what gives a line's money back but for what is kept of it; what is counted in uses stays used.

    By what is kept then, so once: the ledger's row is named by it.
    """
    back = line.discount_minor - line.returned_minor - kept
    accounts = OfferAccounts(line.offer_id, line.offer.currency)
    places = {"money": ("spent", "budget"), "worth": ("worth-used", f"worth-{line.code_id}")}
    moves: list[Operation] = []
    for name in line.transfers if back else ():
        if _say_what(name) in places:
            source, goal = (accounts.name(one) for one in places[_say_what(name)])
            moves.append(Transfer(f"{name}:back-to-{kept}", source, goal, back, accounts.currency))
    return moves


def digest_checkout(checkout: Checkout) -> str:
    """Return what a request is recognised by: all of it but the instant."""
    asked = replace(checkout, cart=replace(checkout.cart, at=datetime(1970, 1, 1, tzinfo=UTC)))
    return hashlib.sha256(repr(asked).encode("utf-8", "surrogatepass")).hexdigest()


def _keep(checkout: Checkout, ready: Ready, until: datetime | None, now: datetime) -> dict[str, Any]:
    """Keep a quote that was made before: only the ledger decides whether its limits still hold."""
    for step in ready.quote.steps:
        if step.outcome is Outcome.REFUSED and step.offer.is_asked:
            raise OfferRefused(step.reason or Reason.VOID, mend=_("Leave this code out and quote again."))
    if ready.quote.is_refused:
        raise OfferRefused(Reason.STOCK_EXCEEDED, mend=_("Change the quantities and quote again."))
    total = ready.quote.total_minor
    if checkout.total_minor is not None and checkout.total_minor != total:
        raise TotalChanged(
            _("The total is no longer the one that was shown."), mend=_("Quote again and show the new total.")
        )
    for _round in range(TRIES):
        try:
            with transaction.atomic():
                return _parse(_write(checkout, ready, until, now))
        except LedgerRace:
            continue
        except IntegrityError:
            # the same order came twice at once: the other one is kept, and its answer is this one's
            known = queries.find_redemption(checkout.order)
            if known is None:
                raise
            return _answer_known(known, checkout)
    raise OfferRefused(Reason.QUANTITY_EXCEEDED, mend=_("Very many ask at once: try again."))


def _write(checkout: Checkout, ready: Ready, until: datetime | None, now: datetime) -> Redemption:
    answer = {"order": checkout.order, **describe_quote(ready.quote)}
    fields = {
        "digest": digest_checkout(checkout),
        "answer": dump_json(answer),
        "state": State.HELD if until else State.REDEEMED,
        "person": ready.quote.cart.person,
        "market": ready.quote.cart.market,
        "currency": ready.quote.cart.currency,
        "total_minor": ready.quote.total_minor,
        "discount_minor": ready.quote.discount_minor,
        "held_until": until,
        "changed_at": now,
    }
    row = Redemption.objects.select_for_update().filter(order=checkout.order, state=State.RELEASED).first()
    if row is None:
        row = Redemption.objects.create(order=checkout.order, made_at=now, **fields)
    else:
        row.lines.all().delete()
        for name, value in (fields | {"attempt": row.attempt + 1}).items():
            setattr(row, name, value)
        row.save()
    for number, step in enumerate(ready.quote.applied, 1):
        _draw(row, ready, step, f"redeem:{row.pk}.{row.attempt}:{number}", now)
    if not until:
        _tell_all(row, now)
    return row


def _draw(row: Redemption, ready: Ready, step: Step, key: str, now: datetime) -> None:
    offer, code = ready.offers[step.offer.id], ready.codes.get(step.offer.id)
    _need_active(code)
    keeps = step.offer.unused is Unused.KEEP and code is not None
    use = Use(
        OfferAccounts(offer.pk, offer.currency),
        step.discount_minor,
        person=codes.name_person(settings.SECRET_KEY, row.person) if row.person else "",
        person_uses=offer.person_uses,
        code=code.pk if code else None,
        code_uses=code.uses if code else None,
        worth_minor=parse_offer(offer.rules).effect.amount_minor if keeps else None,
    )
    first, moves = draw_use(use, key, row.held_until)
    ledger = use_ledger()
    ledger.require(first, now)
    for outcome in ledger.apply(moves, now):
        _need_kept(outcome)
    RedemptionLine.objects.create(
        redemption=row,
        offer=offer,
        code=code,
        discount_minor=step.discount_minor,
        unused_minor=step.unused_minor,
        transfers=[_id_of(move) for move in moves],
    )


def _settle(row: Redemption, checkout: Checkout, now: datetime) -> dict[str, Any]:
    with transaction.atomic():
        row = _lock(row.order)
        if row.state != State.HELD:
            return _answer_known(row, checkout)
        for line in row.lines.select_related("code"):
            _need_active(line.code)
        outcomes = use_ledger().apply([Settle(f"{name}:settle", name) for name in _list_transfers(row)], now)
        if all(outcome.is_kept for outcome in outcomes):
            for line in row.lines.all():
                RedemptionLine.objects.filter(pk=line.pk).update(
                    transfers=[f"{name}:settle" for name in line.transfers]
                )
            _move(row, State.REDEEMED, now)
            _tell_all(row, now)
            return _parse(row)
        if not all(outcome.verdict in EXPIRED for outcome in outcomes if not outcome.is_kept):
            outcomes[0].require()
        use_ledger().apply([Expire(name_expiry(name), name) for name in _list_transfers(row)], now)
        _move(row, State.RELEASED, now)
    # its time is over and the units are free again: it is tried like any other order
    return _keep(checkout, queries.prepare_quote(checkout, now), None, now)


def _need_active(code: Code | None) -> None:
    """Refuse a code that was voided since the quote; nobody voids it until the transaction ends."""
    if code is not None and Code.objects.select_for_update().get(pk=code.pk).state != CodeState.ACTIVE:
        raise OfferRefused(Reason.VOID, mend=_("Leave this code out and quote again."))


def _need_kept(outcome: Judged) -> None:
    if outcome.verdict is Verdict.BEYOND_LIMIT:
        raise OfferRefused(
            LIMIT_REASONS[outcome.id.rpartition(":")[2]], mend=_("Quote again: somebody else was first.")
        )
    outcome.require()


def _answer_known(row: Redemption, checkout: Checkout) -> dict[str, Any]:
    if row.digest != digest_checkout(checkout):
        raise OrderReused(
            _("This order was redeemed with something else in it."), mend=_("Give every order an id of its own.")
        )
    return _parse(row)


def _parse(row: Redemption) -> dict[str, Any]:
    answer: dict[str, Any] = parse_json(row.answer)
    return answer


def _lock(order: str) -> Redemption:
    row = find_locked(order)
    if row is None:
        raise NotFound(_("This order used no offers."), mend=_("Correct the id of the order."))
    return row


def _move(row: Redemption, state: str, now: datetime) -> None:
    Redemption.objects.filter(pk=row.pk).update(state=state, changed_at=now)
    row.state, row.changed_at = state, now


def _list_transfers(row: Redemption) -> list[str]:
    return [name for line in row.lines.order_by("pk") for name in line.transfers]


def _list_back(line: RedemptionLine) -> list[Operation]:
    """Return what reverses a line; of one that went back in part the rest."""
    if not line.returned_minor:
        return [Reverse(f"{name}:reversed", name) for name in line.transfers]
    uses = [name for name in line.transfers if _say_what(name) not in {"money", "worth"}]
    return [*(Reverse(f"{name}:reversed", name) for name in uses), *move_back(line, 0)]


def _say_what(transfer: str) -> str:
    """Return what a row of a line moved: ``use``, ``money``, ``person``, ``code`` or ``worth``."""
    return transfer.removesuffix(":settle").rpartition(":")[2]


def _id_of(operation: Operation) -> str:
    return operation.id


def _tell_all(row: Redemption, now: datetime) -> None:
    add_event(tell_order(row, Verb.ORDER, now), now)
    for line in row.lines.select_related("offer"):
        add_event(_tell_use(row, line, now), now)


def _tell_use(row: Redemption, line: RedemptionLine, now: datetime) -> Event:
    return replace(
        tell_order(row, Verb.REDEEM, now),
        id=make_event_id(CONSOLE, f"offer_{Verb.REDEEM}", row.order, line.offer.key),
        object=f"offer:{line.offer.key}",
        parent=make_event_id(CONSOLE, f"offer_{Verb.ORDER}", row.order, ""),
        campaign=line.offer.campaign or None,
        value=line.discount_minor,
    )
