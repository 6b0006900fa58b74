"""One number made of another so that nothing of it can be told: for hash tables and for random numbers by place."""

from __future__ import annotations

import numpy as np
from numba import types

from canyu.kit.compiled import compile_kernel


@compile_kernel(types.uint64(types.uint64))
def mix(value: np.uint64) -> np.uint64:
    """Return the splitmix64 finaliser of ``value``: every bit in depends on every bit out."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
