"""One door to every design: the answer by its kind, and beside it the same study where nothing had been done yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime

from canyu.events import Lake
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.estimate import Estimate, tell_missing
from canyu.measure.lift.answer import Lift
from canyu.measure.lift.before_after import estimate_before_after
from canyu.measure.lift.cells import limit
from canyu.measure.lift.design import KINDS, LiftDesign, LiftKind, check_design
from canyu.measure.lift.did import estimate_did, shift_starts
from canyu.measure.lift.event_study import estimate_event, find_shift
from canyu.measure.lift.panel import Panel, Time
from canyu.measure.lift.panel_lake import read_panel
from canyu.measure.lift.power import MarketChoice, MarketQuestion, choose_markets
from canyu.measure.lift.synthetic import estimate_synthetic
from canyu.measure.lift.synthetic_did import estimate_synthetic_did

METHODS: dict[LiftKind, Callable[[Panel, LiftDesign], Lift]] = {
    LiftKind.DID: estimate_did,
    LiftKind.SYNTHETIC_CONTROL: estimate_synthetic,
    LiftKind.SYNTHETIC_DID: estimate_synthetic_did,
    LiftKind.GEO_LIFT: estimate_synthetic,
    LiftKind.BEFORE_AFTER: estimate_before_after,
    LiftKind.EVENT_STUDY: estimate_event,
}
TOO_EARLY = Words(
    "开始之前的数据不够再做一次假设的开始。", "There is not enough before the start to pretend an earlier one."
)
FOUND_NOTHING_DONE = Words(
    "时间安慰剂：在什么都没做的时段也得出“效果”，该方法对这组数据不可靠。",
    "Placebo in time: the method finds an effect where nothing was done; do not trust it on these data.",
)


def compute_lift(panel: Panel, design: LiftDesign) -> Lift:
    """Return the answer to a design, with its placebos in time and in space.

    Where something cannot be known the estimates say why and hold no number. Raises BadInput where the design
    contradicts itself or names what the panel does not have.

    >>> rows = [(f"u{n}", float(t), float(n + t + (n == 0 and t >= 6))) for n in range(9) for t in range(9)]
    >>> from canyu.measure.lift.panel import make_panel
    >>> study = LiftDesign(LiftKind.DID, {"u0": 6.0}, untouched="no one was told of it")
    >>> round(compute_lift(make_panel(rows), study).effect.value, 9)
    1.0
    """
    check_design(design)
    answer = METHODS[design.kind](panel, design)
    if answer.effect.value is None:
        return answer
    placebo = _place_in_time(panel, design)
    is_found = placebo.low is not None and placebo.high is not None and not placebo.low <= 0 <= placebo.high
    notes = (*answer.notes, FOUND_NOTHING_DONE) if is_found else answer.notes
    return replace(answer, in_time=placebo, notes=notes)


def read_study(lake: Lake, design: LiftDesign, versions: Mapping[str, int] | None = None) -> Panel:
    """Return what a design counts in a lake, now or at ``versions``. Raises BadInput where it does not say what."""
    if design.outcome is None or design.first is None or design.end is None:
        raise BadInput(
            Words("读数据湖需要 outcome、first 与 end。", "To read a lake the design needs outcome, first and end."),
            mend=Words("请补到设计文件里。", "Add them to the design."),
        )
    return read_panel(lake, design.outcome, _find_day(design.first), _find_day(design.end), versions)


def choose_for_design(panel: Panel, design: LiftDesign, length: int) -> tuple[MarketChoice, ...]:
    """Return markets for a study of so many periods, of about as many as the design treats, best first.

    Only what lies before the start is read. Raises BadInput where that is too short.
    """
    whole = limit(panel, design)
    place = whole.find_place(design.start)
    past = replace(whole, times=whole.times[:place], values=whole.values[:, :place])
    sizes = tuple(range(max(1, len(design.treated) - 1), len(design.treated) + 3))
    return choose_markets(past, MarketQuestion(length, sizes))


def _find_day(time: Time) -> date:
    if isinstance(time, datetime):
        return time.date()
    if isinstance(time, date):
        return time
    raise BadInput(
        Words(f"数据湖的时间不能写成 {time}。", f"A lake's time cannot be {time}."),
        mend=Words("请写日期。", "Write a day."),
    )


def _place_in_time(panel: Panel, design: LiftDesign) -> Estimate:
    """Return the effect that the method finds before anything was done."""
    part = limit(panel, design)
    start = part.find_place(design.start)
    back = _find_back(part, design, start)
    if back < 1 or back >= start:
        return tell_missing(TOO_EARLY, KINDS[design.kind])
    if design.kind is LiftKind.DID:
        shifted = shift_starts(part, design, back)
        if shifted is None:
            return tell_missing(TOO_EARLY, KINDS[design.kind])
        return estimate_did(*shifted).effect
    after = len(part.times) - start
    stop = min(start, start - back + after)
    pretended = dict.fromkeys(design.treated, part.times[start - back])
    earlier = replace(design, treated=pretended, first=None, end=part.times[stop - 1], gaps=())
    return METHODS[design.kind](part, earlier).effect


def _find_back(part: Panel, design: LiftDesign, start: int) -> int:
    """Return how many periods earlier the placebo starts: as stated, else as long as the study, a third of the past."""
    if design.placebo is not None:
        return start - part.find_place(design.placebo)
    after = len(part.times) - start
    if design.kind is LiftKind.EVENT_STUDY:
        return find_shift(part, design, after)
    return max(1, min(after, start // 3))
