"""``canyu listen``: score what is new in a lake."""

from __future__ import annotations

from dataclasses import asdict

import click

from canyu.commands.options import HELP_NAMES, catalogue_option, json_option, lake_option, storylines_option
from canyu.kit.clock import get_now
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "读懂大家说的话：情感，以及提到的品牌和产品。可随时停下再继续。",
        "Score what people said: sentiment, and the brands and products they speak of. Stop and repeat at any time.",
    ),
)
@lake_option
@catalogue_option
@click.option(
    "--model",
    default="",
    help=say(
        "情感模型的版本；默认用控制台里启用的，没有则用已安装的最新一个。",
        "A sentiment model by its version; by default the one activated in the console, or else the newest installed.",
    ),
)
@storylines_option
@click.option(
    "--limit",
    default=0,
    type=click.IntRange(min=0),
    help=say("最多处理这么多条事件；0 表示全部。", "Score at most so many events; 0 is all."),
)
@click.option(
    "--rescore",
    is_flag=True,
    help=say(
        "清除各版本模型以前的打分，全部重新打分。",
        "Forget what was scored before, of every version, and score all again.",
    ),
)
@click.option(
    "--zone",
    default="Asia/Shanghai",
    show_default=True,
    help=say("话题与协同分组按哪个时区的日与周。", "Whose days and weeks topics and groups of accounts are found by."),
)
@json_option
def command(
    address: str,
    catalogue_path: str,
    model: str,
    storylines_path: str,
    limit: int,
    rescore: bool,
    zone: str,
    as_json: bool,
) -> None:
    """Score what is new in a lake."""
    from canyu.events import open_lake
    from canyu.events.catalogue import load_catalogue
    from canyu.listen.active_model import find_active_model, find_state_folder, list_folders
    from canyu.listen.pipeline import Extent, forget, listen
    from canyu.listen.scorer import load_scorer

    lake = open_lake(address)
    state = find_state_folder(address)
    version, catalogue = model or find_active_model(state), load_catalogue(catalogue_path)
    scorer = load_scorer(catalogue, model=version, storylines=storylines_path, folders=list_folders(state))
    if rescore:
        forget(lake)
    with click.progressbar(length=1000, label=say("读懂文本", "listening"), hidden=as_json, show_eta=True) as bar:
        heard = listen(
            lake,
            scorer,
            now=get_now(),
            extent=Extent(limit, zone),
            report=lambda done, total: bar.update(1000 * done // total - bar.pos),
        )
    if as_json:
        click.echo(dump_json(asdict(heard)))
        return
    scored, mentions, version = f"{heard.scored:,}", f"{heard.mentions:,}", heard.model_version
    click.echo(
        say(
            f"已为 {scored} 条事件打分，找到品牌和产品提及 {mentions} 处，模型 {version}。",
            f"{scored} events scored, {mentions} mentions of brands and products, by {version}.",
        )
    )
    if any(heard.found.values()):
        topics, weeks, days = (f"{heard.found[name]:,}" for name in ("topics", "coordination", "rumours"))
        click.echo(
            say(
                f"重新归纳：{topics} 个日与周的话题，{weeks} 周的协同发帖，{days} 天的待核实说法。",
                f"Found again: topics of {topics} days and weeks, accounts that post as one in {weeks} weeks, "
                f"claims of {days} days.",
            )
        )
    if heard.remaining:
        left = f"{heard.remaining:,}"
        click.echo(say(f"还有 {left} 条留待下次。", f"{left} are left for the next time."))
