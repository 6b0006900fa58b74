"""How the ledger's pages write amounts, kinds and ids."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.http import urlencode

from canyu.kit.words import Words
from canyu.ledger import Account, Breach, Flaw, Side, Step, TransferRow, tell_moment
from canyu.ops.ledger.rules import KIND_WORDS, SIDE_WORDS, format_amount, list_effects

register = template.Library()
ACCOUNT_FLAWS = {Flaw.WRONG_SUM, Flaw.BELOW_LIMIT, Flaw.WRONG_HELD}


@register.filter
def amount(value: int, unit: str) -> str:
    """Return an amount as people write it."""
    return format_amount(value, unit)


@register.filter
def kind(row: TransferRow) -> Words:
    """Return what a row is called."""
    return KIND_WORDS[row.kind]


@register.filter
def limit(account: Account) -> Words:
    """Return the limit of an account in words."""
    return SIDE_WORDS[account.side]


@register.filter
def effects(row: TransferRow) -> tuple[tuple[Words, int], ...]:
    """Return what a row moved, held and freed."""
    return list_effects(row)


@register.filter
def moment(microseconds: int | None) -> datetime | None:
    """Return a kept time."""
    return None if microseconds is None else tell_moment(microseconds)


@register.filter
def balance_after(step: Step) -> int:
    """Return the balance of the account after one row, on the side of its limit."""
    after = step.after
    return after.debits - after.credits if after.side is Side.DEBIT else after.credits - after.debits


@register.filter
def held_after(step: Step) -> int:
    """Return what was held against the account after one row."""
    return step.after.credits_held if step.after.side is Side.DEBIT else step.after.debits_held


@register.filter
def ledger_id(name: str) -> str:
    """Return the parameter of the page of one account or row."""
    return urlencode({"id": name})


@register.filter
def names_account(breach: Breach) -> bool:
    """Say whether a finding is about an account that has a page."""
    return breach.flaw in ACCOUNT_FLAWS
