"""How many impressions it would take to reach so many people: the calculator of the plan page; pure, no database."""

from __future__ import annotations

from dataclasses import dataclass

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.ops.kols.intake.cells import parse_count
from canyu.ops.kols.planning.plain import DEFAULT_PEOPLE
from canyu.ops.kols.planning.schemas import Fault
from canyu.spread.reach import compute_impressions

DEFAULT_UNIQUE = 200e6


@dataclass(frozen=True, slots=True)
class Impressions:
    """The answer for one audience: impressions, and how often a person reached sees one; None where none suffice."""

    audience: float
    impressions: float | None
    times: float | None


@dataclass(frozen=True, slots=True)
class Calculation:
    """What was asked and every answer: for the audience and for its ends."""

    unique: str
    audiences: tuple[str, str, str]
    rows: tuple[Impressions, ...]
    faults: tuple[Fault, ...]


def calculate(unique: str, audiences: tuple[str, str, str]) -> Calculation:
    """Return the impressions that reach ``unique`` people of each audience at random, as typed; empty is the default.

    >>> found = calculate("2亿", ("6亿", "3亿", "10亿"))
    >>> [round((row.impressions or 0) / 1e6, 1) for row in found.rows]
    [243.3, 329.6, 223.1]
    """
    usual = (DEFAULT_PEOPLE.value, DEFAULT_PEOPLE.low, DEFAULT_PEOPLE.high)
    faults: list[Fault] = []

    def read(name: str, text: str, default: float) -> float:
        found = parse_count(text.strip()) if text.strip() else default
        if not found:
            what = Words(f"“{text[:40]}”不是人数。", f"{text[:40]!r} is no number of people.")
            faults.append(Fault(name, what, Words("例如 2亿 或 200000000。", "Write 200,000,000 or 200m.")))
            return default
        return float(found)

    wanted = read("unique", unique, DEFAULT_UNIQUE)
    sizes = [read("audience", text, default) for text, default in zip(audiences, usual, strict=True)]
    typed = (
        (unique or f"{wanted:.0f}"),
        tuple(text or f"{size:.0f}" for text, size in zip(audiences, sizes, strict=True)),
    )
    rows = tuple(_answer(wanted, size) for size in sizes)
    return Calculation(typed[0], (typed[1][0], typed[1][1], typed[1][2]), rows, tuple(faults))


def _answer(unique: float, audience: float) -> Impressions:
    try:
        found = compute_impressions(unique, audience)
    except BadInput:
        return Impressions(audience, None, None)
    return Impressions(audience, found, found / unique)
