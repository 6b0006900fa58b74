"""From a panel and a design to the arrays a method works on: gaps set aside openly, short histories refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from canyu.kit.words import Words
from canyu.measure.lift.design import ALONE, LiftDesign
from canyu.measure.lift.panel import Array, Panel, Time

MOST_MISSING = 0.1
"""A donor that lacks more of the periods is left out; a period that any remaining unit lacks is."""

NO_TREATED = Words("被处理单元没有可用的数据。", "The treated units have no data that can be used.")
NO_DONORS = Words("没有对照单元，说不出本来会怎样。", "There are no controls, so what would have been cannot be said.")
NO_AFTER = Words("开始之后没有可用的数据。", "There are no data after the start.")
NO_BEFORE = Words("开始之前没有可用的数据。", "There are no data before the start.")
NOT_UNTOUCHED = Words(
    "设计没有说明对照为何未受影响（untouched）；受影响的对照会掩盖或夸大效果。",
    "The design does not say why the donors are untouched; donors that were reached hide or swell the effect.",
)


@dataclass(frozen=True, slots=True)
class Cells:
    """Complete arrays: units by row, times by column; the first ``before`` columns lie before the start."""

    times: tuple[Time, ...]
    places: tuple[int, ...]
    treated: Array
    donors: Array
    donor_names: tuple[str, ...]
    before: int
    notes: tuple[Words, ...]

    @property
    def outcome(self) -> Array:
        """The average of the treated, by time."""
        average: Array = self.treated.mean(axis=0)
        return average

    @property
    def pool(self) -> Array:
        """The donors, a column each."""
        return self.donors.T

    @property
    def after(self) -> int:
        """How many periods lie after the start."""
        return len(self.times) - self.before


def limit(panel: Panel, design: LiftDesign) -> Panel:
    """Return the part of the panel between the design's first time and its end, its gaps not known."""
    hidden = panel.hide(design.gaps) if design.gaps else panel
    first = 0 if design.first is None else panel.find_place(design.first)
    stop = len(panel.times)
    if design.end is not None:
        place = panel.find_place(design.end)
        stop = place + (place < len(panel.times) and panel.times[place] == design.end)
    return Panel(panel.units, panel.times[first:stop], hidden.values[:, first:stop], panel.proof, panel.notes)


def list_donors(panel: Panel, design: LiftDesign) -> tuple[str, ...]:
    """Return the units compared with: those named, or every other one where the kind cannot do without."""
    if design.donors or design.kind in ALONE:
        return design.donors
    return tuple(unit for unit in panel.units if unit not in design.treated)


def arrange(panel: Panel, design: LiftDesign) -> Cells | Words:
    """Return complete arrays for a design with one start, or the reason why there are none."""
    part = limit(panel, design)
    treated = part.values[[panel.find_unit(unit) for unit in design.treated]]
    names = list_donors(panel, design)
    donors = part.values[[panel.find_unit(unit) for unit in names]].reshape(len(names), len(part.times))
    known = np.asarray(~np.isnan(treated).any(axis=0))
    if not known.any():
        return NO_TREATED
    if names and not design.untouched:
        return NOT_UNTOUCHED
    gone = np.isnan(donors[:, known]).mean(axis=1) > MOST_MISSING
    kept = [number for number in range(len(names)) if not gone[number]]
    if not kept and design.kind not in ALONE:
        return NO_DONORS
    columns = np.flatnonzero(known & ~np.isnan(donors[kept]).any(axis=0))
    before = int((columns < part.find_place(design.start)).sum())
    if not before:
        return NO_BEFORE
    if before == len(columns):
        return NO_AFTER
    notes = (*part.notes, *tell_gaps(len(part.times) - len(columns), len(part.times)))
    notes += _tell_gone([name for name, is_gone in zip(names, gone, strict=True) if is_gone])
    times = tuple(part.times[place] for place in columns)
    return Cells(
        times,
        tuple(int(place) for place in columns),
        treated[:, columns],
        donors[kept][:, columns],
        tuple(names[number] for number in kept),
        before,
        notes,
    )


def tell_gaps(count: int, whole: int) -> tuple[Words, ...]:
    """Tell how many periods are not known; nothing where all are."""
    if not count:
        return ()
    return (
        Words(
            f"{whole} 个时段中有 {count} 个缺数据，未计入；总量只含有数据的时段。",
            f"{count} of {whole} periods are not known and left out; the total holds the known ones only.",
        ),
    )


def _tell_gone(names: list[str]) -> tuple[Words, ...]:
    if not names:
        return ()
    listed = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
    return (Words(f"缺数据过多，未作对照：{listed}。", f"Left out as donors, since too much is missing: {listed}."),)
