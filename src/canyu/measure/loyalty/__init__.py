"""Loyalty: who buys again, how often, and what that will be worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.measure.loyalty.buying import BgBb, BgNbd, ParetoNbd
    from canyu.measure.loyalty.customers import Customers
    from canyu.measure.loyalty.fitting import Fit, follow
    from canyu.measure.loyalty.loyalty import CohortCell, Loyalty, LoyaltyQuery, Repurchase, measure_loyalty
    from canyu.measure.loyalty.spending import GammaGamma, Horizon, estimate_value

__all__ = [
    "BgBb",
    "BgNbd",
    "CohortCell",
    "Customers",
    "Fit",
    "GammaGamma",
    "Horizon",
    "Loyalty",
    "LoyaltyQuery",
    "ParetoNbd",
    "Repurchase",
    "estimate_value",
    "follow",
    "measure_loyalty",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.measure.loyalty.buying": "BgBb BgNbd ParetoNbd",
        "canyu.measure.loyalty.customers": "Customers",
        "canyu.measure.loyalty.fitting": "Fit follow",
        "canyu.measure.loyalty.loyalty": "CohortCell Loyalty LoyaltyQuery Repurchase measure_loyalty",
        "canyu.measure.loyalty.spending": "GammaGamma Horizon estimate_value",
    },
)
