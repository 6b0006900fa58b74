"""``canyu metric``: any metric of the catalogue, with its interval, its counts and the query it came from."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.engines import engine_option, open_on
from canyu.commands.options import HELP_NAMES, json_option, zone_option
from canyu.kit.jsonio import dump_json
from canyu.kit.numbers import MISSING, format_full
from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.measure.catalogue import Cell, IndexResult, MetricResult
    from canyu.measure.estimate import Estimate

DAY = click.DateTime(["%Y-%m-%d"])
MOMENT = click.DateTime(["%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z"])


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "算一个指标（NAME），或科技普惠、生态、共鸣三个维度之一；--list 列出全部。",
        "Compute one metric (NAME), or one of the three dimensions; --list names them all.",
    ),
)
@click.argument("name", required=False)
@click.option("--list", "is_list", is_flag=True, help=say("列出全部指标后结束。", "Name every metric and end."))
@click.option(
    "--lake",
    "address",
    default="",
    help=say("数据湖：文件夹，或 s3://bucket/lake。", "The lake: a folder, or s3://bucket/lake."),
)
@click.option("--from", "first", type=DAY, help=say("第一天，按时区。", "The first day, in the zone."))
@click.option("--to", "last", type=DAY, help=say("最后一天，包含在内。", "The last day, included."))
@click.option(
    "--by",
    default="",
    help=say("维度，以逗号分隔，如 market,week。", "Dimensions, with commas between, as market,week."),
)
@click.option("--brand", default="", help=say("品牌标识。", "A brand's id."))
@click.option("--channel", default="", help=say("只看这个渠道，如 weibo。", "Only this channel, such as weibo."))
@click.option("--against", default="", help=say("与此渠道相比。", "The channel it is compared with."))
@click.option("--market", default="", help=say("只看这个市场。", "Only this market."))
@click.option("--home", default=None, help=say("本土市场，默认 cn。", "The home market, cn by default."))
@click.option("--campaign", default="", help=say("只看这个活动。", "Only this campaign."))
@click.option("--object", "object_", default="", help=say("只看这个对象。", "Only this object."))
@click.option("--segment", default="", help=say("细分市场。", "The segment of the market."))
@click.option("--title", default="", help=say("热搜词条包含的文字。", "What the titles on a list contain."))
@click.option("--message", default="", help=say("关键信息的标识。", "The id of a key message."))
@click.option("--rival", "rivals", multiple=True, help=say("竞品标识，可重复。", "A competitor, may be repeated."))
@click.option("--currency", default=None, help=say("货币，默认 CNY。", "The currency, CNY by default."))
@click.option("--once", "is_once", is_flag=True, help=say("剔除雷同帖。", "Leave copies out."))
@click.option("--window-days", type=int, default=None, help=say("跟踪期的天数。", "Days of the follow-up."))
@click.option("--minutes", type=int, default=None, help=say("窗口的分钟数。", "Minutes of the window."))
@click.option("--hours", type=int, default=None, help=say("时限的小时数。", "Hours of the limit."))
@click.option(
    "--since", type=MOMENT, help=say("窗口打开的时刻，如 2025-05-22T19:00+08:00。", "When the window opens, with zone.")
)
@click.option(
    "--as-of",
    type=MOMENT,
    help=say("站在哪一刻看；默认为最后一个事件。", "When we look; the last event by default."),
)
@click.option(
    "--versus",
    type=click.Choice(["previous", "year"]),
    help=say("与上期或上一年（按节日对齐）相比。", "Compare with the period before, or an aligned year before."),
)
@click.option(
    "--weight",
    "weights",
    multiple=True,
    help=say("维度中一个部分的权重，如 nps=2，可重复。", "A part's weight in a dimension, as nps=2; may be repeated."),
)
@zone_option
@engine_option
@json_option
def command(
    name: str | None,
    is_list: bool,
    address: str,
    first: datetime | None,
    last: datetime | None,
    by: str,
    weights: tuple[str, ...],
    engine: str,
    as_json: bool,
    **asked: Any,
) -> None:
    """Tell a metric, or name them all."""
    from canyu.measure.catalogue import (
        INDICES,
        compute_index,
        compute_metric,
        describe_index,
        describe_result,
        make_query,
    )

    if is_list:
        _list(as_json)
        return
    needed = (("NAME", name), ("--lake", address), ("--from", first), ("--to", last))
    absent = [told for told, value in needed if not value]
    if absent or not name or first is None or last is None:
        raise click.UsageError(say(f"缺少 {absent[0]}。", f"{absent[0]} is missing."))
    asked["object"] = asked.pop("object_")
    given = {key: value for key, value in asked.items() if value not in (None, "", (), False)}
    query = make_query(name, first.date(), last.date(), by.split(","), given)  # type: ignore[arg-type]  # its fields
    lake = open_on(address, engine)
    if name in INDICES:
        found = compute_index(lake, query, _read_weights(weights))
        click.echo(dump_json(describe_index(found)) if as_json else _tell_index(found))
        return
    result = compute_metric(lake, query)
    click.echo(dump_json(describe_result(result)) if as_json else _tell(result))


def _read_weights(weights: tuple[str, ...]) -> dict[str, float]:
    found = {}
    for told in weights:
        metric, _, number = told.partition("=")
        try:
            found[metric] = float(number)
        except ValueError as error:
            raise click.UsageError(
                say(f"--weight {told} 不对，请写成 nps=2。", f"--weight {told} is wrong: write nps=2.")
            ) from error
    return found


def _list(as_json: bool) -> None:
    from canyu.measure.catalogue import INDICES, METRICS, THEMES, describe_metric

    if as_json:
        click.echo(dump_json([describe_metric(metric) for metric in METRICS.values()]))
        return
    for theme, title in THEMES.items():
        click.echo(str(title))
        for metric in METRICS.values():
            if metric.theme is theme:
                click.echo(f"  {metric.name}  {metric.label}  {', '.join(metric.dimensions)}")
    click.echo(say("三个维度", "The three dimensions"))
    for index in INDICES.values():
        click.echo(f"  {index.name}  {index.label}  {', '.join(part.metric for part in index.parts)}")


def _tell(result: MetricResult) -> str:
    metric, proof = result.metric, result.proof
    lines = [f"{metric.label} ({metric.unit})" if str(metric.unit) else str(metric.label)]
    lines += [f"  {_name(cell)}{_tell_estimate(cell.estimate)}" for cell in result.cells]
    versions = ", ".join(f"{table} {version}" for table, version in proof.versions.items())
    lines.append(
        say(f"计入 {proof.rows:,} 行；数据版本 {versions}。", f"{proof.rows:,} rows; data version {versions}.")
    )
    lines += [str(proof.definition), *(str(caveat) for caveat in proof.caveats)]
    if result.is_simulated:
        lines.append(say("含模拟数据（演练）", "Contains simulated data (rehearsal)"))
    return "\n".join(lines)


def _name(cell: Cell) -> str:
    named = " · ".join(value or say("未注明", "not stated") for _, value in cell.keys)
    return f"{named}: " if named else ""


def _tell_estimate(estimate: Estimate) -> str:
    if estimate.value is None:
        return f"— ({estimate.missing})"
    told = format_full(estimate.value)
    if estimate.low is not None or estimate.high is not None:
        told += f" [{format_full(estimate.low)}, {format_full(estimate.high)}]"
    return " ".join((told, *(str(note) for note in estimate.notes)))


def _tell_index(found: IndexResult) -> str:
    lines = [f"{found.index.label}: {_tell_estimate(found.estimate)}", str(found.index.definition)]
    for one in found.parts:
        value = one.result.cells[0].estimate if one.result else None
        told = _tell_estimate(value) if value else f"— ({one.missing})"
        score = MISSING if one.score is None else f"{one.score:.1f}"
        lines.append(
            say(
                f"  {one.part.metric}：{told}，得分 {score}，权重 {one.weight:g}",
                f"  {one.part.metric}: {told}, score {score}, weight {one.weight:g}",
            )
        )
    return "\n".join(lines)
