"""The only place that changes offers and their codes: written by one person, released by another."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from canyu.events import Event, Verb, make_event_id
from canyu.events.suppression import find_erased_actors
from canyu.kit.jsonio import dump_json
from canyu.ledger import Transfer
from canyu.ops.kols.models import join_list, split_list
from canyu.ops.lakes import get_lake
from canyu.ops.ledger.actions import use_ledger
from canyu.ops.offers import codes, queries
from canyu.ops.offers.accounts import OfferAccounts
from canyu.ops.offers.errors import OfferUnusable, SecondPersonNeeded, WrongState
from canyu.ops.offers.models import (
    Code,
    CodeKind,
    CodeState,
    Offer,
    OfferState,
    PartRefund,
    Redemption,
    RedemptionState,
)
from canyu.ops.offers.quoting import Kind, parse_offer
from canyu.ops.order_names import hide, is_hidden, list_forms, make_nameless
from canyu.ops.outbox.actions import add_event
from canyu.ops.outbox.rules import CONSOLE
from canyu.ops.people.models import Person

MOST_CODES = 200_000
AT_ONCE = 2_000
SHORTEST_CODE = 4
logger = logging.getLogger("canyu.offers")


@dataclass(frozen=True, slots=True)
class OfferDraft:
    """An offer as somebody wants it; ``rules`` as a file for ``canyu quote`` has it, without limits."""

    key: str
    name_zh: str
    name_en: str
    rules: dict[str, Any]
    currency: str = "CNY"
    campaign: str = ""
    budget_minor: int | None = None
    uses: int | None = None
    person_uses: int | None = None
    triggers: tuple[str, ...] = ()
    valid_days: int | None = None
    keeps_on_refund: bool = False


def save_offer(viewer: Person, draft: OfferDraft, now: datetime, offer_id: int | None = None) -> Offer:
    """Keep an offer as a draft, a new one or one that is still a draft. Raises OfferUnusable or WrongState."""
    rules = dump_json({**draft.rules, "id": draft.key})
    parsed = parse_offer(rules)
    if parsed.kind is Kind.ENTITLEMENT and not draft.triggers:
        raise OfferUnusable(
            _("An entitlement needs the products that bring it about."), mend=_("Name what has to be bought.")
        )
    fields = {
        "name_zh": draft.name_zh,
        "name_en": draft.name_en,
        "campaign": draft.campaign,
        "kind": parsed.kind.value,
        "rules": rules,
        "currency": draft.currency,
        "budget_minor": draft.budget_minor,
        "uses": draft.uses,
        "person_uses": draft.person_uses,
        "triggers": join_list(list(draft.triggers)),
        "valid_days": draft.valid_days,
        "keeps_on_refund": draft.keeps_on_refund,
        "made_by": viewer.username,
        "made_at": now,
    }
    with transaction.atomic():
        if offer_id is None:
            if Offer.objects.filter(key=draft.key).exists():
                raise OfferUnusable(_("There is an offer of this name already."), mend=_("Choose another short name."))
            return Offer.objects.create(key=draft.key, **fields)
        _need_state(_lock(viewer, offer_id), OfferState.DRAFT)
        Offer.objects.filter(pk=offer_id).update(**fields)
    return queries.get_offer(viewer, offer_id)


def release_offer(viewer: Person, offer_id: int, now: datetime) -> Offer:
    """Release a draft, by somebody else than who wrote it; its budget and uses go into the ledger with it.

    Raises WrongState where it is no draft, SecondPersonNeeded for the same person.
    """
    with transaction.atomic():
        offer = _lock(viewer, offer_id)
        _need_state(offer, OfferState.DRAFT)
        if offer.made_by == viewer.username:
            raise SecondPersonNeeded(
                _("Who wrote an offer does not release it."), mend=_("Ask a second person to look at it.")
            )
        accounts = OfferAccounts(offer.pk, offer.currency)
        use_ledger().require(accounts.open(offer.budget_minor, offer.uses), now)
        Offer.objects.filter(pk=offer.pk).update(
            state=OfferState.RELEASED, released_by=viewer.username, released_at=now
        )
    logger.info("%s released the offer %s", viewer.username, offer.key)
    return queries.get_offer(viewer, offer_id)


def close_offer(viewer: Person, offer_id: int) -> Offer:
    """Close a released offer: it is used no more, orders that used it stay. Raises WrongState."""
    with transaction.atomic():
        _need_state(_lock(viewer, offer_id), OfferState.RELEASED)
        Offer.objects.filter(pk=offer_id).update(state=OfferState.CLOSED, closed_by=viewer.username)
    logger.info("%s closed the offer %s", viewer.username, offer_id)
    return queries.get_offer(viewer, offer_id)


def add_campaign_code(viewer: Person, offer_id: int, text: str, now: datetime) -> Code:
    """Give an offer a code that everybody may enter. Raises OfferUnusable where it is too short or taken."""
    offer = queries.get_offer(viewer, offer_id)
    _need_code_kind(offer)
    if len(codes.clean_code(text)) < SHORTEST_CODE:
        raise OfferUnusable(
            _("A code has four letters or digits at least."), mend=_("Choose a longer one; capitals do not matter.")
        )
    fields = {"offer": offer, "kind": CodeKind.CAMPAIGN, "made_by": viewer.username, "made_at": now}
    try:
        with transaction.atomic():
            return Code.objects.create(digest=codes.digest_code(settings.SECRET_KEY, text), **fields)
    except IntegrityError:
        raise OfferUnusable(_("This code is taken."), mend=_("Choose another.")) from None


def make_personal_codes(viewer: Person, offer_id: int, number: int, now: datetime, persons: Sequence[str] = ()) -> str:
    """Make single-use codes that cannot be guessed, for these persons or for whoever holds one; return the batch."""
    offer = queries.get_offer(viewer, offer_id)
    _need_code_kind(offer)
    number = len(persons) or number
    if not 1 <= number <= MOST_CODES:
        raise OfferUnusable(
            _("So many codes cannot be made at once."), mend=_("Ask for 1 to %(most)s.") % {"most": f"{MOST_CODES:,}"}
        )
    batch = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    expires = None if offer.valid_days is None else now + timedelta(days=offer.valid_days)
    with transaction.atomic():
        for start in range(0, number, AT_ONCE):
            serials = range(start + 1, min(number, start + AT_ONCE) + 1)
            Code.objects.bulk_create(
                Code(
                    offer=offer,
                    digest=codes.digest_code(
                        settings.SECRET_KEY, codes.make_code(settings.SECRET_KEY, offer.key, batch, str(serial))
                    ),
                    kind=CodeKind.PERSONAL,
                    batch=batch,
                    serial=serial,
                    person=persons[serial - 1] if persons else "",
                    uses=_count_uses(offer),
                    expires_at=expires,
                    made_by=viewer.username,
                    made_at=now,
                )
                for serial in serials
            )
    logger.info("%s made %s codes of the offer %s", viewer.username, number, offer.key)
    return batch


def issue_entitlements(order: str, person: str, products: Sequence[str], now: datetime) -> list[tuple[Code, str]]:
    """Give the person of an order what it entitles to; return the rows with the codes. Safe to repeat for an order."""
    bought, issued = set(products), []
    for offer in Offer.objects.filter(state=OfferState.RELEASED, kind=Kind.ENTITLEMENT.value).order_by("pk"):
        if not bought & set(split_list(offer.triggers)):
            continue
        text = codes.make_code(settings.SECRET_KEY, offer.key, "order", order)
        expires = None if offer.valid_days is None else now + timedelta(days=offer.valid_days)
        fields = {
            "digest": codes.digest_code(settings.SECRET_KEY, text),
            "kind": CodeKind.ENTITLEMENT,
            "person": person,
            "uses": _count_uses(offer),
            "expires_at": expires,
            "made_by": CONSOLE,
            "made_at": now,
        }
        with transaction.atomic():
            known = Code.objects.filter(offer=offer, order__in=list_forms([order])).first()
            # two at once: the second one waits, and gets the first one's
            code, is_new = (
                (known, False) if known else Code.objects.get_or_create(offer=offer, order=order, defaults=fields)
            )
            if is_new:
                add_event(_tell_issue(code, order, now), now)
        issued.append((code, text))
    return issued


def undo_entitlements(order: str, now: datetime) -> list[Code]:
    """Take back what an order entitled to: the code is void, and what it took off already is claimed back, once.

    Safe to repeat: a refund that comes three times claims back once. Returns the codes that the order brought about.
    """
    with transaction.atomic():
        rows = list(Code.objects.select_for_update().select_related("offer").filter(order__in=list_forms([order])))
        rows.sort(key=lambda code: code.pk)
        for code in rows:
            if code.state == CodeState.ACTIVE:
                _undo_code(code, now)
    return rows


def return_clawback(code: Code, now: datetime) -> None:
    """Lift the claim on a code by what of its own use was given back too; within the transaction of that."""
    left = queries.sum_used(code)
    if code.clawed_minor <= left:
        return
    claim, accounts = _name_clawback(code), OfferAccounts(code.offer_id, code.offer.currency)
    places = accounts.name("clawback"), accounts.name("owed")
    use_ledger().require(
        [Transfer(f"{claim}:lifted-to-{left}", *places, code.clawed_minor - left, code.offer.currency)], now
    )
    Code.objects.filter(pk=code.pk).update(clawed_minor=left)


def forget_erased() -> int:
    """Drop the ids of people who were erased from the lake; return how many rows lost one. Safe to repeat."""
    erased = _find_erased()
    with transaction.atomic():
        return forget_persons(sorted(erased)) if erased else 0


def list_erased_orders() -> set[str]:
    """Return the orders of people who were erased from the lake and are still named here. Raises NotFound."""
    erased = sorted(_find_erased())
    rows = [model.objects.filter(person__in=erased).values_list("order", flat=True) for model in (Code, Redemption)]
    return {order for part in rows for order in part if order and not is_hidden(order)}


def forget_orders(orders: Collection[str]) -> int:
    """Put keyed hashes, by which a refund finds them, in place of orders' numbers; return how many rows.

    Where no refund can follow any more, a random name. Amounts and states stay.
    """
    names, hidden = sorted(orders), 0
    for start in range(0, len(names), AT_ONCE):
        part = names[start : start + AT_ONCE]
        for code in Code.objects.filter(order__in=part):
            hidden += Code.objects.filter(pk=code.pk).update(order=hide(code.order))
        for row in Redemption.objects.filter(order__in=part):
            is_over = row.state in {RedemptionState.REVERSED, RedemptionState.RELEASED}
            name = make_nameless() if is_over else hide(row.order)
            hidden += Redemption.objects.filter(pk=row.pk).update(order=name, digest="", answer="{}")
            for refund in row.refunds.all():
                PartRefund.objects.filter(pk=refund.pk).update(refund=hide(refund.refund))
    return hidden


def _find_erased() -> frozenset[str]:
    persons = set(Code.objects.exclude(person="").values_list("person", flat=True).distinct())
    persons |= set(Redemption.objects.exclude(person="").values_list("person", flat=True).distinct())
    return find_erased_actors(get_lake().store, sorted(persons)) if persons else frozenset()


def forget_persons(persons: Sequence[str]) -> int:
    """Drop the ids of erased persons from codes and orders, and the orders' numbers; amounts stay. Safe to repeat."""
    rows = [model.objects.filter(person__in=persons).values_list("order", flat=True) for model in (Code, Redemption)]
    forget_orders({order for part in rows for order in part if order and not is_hidden(order)})
    held = Code.objects.filter(person__in=persons)
    # a code that was one person's becomes nobody's, not everybody's
    forgotten = held.update(person="erased", state=CodeState.VOID, void_reason="erased")
    return forgotten + Redemption.objects.filter(person__in=persons).update(person="", answer="{}")


