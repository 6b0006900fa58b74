"""The leaning of English texts from the roles of their words."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import OFFSETS, compile_kernel, read_only

NEGATOR, BOOSTER, QUESTION = 1, 2, 3
LEXICON_WEIGHTS = {-2: 10, -1: 11, 1: 12, 2: 13}  # strength to role
FIRST_ROLE = 10
REACH = 4  # words within which a negator turns what follows
BOOST, TURN = 1.4, -0.75  # "not bad" is less than "good", "very bad" more than "bad"
LAST_BONUS = 0.5  # what comes last is what is meant: "looks good but it doesn't last"


@compile_kernel(types.float64(types.int64))
def get_strength(role: int) -> float:
    """Return the strength of a lexicon word's role, 0 for other roles."""
    if role < FIRST_ROLE:
        return 0.0
    if role <= FIRST_ROLE + 1:
        return role - 12.0
    return role - 11.0


@compile_kernel(types.float64[:, ::1](read_only(types.int64), OFFSETS))
def sum_words(roles: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return lean (positive above zero) and minus strength per text, float64, shape (texts, 2).

    A question weakens what it asks about; a lone negation leans a little to the negative.
    """
    found = np.zeros((starts.size - 1, 2))
    for text in range(starts.size - 1):
        lean = strength = last = 0.0
        negated, boosted, asks = -REACH - 1, -2, False
        turned = 0
        for at in range(starts[text], starts[text + 1]):
            role = roles[at]
            place = at - starts[text]
            if role == NEGATOR:
                negated = place
                turned += 1
            elif role == BOOSTER:
                boosted = place
            elif role == QUESTION:
                asks = True
            value = get_strength(role)
            if value != 0.0:
                if boosted == place - 1:
                    value *= BOOST
                if place - negated <= REACH:
                    value *= TURN
                    turned = 0
                lean += value
                strength += abs(value)
                last = value
        lean += LAST_BONUS * last - 0.5 * min(turned, 2)
        strength += 0.5 * min(turned, 2)
        found[text, 0] = lean
        found[text, 1] = -(strength * 0.5 if asks else strength)
    return found
