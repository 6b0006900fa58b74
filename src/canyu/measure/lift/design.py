"""The design of a lift study: who was treated when, who was not and why, written before the answer is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.lift.panel import Time
from canyu.measure.lift.panel_lake import Outcome


class LiftKind(StrEnum):
    """How what would have been is estimated."""

    DID = "did"
    SYNTHETIC_CONTROL = "synthetic_control"
    SYNTHETIC_DID = "synthetic_did"
    GEO_LIFT = "geo_lift"
    BEFORE_AFTER = "before_after"
    EVENT_STUDY = "event_study"


KINDS: dict[LiftKind, Words] = {
    LiftKind.DID: Words("双重差分", "Difference in differences"),
    LiftKind.SYNTHETIC_CONTROL: Words("合成控制", "Synthetic control"),
    LiftKind.SYNTHETIC_DID: Words("合成双重差分", "Synthetic difference in differences"),
    LiftKind.GEO_LIFT: Words("地区增量实验", "Geo lift"),
    LiftKind.BEFORE_AFTER: Words("带对照的前后比较", "Before and after with controls"),
    LiftKind.EVENT_STUDY: Words("事件研究", "Event study"),
}
ALONE = frozenset({LiftKind.BEFORE_AFTER, LiftKind.EVENT_STUDY})
"""Kinds that can do without donors: their own past says what would have been."""


@dataclass(frozen=True, slots=True)
class LiftDesign:
    """One study of what something brought.

    ``treated`` gives each treated unit its own first treated time; only ``did`` takes different ones. ``donors`` are
    the units compared with (empty: every other unit), and ``untouched`` says why what was done did not reach them.
    The study runs from ``first`` (empty: all there is) to ``end``, included. ``gaps`` are spans in which the source
    is known to have been down. ``placebo`` is the time at which the placebo in time pretends to start; by default the
    last stretch before the start that is as long as the one after it. ``cycle`` is the number of periods after which
    a season comes round; 0 finds it from the times.
    """

    kind: LiftKind
    treated: Mapping[str, Time]
    id: str = ""
    donors: tuple[str, ...] = ()
    untouched: str = ""
    first: Time | None = None
    end: Time | None = None
    gaps: tuple[tuple[Time, Time], ...] = ()
    placebo: Time | None = None
    cycle: int = 0
    outcome: Outcome | None = None
    name: Words = field(default=Words("", ""))

    @property
    def start(self) -> Time:
        """The first time at which any unit is treated."""
        return min(self.treated.values())


def check_design(design: LiftDesign) -> None:
    """Raise BadInput where the design contradicts itself; what the data lack is told in the answer instead."""
    if not design.treated:
        raise BadInput(
            Words("设计没有写被处理的单元。", "The design names no treated unit."),
            mend=Words("请在 treated 下列出。", "List them under treated."),
        )
    both = sorted(set(design.treated) & set(design.donors))
    if both:
        raise BadInput(
            Words(f"{both[0]!r} 既是被处理单元又是对照。", f"{both[0]!r} is treated and a donor at once."),
            mend=Words("请从 donors 里删去。", "Take it out of the donors."),
        )
    if design.kind is not LiftKind.DID and len(set(design.treated.values())) > 1:
        raise BadInput(
            Words("被处理单元的开始时间不同。", "The treated units start at different times."),
            mend=Words("分批开始请用 kind: did。", "Use kind: did where they start one after another."),
        )
    if design.end is not None and design.end < max(design.treated.values()):  # type: ignore[operator]  # of one kind
        raise BadInput(
            Words("结束早于开始。", "The study ends before it starts."), mend=Words("请检查 end。", "Check its end.")
        )
    if design.cycle < 0:
        raise BadInput(
            Words("cycle 不能为负。", "The cycle cannot be negative."),
            mend=Words("请写 7、24，或 0 由系统判断。", "Write 7, 24, or 0 to have it found."),
        )