def _undo_code(code: Code, now: datetime) -> None:
    used = queries.sum_used(code)
    accounts = OfferAccounts(code.offer_id, code.offer.currency)
    if used:
        claim = Transfer(
            _name_clawback(code), accounts.name("owed"), accounts.name("clawback"), used, code.offer.currency
        )
        use_ledger().require([claim], now)
    Code.objects.filter(pk=code.pk).update(state=CodeState.VOID, void_reason="order_undone", clawed_minor=used)
    code.state, code.clawed_minor = CodeState.VOID, used
    if used:
        add_event(_tell_clawback(code, used, now), now)
    logger.info("the code %s is void, its order was undone", code.pk)


def _name_clawback(code: Code) -> str:
    return f"clawback:code-{code.pk}"


def _tell_issue(code: Code, order: str, now: datetime) -> Event:
    return Event(
        id=make_event_id(CONSOLE, "offer_issue", code.offer.key, order),
        type=str(Verb.CLAIM),
        time=now,
        received=now,
        source=CONSOLE,
        actor=code.person or f"order:{order}",
        object=f"offer:{code.offer.key}",
        campaign=code.offer.campaign or None,
        props=dump_json({"order": order, "code": code.pk}),
    )


def _tell_clawback(code: Code, used: int, now: datetime) -> Event:
    return Event(
        id=make_event_id(CONSOLE, "offer_clawback", code.offer.key, code.order),
        type=str(Verb.REFUND),
        time=now,
        received=now,
        source=CONSOLE,
        actor=code.person or f"order:{code.order}",
        object=f"offer:{code.offer.key}",
        campaign=code.offer.campaign or None,
        value=used,
        currency=code.offer.currency,
        props=dump_json({"order": code.order, "code": code.pk, "kind": "clawback"}),
    )


def _count_uses(offer: Offer) -> int | None:
    """Return how often a code of one person may be used: once, or until its worth is gone."""
    return None if parse_offer(offer.rules).unused.value == "keep" else 1


def _need_code_kind(offer: Offer) -> None:
    if offer.kind not in {Kind.CODE.value, Kind.VOUCHER.value}:
        raise OfferUnusable(_("An offer of this kind has no codes."), mend=_("Choose the kind code or voucher for it."))


def _lock(viewer: Person, offer_id: int) -> Offer:
    queries.get_offer(viewer, offer_id)
    return Offer.objects.select_for_update().get(pk=offer_id)


def _need_state(offer: Offer, state: str) -> None:
    if offer.state != state:
        raise WrongState(_("The offer stands elsewhere by now."), mend=_("Open it again."))
