"""``canyu plans``: which promises are due, kept or broken at a day, and what it costs to own a product."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.options import HELP_NAMES, json_option
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words, say

if TYPE_CHECKING:
    from canyu.care.plans import CostAnswer, Judgement, PlanFile

STANDINGS = {
    "ahead": Words("未开始", "ahead"),
    "due": Words("进行中", "due"),
    "kept": Words("已兑现", "kept"),
    "broken": Words("已违约", "broken"),
}

day_option = click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    help=say("看哪一天，默认今天（UTC）。", "At which day; today (UTC) by default."),
)


@click.group(
    context_settings=HELP_NAMES,
    help=say(
        "产品的承诺与拥有成本，读自一个 YAML 文件。", "A product's promises and its cost of owning, from one YAML file."
    ),
)
def command() -> None:
    """Hold the two questions about plans."""


@command.command(
    context_settings=HELP_NAMES,
    help=say("哪些承诺到期、已兑现、已违约。", "Which promises are due, were kept, were broken."),
)
@click.argument("path", metavar="FILE")
@day_option
@json_option
def due(path: str, day: datetime | None, as_json: bool) -> None:
    """Tell where each promise stands."""
    from canyu.care.plans import load_plans

    plans = load_plans(path)
    judged = _judge(plans, _choose(day))
    if as_json:
        click.echo(dump_json(_describe(plans, judged, _choose(day))))
        return
    for each in judged:
        following = f" · {say('下次到期', 'next due')} {each.next_due}" if each.next_due else ""
        click.echo(f"{STANDINGS[each.standing.value]}  {each.promise.words} ({each.promise.name}){following}")
        for breach in each.breaches:
            mended = (
                say(f"{breach.mended} 补上", f"mended {breach.mended}")
                if breach.mended
                else say("未补上", "not mended")
            )
            click.echo(f"    {say('违约', 'broken')} {breach.due}: {mended}")


@command.command(
    context_settings=HELP_NAMES,
    help=say(
        "拥有成本：价格、保障、预期维修，减去转卖，折现；列出所有假设。",
        "The cost of owning: price, plans, expected repairs less resale, discounted; with every assumption.",
    ),
)
@click.argument("path", metavar="FILE")
@day_option
@json_option
def cost(path: str, day: datetime | None, as_json: bool) -> None:
    """Tell what it costs to own the product."""
    from canyu.care.plans import Standing, compute_cost, load_plans, write_amount

    plans = load_plans(path)
    if plans.cost is None:
        raise BadInput(
            Words(f"{path} 没有写 cost。", f"{path} has no cost."),
            mend=Words("请在 cost 下写 price 和 years。", "Write price and years under cost."),
        )
    broken = {each.promise.name for each in _judge(plans, _choose(day)) if each.standing is Standing.BROKEN}
    found = compute_cost(plans.cost, broken)
    if as_json:
        click.echo(dump_json({"product": plans.product, **_describe_cost(found)}))
        return
    for line in (*found.lines, None):
        part = line or found
        name = line.words if line else say("合计", "total")
        low, likely, high = (
            write_amount(getattr(part, f"{end}_minor"), found.currency) for end in ("low", "likely", "high")
        )
        click.echo(f"{likely:>18}  ({low} – {high})  {name}")
    for words in found.assumptions:
        click.echo(f"  · {words}")


def _choose(day: datetime | None) -> date:
    from canyu.kit.clock import get_now

    return (day or get_now()).date()


def _judge(plans: PlanFile, day: date) -> list[Judgement]:
    from canyu.care.plans import judge_promise

    return [judge_promise(promise, day) for promise in plans.promises]


def _describe(plans: PlanFile, judged: list[Judgement], day: date) -> dict[str, Any]:
    from canyu.care.case_events import describe_event
    from canyu.care.plans import list_openings
    from canyu.kit.clock import get_now

    openings = list_openings(judged, plans.product, get_now())
    return {
        "product": plans.product,
        "day": day.isoformat(),
        "promises": [
            {
                "name": each.promise.name,
                "standing": each.standing.value,
                "next_due": each.next_due and each.next_due.isoformat(),
                "breaches": [
                    {"due": one.due.isoformat(), "mended": one.mended and one.mended.isoformat()}
                    for one in each.breaches
                ],
            }
            for each in judged
        ],
        "cases": [
            {"key": key, "opened": describe_event(event), "said": words._asdict()} for key, event, words in openings
        ],
    }


def _describe_cost(found: CostAnswer) -> dict[str, Any]:
    ends = ("low_minor", "likely_minor", "high_minor")
    return {
        "currency": found.currency,
        "years": found.years,
        **{end: getattr(found, end) for end in ends},
        "lines": [
            {"kind": line.kind, "words": line.words._asdict(), **{end: getattr(line, end) for end in ends}}
            for line in found.lines
        ],
        "assumptions": [words._asdict() for words in found.assumptions],
    }
