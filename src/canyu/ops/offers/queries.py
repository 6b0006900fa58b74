"""All reads of offers, their codes and what is left of their limits; the viewer comes first where there is one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.kit.jsonio import dump_json
from canyu.ledger import Account, LedgerReader
from canyu.ops.offers import codes
from canyu.ops.offers.accounts import OfferAccounts
from canyu.ops.offers.models import Code, CodeKind, CodeState, Offer, OfferState, Redemption, RedemptionState
from canyu.ops.offers.quoting import Checkout, Kind, Quote, Reason, Request, Unused, parse_offer, quote
from canyu.ops.offers.quoting import Offer as QuotedOffer
from canyu.ops.order_names import list_forms
from canyu.ops.people.models import Person

BY_THEMSELVES = (Kind.PROMOTION.value, Kind.BUNDLE.value)
CODES_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Ready:
    """A quote over the house's own offers, with the rows that stand behind each of them."""

    quote: Quote
    offers: dict[str, Offer]
    """Id in the quote -> offer; a code that nobody knows is in none."""
    codes: dict[str, Code]


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer as the list shows it: what is left of its limits, how often it was used."""

    offer: Offer
    budget_left_minor: int | None
    uses_left: int | None
    spent_minor: int
    used: int
    codes: int


def get_offer(viewer: Person, offer_id: int) -> Offer:  # noqa: ARG001 - reads take the viewer first
    """Return one offer; raises NotFound."""
    found = Offer.objects.filter(pk=offer_id).first()
    if found is None:
        raise NotFound(_("There is no such offer."), mend=_("Open it from the list of offers."))
    return found


def list_offers(viewer: Person, state: str = "") -> list[OfferView]:  # noqa: ARG001 - reads take the viewer first
    """Return the offers, the newest first."""
    rows = Offer.objects.annotate(code_count=Count("codes")).order_by("-pk")
    return [_view(row, row.code_count) for row in (rows.filter(state=state) if state else rows)[:200]]


def get_offer_view(viewer: Person, offer_id: int) -> OfferView:
    """Return one offer with what is left; raises NotFound."""
    offer = get_offer(viewer, offer_id)
    return _view(offer, offer.codes.count())


def list_batches(viewer: Person, offer: Offer) -> list[dict[str, object]]:  # noqa: ARG001 - reads take the viewer first
    """Return the batches of personal codes of an offer: name, codes, void ones, the newest first."""
    rows = offer.codes.filter(kind=CodeKind.PERSONAL).values("batch")
    counted = rows.annotate(codes=Count("pk"), void=Count("pk", filter=Q(state=CodeState.VOID)))
    return [dict(row) for row in counted.order_by("-batch")]


def list_uses(viewer: Person, offer: Offer, most: int = 50) -> list[Redemption]:  # noqa: ARG001 - reads take the viewer first
    """Return the newest orders that used an offer."""
    return list(Redemption.objects.filter(lines__offer=offer).distinct().order_by("-pk")[:most])


def iterate_codes(viewer: Person, offer: Offer, batch: str) -> Iterator[tuple[int, str, str, str]]:  # noqa: ARG001
    """Yield the codes of a batch made anew from the server's key: serial, code, person, state."""
    rows = offer.codes.filter(batch=batch, kind=CodeKind.PERSONAL).order_by("serial")
    for row in rows.iterator(CODES_AT_ONCE):
        yield row.serial, codes.make_code(settings.SECRET_KEY, offer.key, batch, str(row.serial)), row.person, row.state


def find_codes(entered: Iterable[str]) -> dict[str, Code]:
    """Return the rows of codes that people entered, by what they entered."""
    digests = {text: codes.digest_code(settings.SECRET_KEY, text) for text in entered}
    rows = Code.objects.filter(digest__in=set(digests.values())).select_related("offer")
    by_digest = {row.digest: row for row in rows}
    return {text: by_digest[digest] for text, digest in digests.items() if digest in by_digest}


def prepare_quote(checkout: Checkout, now: datetime) -> Ready:
    """Quote a cart with the released offers that come by themselves and the codes that were entered, as of now.

    Nothing is locked: what is left may be gone when the order is redeemed, and then the ledger refuses.
    """
    cart = replace(checkout.cart, at=now)
    reader = _open_reader()
    released = Offer.objects.filter(state=OfferState.RELEASED, kind__in=BY_THEMSELVES, currency=cart.currency)
    rows: dict[str, Offer] = {}
    found: dict[str, Code] = {}
    quoted: list[QuotedOffer] = []
    budgets: dict[str, int] = {}
    for row in released.order_by("pk"):
        rows[row.key] = row
        quoted.append(build_offer(reader, row, None, cart.person))
    known = find_codes(checkout.codes)
    for text in checkout.codes:
        code = known.get(text)
        name = name_use(code.offer, code) if code else tell_unknown(text)
        if code is not None:
            rows[name], found[name] = code.offer, code
            quoted.append(build_offer(reader, code.offer, code, cart.person))
        else:
            quoted.append(replace(UNKNOWN, id=name))
    for row in rows.values():
        left = _find_left(reader, OfferAccounts(row.pk, row.currency).name("budget"))
        if row.budget_minor is not None:
            budgets[row.key] = left or 0
    return Ready(quote(cart, Request(tuple(quoted), checkout.switches, budgets)), rows, found)


