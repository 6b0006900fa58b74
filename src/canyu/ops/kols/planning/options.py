"""What is asked of a plan beside whom to take: in which waves, from what happened, and against which rumour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")
Ends = tuple[float, float, float]
"""A value with the ends of its 95 % interval."""
LOOSE = 0.5
"""Below this a guarantee says little about the choice, and much about how few of the sets drawn held anybody."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What happened by ``now_h``, in hours from the first post: who posted, whom it reached, what it cost.

    ``posted``: actors and hours. ``reached``: who reposted, and when. ``is_again``: whoever posted may post once more.
    """

    now_h: float
    posted: tuple[tuple[str, float], ...]
    reached: tuple[tuple[str, float], ...]
    spent: int
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class WavesAsked:
    """When waves begin, in hours from the start, what all may cost in minor units, and what happened before."""

    hours_h: tuple[float, ...]
    budget: int
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class WaveFound:
    """One wave: what it may cost and costs, who posts, by key, and what that adds as a share of the audience."""

    hour_h: float
    budget: int
    cost: int
    keys: tuple[int, ...]
    adds: Ends


@dataclass(frozen=True, slots=True)
class WavesFound:
    """A plan in waves: what it reaches in all, as a share of the audience, and how good it is at least."""

    waves: tuple[WaveFound, ...]
    reach: Ends
    so_far: tuple[Ends, ...]
    """What the waves up to each reach, counted on the same sets."""
    ratio: float
    delta: float
    samples: tuple[int, int]
    seconds: float


@dataclass(frozen=True, slots=True)
class RumourAsked:
    """Who spreads it and for how many hours, hours until we speak, what is counted, and what it may cost."""

    carriers: tuple[tuple[str, float], ...]
    delay_h: float
    is_first: bool
    budget: int


@dataclass(frozen=True, slots=True)
class RumourFound:
    """Whom to set against a rumour, by key in order; everything else as a share of the audience.

    ``saved``: people who would have heard it and hear from us first, or all who hear from us first; ``most``: what
    nobody could do better than. ``alone``: whom it reaches without us, ``against``: in spite of us. ``delta``: of both
    bounds together, however many choices were made.
    """

    keys: tuple[int, ...]
    saved: Ends
    least: float
    most: float
    ratio: float
    alone: float
    against: float
    delta: float
    samples: tuple[int, int]
    seconds: float

    @property
    def is_loose(self) -> bool:
        """Whether the guarantee is too low to tell a good choice from a bad one."""
        return self.ratio < LOOSE
