"""``canyu hot-lists``: how long a brand and its rivals stood on hot lists, and how much of the time was observed."""

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
    zone_option,
)
from canyu.kit.jsonio import dump_json
from canyu.kit.words import get_language, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canyu.measure.hotlists import HotLists

MOST_TITLES = 5


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "品牌与所列竞品的热搜在榜分钟数、占已观测时间的比例、占这些品牌在榜时长的份额，以及快照覆盖了多少时间。",
        "Minutes on hot lists of a brand and its named competitors, as a share of the observed time and of the minutes "
        "of these brands, and how much of the time was observed.",
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
@click.option("--rival", "rivals", multiple=True, help=say("竞品标识，可重复。", "A competitor's id, may be repeated."))
@channel_option
@zone_option
@catalogue_option
@json_option
def command(
    address: str,
    first: datetime,
    last: datetime,
    brand: str,
    rivals: tuple[str, ...],
    channel: str,
    zone: str,
    catalogue_path: str,
    as_json: bool,
) -> None:
    """Tell the minutes on hot lists."""
    from canyu.events import open_lake
    from canyu.events.catalogue import load_catalogue
    from canyu.measure.figure import OverviewQuery
    from canyu.measure.hotlists import compute_hot_lists

    catalogue = load_catalogue(catalogue_path)
    home = brand or catalogue.home
    brands = list(dict.fromkeys((home, *rivals)))
    for one in brands:
        catalogue.get(one)
    found = compute_hot_lists(open_lake(address), OverviewQuery(first.date(), last.date(), zone, home, channel))
    described = describe_hot_lists(found, brands)
    if as_json:
        click.echo(dump_json(described))
        return
    for row in sorted(described["brands"], key=lambda row: -row["minutes"]):
        name, minutes, titles = catalogue.get_label(row["brand"], get_language()), f"{row['minutes']:,}", row["titles"]
        time, share = tell_share(row["share_of_observed_time"]), tell_share(row["share_of_these_brands"])
        click.echo(
            say(
                f"{name}：{minutes} 分钟，占已观测时间的 {time}，占这些品牌的 {share}，{titles} 个词条",
                f"{name}: {minutes} minutes, {time} of the observed time, {share} of these brands' minutes, "
                f"{titles} titles",
            )
        )
    for title in found.titles[:MOST_TITLES]:
        click.echo(f"  {title.title}: {title.minutes:,}")
    known, share = f"{found.whole.known_minutes:,}", tell_share(found.whole.share)
    click.echo(say(f"已观测 {known} 分钟，占期间的 {share}。", f"Observed: {known} minutes, {share} of the period."))


def tell_share(share: float | None) -> str:
    """Return a share in per cent, or a dash where it is not known.

    >>> tell_share(0.1234), tell_share(None)
    ('12.3%', '—')
    """
    return "—" if share is None else f"{100 * share:.1f}%"


def describe_hot_lists(found: HotLists, brands: Sequence[str]) -> dict[str, Any]:
    """Return time on hot lists as a program reads it; shares are of 1, and null where nothing was observed."""
    times = {time.brand: time for time in found.brands}
    minutes = {brand: times[brand].minutes if brand in times else 0 for brand in brands}
    known, total, whole = found.whole.known_minutes, sum(minutes.values()), found.whole
    return {
        "from": found.query.start.isoformat(),
        "to": found.query.end.isoformat(),
        "zone": found.query.zone,
        "definition": found.proof.definition.en,
        "versions": found.proof.versions,
        "model_version": found.model,
        "simulated": found.is_simulated,
        "coverage": {
            "captures": whole.captures,
            "known_minutes": known,
            "unknown_minutes": whole.unknown_minutes,
            "share": whole.share,
        },
        "brands": [
            {
                "brand": brand,
                "minutes": count,
                "titles": times[brand].titles if brand in times else 0,
                "share_of_observed_time": count / known if known else None,
                "share_of_these_brands": count / total if total else None,
            }
            for brand, count in minutes.items()
        ],
        "titles": [{"title": title.title, "minutes": title.minutes} for title in found.titles],
    }
