"""The only place that writes goodwill offers; the offer itself is one of the offers' room, with its caps in the ledger.

It is kept there as a draft. Somebody else releases it, and makes its codes, as with every other offer.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from canyu.care.crisis.goodwill_text import check_offer_words
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.ops.crisis.actions import lock_run
from canyu.ops.crisis.response.models import Goodwill, GoodwillKind
from canyu.ops.offers import actions as offers
from canyu.ops.offers.actions import OfferDraft
from canyu.ops.people.models import Person

logger = logging.getLogger("canyu.crisis")


@dataclass(frozen=True, slots=True)
class GoodwillDraft:
    """A goodwill offer as somebody wants it. Who gets it follows from what they bought and when, and nothing else."""

    kind: GoodwillKind
    name: Words
    words: Words
    product: str
    bought: tuple[date, date]
    cap: int
    valid_days: int
    currency: str = "CNY"
    amount_minor: int = 0
    months: int = 0
    service: str = ""


@transaction.atomic
def create_goodwill(viewer: Person, run_id: int, draft: GoodwillDraft, now: datetime) -> Goodwill:
    """Keep a goodwill offer and its draft in the room of offers. Raises NotFound, and BadInput for its words."""
    check_offer_words(*draft.name, *draft.words)
    run = lock_run(run_id)
    if not run.is_open:
        raise BadInput(
            Words("这次危机已经结束。", "This run is closed."),
            mend=Words("请先重新打开。", "Open it again first."),
        )
    number = Goodwill.objects.filter(run=run).count() + 1
    offer = offers.save_offer(
        viewer,
        OfferDraft(
            key=f"goodwill-r{run.pk}-{number}",
            name_zh=draft.name.zh,
            name_en=draft.name.en,
            rules=_make_rules(draft),
            currency=draft.currency,
            campaign=f"crisis-{run.pk}",
            budget_minor=draft.cap * draft.amount_minor or None,
            uses=draft.cap,
            valid_days=draft.valid_days,
            keeps_on_refund=False,
        ),
        now,
    )
    kept = Goodwill.objects.create(
        run=run,
        offer=offer,
        kind=draft.kind,
        months=draft.months,
        product=draft.product,
        bought_from=draft.bought[0],
        bought_until=draft.bought[1],
        words_zh=draft.words.zh,
        words_en=draft.words.en,
        made_by=viewer.username,
        made_at=now,
    )
    logger.info("%s wrote the goodwill offer %s of the run %s", viewer.username, kept.pk, run.pk)
    return kept


def _make_rules(draft: GoodwillDraft) -> dict[str, Any]:
    if draft.kind is GoodwillKind.VOUCHER:
        effect: dict[str, Any] = {"amount_minor": draft.amount_minor, "on": "goods"}
    else:
        effect = {"percent": "100", "on": "goods", "products": [draft.service], "units": 1}
    return {"kind": "voucher", "effect": effect, "conditions": {}, "stacks": "always", "unused": "forfeit"}
