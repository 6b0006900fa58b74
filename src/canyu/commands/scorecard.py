"""``canyu scorecard``: the scorecard of a period as an HTML page or a PDF."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from canyu.commands.engines import engine_option, open_on
from canyu.commands.options import (
    HELP_NAMES,
    catalogue_option,
    first_day_option,
    json_option,
    lake_option,
    last_day_option,
    zone_option,
)
from canyu.kit.errors import BadInput
from canyu.kit.words import Words, say

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "写出一段时间的记分卡：目标与实际、三个维度、什么变了为什么、哪些说法站得住。",
        "Write the scorecard of a period: targets against actual, the indices, what moved and why, what is proven.",
    ),
)
@lake_option
@first_day_option
@last_day_option
@click.option("--out", required=True, type=FILE, help=say("score.html 或 score.pdf", "score.html or score.pdf"))
@click.option(
    "--lang", default="zh", type=click.Choice(["zh", "en"]), show_default=True, help=say("语言。", "The language.")
)
@click.option("--brand", default=None, help=say("默认用目录的主品牌。", "The catalogue's home brand by default."))
@click.option(
    "--by", default="channel", show_default=True, help=say("变化按什么拆开。", "What changes are taken apart by.")
)
@click.option(
    "--target", "targets", multiple=True, help=say("目标，如 orders=1000。", "A target, such as orders=1000.")
)
@click.option("--weight", "weights", multiple=True, help=say("权重，如 nps=2。", "A weight, such as nps=2."))
@click.option("--claims", "claims_file", type=FILE, help=say("要核验的说法文件。", "A file of claims to be checked."))
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
    by: str,
    targets: tuple[str, ...],
    weights: tuple[str, ...],
    claims_file: Path | None,
    zone: str,
    catalogue_path: str,
    engine: str,
    as_json: bool,
) -> None:
    """Write the scorecard of a period."""
    from canyu.events.catalogue import load_catalogue
    from canyu.kit.clock import get_now
    from canyu.kit.jsonio import dump_json
    from canyu.measure.claims import REASONS, check_claims, load_claims
    from canyu.measure.report import write_report
    from canyu.measure.scorecard import CardQuery, CardReport, Goal, ToldClaim, compute_scorecard

    catalogue = load_catalogue(catalogue_path)
    chosen = catalogue.home if brand is None else brand
    goals = [Goal(name, value, first.date(), "—") for name, value in map(read_pair, targets)]
    query = CardQuery(first.date(), last.date(), zone, chosen, by, dict(map(read_pair, weights)))
    lake = open_on(address, engine)
    checks = check_claims(lake, load_claims(claims_file), get_now()) if claims_file else []
    told = [ToldClaim(one.claim.statement, one.judged.verdict, REASONS[one.judged.reason]) for one in checks]
    card = compute_scorecard(lake, query, goals, told)
    labels = {entry.id: entry.name for entry in catalogue.entries}
    write_report(CardReport(card, lang, labels.get(chosen, Words(chosen, chosen)), get_now()), out)
    from canyu.measure.scorecard.describing import describe_card

    click.echo(dump_json({"out": str(out), **describe_card(card)}) if as_json else str(out))


def read_pair(told: str) -> tuple[str, float]:
    """Return a metric's name and a number; raises BadInput.

    >>> read_pair("orders=1000")
    ('orders', 1000.0)
    """
    name, _equals, number = told.partition("=")
    try:
        return name, float(number)
    except ValueError as error:
        raise BadInput(
            Words(f"{told!r} 不是“指标=数字”。", f"{told!r} is no metric=number."),
            mend=Words("请写成 orders=1000。", "Write it as orders=1000."),
        ) from error
