"""Do people come back, and what will they bring: read from the lake's orders, each figure with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from canyu.events import Lake
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.estimate import Estimate, tell_missing
from canyu.measure.expressions import Scope
from canyu.measure.facts import Answer, Reader
from canyu.measure.figure import Proof
from canyu.measure.intervals import compute_share_interval
from canyu.measure.loyalty import expressions as ask
from canyu.measure.loyalty.buying import BgNbd, Buying, ParetoNbd
from canyu.measure.loyalty.customers import Customers
from canyu.measure.loyalty.fitting import METHOD, Fit, follow
from canyu.measure.loyalty.spending import OF_THE_MEAN, GammaGamma, Horizon, estimate_value
from canyu.measure.period import find_previous, make_period, to_day_number

Floats = NDArray[np.float64]
MODELS: dict[str, type[BgNbd] | type[ParetoNbd]] = {"bg_nbd": BgNbd, "pareto_nbd": ParetoNbd}
FEWEST, FEWEST_RETURNED = 50, 20
LONGEST_DAYS = 3660
EVERYBODY = "*"
WILSON = Words("Wilson 区间", "Wilson's interval")


@dataclass(frozen=True, slots=True)
class LoyaltyQuery:
    """What loyalty is asked for: days (both included, in ``zone``), the currency, and how far back and ahead.

    ``window_days``: within how many days of the first order a second counts as a repurchase; ``ahead_days``: how far
    ahead purchases and value are expected; ``rate``: the yearly discount of that value.
    """

    start: date
    end: date
    zone: str = "Asia/Shanghai"
    currency: str = "CNY"
    window_days: int = 180
    ahead_days: int = 365
    rate: float = 0.0
    model: str = "bg_nbd"


@dataclass(frozen=True, slots=True)
class Repurchase:
    """The share of one age band that ordered again in time; ``band`` is empty where it is not known, ``*`` for all."""

    band: str
    people: int
    returned: int
    share: Estimate


@dataclass(frozen=True, slots=True)
class CohortCell:
    """Of those who first ordered in the month ``cohort``, how many ordered ``offset`` months later.

    ``is_whole``: the later month is over.
    """

    cohort: date
    offset: int
    size: int
    people: int
    low: float
    high: float
    is_whole: bool

    @property
    def share(self) -> float:
        """The share of the cohort."""
        return self.people / self.size


@dataclass(frozen=True, slots=True)
class Loyalty:
    """Everything about coming back: who did, by age band and cohort, and what the models expect."""

    query: LoyaltyQuery
    customers: int
    returned: int
    buying: Fit | None
    spending: Fit | None
    expected_orders: Estimate
    alive: Estimate
    expected_value: Estimate
    repurchase: tuple[Repurchase, ...]
    cohorts: tuple[CohortCell, ...]
    proofs: tuple[Proof, ...]
    notes: tuple[Words, ...]
    is_simulated: bool


TOO_FEW = Words(
    f"至少要有 {FEWEST} 位顾客，其中 {FEWEST_RETURNED} 位买过不止一次，才能估计。",
    f"Needs {FEWEST} customers or more, of whom {FEWEST_RETURNED} bought again.",
)
NO_WINDOW = Words("没有首单满观察期的顾客。", "Nobody's window is over yet.")
FROM_THE_START = Words(
    "期间须从店铺有数据起：更早买过的人会被当成新客。",
    "The period must begin where the shop's data begin: who bought before looks like a new customer.",
)
ALIKE = Words(
    "模型假定所有顾客出自同一分布，不含协变量；各年龄段差别大时请分开看。",
    "The models take all customers from one distribution, without covariates: where age bands differ, read them apart.",
)


def measure_loyalty(lake: Lake, query: LoyaltyQuery) -> Loyalty:
    """Return what the lake's orders say of coming back. Raises BadInput where the question makes no sense."""
    _check(query)
    reader = Reader(lake)
    period = make_period(query.start, query.end, query.zone)
    engine = lake.engine
    scope = Scope(period, find_previous(period), "", "", "", "", engine.count_micros, engine.count_days)
    asked = ask.Orders(scope, query.currency, query.window_days)
    people = reader.ask(ask.list_customers_of_lake, "events", asked)
    bands = reader.ask(ask.count_repurchase_of_lake, "events", asked)
    cohorts = reader.ask(ask.count_cohorts_of_lake, "events", asked)
    odd = reader.ask(ask.count_odd_orders_of_lake, "events", asked)
    repeats, last, known, later = _read_customers(people, to_day_number(period.last))
    is_known = known > 0  # who first bought on the last day has not been watched at all
    columns = np.array([repeats, last, known])[:, is_known]
    customers, (totals,) = Customers.group(columns, np.ones(columns.shape[1]), later[is_known])
    model: Buying = MODELS[query.model]()
    buying, expected, alive = _expect_buying(model, customers, query)
    spending, value = _expect_value((model, buying), customers, totals, (repeats, later), query)
    notes = (FROM_THE_START, ALIKE, *_tell_odd(odd, query))
    return Loyalty(
        query=query,
        customers=len(repeats),
        returned=int((repeats > 0).sum()),
        buying=buying,
        spending=spending,
        expected_orders=expected,
        alive=alive,
        expected_value=value,
        repurchase=tuple(_list_bands(bands)),
        cohorts=tuple(_list_cohorts(cohorts, asked)),
        proofs=tuple(_prove(reader, *told) for told in zip((people, bands, cohorts), *_define(query), strict=True)),
        notes=notes,
        is_simulated=reader.is_simulated(),
    )


