"""``canyu attribution``: who gets the credit for orders, by several methods, share trees and what buyers say."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.engines import engine_option, open_on
from canyu.commands.journey_options import (
    describe_answer,
    tell_notes,
    tell_number,
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
    from canyu.measure.attribution import Attribution, Credits, Reconciliation, Referral

MOST_TOLD = 8


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "归因：把期间的订单按首次、末次、平分、位置、时间衰减、马尔可夫链与 Shapley 值分给之前的触点；"
        "并列分享树的推荐与买家自述。归因不是增量。",
        "Attribution: share out the orders of the period among the touches before them by first, last, linear, "
        "position, time decay, Markov chain and Shapley's value; beside it referrals by share trees and what buyers "
        "say. Attribution is not lift.",
    ),
)
@lake_option
@first_day_option
@last_day_option
@click.option(
    "--touch",
    default="view,click,scan,share,visit,join",
    show_default=True,
    help=say("哪些事件是触点，可加条件。", "Which events are touches, with conditions."),
)
@click.option(
    "--conversion", default="order", show_default=True, help=say("哪些事件是转化。", "Which events are conversions.")
)
@click.option(
    "--lookback", default="30d", show_default=True, help=say("触点往回算多久。", "How far back a touch counts.")
)
@click.option("--by", default="channel", show_default=True, help=say("触点按哪个字段命名。", "What names a touch."))
@click.option(
    "--method",
    "methods",
    multiple=True,
    type=click.Choice(["first", "last", "linear", "position", "decay", "markov", "shapley"]),
    help=say("方法，可重复；默认全部。", "A method, may be repeated; all by default."),
)
@click.option(
    "--half-life", default="7d", show_default=True, help=say("时间衰减的半衰期。", "The half-life of the time decay.")
)
@click.option(
    "--order",
    type=click.IntRange(1, 5),
    default=1,
    show_default=True,
    help=say("马尔可夫链记住几个触点。", "How many touches the Markov chain remembers."),
)
@market_option
@zone_option
@engine_option
@json_option
def command(
    address: str,
    first: datetime,
    last: datetime,
    touch: str,
    conversion: str,
    lookback: str,
    by: str,
    methods: tuple[str, ...],
    half_life: str,
    order: int,
    market: str,
    zone: str,
    engine: str,
    as_json: bool,
) -> None:
    """Tell the attribution."""
    from canyu.measure.attribution import Method, Model, compute_attribution, compute_referral, reconcile_survey
    from canyu.measure.journeys import JourneyQuery, parse_step
    from canyu.measure.journeys.spans import parse_span

    steps = (parse_step(touch), parse_step(conversion))
    query = JourneyQuery(first.date(), last.date(), *steps, parse_span(lookback), by, zone, market)
    lake = open_on(address, engine)
    chosen = tuple(Method(method) for method in methods) or tuple(Method)
    found = compute_attribution(lake, query, chosen, Model(parse_span(half_life), order))
    referral = compute_referral(lake, query.start, query.end, zone=zone, market=market)
    survey = reconcile_survey(lake, query)
    if as_json:
        described = describe_attribution(found)
        described |= {"referral": describe_referral(referral), "survey": describe_survey(survey)}
        click.echo(dump_json(described))
        return
    for credits in found.methods:
        _tell_credits(credits)
    _tell_beside(found, referral, survey)


def _tell_credits(credits: Credits) -> None:
    click.echo(f"{credits.method.value}: {credits.definition}")
    for one in credits.channels[:MOST_TOLD]:
        name = one.name or say("（未注明）", "(not stated)")
        share = "—" if one.share is None else f"{100 * one.share:.1f}%"
        click.echo(f"  {name}: {tell_number(one.conversions)} ({share})")


def _tell_beside(found: Attribution, referral: Referral, survey: Reconciliation) -> None:
    conversions, untouched = f"{found.conversions:,}", f"{found.untouched:,}"
    click.echo(
        say(
            f"转化 {conversions} 笔，其中 {untouched} 笔没有已知触点。",
            f"{conversions} conversions, {untouched} without a known touch.",
        )
    )
    shared = tell_share(referral.share)
    click.echo(say(f"经由他人分享的订单：{shared}", f"Orders through somebody's share: {shared}"))
    answered, mouth, unseen = (tell_share(each) for each in (survey.answered, survey.word_of_mouth, survey.unseen))
    click.echo(
        say(
            f"买家自述：{answered} 的转化有回答；回答者中 {mouth} 说是听别人讲的，其中 {unseen} 没有任何已知触点。",
            f"What buyers say: {answered} of conversions have an answer; of these {mouth} name another person, of whom "
            f"{unseen} have no known touch.",
        )
    )
    tell_notes((*found.notes, found.caveat), found.is_simulated)


def describe_attribution(found: Attribution) -> dict[str, Any]:
    """Return an attribution as a program reads it."""
    from canyu.measure.estimate import describe_estimate

    query = found.query
    return {
        "from": query.start.isoformat(),
        "to": query.end.isoformat(),
        "zone": query.zone,
        "touch": query.touch.name,
        "conversion": query.conversion.name,
        "lookback_s": int(query.lookback.total_seconds()),
        "by": query.by,
        "conversions": found.conversions,
        "untouched": found.untouched,
        "repeated": found.repeated,
        "currency": found.currency or None,
        "is_lift": False,
        "caveat": found.caveat.en,
        "methods": [
            {
                "method": credits.method.value,
                "definition": credits.definition.en,
                "channels": [
                    {
                        "name": one.name,
                        "conversions": describe_estimate(one.conversions),
                        "share": one.share,
                        "value_minor": one.value,
                        "removal_effect": one.removal,
                    }
                    for one in credits.channels
                ],
            }
            for credits in found.methods
        ],
        **describe_answer(found.proof, found.notes, found.is_simulated),
    }


def describe_referral(found: Referral) -> dict[str, Any]:
    """Return the referral credit as a program reads it."""
    from canyu.measure.estimate import describe_estimate

    return {
        "orders": found.orders,
        "share": describe_estimate(found.share),
        "states": found.states,
        "currency": found.currency or None,
        "channels": [
            {"name": one.name, "direct": one.direct, "tree": one.tree, "value_minor": one.value}
            for one in found.channels
        ],
        "sharers": [{"actor": one.actor, "orders": one.orders, "value_minor": one.value} for one in found.sharers],
        "definition": found.proof.definition.en,
    }


def describe_survey(found: Reconciliation) -> dict[str, Any]:
    """Return what was tracked and told as a program reads it."""
    from canyu.measure.estimate import describe_estimate

    return {
        "conversions": found.conversions,
        "answered": describe_estimate(found.answered),
        "told": {word: describe_estimate(one) for word, one in found.told.items()},
        "tracked": {place: describe_estimate(one) for place, one in found.tracked.items()},
        "word_of_mouth": describe_estimate(found.word_of_mouth),
        "unseen": describe_estimate(found.unseen),
        "bounds": list(found.bounds) if found.bounds else None,
        "cells": [
            {"answer": cell.answer, "tracked": cell.tracked, "conversions": cell.conversions} for cell in found.cells
        ],
        "definition": found.proof.definition.en,
    }
