"""``canyu share-of-voice``: how much of what is said of the field is said of one brand, by week."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.options import (
    HELP_NAMES,
    catalogue_option,
    channel_option,
    first_day_option,
    json_option,
    lake_option,
    last_day_option,
    market_option,
    zone_option,
)
from canyu.kit.jsonio import dump_json
from canyu.kit.words import get_language, say

if TYPE_CHECKING:
    from canyu.measure.voice import ShareOfVoice, Span, Voice

MOST_TOLD = 5


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "品牌相对所列竞品的声量份额，全期与逐周，含雷同帖与去重两种口径，附 95% 区间。",
        "The share of voice of a brand among its named competitors, for the period and by week, with copies and "
        "without, with 95 % intervals.",
    ),
)
@lake_option
@first_day_option
@last_day_option
@click.option(
    "--brand",
    default="",
    help=say("品牌标识；默认为产品目录的主品牌。", "A brand's id; the catalogue's own by default."),
)
@click.option(
    "--rival",
    "rivals",
    multiple=True,
    help=say(
        "竞品标识，可重复；默认为产品目录中标为竞品的全部品牌。",
        "A competitor's id, may be repeated; by default all that the catalogue marks as competitors.",
    ),
)
@click.option(
    "--without-own",
    is_flag=True,
    help=say("剔除产品目录里登记的官方账号。", "Leave out the brands' own accounts that the catalogue registers."),
)
@channel_option
@market_option
@zone_option
@catalogue_option
@json_option
def command(
    address: str,
    first: datetime,
    last: datetime,
    brand: str,
    rivals: tuple[str, ...],
    without_own: bool,
    channel: str,
    market: str,
    zone: str,
    catalogue_path: str,
    as_json: bool,
) -> None:
    """Tell the share of voice."""
    from canyu.events import open_lake
    from canyu.events.catalogue import load_catalogue
    from canyu.events.own_accounts import find_own_actors
    from canyu.measure.figure import OverviewQuery
    from canyu.measure.voice import compute_share_of_voice, list_field

    catalogue = load_catalogue(catalogue_path)
    home = brand or catalogue.home
    field = list_field(catalogue, home)
    for rival in rivals:
        catalogue.get(rival)
    query = OverviewQuery(first.date(), last.date(), zone, home, channel, market)
    lake = open_lake(address)
    own = find_own_actors(lake, catalogue.accounts) if without_own else None
    found = compute_share_of_voice(lake, query, (home, *rivals) if rivals else field, without=own)
    if as_json:
        click.echo(dump_json(describe_share(found)))
        return
    language = get_language()
    for voice in sorted(found.whole.raw, key=lambda voice: -voice.mentions)[:MOST_TOLD]:
        name = catalogue.get_label(voice.brand, language)
        once = found.whole.find(voice.brand, is_once=True)
        click.echo(
            say(
                f"{name}：{tell_voice(voice)}；去重 {tell_voice(once)}",
                f"{name}: {tell_voice(voice)}; without copies {tell_voice(once)}",
            )
        )
    for week in found.weeks:
        once = week.find(home, is_once=True)
        known, days = tell_voice(once), f"{week.observed}/{week.days}"
        click.echo(
            say(
                f"{week.first} 至 {week.last}（{days} 天有数据）：去重 {known}",
                f"{week.first} to {week.last} ({days} days with data): without copies {known}",
            )
        )


def tell_voice(voice: Voice | None) -> str:
    """Return a share with its interval and count, or a dash where it is not known.

    >>> from canyu.measure.voice import Voice
    >>> tell_voice(Voice("a", 3, 25.0, 8.9, 53.2)), tell_voice(None)
    ('25.0% [8.9, 53.2] (3)', '—')
    """
    if voice is None or voice.share is None:
        return "—"
    return f"{voice.share:.1f}% [{voice.low:.1f}, {voice.high:.1f}] ({voice.mentions})"


def describe_share(found: ShareOfVoice) -> dict[str, Any]:
    """Return a share of voice as a program reads it."""
    return {
        "brand": found.query.brand,
        "brands": list(found.brands),
        "zone": found.query.zone,
        "definition": found.proof.definition.en,
        "caveats": [caveat.en for caveat in found.proof.caveats],
        "versions": found.proof.versions,
        "model_version": found.model,
        "simulated": found.is_simulated,
        "whole": describe_span(found.whole),
        "weeks": [describe_span(week) for week in found.weeks],
    }


def describe_span(span: Span) -> dict[str, Any]:
    """Return a week or period as a program reads it; what is not known is null."""
    row: dict[str, Any] = {"first": span.first.isoformat(), "last": span.last.isoformat()}
    row |= {"days": span.days, "observed_days": span.observed}
    for name, voices in (("raw", span.raw), ("without_copies", span.once)):
        row[name] = [describe_voice(voice) for voice in voices] if span.is_known else None
    return row


def describe_voice(voice: Voice) -> dict[str, Any]:
    """Return one brand's share as a program reads it."""
    shares = {"share": voice.share, "low": voice.low, "high": voice.high}
    return {"brand": voice.brand, "mentions": voice.mentions, **shares}
