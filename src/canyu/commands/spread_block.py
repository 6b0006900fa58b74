"""``canyu spread block``: whom to activate against a rumour or a rival that is spreading already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.options import HELP_NAMES, json_option
from canyu.commands.spread_graph import (
    MODELS,
    delay_options,
    graph_options,
    read_graph,
    read_number,
    seed_option,
    workers_option,
)
from canyu.commands.spread_tables import cast_numbers
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.commands.spread_plan_input import PlanInput
    from canyu.spread.selection import Blocked, BlockingOptions, Rumour, Selection

GOALS = ("saved", "reached_first")


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "谣言（或对手的声音）已经在传：在预算内选出最能抢先的账号，给出能救下多少人、至少多少、至多多少。",
        "A rumour, or a rival, is spreading already: choose accounts within a budget whose message arrives first, and "
        "say how many people that saves, at least and at most.",
    ),
)
@graph_options
@click.option(
    "--model", type=click.Choice(MODELS), default="ic", show_default=True, help=say("传播模型。", "The model.")
)
@click.option(
    "--carrier", "carriers", multiple=True, help=say("已在传播的账号；可多次给出。", "Carries it; may be given again.")
)
@click.option(
    "--carriers",
    "carriers_path",
    type=click.Path(path_type=Path),
    help=say(
        "已在传播的账号的表：id，以及可选的 age_h（已传播几小时）。",
        "A table of who carries it: id and, where known, age_h, the hours since each took it up.",
    ),
)
@click.option(
    "--accounts",
    "accounts_path",
    type=click.Path(path_type=Path),
    help=say("可选账号的表：id、cost，以及配额用到的列。", "The accounts to be had: id, cost, columns of quotas."),
)
@click.option("--budget", type=click.IntRange(0), help=say("预算，单位同报价。", "In the unit of costs."))
@click.option("--k", type=click.IntRange(0), help=say("不看价格，选几个。", "How many, whatever they cost."))
@click.option("--quota", "quotas", multiple=True, metavar="COLUMN=VALUE:N", help=say("配额。", "A quota; as in plan."))
@click.option("--must", multiple=True, help=say("必选的账号。", "Must be in; may be given again."))
@click.option("--never", multiple=True, help=say("不选的账号。", "Must not be in; may be given again."))
@click.option(
    "--delay-h", default=0.0, show_default=True, help=say("几小时后开口。", "Hours until the accounts speak.")
)
@click.option(
    "--effect",
    default=1.0,
    show_default=True,
    help=say("我方消息每条边的传播力是谣言的几倍。", "How much likelier our message passes an arc than the rumour."),
)
@click.option(
    "--goal",
    type=click.Choice(GOALS),
    default="saved",
    show_default=True,
    help=say("saved：免于谣言的人；reached_first：先听到我方的人。", "Whom the rumour misses, or all we reach first."),
)
@delay_options
@click.option("--runs", default=2000, show_default=True, type=click.IntRange(2), help=say("模拟次数。", "Plays."))
@seed_option
@workers_option
@json_option
def command(path: Path, source: str, target: str, probability: str, undirected: bool, **asked: Any) -> None:
    """Choose whom to activate against a rumour."""
    from canyu.commands.spread_plan_input import PlanInput
    from canyu.kit.errors import BadInput
    from canyu.kit.words import Words
    from canyu.spread.selection import select_blockers, select_k_blockers, simulate_blocking

    model = asked["model"]
    chance = read_number(probability) if model == "uniform" else None
    graph = read_graph(path, source, target, "" if model == "uniform" else probability, undirected)
    given = PlanInput(graph, source, target, chance, asked)
    rumour, options = read_rumour(given), make_options(given)
    priced = asked["accounts_path"] is not None and asked["budget"] is not None
    if priced == (asked["k"] is not None):
        raise BadInput(
            Words("请给出 --accounts 和 --budget，或只给 --k。", "give --accounts with --budget, or --k alone."),
            mend=Words("二者选一。", "One of the two."),
        )
    if priced:
        found = select_blockers(graph, rumour, given.accounts, given.limits, model, **options)
    else:
        found = select_k_blockers(graph, rumour, asked["k"], model, **options)
    played = simulate_blocking(graph, rumour, found.seeds, model, asked["runs"], **options)
    told = describe(found, played, asked)
    click.echo(dump_json(told) if asked["as_json"] else tell(told))


def make_options(given: PlanInput) -> BlockingOptions:
    """Return the options of the library."""
    from canyu.spread.selection import BlockingOptions

    asked = given.asked
    options = BlockingOptions(
        seed=asked["seed"],
        workers=asked["workers"],
        timing=given.read_timing(),
        delay_h=asked["delay_h"],
        effect=asked["effect"],
        goal=asked["goal"],
    )
    if given.chance is not None:
        options["probability"] = given.chance
    return options


def read_rumour(given: PlanInput) -> Rumour:
    """Return who carries the rumour, by name and from the table; raises BadInput where nobody does."""
    import numpy as np
    import pyarrow as pa

    from canyu.kit.errors import BadInput
    from canyu.kit.words import Words
    from canyu.spread.selection import Rumour

    asked, kind = given.asked, given.graph.ids.type
    carriers = pa.array(list(asked["carriers"]), pa.string()).cast(kind)
    ages = np.zeros(len(carriers))
    if asked["carriers_path"] is not None:
        hours = Words("写成小时数，如 1.5。", "Write hours, such as 1.5.")
        table = cast_numbers(given.read_ids(asked["carriers_path"]), "age_h", pa.float64(), hours)
        told = table["age_h"].to_numpy() if "age_h" in table.column_names else np.zeros(len(table))
        carriers, ages = pa.concat_arrays([carriers, *table["id"].chunks]), np.concatenate([ages, told])
    if not len(carriers):
        raise BadInput(
            Words("没有说谁在传播。", "nobody is said to carry it."),
            mend=Words("请用 --carrier 或 --carriers。", "Use --carrier or --carriers."),
        )
    return Rumour(carriers, ages.astype(np.float64))


def describe(found: Selection, played: Blocked, asked: dict[str, Any]) -> dict[str, Any]:
    """Return the choice and its plays as a program reads them."""
    return {
        "accounts": found.seeds.to_pylist(),
        "goal": asked["goal"],
        "model": asked["model"],
        "delay_h": asked["delay_h"],
        "effect": asked["effect"],
        "saved": found.spread,
        "saved_low": found.spread_low,
        "saved_high": found.spread_high,
        "lower": found.lower,
        "upper": found.upper,
        "ratio": found.ratio,
        "delta": found.delta,
        "source": found.source,
        "samples": list(found.samples),
        "played": {
            "runs": asked["runs"],
            "mean": played.mean,
            "low": played.low,
            "high": played.high,
            "rumour_alone": played.alone,
            "rumour_against": played.against,
            "reached_first": played.first,
        },
    }


def tell(told: dict[str, Any]) -> str:
    """Return the same for a person."""
    names, played = " ".join(str(name) for name in told["accounts"]) or "–", told["played"]
    sure, ratio = f"{1.0 - told['delta']:.4%}", f"{told['ratio']:.1%}"
    saved, low, high = (f"{told[name]:,.1f}" for name in ("saved", "saved_low", "saved_high"))
    lower, upper = f"{told['lower']:,.1f}", f"{told['upper']:,.1f}"
    alone, against, first = (f"{played[name]:,.1f}" for name in ("rumour_alone", "rumour_against", "reached_first"))
    zh_goal, en_goal = ("救下", "saved") if told["goal"] == "saved" else ("先听到我方", "reached first")
    return say(
        f"{names}\n{zh_goal} {saved} 人（95% 区间 {low} 至 {high}）。\n"
        f"以 {sure} 的把握：至少 {lower}，任何选法至多 {upper}，即至少是最优的 {ratio}。\n"
        f"模拟：谣言原本再传到 {alone} 人，有我方时 {against} 人；{first} 人先听到我方。",
        f"{names}\nPeople {en_goal}: {saved} (95 % interval {low} to {high}).\n"
        f"Sure by {sure}: at least {lower}, any choice at most {upper}: {ratio} of the best there can be, or more.\n"
        f"Played: the rumour reaches {alone} more alone, {against} against us; {first} hear from us first.",
    )
