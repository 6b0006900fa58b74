"""``canyu spread plan``: whom to pay, at which hour, within a budget, and the same anew from what happened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.options import HELP_NAMES, json_option
from canyu.commands.spread_graph import (
    delay_options,
    graph_options,
    read_graph,
    read_number,
    run_options,
    spark_option,
)
from canyu.commands.spread_words import describe_selection, tell_selection
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.commands.spread_plan_input import PlanInput
    from canyu.spread.selection import ExplainOptions, Plan, WaveOptions

file_type = click.Path(path_type=Path)


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "在预算内选出影响面最大的账号，并给出保证；可分几波，也可按已发生的事重新安排。",
        "Choose accounts within a budget, with a proof; in waves, and anew from what happened.",
    ),
)
@graph_options
@click.option(
    "--accounts",
    "accounts_path",
    required=True,
    type=file_type,
    help=say(
        "可选账号的表：编号、报价（最小货币单位的整数，如分），配额用到的列；可有 start_h、last_used_h、uses。",
        "The accounts to be had: id, cost (integers in the minor unit, such as fen), the columns of quotas; there may "
        "be start_h, last_used_h and uses.",
    ),
)
@click.option(
    "--budget", required=True, type=click.IntRange(0), help=say("预算，单位同报价。", "In the unit of costs.")
)
@click.option(
    "--quota",
    "quotas",
    multiple=True,
    metavar="COLUMN=VALUE:N",
    help=say("某列某个值至多几个；可多次给出。", "At most so many with a value in a column; may be given again."),
)
@click.option(
    "--at-least",
    "least",
    multiple=True,
    metavar="COLUMN=VALUE:N",
    help=say("某列某个值至少几个；可多次给出。", "At least so many with a value in a column; may be given again."),
)
@click.option("--must", multiple=True, help=say("必选的账号；可多次给出。", "Must be in; may be given again."))
@click.option("--never", multiple=True, help=say("不选的账号；可多次给出。", "Must not be in; may be given again."))
@delay_options
@click.option(
    "--values",
    "values_path",
    type=file_type,
    help=say(
        "受众的表：id 和 value，可有 reached（以前已触达的概率）。不在表里的人不计。",
        "The audience: id and value; there may be reached, the probability that they were reached before. Who is not "
        "in it counts for nothing.",
    ),
)
@click.option(
    "--fatigue-half-life-h",
    type=click.FloatRange(0, min_open=True),
    help=say(
        "用过的账号打折：每过这么多小时，折扣减半。",
        "Used accounts reach less: half of what they lose is back after so many hours.",
    ),
)
@click.option(
    "--fatigue-depth",
    default=0.5,
    show_default=True,
    type=click.FloatRange(0, 1),
    help=say("刚用过的账号少触达的份额。", "The share that an account loses right after a use."),
)
@click.option(
    "--waves",
    default="",
    metavar="HOUR:PART,...",
    help=say(
        "分几波：小时和预算份额或金额，如 0:60%,24:40%。", "Waves: hours with shares or amounts, such as 0:60%,24:40%."
    ),
)
@click.option(
    "--happened",
    "happened_path",
    type=file_type,
    help=say(
        "已发生的事：id、hour_h、what（posted 或 reached），可有 cost。",
        "What happened: id, hour_h, what (posted or reached); there may be cost.",
    ),
)
@click.option(
    "--now-h",
    type=click.FloatRange(0),
    help=say("现在是第几小时；默认取表里最后一刻。", "The hour now; the last one of the table if not given."),
)
@click.option(
    "--again",
    multiple=True,
    help=say(
        "已发布或已触达、但可以（再）发一次的账号；可多次给出。",
        "Has posted, or was reached, and may be planned (again); may be given again.",
    ),
)
@run_options
@spark_option
@json_option
def command(path: Path, source: str, target: str, probability: str, undirected: bool, **asked: Any) -> None:
    """Choose accounts within a budget."""
    from canyu.commands.spread_plan_input import PlanInput

    model = asked["model"]
    chance = read_number(probability) if model == "uniform" else None
    graph = read_graph(path, source, target, "" if model == "uniform" else probability, undirected)
    given = PlanInput(graph, source, target, chance, asked)
    if given.waves:
        _plan_waves(given, as_json=asked["as_json"])
    else:
        _plan_once(given, as_json=asked["as_json"])


def _plan_once(given: PlanInput, *, as_json: bool) -> None:
    from canyu.spread.selection import explain, select_within

    found = select_within(given.graph, given.accounts, given.limits, given.model, **given.options)
    weighed: ExplainOptions = {**given.options, "limits": given.limits}
    reasons = explain(given.graph, found.seeds, given.accounts, given.model, **weighed).to_pylist()
    costs = [row["cost"] for row in reasons]
    if as_json:
        told = {"costs": costs, "cost": sum(costs), "budget": given.limits.budget, "accounts": reasons}
        click.echo(dump_json({**describe_selection(given.graph, found, given.model), **told}))
        return
    for row in reasons:
        click.echo(tell_account(row))
    click.echo(_tell_cost(sum(costs), given.limits.budget))
    click.echo(tell_selection(given.graph, found))


def _plan_waves(given: PlanInput, *, as_json: bool) -> None:
    from canyu.spread.selection import explain_plan, plan_waves, replan

    options: WaveOptions = {**given.options, "model": given.model}
    parts = (given.graph, given.accounts, given.limits, given.waves)
    plan = replan(*parts, given.happened, **options) if given.happened else plan_waves(*parts, **options)
    reasons = explain_plan(given.graph, given.accounts, plan, given.limits, given.happened, **options).to_pylist()
    if as_json:
        click.echo(dump_json(describe_plan(plan, given, reasons)))
        return
    for number, wave in enumerate(plan.waves, 1):
        zh = f"第 {number} 波，第 {wave.hour_h:g} 小时：{wave.cost:,} / {wave.budget:,}"
        click.echo(say(zh, f"Wave {number} at hour {wave.hour_h:g}: {wave.cost:,} of {wave.budget:,}"))
        for row in reasons:
            if row["wave"] == number:
                click.echo(tell_account(row))
    spent = given.happened.spent if given.happened else 0
    click.echo(_tell_cost(plan.cost + spent, given.limits.budget))
    low, high, sure = f"{plan.spread_low:,.0f}", f"{plan.spread_high:,.0f}", f"{1.0 - plan.delta:.4%}"
    click.echo(
        say(
            f"预计触达 {plan.spread:,.0f}（95% 区间 {low} 至 {high}）。以 {sure} 的把握：至少 {plan.lower:,.0f}，"
            f"且至少是各波预算相同的最优方案的 {plan.ratio:.1%}。",
            f"They reach {plan.spread:,.0f} (95 % interval {low} to {high}). Sure by {sure}: at least "
            f"{plan.lower:,.0f}, and {plan.ratio:.1%} or more of the best plan with the same parts.",
        )
    )


def describe_plan(plan: Plan, given: PlanInput, reasons: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a plan in waves as a program reads it."""
    waves = [
        {
            "hour_h": wave.hour_h,
            "budget": wave.budget,
            "cost": wave.cost,
            "hours_h": wave.hours_h.tolist(),
            **describe_selection(given.graph, wave.selection, given.model),
        }
        for wave in plan.waves
    ]
    return {
        "seeds": plan.seeds.to_pylist(),
        "spread": plan.spread,
        "spread_low": plan.spread_low,
        "spread_high": plan.spread_high,
        "lower": plan.lower,
        "upper": plan.upper,
        "ratio": plan.ratio,
        "delta": plan.delta,
        "cost": plan.cost,
        "spent": given.happened.spent if given.happened else 0,
        "budget": given.limits.budget,
        "waves": waves,
        "accounts": reasons,
    }


