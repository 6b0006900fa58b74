"""What the pages show of an answer: figures, pictures, tables for files, and how each came to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from canyu.events import Lake
from canyu.kit.words import Words
from canyu.measure import Picture
from canyu.measure.attribution import (
    ANSWERS,
    Attribution,
    Method,
    Reconciliation,
    Referral,
    compute_attribution,
    compute_referral,
    reconcile_survey,
)
from canyu.measure.attribution.pictures import SHORT, draw_credits_picture, list_credits
from canyu.measure.attribution.referral import STATES
from canyu.measure.estimate import Estimate
from canyu.measure.figure import Figure, Proof
from canyu.measure.journeys import Funnel, Retention, compute_funnel, compute_retention
from canyu.measure.journeys.pictures import (
    draw_funnel_picture,
    draw_retention_picture,
    list_cohorts,
    list_groups,
    list_paths,
)
from canyu.measure.journeys.retention import Quantity
from canyu.measure.journeys.top_paths import TopPaths, find_top_paths
from canyu.ops.insight.rules import Bounds
from canyu.ops.studies.asking import (
    Asked,
    CreditQuery,
    read_attribution,
    read_funnel,
    read_journeys,
    read_retention,
)
from canyu.ops.studies.rules import Kind

PEOPLE, CONVERSIONS = Words("人", "people"), Words("笔", "conversions")
PER_CENT, SECONDS = Words("%", "%"), Words("秒", "s")
MOST_GROUPS, MOST_CHANNELS, MOST_SHARERS = 12, 12, 10
TWICE = Words("重复记录，只算一次", "Told twice, counted once")
SAID = Words("买家说听别人讲的", "Buyers who name a person")
ANSWER = Words("这个回答", "This answer")


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as a page shows it. ``tables`` are for files; ``proofs`` say how each part came to be."""

    figures: tuple[Figure, ...]
    main: Picture | None
    proofs: dict[str, tuple[Words, Proof]]
    notes: tuple[Words, ...]
    tables: tuple[Picture, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, Picture]:
        """What can be taken along, by name."""
        return {picture.name: picture for picture in (*([self.main] if self.main else []), *self.tables)}


@dataclass(frozen=True, slots=True)
class Credited:
    """An attribution with what stands beside it."""

    found: Attribution
    referral: Referral
    survey: Reconciliation


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of question: how it is read, computed and shown, and how many rows a second that read at first."""

    read: Callable[[QueryDict, Bounds], Asked]
    compute: Callable[[Lake, Any], Any]
    show: Callable[[Any], Shown]
    rows_per_s: float


def compute_credit(lake: Lake, query: CreditQuery) -> Credited:
    """Return the attribution by all methods, the referral credit of share trees, and what buyers say."""
    asked = query.journeys
    return Credited(
        compute_attribution(lake, asked, model=query.model),
        compute_referral(lake, asked.start, asked.end, zone=asked.zone, market=asked.market),
        reconcile_survey(lake, asked),
    )


def show_funnel(found: Funnel) -> Shown:
    """Show a funnel: who began, who got to the end, how long it took."""
    steps = found.whole.steps
    times = steps[-1].times
    figures = (
        Figure("began", Words("走到第一步", "Took step 1"), steps[0].people, PEOPLE, found.proof),
        _tell_share("took_all", Words("走完全程", "Took all steps"), found.estimate, found.proof),
        Figure(
            "half_life",
            Words("半数人用时不超过", "Half of them within"),
            times.half_s if times else None,
            SECONDS,
            found.proof,
            missing=None if times else Words("没有人走完。", "Nobody took all steps."),
        ),
        Figure("open", Words("窗口未结束", "Window still open"), found.whole.still_open, PEOPLE, found.proof),
    )
    groups = found.groups[:MOST_GROUPS]
    most = max((count for step in steps[-1:] if step.times for _, count in step.times.bars), default=0)
    return Shown(
        figures,
        draw_funnel_picture(found) if steps[0].people else None,
        {"answer": (ANSWER, found.proof)},
        found.notes,
        (list_groups(found),) if found.groups else (),
        {"found": found, "groups": groups, "groups_left": len(found.groups) - len(groups), "most_time": most},
    )


def show_retention(found: Retention) -> Shown:
    """Show retention: the curve, and each week's cohort."""
    is_people = found.query.quantity is Quantity.PEOPLE
    people = sum(cohort.people for cohort in {cohort.monday: cohort for cohort in found.cohorts}.values())
    figures = [Figure("began", Words("新开始的人", "People who began"), people, PEOPLE, found.proof)]
    for week in (1, 4):
        if week < len(found.curve):
            label = Words(f"第 {week} 周", f"Week {week}")
            estimate = found.curve[week]
            if is_people:
                figures.append(_tell_share(f"week{week}", label, estimate, found.proof))
            else:
                figures.append(_tell_amount(f"week{week}", label, estimate, found.proof))
    picture = draw_retention_picture(found)
    return Shown(
        tuple(figures),
        picture if picture.table.num_rows else None,
        {"answer": (ANSWER, found.proof)},
        found.notes,
        (list_cohorts(found),),
        {"found": found, "is_people": is_people, "weeks": range(len(found.curve))},
    )


