"""How often people buy again: BG/NBD, Pareto/NBD (any moment) and BG/BB (once a period), by their likelihoods.

All take parameters as one array in the order of ``NAMES``, so that a draw of uncertain ones goes the same way.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from canyu.measure.loyalty.customers import Customers
from canyu.measure.loyalty.fitting import Fit, fit

Floats = NDArray[np.float64]
USUAL = 10.0  # a customer is known for about so long in the scaled time


class Buying(Protocol):
    """A model of repeat buying."""

    name: str

    def fit(self, customers: Customers) -> Fit:
        """Return the likeliest parameters."""
        ...

    def expect_more(self, values: Floats, customers: Customers, time: float) -> Floats:
        """Return how many more purchases each customer makes within ``time`` from now."""
        ...

    def find_alive(self, values: Floats, customers: Customers) -> Floats:
        """Return the probability that each customer still buys at all."""
        ...


class BgNbd:
    """Beta-geometric / NBD: customers drop out right after a purchase.

    Source: P. Fader, B. Hardie, K. L. Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24,
    275-284.
    """

    name = "bg_nbd"
    NAMES = ("r", "alpha", "a", "b")

    def fit(self, customers: Customers) -> Fit:
        """Return r, alpha (in the unit of time), a and b."""
        scaled, unit = scale_time(customers)

        def sum_up(values: Floats) -> float:
            return float(scaled.weights @ self._log_likelihood(values, scaled))

        return fit(sum_up, self.NAMES, np.array([1.0, unit, 1.0, 1.0]))

    def expect(self, values: Floats, time: ArrayLike) -> Floats:
        """Return how many repeat purchases a new customer makes within ``time``."""
        from scipy.special import hyp2f1

        r, alpha, a, b = _avoid_one(values, 2)
        z = np.asarray(time, np.float64)
        left = (alpha / (alpha + z)) ** r * hyp2f1(r, b, a + b - 1, z / (alpha + z))
        return np.asarray((a + b - 1) / (a - 1) * (1 - left), np.float64)

    def expect_more(self, values: Floats, customers: Customers, time: float) -> Floats:
        """Return how many more purchases each customer makes within ``time`` from now (equation 10)."""
        from scipy.special import hyp2f1

        r, alpha, a, b = _avoid_one(values, 2)
        x, known = customers.repeats, customers.known
        shape = hyp2f1(r + x, b + x, a + b + x - 1, time / (alpha + known + time))
        left = ((alpha + known) / (alpha + known + time)) ** (r + x) * shape
        found = (a + b + x - 1) / (a - 1) * (1 - left) * self.find_alive(values, customers)
        return np.asarray(found, np.float64)

    def find_alive(self, values: Floats, customers: Customers) -> Floats:
        """Return the probability of still being a customer; it is 1 where nothing was bought again."""
        r, alpha, a, b = values
        x = customers.repeats
        odds = np.log(a / np.maximum(b + x - 1, 1e-12)) + (r + x) * np.log(
            (alpha + customers.known) / (alpha + customers.last)
        )
        return np.where(x > 0, 1 / (1 + np.exp(np.minimum(odds, 700))), 1.0)

    def find_count_probability(self, values: Floats, count: int, time: float) -> float:
        """Return the probability that a new customer buys again just ``count`` times within ``time`` (equation 8)."""
        from scipy.special import betaln, gammaln

        r, alpha, a, b = values
        j = np.arange(count + 1)
        terms = np.exp(gammaln(r + j) - gammaln(r) - gammaln(j + 1) + j * np.log(time / (alpha + time)))
        stay = (alpha / (alpha + time)) ** r
        found = np.exp(betaln(a, b + count) - betaln(a, b)) * stay * terms[count]
        if count > 0:
            left = np.exp(betaln(a + 1, b + count - 1) - betaln(a, b))
            found += left * (1 - stay * terms[:count].sum())
        return float(found)

    def _log_likelihood(self, values: Floats, customers: Customers) -> Floats:
        from scipy.special import betaln, gammaln

        r, alpha, a, b = values
        x, last, known = customers.repeats, customers.last, customers.known
        bought = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        stayed = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + known)
        again = np.maximum(x, 1)  # nothing bought again: nobody can have left
        gone = betaln(a + 1, b + again - 1) - betaln(a, b) - (r + x) * np.log(alpha + last)
        return np.asarray(bought + np.logaddexp(stayed, np.where(x > 0, gone, -np.inf)), np.float64)


class ParetoNbd:
    """Pareto / NBD: customers drop out at any moment.

    Source: D. Schmittlein, D. Morrison, R. Colombo (1987), Management Science 33, 1-24, in the form of P. Fader and
    B. Hardie (2005), A Note on Deriving the Pareto/NBD Model; the hypergeometric function after Euler's transformation,
    so that its terms are all positive.
    """

    name = "pareto_nbd"
    NAMES = ("r", "alpha", "s", "beta")

    def fit(self, customers: Customers) -> Fit:
        """Return r, alpha, s and beta (alpha and beta in the unit of time)."""
        scaled, unit = scale_time(customers)

        def sum_up(values: Floats) -> float:
            return float(scaled.weights @ self._log_likelihood(values, scaled))

        return fit(sum_up, self.NAMES, np.array([1.0, unit, 1.0, unit]))

    def expect(self, values: Floats, time: ArrayLike) -> Floats:
        """Return how many repeat purchases a new customer makes within ``time``."""
        r, alpha, s, beta = values
        return np.asarray(r * beta / alpha * _grow(s, beta, np.asarray(time, np.float64)), np.float64)

    def expect_more(self, values: Floats, customers: Customers, time: float) -> Floats:
        """Return how many more purchases each customer makes within ``time`` from now."""
        r, alpha, s, beta = values
        known = customers.known
        rate = (r + customers.repeats) * (beta + known) / (alpha + known)
        return np.asarray(rate * _grow(s, beta + known, time) * self.find_alive(values, customers), np.float64)

    def find_alive(self, values: Floats, customers: Customers) -> Floats:
        """Return the probability of still being a customer."""
        stayed, gone = self._log_parts(values, customers)
        return np.asarray(1 / (1 + np.exp(np.minimum(gone - stayed, 700))), np.float64)

    def _log_likelihood(self, values: Floats, customers: Customers) -> Floats:
        from scipy.special import gammaln

        r, alpha, s, beta = values
        bought = gammaln(r + customers.repeats) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        return np.asarray(bought + np.logaddexp(*self._log_parts(values, customers)), np.float64)

    def _log_parts(self, values: Floats, customers: Customers) -> tuple[Floats, Floats]:
        """Return the logarithms of the two ways it can have been: still a customer now, or gone since the last time."""
        r, alpha, s, beta = values
        x, known = customers.repeats, customers.known
        stayed = -(r + x) * np.log(alpha + known) - s * np.log(beta + known)
        until_last, until_now = (self._log_left(values, x, time) for time in (customers.last, known))
        shrunk = np.minimum(until_now - until_last, -1e-15)
        return stayed, np.log(s / (r + s + x)) + until_last + np.log(-np.expm1(shrunk))

    def _log_left(self, values: Floats, x: Floats, time: Floats) -> Floats:
        from scipy.special import hyp2f1

        r, alpha, s, beta = values
        if alpha >= beta:
            shape = hyp2f1(1.0, r + x, r + s + x + 1, (alpha - beta) / (alpha + time))
            return np.asarray(np.log(shape) - (r + x) * np.log(alpha + time) - s * np.log(beta + time), np.float64)
        shape = hyp2f1(1.0, s + 1, r + s + x + 1, (beta - alpha) / (beta + time))
        powers = (s + 1) * np.log(beta + time) + (r + x - 1) * np.log(alpha + time)
        return np.asarray(np.log(shape) - powers, np.float64)


class BgBb:
    """Beta-geometric / beta-binomial: one chance to buy in each period, such as a yearly donation.

    ``known`` counts the chances so far, ``last`` the one last taken. Source: P. Fader, B. Hardie, J. Shang (2010),
    Customer-Base Analysis in a Discrete-Time Noncontractual Setting, Marketing Science 29, 1086-1108.
    """

    name = "bg_bb"
    NAMES = ("alpha", "beta", "gamma", "delta")

    def fit(self, customers: Customers) -> Fit:
        """Return alpha and beta (of buying), gamma and delta (of leaving)."""

        def sum_up(values: Floats) -> float:
            return float(customers.weights @ self._log_likelihood(values, customers))

        return fit(sum_up, self.NAMES, np.ones(4))

    def expect(self, values: Floats, time: ArrayLike) -> Floats:
        """Return how many of the first ``time`` chances a new customer takes (equation 8)."""
        from scipy.special import gammaln

        alpha, beta, gamma, delta = _avoid_one(values, 2)
        n = np.asarray(time, np.float64)
        left = np.exp(gammaln(gamma + delta) - gammaln(gamma + delta + n) + gammaln(1 + delta + n) - gammaln(1 + delta))
        return np.asarray(alpha / (alpha + beta) * delta / (gamma - 1) * (1 - left), np.float64)

    def expect_more(self, values: Floats, customers: Customers, time: float) -> Floats:
        """Return how many of the next ``time`` chances each customer takes (equation 13)."""
        from scipy.special import betaln, gammaln

        alpha, beta, gamma, delta = _avoid_one(values, 2)
        x, n = customers.repeats, customers.known
        bought = betaln(alpha + x + 1, beta + n - x) - betaln(alpha, beta) - self._log_likelihood(values, customers)
        ends = [np.exp(gammaln(1 + delta + m) - gammaln(gamma + delta + m) + bought) for m in (n, n + time)]
        stayed = np.exp(gammaln(gamma + delta) - gammaln(1 + delta))
        return np.asarray(delta / (gamma - 1) * stayed * (ends[0] - ends[1]), np.float64)

    def find_alive(self, values: Floats, customers: Customers) -> Floats:
        """Return the probability of being there at the next chance (equation 11)."""
        from scipy.special import betaln

        alpha, beta, gamma, delta = values
        x, n = customers.repeats, customers.known
        bought = betaln(alpha + x, beta + n - x) - betaln(alpha, beta)
        stayed = betaln(gamma, delta + n + 1) - betaln(gamma, delta)
        return np.asarray(np.exp(bought + stayed - self._log_likelihood(values, customers)), np.float64)

    def _log_likelihood(self, values: Floats, customers: Customers) -> Floats:
        from scipy.special import betaln

        alpha, beta, gamma, delta = values
        x, last, n = customers.repeats, customers.last, customers.known
        whole = betaln(alpha, beta) + betaln(gamma, delta)
        found = betaln(alpha + x, beta + n - x) + betaln(gamma, delta + n)
        for i in range(int((n - last).max(initial=0))):
            is_open = i < n - last
            missed = np.where(is_open, last - x + i, 1.0)
            term = betaln(alpha + x, beta + missed) + betaln(gamma + 1, delta + last + i)
            found = np.logaddexp(found, np.where(is_open, term, -np.inf))
        return np.asarray(found - whole, np.float64)


def scale_time(customers: Customers) -> tuple[Customers, float]:
    """Return the customers in a time in which they are known for about ten, and how long one of it is."""
    unit = float(np.average(customers.known, weights=customers.weights)) / USUAL
    return Customers(customers.repeats, customers.last / unit, customers.known / unit, customers.weights), unit


def _grow(s: float, beta: ArrayLike, time: ArrayLike) -> Floats:
    """Return (1 - (beta / (beta + time)) ** (s - 1)) / (s - 1), and its limit where s is 1."""
    grown = np.log1p(np.asarray(time) / np.asarray(beta))
    return np.asarray(grown if abs(s - 1) < 1e-9 else -np.expm1(-(s - 1) * grown) / (s - 1), np.float64)


def _avoid_one(values: Floats, place: int) -> Floats:
    """Return the parameters with the one at ``place`` a hair away from 1, where the formula is 0 by 0."""
    if abs(values[place] - 1) > 1e-7:
        return values
    moved = values.copy()
    moved[place] = 1 + 1e-7
    return moved
