"""The money of waves: how a budget is divided among hours, and what is left of it later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.selection.happening import Happened
from canyu.spread.selection.timing import Timing

SLACK = 1e-9  # by which shares may sum to more than 1: 0.1 and 0.2 and 0.7 do


@dataclass(frozen=True, slots=True)
class Wave:
    """When a wave begins, in hours from the start of the plan, and its part: a ``share`` of the budget or an amount."""

    hour_h: float
    share: float | None = None
    amount: int | None = None


def divide_budget(budget: int, waves: Sequence[Wave], timing: Timing | None) -> list[int]:
    """Return what may be spent up to the end of each wave; raises BadInput where waves cannot be so.

    Shares that sum to 1 leave nothing over: they are added before they are rounded down.

    >>> divide_budget(1001, [Wave(0.0, share=0.6), Wave(24.0, share=0.4)], None)
    [600, 1001]
    """
    if not waves:
        raise BadInput(Words("没有一波投放。", "there are no waves."), mend=Words("至少给一波。", "Give one at least."))
    parts, shares, amounts, before = list[int](), 0.0, 0, -1.0
    for wave in waves:
        if not before < wave.hour_h < float("inf") or wave.hour_h < 0.0:
            raise BadInput(
                Words(
                    f"第 {wave.hour_h:g} 小时的一波不在上一波之后。", f"the wave at hour {wave.hour_h:g} is not later."
                ),
                mend=Words("各波的小时从 0 起，依次变大。", "Hours of waves rise, from 0 up."),
            )
        if timing is not None and wave.hour_h > timing.deadline_h:
            raise BadInput(
                Words(
                    f"第 {wave.hour_h:g} 小时的一波晚于截止时间 {timing.deadline_h:g}。",
                    f"the wave at hour {wave.hour_h:g} is after the deadline of {timing.deadline_h:g}.",
                ),
                mend=Words("请提前这一波，或推迟截止时间。", "Set it earlier, or the deadline later."),
            )
        share, amount = wave.share, wave.amount
        if (share is None) == (amount is None) or not 0.0 <= (share or 0.0) <= 1.0 or (amount or 0) < 0:
            raise BadInput(
                Words(f"第 {wave.hour_h:g} 小时的一波没有份额。", f"the wave at hour {wave.hour_h:g} has no part."),
                mend=Words("给 0 到 1 的份额，或一个金额。", "Give a share from 0 to 1, or an amount: one of them."),
            )
        before, shares, amounts = wave.hour_h, shares + (share or 0.0), amounts + (amount or 0)
        parts.append(int((shares + SLACK) * budget) + amounts)
    if parts[-1] > budget or shares > 1.0 + SLACK:
        raise BadInput(
            Words(f"各波共 {parts[-1]:,}，超过预算 {budget:,}。", f"the waves are {parts[-1]:,} of {budget:,}."),
            mend=Words("请减少份额，或提高预算。", "Lower their parts, or raise the budget."),
        )
    return parts


def leave_past(waves: Sequence[Wave], parts: list[int], happened: Happened) -> tuple[list[Wave], list[int]]:
    """Return the waves that are left and what may yet be spent up to the end of each; raises BadInput for none."""
    left = [(wave, part - happened.spent) for wave, part in zip(waves, parts, strict=True)]
    left = [(wave, max(part, 0)) for wave, part in left if wave.hour_h >= happened.now_h]
    if not left:
        raise BadInput(
            Words(f"第 {happened.now_h:g} 小时之后没有剩下的投放。", f"no wave is left after hour {happened.now_h:g}."),
            mend=Words("请给出更晚的一波。", "Give a later one."),
        )
    if happened.spent > parts[-1]:
        raise BadInput(
            Words(f"已花 {happened.spent:,}，超过 {parts[-1]:,}。", f"{happened.spent:,} of {parts[-1]:,} are spent."),
            mend=Words("请提高预算。", "Raise the budget."),
        )
    return [wave for wave, _ in left], [part for _, part in left]


def check_first_wave(asked: int, part: int, wave: Wave) -> None:
    """Raise BadInput where those who must be in cost more than the first wave has."""
    if asked > part:
        raise BadInput(
            Words(
                f"必选账号共 {asked:,}，第 {wave.hour_h:g} 小时的一波只有 {part:,}。",
                f"the accounts that must be in cost {asked:,}, the wave at hour {wave.hour_h:g} has {part:,}.",
            ),
            mend=Words("必选账号都在第一波；请提高它的份额。", "They are in the first wave: raise its part."),
        )
