"""Drops that were released by a second person, and askers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from canyu.ops.offers.drops import actions, queries
from canyu.ops.offers.drops.claiming.actions import claim_together
from canyu.ops.offers.drops.claiming.rules import Answer, Ask
from canyu.ops.offers.drops.models import Claim, Drop
from offer_fixtures import get_person

OPENS = datetime(2026, 6, 18, 2, tzinfo=UTC)
NOW = OPENS + timedelta(seconds=1)


def release_drop(code: str = "su7-gold", units: int = 10, **given: Any) -> Drop:
    draft = actions.DropDraft(code, f"限量 {code}", f"Edition {code}", units, given.pop("opens_at", OPENS), **given)
    drop = actions.save_drop(get_person("writer"), draft, OPENS - timedelta(days=1))
    return actions.release_drop(get_person("reviewer"), drop.pk, OPENS - timedelta(days=1))


def ask(drop: Drop, *persons: str, now: datetime = NOW, market: str = "", key: str = "") -> list[Answer]:
    return claim_together(drop, [Ask(person, market, key) for person in persons], now)


def list_serials(drop: Drop) -> list[int]:
    rows = Claim.objects.filter(drop=drop, state__in=("held", "sold"))
    return sorted(rows.values_list("serial", flat=True))


def count_stand(drop: Drop) -> tuple[int, int, int]:
    stand = queries.count_stand(drop)
    assert stand.is_conserved
    return stand.sold, stand.held, stand.free
