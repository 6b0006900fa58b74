"""What a purchase is worth: the gamma-gamma model of spending, and with a model of buying the value to come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from canyu.kit.words import Words
from canyu.measure.estimate import Estimate
from canyu.measure.loyalty.buying import Buying
from canyu.measure.loyalty.customers import Customers
from canyu.measure.loyalty.fitting import Fit, fit

Floats = NDArray[np.float64]

OF_THE_MEAN = Words(
    "区间只含参数的不确定，不含个人行为的起伏。",
    "The interval is of the expectation: it holds what is uncertain of the parameters, not the chance of each person.",
)


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far ahead value counts: ``periods`` of ``length`` in the model's time, each discounted by ``rate``."""

    periods: int = 12
    length: float = 30.0
    rate: float = 0.0


class GammaGamma:
    """Spending per purchase differs between people and around each person's mean, whatever they buy how often.

    ``repeats``: purchases that were averaged; ``means``: their average value, above 0. Source: P. Fader, B. Hardie,
    K. L. Lee (2005), RFM and CLV, Journal of Marketing Research 42, 415-430; Fader, Hardie (2013), The Gamma-Gamma Model
    of Monetary Value.
    """

    NAMES = ("p", "q", "v")

    def fit(self, repeats: Floats, means: Floats) -> Fit:
        """Return p, q and v (in the unit of money) from those who bought again."""
        unit = float(means.mean())
        scaled = means / unit

        def sum_up(values: Floats) -> float:
            return float(self._log_likelihood(values, repeats, scaled).sum())

        return fit(sum_up, self.NAMES, np.array([1.0, 1.0, unit]))

    def expect(self, values: Floats, repeats: Floats, means: Floats) -> Floats:
        """Return the value of one purchase of each customer; who never bought again is taken for the average one."""
        p, q, v = values
        return np.asarray(p * (v + repeats * means) / (p * repeats + q - 1), np.float64)

    def _log_likelihood(self, values: Floats, repeats: Floats, means: Floats) -> Floats:
        from scipy.special import gammaln

        p, q, v = values
        shape = p * repeats
        found = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(v) + (shape - 1) * np.log(means)
        return np.asarray(found + shape * np.log(repeats) - (shape + q) * np.log(repeats * means + v), np.float64)


def estimate_value(
    model: Buying, bought: Fit, customers: Customers, worth: Floats, horizon: Horizon
) -> Estimate:
    """Return what all customers together will bring: expected purchases of each period times ``worth``, discounted.

    ``worth``: the expected value of one purchase of each row's customer.
    """
    paid = worth * customers.weights
    return bought.estimate(lambda values: _sum_value(model, values, customers, paid, horizon), (OF_THE_MEAN,))


def _sum_value(model: Buying, values: Floats, customers: Customers, paid: Floats, horizon: Horizon) -> float:
    total, before = 0.0, np.zeros(len(paid))
    for period in range(1, horizon.periods + 1):
        now = model.expect_more(values, customers, period * horizon.length)
        total += float(paid @ (now - before)) / (1 + horizon.rate) ** period
        before = now
    return total
