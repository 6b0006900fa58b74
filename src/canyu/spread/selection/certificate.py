"""What a sample proves of a set of seeds: bounds after Tang, Tang, Xiao and Yuan (SIGMOD 2018).

docs/spread/selection.md has the proof, with its union bound over the rounds.
"""

from __future__ import annotations

from math import exp, log, pi, sqrt


def bound_below(hits: int, samples: int, chance: float) -> float:
    """Return what the true share of sets that the seeds hit is at least, but for ``chance``.

    ``hits`` of ``samples`` sets drawn independently of the seeds. A martingale bound (Tang et al. 2015, lemma 2).
    """
    if samples == 0:
        return 0.0
    a = log(1.0 / chance)
    root = sqrt(hits + 2.0 * a / 9.0) - sqrt(a / 2.0)
    return max((root * root if root > 0.0 else 0.0) - a / 18.0, 0.0) / samples


def bound_above(hits: int, samples: int, chance: float) -> float:
    """Return what the true share of sets that a fixed choice hits is at most, but for ``chance``; at most 1.

    ``hits``: at least as many as that choice hits among ``samples`` independent sets.
    """
    if samples == 0:
        return 1.0
    a = log(1.0 / chance)
    return float(min((sqrt(hits + a / 2.0) + sqrt(a / 2.0)) ** 2 / samples, 1.0))


def share_chance(delta: float, number: int, parts: int) -> float:
    """Return the part of ``delta`` that one bound of round ``number``, from 1, may fail with.

    Rounds get 6 / (pi squared times number squared) of it, which sums to 1 over any number of rounds; each round's
    share is divided by the bounds that it uses.
    """
    return delta * 6.0 / (pi * pi * number * number) / parts


GREEDY = 1.0 - exp(-1.0)
"""The least share of the optimum that the greedy rule reaches (Nemhauser, Wolsey and Fisher 1978)."""
