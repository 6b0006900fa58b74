"""Wilson's interval, also for numbers of trials that are not whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Z_95 = 1.959963984540054
Real = NDArray[np.float64]


def compute_wilson(shares: Real, trials: Real) -> tuple[Real, Real]:
    """Return the 95 % ends of shares seen in so many trials, both (n,) (Wilson, JASA 22, 1927); 0 and 1 without any.

    >>> [round(float(end[0]), 3) for end in compute_wilson(np.array([0.9]), np.array([100.0]))]
    [0.826, 0.945]
    """
    part = Z_95**2 / np.maximum(trials, 1e-9)
    middle = (shares + part / 2) / (1 + part)
    half = np.sqrt(shares * (1 - shares) * part + part**2 / 4) / (1 + part)
    return np.clip(middle - half, 0.0, shares), np.clip(middle + half, shares, 1.0)
