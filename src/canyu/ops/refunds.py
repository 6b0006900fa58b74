"""How much of an order is given back, and what stays of an amount that follows it; pure, whole minor units."""

from __future__ import annotations


def add_refund(whole_minor: int | None, refunded_minor: int, minor: int | None) -> int:
    """Return what is given back of an order in all after one more refund, never more than the whole where it is known.

    A refund without an amount is the rest; one below zero is nothing.

    >>> add_refund(1_000, 300, 200), add_refund(1_000, 900, 200), add_refund(1_000, 300, None), add_refund(None, 0, 5)
    (500, 1000, 1000, 5)
    """
    if minor is None:
        return refunded_minor if whole_minor is None else whole_minor
    given = refunded_minor + max(minor, 0)
    return given if whole_minor is None else min(given, whole_minor)


def share_kept(given_minor: int, whole_minor: int, refunded_minor: int) -> int:
    """Return what stays of an amount that follows an order's, once a part of the order is given back.

    In proportion to what is kept of the order, rounded down: the fraction of a minor unit goes back with the rest.

    >>> share_kept(999, 10_000, 3_333), share_kept(999, 10_000, 10_000), share_kept(999, 10_000, 0)
    (666, 0, 999)
    """
    return given_minor * max(whole_minor - refunded_minor, 0) // whole_minor if whole_minor > 0 else 0
