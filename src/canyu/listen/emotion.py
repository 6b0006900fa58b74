"""Six feelings of a Chinese text, with probabilities, and which one to name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EMOTIONS = ("happy", "angry", "sad", "fear", "surprise", "neutral")
REFERENCE = EMOTIONS.index("neutral")  # the others are told against it: it needs no weights of its own


def choose_emotions(probabilities: NDArray[np.float32], shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the number of the emotion to name per text: the likeliest once rare ones are helped, int64, shape (n,).

    ``probabilities``: shape (n, 6). ``shares``: how common each was in training, shape (6,). Each probability is
    divided by the root of its share: half way between the most answers right (no help) and every emotion counting
    alike (full help). For shares of a period add up probabilities instead.

    >>> choose_emotions(np.array([[0.5, 0, 0, 0.4, 0, 0.1]], np.float32), np.array([0.4, 0.2, 0.1, 0.05, 0.05, 0.2]))
    array([3])
    """
    return np.asarray((probabilities / np.sqrt(shares)).argmax(axis=1))
