"""What crosses referral's border: somebody joining, an order, a refund, a click; persons are opaque ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from canyu.ops.campaigns.referral.rules import SignalKind


@dataclass(frozen=True, slots=True)
class Joining:
    """One person asking to take part: the codes of the first and the last share that led here, fingerprints, consent.

    ``consent`` is the fingerprint of the text that was agreed to; empty where nothing was.
    """

    slug: str
    person: str
    consent: str
    language: str = "zh-hans"
    first_code: str = ""
    last_code: str = ""
    signals: Mapping[SignalKind, str] = field(default_factory=dict)
    is_disposable: bool = False


@dataclass(frozen=True, slots=True)
class SaleFact:
    """One order: ``event`` is the id of its event where the lake has it already, else one is made.

    ``amount_minor`` is None where the shop does not tell it.
    """

    slug: str
    order: str
    person: str
    amount_minor: int | None
    currency: str
    at: datetime
    signals: Mapping[SignalKind, str] = field(default_factory=dict)
    event: str = ""


@dataclass(frozen=True, slots=True)
class RefundFact:
    """One refund of an order; without an amount it is the whole order."""

    slug: str
    order: str
    refund: str
    amount_minor: int | None
    at: datetime
    event: str = ""


@dataclass(frozen=True, slots=True)
class Click:
    """One opening of a share link; ``visitor`` is a fingerprint that changes every day."""

    slug: str
    code: str
    visitor: str
    is_first_today: bool
