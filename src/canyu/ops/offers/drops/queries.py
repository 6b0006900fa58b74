"""All reads of drops: one by its code, what is sold, held and free, and the file of a draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.ledger import LedgerReader
from canyu.ops.offers.drops.accounts import DropAccounts
from canyu.ops.offers.drops.claiming.rules import Answer, Answered
from canyu.ops.offers.drops.draw import ALGORITHM
from canyu.ops.offers.drops.models import Claim, ClaimState, Drop, DropState, Entrant, FreeUnit, LatePayment
from canyu.ops.people.models import Person


@dataclass(frozen=True, slots=True)
class Stand:
    """Where the units of a drop are, by the ledger and by the rows: the two have to agree, and sum to the units."""

    units: int
    sold: int
    held: int
    free: int
    sold_rows: int
    held_rows: int
    free_rows: int
    late_payments: int
    entrants: int

    @property
    def is_conserved(self) -> bool:
        """Whether units = sold + held + free, and the rows say the same as the ledger."""
        by_ledger, by_rows = (self.sold, self.held, self.free), (self.sold_rows, self.held_rows, self.free_rows)
        return sum(by_ledger) == self.units and by_ledger == by_rows


def get_drop(viewer: Person, drop_id: int) -> Drop:  # noqa: ARG001 - reads take the viewer first
    """Return one drop; raises NotFound."""
    found = Drop.objects.filter(pk=drop_id).first()
    if found is None:
        raise NotFound(_("There is no such drop."), mend=_("Open it from the list of drops."))
    return found


def list_drops(viewer: Person) -> list[tuple[Drop, Stand]]:  # noqa: ARG001 - reads take the viewer first
    """Return the drops, the newest first, each with where its units are."""
    return [(drop, count_stand(drop)) for drop in Drop.objects.order_by("-pk")[:100]]


def find_public(code: str) -> Drop | None:
    """Return a drop that everybody may see, None where there is none."""
    return Drop.objects.filter(code=code, state__in=(DropState.RELEASED, DropState.CLOSED)).first()


def count_stand(drop: Drop) -> Stand:
    """Return where the units of a drop are."""
    connection.ensure_connection()
    reader, accounts = LedgerReader(connection.connection), DropAccounts(drop.pk)
    sold = held = free = 0
    if drop.state != DropState.DRAFT:
        account = reader.get_account(accounts.name("sold"))
        sold, held = account.credits - account.debits, account.credits_held
        pools = [accounts.name("free"), *(accounts.name(f"free:{market}") for market in drop.quotas)]
        free = sum(reader.get_account(pool).free for pool in pools)
    claims = Claim.objects.filter(drop=drop)
    return Stand(
        drop.units,
        sold,
        held,
        free,
        claims.filter(state=ClaimState.SOLD).count(),
        claims.filter(state=ClaimState.HELD).count(),
        FreeUnit.objects.filter(drop=drop).count(),
        LatePayment.objects.filter(claim__drop=drop).count(),
        Entrant.objects.filter(drop=drop).count(),
    )


def find_answer(drop: Drop, person: str) -> Answer | None:
    """Return where a person stands, None for somebody who is not known."""
    claim = Claim.objects.filter(drop=drop, person=person).order_by("-pk").first()
    if claim is not None and claim.state in {ClaimState.HELD, ClaimState.SOLD}:
        return Answer(Answered(claim.state), claim.serial, claim.token, claim.expires_at)
    return Answer(Answered.ENTERED) if Entrant.objects.filter(drop=drop, person=person).exists() else None


def get_certificate(code: str, token: str) -> Claim:
    """Return the sold unit that a certificate is for; raises NotFound."""
    found = Claim.objects.select_related("drop").filter(drop__code=code, token=token, state=ClaimState.SOLD).first()
    if found is None:
        raise NotFound(
            Words("没有这张证书。", "There is no such certificate."),
            mend=Words("付款后用订单里的链接打开。", "Open it from the link in the order, once it is paid."),
        )
    return found


def list_late_payments(viewer: Person, drop: Drop) -> list[LatePayment]:  # noqa: ARG001 - reads take the viewer first
    """Return the payments that are to be given back."""
    return list(LatePayment.objects.filter(claim__drop=drop).order_by("-pk")[:200])


def describe_draw(drop: Drop) -> dict[str, Any]:
    """Return the file that ``canyu draw verify`` recomputes; before the draw, without the seed and the ranking."""
    rows = list(Entrant.objects.filter(drop=drop).order_by("rank", "person"))
    told: dict[str, Any] = {
        "format": 1,
        "algorithm": ALGORITHM,
        "drop": drop.code,
        "commitment": drop.commitment,
        "units": drop.units,
        "quotas": drop.quotas,
    }
    if drop.drawn_at is None:
        return told | {"entrants": len(rows)}
    drawn = [row for row in rows if row.rank is not None and row.rank <= drop.drawn_entrants]
    ranked = [{"id": row.person, "market": row.market} for row in drawn]
    return told | {"seed": drop.seed, "beacon": drop.beacon, "drawn_at": drop.drawn_at.isoformat(), "ranked": ranked}
