"""Wilson's interval of a share: an exact formula, the same digits on every machine."""

from __future__ import annotations

from math import sqrt

Z95 = 1.959963984540054  # the 97.5th percentile of the normal distribution


def compute_share_interval(part: int, whole: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share, in [0, 1]; the whole range where nothing was counted.

    Source: E. B. Wilson (1927), JASA 22, 209-212.

    >>> [round(bound, 4) for bound in compute_share_interval(15, 148)]
    [0.0624, 0.1605]
    """
    if whole == 0:
        return 0.0, 1.0
    share = part / whole
    z2 = Z95 * Z95
    centre = (share + z2 / (2 * whole)) / (1 + z2 / whole)
    half = Z95 / (1 + z2 / whole) * sqrt(share * (1 - share) / whole + z2 / (4 * whole * whole))
    return max(0.0, centre - half), min(1.0, centre + half)
