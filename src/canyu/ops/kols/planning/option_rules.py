"""How an address says in which waves a plan is posted, and which rumour it is set against; pure, no database."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from canyu.kit.words import Words
from canyu.ops.kols.intake.cells import parse_count
from canyu.ops.kols.planning.rules import MOST_HOURS
from canyu.ops.kols.planning.schemas import Fault

MOST_WAVES = 4
MOST_NAMES = 200
MOST_TEXT = 4000
USUAL_GAP_H = 24
Params = Mapping[str, Sequence[str]]
BETWEEN = re.compile(r"[\s,，、;；]+")


@dataclass(frozen=True, slots=True)
class WavesChoice:
    """In how many waves, hours between them, and who: those in the plan, or whom the engine chooses.

    ``start_h``: when the first one left begins, ``until_h``: the last hour that counts, both from the first post, where
    a plan is made anew from what happened; ``is_again``: whoever posted may post once more.
    """

    count: int = 2
    gap_h: int = USUAL_GAP_H
    is_anew: bool = False
    start_h: int | None = None
    until_h: int | None = None
    is_again: bool = False
    faults: tuple[Fault, ...] = ()

    def list_hours(self, first: float = 0.0) -> tuple[float, ...]:
        """Return the hour at which each wave begins."""
        return tuple(first + number * self.gap_h for number in range(self.count))


@dataclass(frozen=True, slots=True)
class RumourChoice:
    """Who spreads it: handles, actors or ids of posts as typed; for how long, and how soon we answer."""

    names: tuple[str, ...] = ()
    age_h: int = 0
    delay_h: int = 0
    is_first: bool = False
    faults: tuple[Fault, ...] = field(default=())


def read_waves(params: Params, last_h: float) -> WavesChoice:
    """Return which waves an address asks for; one that begins after ``last_h`` is a fault."""
    reader = _Numbers(params)
    count = reader.read("waves", 2, 1, MOST_WAVES)
    gap = reader.read("gap", USUAL_GAP_H, 1, MOST_HOURS)
    start = reader.read_open("start", 0, MOST_HOURS)
    until = reader.read_open("until", 1, 2 * MOST_HOURS)
    latest = (start or 0) + (count - 1) * gap
    end = last_h if until is None else float(until)
    if not reader.faults and latest > end:
        reader.faults.append(
            Fault(
                "gap",
                Words(
                    f"最后一波在第 {latest} 小时，晚于第 {end:g} 小时的截止。",
                    f"The last wave begins at hour {latest}, after the deadline of {end:g} hours.",
                ),
                Words("减少波数或间隔，或放宽小时数。", "Take fewer waves or hours between, or more hours in all."),
            )
        )
    is_anew, is_again = _get(params, "over") == "best", _get(params, "again") == "1"
    return WavesChoice(count, gap, is_anew, start, until, is_again, tuple(reader.faults))


def read_rumour(params: Params) -> RumourChoice:
    """Return which rumour an address names."""
    reader = _Numbers(params)
    text = "".join(sign if sign.isprintable() else " " for sign in _get(params, "who"))[:MOST_TEXT]
    names = tuple(dict.fromkeys(name.lstrip("@＠") for name in BETWEEN.split(text) if name.lstrip("@＠")))
    if len(names) > MOST_NAMES:
        reader.faults.append(
            Fault(
                "who",
                Words(f"一次最多 {MOST_NAMES} 个。", f"No more than {MOST_NAMES} at once."),
                Words("写传得最多的那些，或它们转发的原帖。", "Name those who carry it most, or the post they repost."),
            )
        )
    age, delay = reader.read("age", 0, 0, MOST_HOURS), reader.read("delay", 0, 0, MOST_HOURS)
    return RumourChoice(names[:MOST_NAMES], age, delay, _get(params, "count") == "first", tuple(reader.faults))


class _Numbers:
    """Reads whole numbers and notes what cannot be used."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.faults: list[Fault] = []

    def read(self, name: str, usual: int, least: int, most: int) -> int:
        found = self.read_open(name, least, most)
        return usual if found is None else found

    def read_open(self, name: str, least: int, most: int) -> int | None:
        text = _get(self.params, name)
        if not text:
            return None
        found = parse_count(text)
        if found is None or not least <= found <= most:
            shown = text[:40]
            what = Words(f"“{shown}”不能用。", f"{shown!r} cannot be used.")
            mend = Words(f"写 {least} 到 {most} 的整数。", f"Write a whole number from {least} to {most}.")
            self.faults.append(Fault(name, what, mend))
            return None
        return found


def _get(params: Params, name: str) -> str:
    return (params.get(name) or [""])[-1].strip()
