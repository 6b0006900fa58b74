"""How the parent of a repost was found, and how often each way is right."""

from __future__ import annotations

from enum import StrEnum

import numpy as np


class How(StrEnum):
    """Why a repost hangs where it hangs; the order is that of the kernels' codes."""

    STATED = "stated"
    """By the id of its parent."""
    QUOTED = "quoted"
    """The nearest name quoted is of one account, with one earlier repost in the cascade."""
    QUOTED_SEVERAL = "quoted_several"
    """The same with several earlier reposts or accounts: the latest repost of the likeliest account."""
    QUOTED_FURTHER = "quoted_further"
    """The nearest name is not in the cascade, one further down the chain is: an ancestor."""
    ANSWERED = "answered"
    """The text answers one account (``回复@name:``), which has one earlier repost."""
    OWN = "own"
    """The text answers somebody without a single earlier repost: the answerer's own latest repost."""
    ANSWERED_SEVERAL = "answered_several"
    """The text answers an account with several earlier reposts, and the answerer has none: its latest."""
    ROOT = "root"
    """Nothing is stated and nobody quoted."""
    ROOT_UNFOUND = "root_unfound"
    """Nothing is stated, and nobody of those quoted is found: the root stands in."""
    ORPHAN = "orphan"
    """The parent stated is not in the cascade, nor anybody quoted: the root stands in."""
    CUT = "cut"
    """The reposts named each other in a circle, or one itself: the root stands in."""


WAYS = tuple(How)

CONFIDENCE = {
    How.STATED: 1.0,
    How.QUOTED: 0.62,  # 90 of 145 right, with several: too few to tell the two apart (95 % 0.54-0.70)
    How.QUOTED_SEVERAL: 0.62,
    How.QUOTED_FURTHER: 0.31,  # half of a nearest name's: a convention, the public set has none
    How.ANSWERED: 0.65,  # 81 of 124 (0.57-0.73)
    How.OWN: 0.45,  # 2,052 of 4,609 (0.43-0.46)
    How.ANSWERED_SEVERAL: 0.33,  # 7 of 21 (0.17-0.55)
    How.ROOT: 0.61,  # 629,836 of 1,025,708 (0.61-0.62)
    How.ROOT_UNFOUND: 0.69,  # 1,720 of 2,480 (0.68-0.71)
    How.ORPHAN: 0.0,  # the true parent is known not to be there
    How.CUT: 0.0,
}
"""The chance that an edge is right: measured on CED, a fifth of the parents hidden at a time (2026-11-22)."""

CONFIDENCES = np.array([CONFIDENCE[way] for way in WAYS], np.float32)
WEAKNESS = np.argsort(np.argsort(-CONFIDENCES, kind="stable"), kind="stable").astype(np.int8)
"""Per code: the larger, the sooner an edge of that kind is cut from a circle."""
