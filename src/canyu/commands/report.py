"""``canyu report``: the overview as an HTML page or a PDF to hand on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from canyu.commands.engines import engine_option, open_on
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
from canyu.kit.words import Words, say


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "写出一段时间的口碑总览：声量、情感、声量份额、产品、帖子、热搜。",
        "Write the word-of-mouth overview of a period: volume, sentiment, share of voice, products, posts, hot lists.",
    ),
)
@lake_option
@first_day_option
@last_day_option
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help=say("report.html 或 report.pdf", "report.html or report.pdf"),
)
@click.option(
    "--lang",
    default="zh",
    type=click.Choice(["zh", "en"]),
    show_default=True,
    help=say("报告的语言。", "The language."),
)
@click.option(
    "--brand",
    default=None,
    help=say(
        "产品目录里的品牌；默认用目录的主品牌，'' 表示全部帖子。",
        "A brand of the catalogue; its home brand by default, '' for all posts.",
    ),
)
@channel_option
@market_option
@zone_option
@catalogue_option
@engine_option
@json_option
def command(  # one argument per option
    address: str,
    first: datetime,
    last: datetime,
    out: Path,
    lang: str,
    brand: str | None,
    channel: str,
    market: str,
    zone: str,
    catalogue_path: str,
    engine: str,
    as_json: bool,
) -> None:
    """Write the overview of a period."""
    from canyu.events.catalogue import load_catalogue
    from canyu.kit.clock import get_now
    from canyu.kit.jsonio import dump_json
    from canyu.measure import OverviewQuery, Subject, compute_overview, describe_figure, write_report

    catalogue = load_catalogue(catalogue_path)
    labels = {entry.id: entry.name for entry in catalogue.entries}
    chosen = catalogue.home if brand is None else brand
    query = OverviewQuery(first.date(), last.date(), zone, chosen, channel, market)
    lake = open_on(address, engine)
    overview = compute_overview(lake, query, labels)
    write_report(Subject(overview, lang, labels.get(chosen, Words(chosen, chosen)), get_now()), out)
    if as_json:
        values = {figure.name: figure.value for figure in overview.figures}
        click.echo(dump_json({"out": str(out), "figures": values, "engine": lake.engine.name}))
        return
    for figure in overview.figures:
        click.echo(describe_figure(figure, lang))
    click.echo(f"{out}")
