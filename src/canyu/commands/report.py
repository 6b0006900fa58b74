"""``canyu report``: the overview as an HTML page or a PDF to hand on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from canyu.commands.options import HELP_NAMES, catalogue_option, json_option
from canyu.kit.words import Words, say

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "写出一段时间的口碑总览：声量、情感、声量份额、产品、帖子、热搜。",
        "Write the word-of-mouth overview of a period: volume, sentiment, share of voice, products, posts, hot lists.",
    ),
)
@click.option(
    "--lake",
    "path",
    required=True,
    help=say("数据湖：文件夹，或对象存储的地址。", "The lake: a folder, or the address of an object store."),
)
@click.option(
    "--from",
    "first",
    required=True,
    type=DAY,
    help=say("第一天，如 2025-01-01，按品牌所在时区。", "The first day, as 2025-01-01, in the brand's zone."),
)
@click.option("--to", "last", required=True, type=DAY, help=say("最后一天，包含在内。", "The last day, included."))
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
@click.option("--channel", default="", help=say("只看这个渠道，如 weibo。", "Only this channel, such as weibo."))
@click.option("--market", default="", help=say("只看这个市场。", "Only this market."))
@click.option(
    "--zone",
    default="Asia/Shanghai",
    show_default=True,
    help=say("品牌按哪个时区分日。", "The time zone of the brand's days."),
)
@catalogue_option
@click.option(
    "--engine",
    default="duckdb",
    show_default=True,
    help=say("duckdb、local、local[2] 或 spark://host:7077。", "duckdb, local, local[2] or spark://host:7077."),
)
@json_option
def command(  # one argument per option
    path: str,
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
    from canyu.engine import open_engine
    from canyu.events import open_lake
    from canyu.events.catalogue import load_catalogue
    from canyu.kit.clock import get_now
    from canyu.kit.jsonio import dump_json
    from canyu.measure import OverviewQuery, Subject, compute_overview, describe_figure, write_report

    catalogue = load_catalogue(catalogue_path)
    labels = {entry.id: entry.name for entry in catalogue.entries}
    chosen = catalogue.home if brand is None else brand
    query = OverviewQuery(first.date(), last.date(), zone, chosen, channel, market)
    lake = open_lake(path)
    if engine != lake.engine.name:  # only now, for a Spark session takes its time to start
        lake = open_lake(path, engine=open_engine(engine))
    overview = compute_overview(lake, query, labels)
    write_report(Subject(overview, lang, labels.get(chosen, Words(chosen, chosen)), get_now()), out)
    if as_json:
        values = {figure.name: figure.value for figure in overview.figures}
        click.echo(dump_json({"out": str(out), "figures": values, "engine": lake.engine.name}))
        return
    for figure in overview.figures:
        click.echo(describe_figure(figure, lang))
    click.echo(f"{out}")
