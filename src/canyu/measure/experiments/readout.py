"""What an experiment's reading says: who came into it, and each effect with its interval, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from canyu.kit.words import Words
from canyu.measure.estimate import Estimate
from canyu.measure.experiments.experiment import Experiment
from canyu.measure.experiments.planning import Split
from canyu.measure.figure import Proof


class Target(StrEnum):
    """Whose difference an effect is.

    Over clusters with saturation s and 0, y1 and y0 the means of treated and untreated people: direct = y1(s) - y0(s);
    spillover = y0(s) - y(0); total = y1(s) - y(0), their sum; overall = y(s) - y(0), all people of the clusters.
    Source: M. Hudgens, M. E. Halloran (2008), Toward Causal Inference With Interference, JASA 103, 832-842; S. Baird,
    A. Bohren, C. McIntosh, B. Ozler (2018), Review of Economics and Statistics 100, 844-860.
    """

    TOTAL = "total"
    DIRECT = "direct"
    SPILLOVER = "spillover"
    OVERALL = "overall"


TARGETS: dict[Target, Words] = {
    Target.TOTAL: Words("总效应", "total effect"),
    Target.DIRECT: Words("对本人的直接效应", "direct effect on oneself"),
    Target.SPILLOVER: Words("传开的效应", "effect on those told"),
    Target.OVERALL: Words("整群效应", "effect on whole clusters"),
}


@dataclass(frozen=True, slots=True)
class Effect:
    """One outcome of one arm against the control: both rates, difference, relative lift.

    ``p_holm`` is the difference's p-value allowing for all differences of the reading; the intervals are uncorrected.
    """

    outcome: str
    arm: str
    target: Target
    control_rate: float | None
    rate: float | None
    difference: Estimate
    lift: Estimate
    p_holm: float | None = None


@dataclass(frozen=True, slots=True)
class Readout:
    """Everything that one reading of an experiment says, up to ``until``.

    ``left_out``: people (or periods) that count nowhere, by reason; ``icc``: by outcome, where clusters are assigned.
    """

    experiment: Experiment
    until: datetime
    split: Split
    left_out: Mapping[str, int]
    effects: tuple[Effect, ...]
    icc: Mapping[str, float | None]
    proofs: tuple[Proof, ...]
    notes: tuple[Words, ...]
    is_simulated: bool

    def find(self, outcome: str, target: Target = Target.TOTAL, arm: str = "") -> Effect | None:
        """Return the effect of an outcome, of the first arm after the control unless one is named."""
        wanted = arm or self.experiment.arms[1].name
        return next((e for e in self.effects if (e.outcome, e.target, e.arm) == (outcome, target, wanted)), None)


ALONE = Words(
    "按人分配：假定一个人得到什么不影响别人。",
    "People are assigned: it is assumed that what one gets changes nobody else.",
)
DIRECT_ONLY = Words(
    "按人分配、内容可分享：只量出对本人的直接效应；传开来的部分两组都有，被抵消了。",
    "People are assigned and it can be shared: this is the direct effect on oneself only. What is passed on "
    "reaches both arms and cancels.",
)
NOT_BY_PERSON = Words(
    "按人分配无法得出：被分享到的人可能在对照组。请按社群、城市或邀请树分配。",
    "Assigning people cannot tell it: those who are told may be in the control. Assign communities, cities or invite "
    "trees.",
)
NO_REFERRALS = Words(
    "按人分配的实验不能得出“带来的推荐”：推荐是人传人，一组的人会带来另一组的人，差值里少算了它，也可能只是互相挪动。请按"
    "社群、城市或邀请树分配。",
    "Incremental referrals cannot come from assigning people: a referral goes from one person to another, one arm's "
    "people bring the other's, and the difference misses them or counts what only moved. Assign communities, cities or "
    "invite trees.",
)
ONE_STAGE = Words(
    "群内的人全部得到，无法把本人与传开的部分分开；请用两阶段设计（saturation 小于 1）。",
    "Everybody in a treated cluster gets it, so what is direct and what spilled over cannot be told apart: use two "
    "stages (a saturation below 1).",
)
BROKEN_SPLIT = Words(
    "各组的数量与计划不符（千分之一以下的可能）：分配或记录有错，以下效应都不可信。",
    "The arms are not as large as planned (less than one chance in a thousand): assigning or recording is at "
    "fault, and no effect below can be trusted.",
)
GROSS = Words("退款未扣除。", "Refunds are not taken off.")
WITHIN_ONCE = Words(
    "群内比较只能在结束时看一次。", "Within the clusters look once, at the end: no sequence is computed there."
)
