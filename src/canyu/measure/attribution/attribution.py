"""Attribution of a period's conversions to channels by several methods side by side, each with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import numpy as np

from canyu.events import Lake
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.attribution.bootstrap import draw_journeys
from canyu.measure.attribution.markov import build_chain, solve_removals
from canyu.measure.attribution.rules import Rule, credit_touches, weigh_touches
from canyu.measure.estimate import Estimate, tell_missing
from canyu.measure.figure import Proof
from canyu.measure.intervals import Z95
from canyu.measure.journeys.path_expressions import credit_decay
from canyu.measure.journeys.paths import Collected, Floats, JourneyQuery, Journeys, collect_journeys

NOT_LIFT = Words(
    "归因不是增量：它只把已发生的转化分给之前的触点，说不出没有这些触点时会少卖多少。要说“带来了”，需要对照实验等增量设计。",
    "Attribution is not lift: it shares out conversions that happened among the touches before them, and cannot say "
    "how many would not have come without those. To say that a channel brought them takes a lift design, such as a "
    "test.",
)
ONE_JOURNEY = Words("只有一条路径，无从得知区间。", "One journey alone gives no interval.")
NO_JOURNEY = Words("没有任何转化之前有已知触点。", "No conversion has a known touch before it.")
BOOTSTRAP = Words("重抽路径 {draws} 次的 95% 百分位区间", "95 % percentile interval of {draws} draws of journeys")
NORMAL = Words("正态 95% 区间，方差即重抽路径之方差", "normal 95 % interval with the variance of drawing journeys")


class Method(StrEnum):
    """How conversions are shared among touches."""

    FIRST = "first"
    LAST = "last"
    LINEAR = "linear"
    POSITION = "position"
    DECAY = "decay"
    MARKOV = "markov"
    SHAPLEY = "shapley"


METHODS: dict[Method, Words] = {
    Method.FIRST: Words("首次触点得全部。", "The first touch gets all."),
    Method.LAST: Words("最后触点得全部。", "The last touch gets all."),
    Method.LINEAR: Words("各触点平分。", "All touches get the same."),
    Method.POSITION: Words("首尾各 40%，中间平分 20%。", "First and last get 40 % each, those between share 20 %."),
    Method.DECAY: Words(
        "按距转化的时间衰减，每过一个半衰期减半。", "Touches get half as much per half-life before the conversion."
    ),
    Method.MARKOV: Words(
        "马尔可夫链：按去掉该渠道后转化概率的损失分配，精确求解。",
        "Markov chain: by the share of conversions lost where a channel is taken out, solved exactly.",
    ),
    Method.SHAPLEY: Words(
        "Shapley 值：渠道组合的价值是其完全覆盖的路径的转化；此时等于各路径的不同渠道平分。",
        "Shapley's value, where a set of channels is worth the conversions of the paths it covers: an equal split "
        "among the different channels of each path.",
    ),
}
_RULES = {Method(rule.value): rule for rule in Rule}


@dataclass(frozen=True, slots=True)
class Model:
    """The settings of the methods: half-life of the decay, order of the chain, draws of the bootstrap and its seed."""

    half_life: timedelta = timedelta(days=7)
    order: int = 1
    draws: int = 200
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Credit:
    """What one channel gets: conversions with their interval, its share of those credited, money in minor units.

    ``removal`` is the share of conversions lost without it, under the Markov chain alone.
    """

    name: str
    conversions: Estimate
    share: float | None
    value: float | None
    removal: float | None = None


@dataclass(frozen=True, slots=True)
class Credits:
    """One method's answer, the channel with most first."""

    method: Method
    definition: Words
    channels: tuple[Credit, ...]


@dataclass(frozen=True, slots=True)
class Attribution:
    """The answers of all methods asked for, what no channel gets, and the words that belong beside any of them."""

    query: JourneyQuery
    conversions: int
    untouched: int
    repeated: int
    currency: str
    methods: tuple[Credits, ...]
    notes: tuple[Words, ...]
    proof: Proof
    is_simulated: bool
    caveat: Words = NOT_LIFT


def compute_attribution(
    lake: Lake, query: JourneyQuery, methods: tuple[Method, ...] = tuple(Method), model: Model | None = None
) -> Attribution:
    """Return the attribution of the period's conversions, as the lake stands now.

    Raises BadInput for a half-life of nothing, an order out of 1 to 5 or fewer than 100 draws.
    """
    model = model or Model()
    if model.draws < 100 or model.half_life <= timedelta(0):
        raise BadInput(
            Words("重抽至少 100 次，半衰期须大于 0。", "At least 100 draws, and a half-life above 0."),
            mend=Words("请改用 200 次与 7 天。", "Use 200 draws and 7 days."),
        )
    found = collect_journeys(lake, query)
    answers = tuple(
        _credit_decay(found, model) if method is Method.DECAY else credit_journeys(found.journeys, method, model)
        for method in methods
    )
    return Attribution(
        query,
        found.conversions,
        found.untouched,
        found.repeated,
        found.currency,
        answers,
        found.notes,
        found.proof,
        found.is_simulated,
    )


