"""Where somebody stands who waits for a unit, and when their page looks again; pure, no database."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from canyu.kit.words import Words

SOONEST_S, LATEST_S = 3, 30
PEOPLE_A_SECOND = 400
"""So many are served in one sweep, of which there is one a second: nobody before that can be next."""


class Stage(StrEnum):
    """How far somebody is."""

    EARLY = "early"
    JOINING = "joining"
    WAITING = "waiting"
    TURN = "turn"
    LAPSED = "lapsed"
    OVER = "over"


STAGE_WORDS: dict[str, Words] = {
    Stage.EARLY: Words(
        "你已在候场室。开抢时随机排出次序，早到晚到一样。",
        "You are in the waiting room. At the opening time places are drawn: who came early is no better off.",
    ),
    Stage.JOINING: Words("正在给你排位。", "You are being given a place."),
    Stage.WAITING: Words("轮到你时，本页会自己打开。", "When it is your turn this page opens by itself."),
    Stage.LAPSED: Words(
        "轮到过你，付款时限已过，那一件给了后面的人。",
        "It was your turn, the time to pay is over, and the unit went to the next.",
    ),
    Stage.OVER: Words("已经没有了，活动结束。", "None is left, and it is over."),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands: how many are before them (None until places are drawn), and the units that may come.

    ``entered``: all who have entered, themselves included. ``held`` units are being paid; what nobody pays comes back.
    """

    stage: Stage
    entered: int
    before: int | None = None
    free: int = 0
    held: int = 0


def choose_wait_s(place: Place, opens_in_s: float, spread: int) -> int | None:
    """Return after how many seconds the page looks again, None where nothing changes any more.

    The further back, the longer; ``spread`` is any number of the person's own, so that not all come at once. Nobody
    waits past the opening second, since the draw is then.

    >>> choose_wait_s(Place(Stage.WAITING, 90, before=3), 0, 7), choose_wait_s(Place(Stage.OVER, 90), 0, 7)
    (4, None)
    >>> choose_wait_s(Place(Stage.WAITING, 90_000, before=80_000), 0, 7)
    31
    >>> choose_wait_s(Place(Stage.EARLY, 90), 5.2, 1), choose_wait_s(Place(Stage.EARLY, 90), 3_600, 1)
    (7, 31)
    """
    if place.stage in {Stage.LAPSED, Stage.OVER, Stage.TURN}:
        return None
    if place.stage is Stage.EARLY:
        least = min(int(opens_in_s) + 1, LATEST_S)
    else:
        least = min(max(SOONEST_S, (place.before or 0) // PEOPLE_A_SECOND), LATEST_S)
    return max(least, 1) + spread % 3
