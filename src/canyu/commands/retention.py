"""``canyu retention``: of those who began in a week, how many were back in each week after, or what they spent."""

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
    from canyu.measure.journeys import Retention


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "按周留存：每周新开始的人，其后各周又来的比例，或人均花费，附 95% 区间。",
        "Retention by week: of the people who began in each week, the share that was back in each week after, or what "
        "they spent each, with 95 % intervals.",
    ),
)
@lake_option
@first_day_option
@last_day_option
@click.option(
    "--begin",
    required=True,
    help=say(
        "怎样算开始，如 join 或 'order channel=jd'；取湖中有史以来第一次。",
        "What begins, such as join or 'order channel=jd'; a person's first one ever in the lake.",
    ),
)
@click.option(
    "--back",
    default="",
    help=say("怎样算又来了；默认与 --begin 相同。", "What counts as being back; as --begin by default."),
)
@click.option(
    "--quantity",
    type=click.Choice(["people", "revenue"]),
    default="people",
    show_default=True,
    help=say("看人数，还是人均花费。", "The share of people, or money per person."),
)
@market_option
@zone_option
@engine_option
@json_option
def command(
    address: str,
    first: datetime,
    last: datetime,
    begin: str,
    back: str,
    quantity: str,
    market: str,
    zone: str,
    engine: str,
    as_json: bool,
) -> None:
    """Tell the retention."""
    from canyu.measure.journeys import Quantity, RetentionQuery, compute_retention, parse_step

    begins = parse_step(begin)
    counted = Quantity(quantity)
    query = RetentionQuery(
        first.date(), last.date(), begins, parse_step(back) if back else begins, counted, zone=zone, market=market
    )
    found = compute_retention(open_on(address, engine), query)
    if as_json:
        click.echo(dump_json(describe_retention(found)))
        return
    tell = tell_share if counted is Quantity.PEOPLE else tell_number
    for cohort in found.cohorts:
        weeks = "  ".join("—" if week.value is None else tell(week).partition(" ")[0] for week in cohort.weeks)
        people = f"{cohort.people:,}"
        click.echo(
            say(f"{cohort.monday} {people} 人 {cohort.currency}", f"{cohort.monday} {people} people {cohort.currency}")
        )
        click.echo(f"  {weeks}")
    for later, week in enumerate(found.curve):
        click.echo(say(f"第 {later} 周：{tell(week)}", f"Week {later}: {tell(week)}"))
    tell_notes((found.proof.definition, *found.notes), found.is_simulated)


def describe_retention(found: Retention) -> dict[str, Any]:
    """Return a retention as a program reads it; weeks of which nothing is known are null."""
    from canyu.measure.estimate import describe_estimate

    query = found.query
    return {
        "from": query.start.isoformat(),
        "to": query.end.isoformat(),
        "zone": query.zone,
        "begin": query.begins.name,
        "back": query.back.name,
        "quantity": query.quantity.value,
        "cohorts": [
            {
                "monday": cohort.monday.isoformat(),
                "currency": cohort.currency or None,
                "people": cohort.people,
                "weeks": [describe_estimate(week) for week in cohort.weeks],
            }
            for cohort in found.cohorts
        ],
        "curve": [describe_estimate(week) for week in found.curve],
        **describe_answer(found.proof, found.notes, found.is_simulated),
    }