def show_paths(found: TopPaths) -> Shown:
    """Show the paths of most conversions."""
    figures = (
        Figure("conversions", Words("转化", "Conversions"), found.conversions, CONVERSIONS, found.proof),
        Figure("untouched", Words("之前没有触点", "Without a touch"), found.untouched, CONVERSIONS, found.proof),
        Figure(
            "repeated",
            Words("重复记录，只算一次", "Told twice, counted once"),
            found.repeated,
            CONVERSIONS,
            found.proof,
        ),
    )
    most = max((path.conversions for path in found.paths), default=0)
    return Shown(
        figures,
        None,
        {"answer": (ANSWER, found.proof)},
        found.notes,
        (list_paths(found),),
        {"found": found, "most": most},
    )


def show_credit(found: Credited) -> Shown:
    """Show an attribution: all methods side by side, and the two other sources beside them."""
    credit, referral, survey = found.found, found.referral, found.survey
    figures = (
        Figure("conversions", Words("转化", "Conversions"), credit.conversions, CONVERSIONS, credit.proof),
        Figure("untouched", Words("不归功于任何渠道", "Nobody's credit"), credit.untouched, CONVERSIONS, credit.proof),
        _tell_share("referral", Words("经由他人分享的订单", "Orders through a share"), referral.share, referral.proof),
        _tell_share("survey", SAID, survey.word_of_mouth, survey.proof),
    )
    picture = draw_credits_picture(credit)
    channels = list_credits(credit)
    return Shown(
        figures,
        picture if picture.table.num_rows else None,
        {
            "answer": (Words("各方法的归因", "Credit by method"), credit.proof),
            "referral": (Words("分享带来的订单", "Orders through shares"), referral.proof),
            "survey": (Words("买家怎么说", "What buyers say"), survey.proof),
        },
        tuple(dict.fromkeys((*credit.notes, *referral.notes, *survey.notes))),
        (),
        {
            "found": credit,
            "methods": [(SHORT[credits.method], credits.definition) for credits in credit.methods],
            "channels": channels[:MOST_CHANNELS],
            "channels_left": len(channels[MOST_CHANNELS:]),
            "markov": [one for each in credit.methods if each.method is Method.MARKOV for one in each.channels],
            "referral": referral,
            "states": [(STATES[state], count) for state, count in referral.states.items() if count],
            "sharers": referral.sharers[:MOST_SHARERS],
            "survey": survey,
            "told": [(ANSWERS.get(word) or Words(word, word), one) for word, one in survey.told.items()],
        },
    )


QUESTIONS: dict[Kind, Question] = {
    Kind.FUNNEL: Question(read_funnel, compute_funnel, show_funnel, 3_000_000.0),
    Kind.RETENTION: Question(read_retention, compute_retention, show_retention, 6_000_000.0),
    Kind.JOURNEYS: Question(read_journeys, find_top_paths, show_paths, 2_000_000.0),
    Kind.ATTRIBUTION: Question(read_attribution, compute_credit, show_credit, 1_000_000.0),
}
"""How fast each reads at first is what was measured over 100 million events on two cores; then it learns."""


def _tell_share(name: str, label: Words, estimate: Estimate, proof: Proof) -> Figure:
    ends = (estimate.low, estimate.high)
    return Figure(
        name,
        label,
        None if estimate.value is None else 100 * estimate.value,
        PER_CENT,
        proof,
        None if ends[0] is None or ends[1] is None else (100 * ends[0], 100 * ends[1]),
        missing=estimate.missing,
    )


def _tell_amount(name: str, label: Words, estimate: Estimate, proof: Proof) -> Figure:
    ends = None if estimate.low is None or estimate.high is None else (estimate.low, estimate.high)
    unit = Words("最小货币单位/人", "minor units per person")
    return Figure(name, label, estimate.value, unit, proof, ends, missing=estimate.missing)
