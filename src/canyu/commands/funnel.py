"""``canyu funnel``: how many people take each step after the one before, and how long it takes them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.engines import engine_option, open_on
from canyu.commands.journey_options import (
    describe_answer,
    tell_notes,
    tell_share,
)
from canyu.commands.options import (
    HELP_NAMES,
    first_day_option,
    json_option,
    lake_option,
    last_day_option,
    market_option,
    zone_option,
)
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.measure.journeys import Funnel, FunnelGroup, FunnelStep

MOST_GROUPS = 10
HOUR_S = 3600


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "漏斗：期间内走到第一步的人，在窗口内依次走到其后每一步的人数、比例与用时，附 95% 区间。",
        "A funnel: of the people who take step 1 in the period, how many take each next step within the window, with "
        "95 % intervals and the time it takes.",
    ),
)
@lake_option
@first_day_option
@last_day_option
@click.option(
    "--step",
    "steps",
    multiple=True,
    required=True,
    help=say(
        "一步：事件类型，可加条件，如 'click,scan channel=weibo props.poster=2'；按顺序重复。",
        "A step: event types and conditions, such as 'click,scan channel=weibo props.poster=2'; repeated in order.",
    ),
)
@click.option(
    "--window",
    default="14d",
    show_default=True,
    help=say("从第一步起须在多久内走完，如 6h、14d。", "How long the way may take from step 1, such as 6h or 14d."),
)
@click.option(
    "--start",
    "rule",
    type=click.Choice(["first", "any"]),
    required=True,
    help=say(
        "起点：first 为每人首次，any 为任意一次；两者可差十倍，因此必须写明。",
        "The start: first is each person's first, any is any of them; they differ by up to ten times, so say which.",
    ),
)
@click.option(
    "--hold",
    default="",
    help=say("全程须相同的字段，如 object。", "A field that stays the same on the way, such as object."),
)
@click.option("--by", default="", help=say("按起点的这个字段分组。", "Tell groups apart by this field of the start."))
@market_option
@zone_option
@engine_option
@json_option
def command(
    address: str,
    first: datetime,
    last: datetime,
    steps: tuple[str, ...],
    window: str,
    rule: str,
    hold: str,
    by: str,
    market: str,
    zone: str,
    engine: str,
    as_json: bool,
) -> None:
    """Tell a funnel."""
    from canyu.measure.journeys import FunnelQuery, StartRule, compute_funnel, parse_step
    from canyu.measure.journeys.spans import parse_span

    parsed = tuple(parse_step(step) for step in steps)
    query = FunnelQuery(
        first.date(),
        last.date(),
        parsed,
        parse_span(window),
        StartRule(rule),
        hold=hold,
        by=by,
        zone=zone,
        market=market,
    )
    found = compute_funnel(open_on(address, engine), query)
    if as_json:
        click.echo(dump_json(describe_funnel(found)))
        return
    _tell_group(found.whole)
    for group in found.groups[:MOST_GROUPS]:
        click.echo(group.value or say("（未注明）", "(not stated)"))
        _tell_group(group, indent="  ")
    tell_notes((found.proof.definition, *found.notes), found.is_simulated)


def _tell_group(group: FunnelGroup, indent: str = "") -> None:
    for place, each in enumerate(group.steps):
        people, share = f"{each.people:,}", tell_share(each.of_start)
        taken = "" if not each.times else say(f"，中位用时 {_hours(each)}", f", half of them within {_hours(each)}")
        name = each.step.name
        told = (
            say(f"{people} 人", f"{people} people")
            if not place
            else say(f"{people} 人，{share}{taken}", f"{people} people, {share}{taken}")
        )
        click.echo(f"{indent}{place + 1}. {name}: {told}")


def _hours(step: FunnelStep) -> str:
    return f"{step.times.half_s / HOUR_S:.1f} h" if step.times else "—"


def describe_funnel(found: Funnel) -> dict[str, Any]:
    """Return a funnel as a program reads it."""
    query = found.query
    return {
        "from": query.start.isoformat(),
        "to": query.end.isoformat(),
        "zone": query.zone,
        "start": query.rule.value,
        "window_s": int(query.window.total_seconds()),
        "hold": query.hold,
        "by": query.by,
        "whole": _describe_group(found.whole),
        "groups": [{"value": group.value} | _describe_group(group) for group in found.groups],
        **describe_answer(found.proof, found.notes, found.is_simulated),
    }


def _describe_group(group: FunnelGroup) -> dict[str, Any]:
    return {"steps": [_describe_step(step) for step in group.steps], "still_open": group.still_open}


def _describe_step(step: FunnelStep) -> dict[str, Any]:
    from canyu.measure.estimate import describe_estimate

    times = step.times
    told = None
    if times:
        quantiles = {"p25_s": times.quarter_s, "p50_s": times.half_s, "p75_s": times.three_quarters_s}
        told = quantiles | {
            "grain_s": times.grain_s,
            "until_s": [{"s": s, "people": people} for s, people in times.bars],
        }
    return {
        "step": step.step.name,
        "people": step.people,
        "of_start": describe_estimate(step.of_start),
        "of_previous": describe_estimate(step.of_previous),
        "times": told,
    }