def tell_account(row: dict[str, Any]) -> str:
    """Return why one account is in, on one line."""
    each = "-" if row["cost_unique"] is None else f"{row['cost_unique']:,.1f}"
    unique, shared, change = f"{row['unique']:,.0f}", f"{row['shared']:.0%}", f"{row['change']:+,.0f}"
    zh = f"{row['id']}\t报价 {row['cost']:,}\t独有 {unique} 人，每人 {each}\t与其他账号重合 {shared}"
    en = f"{row['id']}\tcost {row['cost']:,}\tonly it reaches {unique}, {each} each\t{shared} shared"
    if row["closest"] is not None:
        zh += f"（最多与 {row['closest']}，{row['overlap']:.0%}）"
        en += f" (most with {row['closest']}, {row['overlap']:.0%})"
    if row["replacement"] is not None:
        zh += f"\t可换 {row['replacement']}（{change} 人）"
        en += f"\treplaced by {row['replacement']}: {change}"
    if "hour_h" in row:
        zh, en = f"{zh}\t第 {row['hour_h']:g} 小时发布", f"{en}\tposts at hour {row['hour_h']:g}"
    return say(zh, en)


def _tell_cost(cost: int, budget: int) -> str:
    return say(f"共 {cost:,}，预算 {budget:,}。", f"{cost:,} of {budget:,}.")