def build_offer(reader: LedgerReader, offer: Offer, code: Code | None, person: str) -> QuotedOffer:
    """Return an offer as the quote takes it: its rules, and what the ledger has left of its limits."""
    accounts = OfferAccounts(offer.pk, offer.currency)
    base = parse_offer(offer.rules)
    left = [_find_left(reader, accounts.name("uses"))] if offer.uses is not None else []
    effect, conditions = base.effect, base.conditions
    if code is not None:
        if code.uses is not None:
            unused = _find_left(reader, accounts.name(f"code-{code.pk}"))
            left.append(code.uses if unused is None else unused)
        if base.unused is Unused.KEEP and effect.amount_minor:
            worth = _find_left(reader, accounts.name(f"worth-{code.pk}"))
            effect = replace(effect, amount_minor=effect.amount_minor if worth is None else worth)
        ends = [one for one in (conditions.ends_at, code.expires_at) if one is not None]
        conditions = replace(conditions, ends_at=min(ends, default=None))
        if code.person:
            conditions = replace(conditions, persons=frozenset({code.person}))
    return replace(
        base,
        id=name_use(offer, code),
        currency=offer.currency,
        effect=effect,
        conditions=conditions,
        uses_left=min((one or 0 for one in left), default=None),
        person_uses_left=_find_person_left(reader, offer, person),
        budget=offer.key if offer.budget_minor is not None else "",
        refused=_find_refused(offer, code),
    )


def name_use(offer: Offer, code: Code | None) -> str:
    """Return how a quote calls an offer; two codes of one offer are two."""
    return offer.key if code is None or code.kind == CodeKind.CAMPAIGN else f"{offer.key}#{code.pk}"


def tell_unknown(text: str) -> str:
    """Return how a quote calls a code that nobody knows; what was entered is not repeated in full."""
    return f"?{text[:2]}…{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:6]}"


def find_redemption(order: str) -> Redemption | None:
    """Return what an order used, None where it used nothing."""
    return Redemption.objects.filter(order__in=list_forms([order])).first()


def list_order_codes(order: str) -> list[Code]:
    """Return the codes that an order brought about."""
    return list(Code.objects.filter(order__in=list_forms([order])).select_related("offer").order_by("pk"))


def sum_used(code: Code) -> int:
    """Return what a code took off in orders that stand, less what went back with parts of them."""
    lines = code.lines.filter(redemption__state=RedemptionState.REDEEMED)
    sums = lines.aggregate(used=Sum("discount_minor"), back=Sum("returned_minor"))
    return int(sums["used"] or 0) - int(sums["back"] or 0)


def count_left(offer: Offer) -> OfferView:
    """Return what is left of an offer's limits."""
    return _view(offer, 0)


def _view(offer: Offer, code_count: int) -> OfferView:
    reader, accounts = _open_reader(), OfferAccounts(offer.pk, offer.currency)
    spent, used = (_find_account(reader, accounts.name(name)) for name in ("spent", "used"))
    return OfferView(
        offer,
        None if offer.budget_minor is None else _find_left(reader, accounts.name("budget")) or 0,
        None if offer.uses is None else _find_left(reader, accounts.name("uses")) or 0,
        spent.balance if spent else 0,
        used.balance if used else 0,
        code_count,
    )


def _find_person_left(reader: LedgerReader, offer: Offer, person: str) -> int | None:
    if offer.person_uses is None:
        return None
    if not person:
        return 0  # a limit per person cannot be kept for somebody unknown
    name = codes.name_person(settings.SECRET_KEY, person)
    left = _find_left(reader, OfferAccounts(offer.pk, offer.currency).name(f"person-{name}"))
    return offer.person_uses if left is None else left


def _find_refused(offer: Offer, code: Code | None) -> str:
    if code is not None and code.state == CodeState.VOID:
        return Reason.VOID.value
    if offer.state == OfferState.CLOSED:
        return Reason.EXPIRED.value
    return "" if offer.state == OfferState.RELEASED else Reason.NOT_RELEASED.value


def _open_reader() -> LedgerReader:
    connection.ensure_connection()
    return LedgerReader(connection.connection)


def _find_account(reader: LedgerReader, name: str) -> Account | None:
    try:
        return reader.get_account(name)
    except NotFound:
        return None


def _find_left(reader: LedgerReader, name: str) -> int | None:
    found = _find_account(reader, name)
    return None if found is None else found.free


UNKNOWN = replace(
    parse_offer(dump_json({"id": "unknown", "kind": "code", "effect": {"percent": 1}})), refused=Reason.NOT_FOUND.value
)
"""Stands in a quote for a code that nobody knows."""