def credit_journeys(journeys: Journeys, method: Method, model: Model | None = None) -> Credits:
    """Return one method's answer for journeys; the time decay needs the events and has none here.

    Raises BadInput where it is asked for.
    """
    model = model or Model()
    if method is Method.DECAY:
        raise BadInput(
            Words("时间衰减需要触点时间，路径里没有。", "The time decay needs the times of touches; paths have none."),
            mend=Words("请用 compute_attribution()。", "Use compute_attribution()."),
        )
    if method is Method.MARKOV:
        return _credit_markov(journeys, model)
    weights = weigh_touches(journeys, _RULES[method])
    amounts = credit_touches(journeys, weights, journeys.conversions)
    value = credit_touches(journeys, weights, journeys.value)
    bounds = _find_bounds(journeys, model, lambda won, _: credit_touches(journeys, weights, won))
    return _make_credits(journeys, method, _Amounts(amounts, value, bounds, _name_bootstrap(model)))


@dataclass(frozen=True, slots=True)
class _Amounts:
    conversions: Floats
    value: Floats | None
    bounds: tuple[Floats, Floats] | None
    interval: Words
    removal: Floats | None = None


def _credit_markov(journeys: Journeys, model: Model) -> Credits:
    chain = build_chain(journeys, model.order)

    def share_out(won: Floats, lost: Floats) -> Floats:
        shared: Floats = solve_removals(chain, won, lost).shares * won.sum()
        return shared

    removal = solve_removals(chain, journeys.conversions, journeys.lost)
    bounds = _find_bounds(journeys, model, share_out)
    amounts = removal.shares * journeys.conversions.sum()
    value = removal.shares * journeys.value.sum()
    return _make_credits(
        journeys, Method.MARKOV, _Amounts(amounts, value, bounds, _name_bootstrap(model), removal.effects)
    )


def _credit_decay(found: Collected, model: Model) -> Credits:
    """Credit by time: the sums of shares and of their squares give the variance of drawing conversions anew."""
    ground, journeys = found.ground, found.journeys
    half_life_s = int(model.half_life.total_seconds()) or 1
    rows = ground.reader.ask(credit_decay, "events", ground.scope, found.plan, half_life_s).table.to_pylist()
    by_name = {row["place"]: row for row in rows}
    amounts, squares = (
        np.array([by_name[name][column] if name in by_name else 0.0 for name in journeys.names])
        for column in ("credit", "squares")
    )
    total = journeys.conversions.sum()
    bounds = None
    if total > 1:
        half = Z95 * np.sqrt(np.maximum(squares - amounts * amounts / total, 0.0))
        bounds = (np.maximum(amounts - half, 0.0), np.minimum(amounts + half, total))
    return _make_credits(journeys, Method.DECAY, _Amounts(amounts, None, bounds, NORMAL))


def _find_bounds(journeys: Journeys, model: Model, credit: object) -> tuple[Floats, Floats] | None:
    if journeys.conversions.sum() + journeys.lost.sum() < 2:
        return None
    return draw_journeys(journeys, credit, model.draws, model.seed)  # type: ignore[arg-type]  # one of the two above


def _name_bootstrap(model: Model) -> Words:
    return Words(BOOTSTRAP.zh.format(draws=model.draws), BOOTSTRAP.en.format(draws=model.draws))


def _make_credits(journeys: Journeys, method: Method, found: _Amounts) -> Credits:
    total = float(found.conversions.sum())
    channels = []
    for place, name in enumerate(journeys.names):
        amount = float(found.conversions[place])
        if not total:
            estimate = tell_missing(NO_JOURNEY, found.interval)
        elif found.bounds is None:
            estimate = Estimate(amount, None, None, None, found.interval, (ONE_JOURNEY,))
        else:
            low, high = (float(bound[place]) for bound in found.bounds)
            estimate = Estimate(amount, low, high, None, found.interval)
        value = float(found.value[place]) if found.value is not None and total else None
        removal = float(found.removal[place]) if found.removal is not None and total else None
        channels.append(Credit(name, estimate, amount / total if total else None, value, removal))
    channels.sort(key=lambda credit: (-(credit.share or 0.0), credit.name))
    return Credits(method, METHODS[method], tuple(channels))