def _check(query: LoyaltyQuery) -> None:
    days = (query.window_days, query.ahead_days)
    if query.model in MODELS and all(0 < number <= LONGEST_DAYS for number in days) and 0 <= query.rate < 10:
        return
    raise BadInput(
        Words("模型、天数或折现率不能用。", "The model, the days or the discount cannot be used."),
        mend=Words(
            f"模型为 {'、'.join(MODELS)} 之一；天数为 1 到 {LONGEST_DAYS}；年折现率为 0 到 10，如 0.1。",
            f"Models: {', '.join(MODELS)}; days from 1 to {LONGEST_DAYS}; a yearly discount from 0 to 10, such as 0.1.",
        ),
    )


def _read_customers(answer: Answer, today: int) -> tuple[Floats, Floats, Floats, Floats]:
    days, first, last, later = (answer.table[name].to_numpy().astype(np.float64) for name in answer.table.column_names)
    return days - 1, last - first, today - first, later


def _expect_buying(model: Buying, customers: Customers, query: LoyaltyQuery) -> tuple[Fit | None, Estimate, Estimate]:
    if customers.count < FEWEST or customers.returned < FEWEST_RETURNED:
        missing = tell_missing(TOO_FEW, METHOD)
        return None, missing, missing
    bought = model.fit(customers)
    weights = customers.weights
    expected = follow(
        [bought], lambda v: float(weights @ model.expect_more(v, customers, query.ahead_days)), (OF_THE_MEAN,)
    )
    alive = follow([bought], lambda v: float(weights @ model.find_alive(v, customers)), (OF_THE_MEAN,))
    return bought, expected, alive


def _expect_value(
    bought: tuple[Buying, Fit | None],
    customers: Customers,
    totals: Floats,
    spent: tuple[Floats, Floats],
    query: LoyaltyQuery,
) -> tuple[Fit | None, Estimate]:
    model, buying = bought
    repeats, later = spent
    paid = (repeats > 0) & (later > 0)
    if buying is None or int(paid.sum()) < FEWEST_RETURNED:
        return None, tell_missing(TOO_FEW, METHOD)
    spender = GammaGamma()
    spending = spender.fit(repeats[paid], later[paid] / repeats[paid])
    months = 12 if query.rate else 1  # without a discount it matters not when
    horizon = Horizon(months, query.ahead_days / months, (1 + query.rate) ** (query.ahead_days / months / 365.25) - 1)
    return spending, estimate_value((model, spender), (buying, spending), customers, totals, horizon)


def _list_bands(answer: Answer) -> list[Repurchase]:
    rows = [(row["band"], row["people"], row["returned"]) for row in answer.table.to_pylist()]
    whole = (EVERYBODY, sum(people for _, people, _ in rows), sum(returned for _, _, returned in rows))
    found = []
    for band, people, returned in (whole, *rows):
        share = tell_missing(NO_WINDOW, WILSON)
        if people:
            share = Estimate(returned / people, *compute_share_interval(returned, people), None, WILSON)
        found.append(Repurchase(band, people, returned, share))
    return found


def _list_cohorts(answer: Answer, asked: ask.Orders) -> list[CohortCell]:
    months = ask.list_months(asked)
    counts = {(row["cohort"], row["month"]): row["people"] for row in answer.table.to_pylist()}
    found = []
    for cohort, begin in enumerate(months):
        size = counts.get((cohort, cohort), 0)
        for month in range(cohort, len(months) if size else cohort):
            people = counts.get((cohort, month), 0)
            is_whole = month < len(months) - 1 or ask.ends_month(asked.scope.period.last)
            found.append(
                CohortCell(begin, month - cohort, size, people, *compute_share_interval(people, size), is_whole)
            )
    return found


def _tell_odd(answer: Answer, query: LoyaltyQuery) -> list[Words]:
    counts = answer.table.to_pylist()[0]
    told = {
        "anonymous": Words("{} 笔订单没有顾客。", "{} orders have no customer."),
        "foreign": Words(f"{{}} 笔不是 {query.currency}。", f"{{}} orders or refunds are not in {query.currency}."),
        "unnamed": Words("{} 笔退款没有写明订单，未扣除。", "{} refunds name no order and are not taken off."),
    }
    return [Words(*(text.format(counts[name]) for text in words)) for name, words in told.items() if counts[name]]


def _define(query: LoyaltyQuery) -> tuple[tuple[Words, ...], tuple[str, ...]]:
    """Return the definition of each answer, and the column that counts what it read."""
    texts = (
        Words(
            "顾客：期间内有未全退订单的人；一天内的多笔算一次购买。",
            "Customers: people with an order in the period that was not given back; orders of a day are one purchase.",
        ),
        Words(
            f"复购率：首单后 {query.window_days} 天内再次下单的人所占比例，只算观察期已满者；年龄段取首单所记。"
            "与指标目录的 repurchase_rate 不同：后者同一天的第二笔订单也算再次下单，不限货币，退过货的订单一律不算，"
            "首单向前查十年，时限默认 365 天。",
            f"Repurchase: the share who ordered again within {query.window_days} days of the first order, of those "
            "whose window is over; the age band is the first order's. The catalogue's repurchase_rate differs: there a "
            "second order of the same day counts, in any currency, an order that was given back at all is none, first "
            "orders are looked for ten years back, and the time is 365 days by default.",
        ),
        Words(
            "同期群：按首单月份，看其后各月下单的人数。",
            "Cohorts: by the month of the first order, who ordered in each month after.",
        ),
    )
    return texts, ("days", "people", "people")


def _prove(reader: Reader, answer: Answer, definition: Words, counted: str) -> Proof:
    rows = sum(answer.table[counted].to_pylist())
    return Proof(definition, answer.sql, answer.versions, rows, reader.lake.engine.name)
