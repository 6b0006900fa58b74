"""What a purchase is worth: the gamma-gamma model of spending, and with a model of buying the value to come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from canyu.kit.words import Words
from canyu.measure.estimate import Estimate
from canyu.measure.intervals import Z95
from canyu.measure.loyalty.buying import Buying
from canyu.measure.loyalty.customers import Customers
from canyu.measure.loyalty.fitting import Fit, fit, follow, follow_drawn

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
    K. L. Lee (2005), RFM and CLV, Journal of Marketing Research 42, 415-430; Fader, Hardie (2013), The Gamma-Gamma
    Model of Monetary Value.
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

    def estimate_worth(self, fitted: Fit, repeats: Floats, means: Floats) -> Estimate:
        """Return the worth of a purchase of the average of these customers, with its interval."""
        return follow_drawn([fitted], lambda values: float(self.expect(values, repeats, means).mean()), (OF_THE_MEAN,))

    def _log_likelihood(self, values: Floats, repeats: Floats, means: Floats) -> Floats:
        from scipy.special import gammaln

        p, q, v = values
        shape = p * repeats
        found = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(v) + (shape - 1) * np.log(means)
        return np.asarray(found + shape * np.log(repeats) - (shape + q) * np.log(repeats * means + v), np.float64)


def estimate_value(
    models: tuple[Buying, GammaGamma], fits: tuple[Fit, Fit], customers: Customers, totals: Floats, horizon: Horizon
) -> Estimate:
    """Return what all customers together will bring: expected purchases of each period, discounted, times their worth.

    ``totals``: the money of the repeat purchases of all customers of each row together. What is uncertain of buying
    comes by the delta method, of spending by draws.
    """

    def list_more(buying: Floats) -> Floats:
        """Return the discounted purchases to come of each row."""
        found, before = np.zeros(len(totals)), np.zeros(len(totals))
        for period in range(1, horizon.periods + 1):
            now = models[0].expect_more(buying, customers, period * horizon.length)
            found += (now - before) / (1 + horizon.rate) ** period
            before = now
        return found

    def list_worth(spending: Floats) -> Floats:
        means = totals / customers.weights / np.maximum(customers.repeats, 1)
        return models[1].expect(spending, customers.repeats, means) * customers.weights

    if not all(each.is_settled for each in fits):
        return follow(fits, lambda *_: 0.0, (OF_THE_MEAN,))
    worth, more = list_worth(np.array(fits[1].values)), list_more(np.array(fits[0].values))
    bought = follow(fits[:1], lambda buying: float(worth @ list_more(buying)), (OF_THE_MEAN,))
    if bought.value is None or bought.high is None:
        return bought
    variance = (np.log(bought.high / bought.value) / Z95) ** 2
    return follow_drawn(fits[1:], lambda spending: float(list_worth(spending) @ more), (OF_THE_MEAN,), variance)
