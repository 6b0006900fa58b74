"""``canyu loyalty``: who buys again, by age band and cohort, and what they will bring."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.engines import engine_option, open_on
from canyu.commands.estimates import describe_proof, tell_estimate
from canyu.commands.options import (
    HELP_NAMES,
    first_day_option,
    json_option,
    lake_option,
    last_day_option,
    zone_option,
)
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.measure.loyalty import CohortCell, Fit, Loyalty

MODELS = ("bg_nbd", "pareto_nbd")


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "复购：多少人再次购买（按年龄段和首单月份），模型预计以后的订单、仍活跃的顾客与价值，附 95% 区间。",
        "Loyalty: who buys again, by age band and month of the first order, and by a model the orders, active "
        "customers and value to come, with 95 % intervals.",
    ),
)
@lake_option
@first_day_option
@last_day_option
@zone_option
@click.option("--currency", default="CNY", show_default=True, help=say("哪种货币的订单。", "Orders in this currency."))
@click.option(
    "--window",
    default=180,
    show_default=True,
    type=click.IntRange(1, 3660),
    help=say("首单后多少天内再买算复购。", "Days after the first order within which a second is a repurchase."),
)
@click.option(
    "--ahead",
    default=365,
    show_default=True,
    type=click.IntRange(1, 3660),
    help=say("预计多少天。", "Days ahead that are expected."),
)
@click.option(
    "--rate",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0, 10, max_open=True),
    help=say("价值的年折现率，如 0.1。", "The yearly discount of the value, such as 0.1."),
)
@click.option(
    "--model", default=MODELS[0], show_default=True, type=click.Choice(MODELS), help=say("模型。", "The model.")
)
@engine_option
@json_option
def command(
    address: str,
    first: datetime,
    last: datetime,
    zone: str,
    currency: str,
    window: int,
    ahead: int,
    rate: float,
    model: str,
    engine: str,
    as_json: bool,
) -> None:
    """Tell who comes back."""
    from canyu.measure.loyalty import LoyaltyQuery, measure_loyalty

    query = LoyaltyQuery(first.date(), last.date(), zone, currency, window, ahead, rate, model)
    found = measure_loyalty(open_on(address, engine), query)
    if as_json:
        click.echo(dump_json(describe_loyalty(found)))
        return
    for line in tell_loyalty(found):
        click.echo(line)


def tell_loyalty(found: Loyalty) -> list[str]:
    """Return loyalty in lines for people."""
    days, currency, count = found.query.ahead_days, found.query.currency, "{:,.0f}".format
    lines = [
        say(
            f"顾客 {found.customers:,} 位，其中 {found.returned:,} 位买过不止一天。",
            f"{found.customers:,} customers, of whom {found.returned:,} bought on more than one day.",
        ),
        say(f"今后 {days} 天的订单：", f"orders in {days} days: ") + tell_estimate(found.expected_orders, count),
        say("仍活跃的顾客：", "customers still active: ") + tell_estimate(found.alive, count),
        say(f"今后 {days} 天的价值（{currency} 最小单位）：", f"value in {days} days (minor units of {currency}): ")
        + tell_estimate(found.expected_value, count),
    ]
    names = {"": say("年龄段未知", "age band not known"), "*": say("全部", "all")}
    for row in found.repurchase:
        told = tell_estimate(row.share, "{:.1%}".format)
        lines.append(say("复购率，", "repurchase, ") + f"{names.get(row.band, row.band)} ({row.people:,}): {told}")
    for cell in found.cohorts:
        if cell.offset:
            mark = "" if cell.is_whole else say("（当月未完）", " (month not over)")
            share = f"{cell.share:.1%} [{cell.low:.1%}, {cell.high:.1%}]"
            lines.append(f"{cell.cohort:%Y-%m} +{cell.offset}: {share} ({cell.people}/{cell.size}){mark}")
    return lines + [str(note) for note in found.notes]


def describe_loyalty(found: Loyalty) -> dict[str, Any]:
    """Return loyalty as a program reads it."""
    from canyu.measure.estimate import describe_estimate

    query = found.query
    return {
        "first": query.start.isoformat(),
        "last": query.end.isoformat(),
        "zone": query.zone,
        "currency": query.currency,
        "window_days": query.window_days,
        "ahead_days": query.ahead_days,
        "rate": query.rate,
        "model": query.model,
        "customers": found.customers,
        "returned": found.returned,
        "buying": describe_fit(found.buying),
        "spending": describe_fit(found.spending),
        "expected_orders": describe_estimate(found.expected_orders),
        "alive": describe_estimate(found.alive),
        "expected_value": describe_estimate(found.expected_value),
        "repurchase": [
            {"band": row.band, "people": row.people, "returned": row.returned, "share": describe_estimate(row.share)}
            for row in found.repurchase
        ],
        "cohorts": [describe_cell(cell) for cell in found.cohorts],
        "notes": [note.en for note in found.notes],
        "proofs": [describe_proof(proof) for proof in found.proofs],
        "simulated": found.is_simulated,
    }


def describe_fit(found: Fit | None) -> dict[str, Any] | None:
    """Return the parameters of a model as a program reads them; null where none was fitted."""
    from canyu.measure.estimate import describe_estimate

    if found is None:
        return None
    parameters = {name: describe_estimate(each) for name, each in found.parameters.items()}
    return {"parameters": parameters, "log_likelihood": found.log_likelihood, "is_settled": found.is_settled}


def describe_cell(cell: CohortCell) -> dict[str, Any]:
    """Return one month of a cohort as a program reads it."""
    counts = {"size": cell.size, "people": cell.people, "share": cell.share, "low": cell.low, "high": cell.high}
    return {"cohort": cell.cohort.isoformat(), "offset": cell.offset, **counts, "is_whole": cell.is_whole}
