"""``canyu spread learn``: a graph of influence from what a lake's posts and reposts show."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from canyu.commands.options import HELP_NAMES, channel_option, json_option, lake_option, zone_option
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

if TYPE_CHECKING:
    import pyarrow as pa

METHODS = {
    "em": "continuous_time_em",
    "credit": "credit_distribution",
    "untimed-em": "independent_cascade_em",
    "constant": "constant",
}
DAY = click.DateTime(["%Y-%m-%d"])


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "从湖里的帖子和转发学出影响图：谁带动谁的概率与延迟，并说明由哪一版数据算出。抹除某人之后必须重学。",
        "Learn from a lake's posts and reposts who sets whom off, how likely and how soon; the graph says which "
        "version of the data it was computed on. Learn it again after somebody was erased.",
    ),
)
@lake_option
@click.option("--out", required=True, type=click.Path(path_type=Path), help=say("新的文件夹。", "A new folder."))
@click.option("--from", "first", type=DAY, help=say("第一天；默认从最早。", "The first day; all by default."))
@click.option("--to", "last", type=DAY, help=say("最后一天，包含在内。", "The last day, included."))
@channel_option
@zone_option
@click.option(
    "--method",
    type=click.Choice(list(METHODS)),
    default="em",
    show_default=True,
    help=say("怎样由传播链得出概率。", "How probabilities come from cascades."),
)
@click.option(
    "--follows",
    type=click.Path(path_type=Path),
    help=say(
        "关注关系的表格：从没观察到的一对保留其中的概率。",
        "A follower graph (a table): pairs that were never observed keep its probability.",
    ),
)
@click.option(
    "--source", default="src", show_default=True, help=say("其中被关注者的列。", "Its column of those who are read.")
)
@click.option(
    "--target", default="dst", show_default=True, help=say("其中关注者的列。", "Its column of those who read.")
)
@click.option(
    "--probability",
    default="probability",
    show_default=True,
    help=say("其中概率的列，可以没有。", "Its column of probabilities; may be absent."),
)
@click.option(
    "--prior",
    type=click.FloatRange(0),
    help=say(
        "先验概率相当于多少次尝试；默认按留出的传播链选。",
        "How many trials a prior counts for; chosen on held-out cascades if not given.",
    ),
)
@click.option(
    "--calibrate",
    is_flag=True,
    help=say(
        "把关注关系里的概率统一乘一个系数，使其在试过的边上与实际相符。",
        "Multiply the follower graph's probabilities by one factor, so that they fit the pairs that were tried.",
    ),
)
@click.option(
    "--fewest",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help=say("一对账号至少要被转发说明几次。", "How often reposts must state a pair."),
)
@json_option
def command(
    address: str,
    out: Path,
    first: datetime | None,
    last: datetime | None,
    channel: str,
    zone: str,
    method: str,
    follows: Path | None,
    source: str,
    target: str,
    probability: str,
    prior: float | None,
    calibrate: bool,
    fewest: int,
    as_json: bool,
) -> None:
    """Learn a graph of influence from a lake."""
    from canyu.events import open_lake
    from canyu.kit.errors import BadInput
    from canyu.kit.words import Words
    from canyu.spread.influence import FitSettings, Method
    from canyu.spread.influence.from_lake import LakePart, learn_from_lake, save_learned
    from canyu.spread.influence.learning import LearnSettings

    if out.exists():  # told before the work, not after it
        raise BadInput(
            Words(f"{out} 已经存在。", f"{out} is there already."),
            mend=Words("请换一个名字，或先删除它。", "Give another name, or delete it first."),
        )
    clock = ZoneInfo(zone)
    begin = None if first is None else first.replace(tzinfo=clock)
    end = None if last is None else (last + timedelta(days=1)).replace(tzinfo=clock)
    known = None if follows is None else read_follows(follows, (source, target, probability))
    settings = LearnSettings(FitSettings(Method(METHODS[method]), prior), fewest=fewest, is_calibrated=calibrate)
    learned, about = learn_from_lake(open_lake(address), LakePart(begin, end, channel), known, settings)
    graph = save_learned(learned, about, out)
    if as_json:
        click.echo(dump_json({"folder": str(out), "nodes": graph.nodes, "graph_arcs": graph.arcs, **about}))
        return
    for line in tell_learned(about):
        click.echo(line)
    click.echo(say(f"影响图：{out}", f"The graph: {out}"))


def read_follows(path: Path, columns: tuple[str, str, str]) -> pa.Table:
    """Return a follower graph as source, target and, where its column is there, prior; raises BadInput by row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from canyu.events.importers.readers import FileFormat
    from canyu.kit.errors import BadInput
    from canyu.kit.words import Words
    from canyu.listen.sheets import open_sheet

    sheet = open_sheet(path, FileFormat("", "", ""))
    table = pa.concat_tables([piece.table for piece in sheet.read_pieces()])
    for name in columns[:2]:
        if name not in table.column_names:
            listed = ", ".join(table.column_names)
            raise BadInput(
                Words(f"没有列“{name}”；有的是 {listed}。", f"there is no column {name}; there are {listed}."),
                mend=Words("请用 --source 和 --target 指出。", "Name it with --source and --target."),
            )
    found = {"source": table[columns[0]].cast(pa.string()), "target": table[columns[1]].cast(pa.string())}
    if columns[2] in table.column_names:
        chances = table[columns[2]]
        if pa.types.is_string(chances.type):
            texts = pc.utf8_trim_whitespace(pc.fill_null(chances, ""))
            is_number = pc.match_substring_regex(texts, r"^[0-9.]+([eE][+-]?[0-9]+)?$")
            if not pc.all(is_number).as_py():
                row = pc.index(is_number, False).as_py() + 1
                raise BadInput(
                    Words(f"第 {row} 行的“{columns[2]}”不是数。", f"row {row}: {columns[2]} is no number."),
                    mend=Words("概率是 0 到 1 的数。", "A probability is a number from 0 to 1."),
                )
            chances = texts
        found["prior"] = chances.cast(pa.float64())
    return pa.table(found)


def tell_learned(about: dict[str, Any]) -> list[str]:
    """Return what was learned, in words."""
    arcs, tried, cascades = f"{about['arcs']:,}", f"{about['arcs_tried']:,}", f"{about['cascades']:,}"
    lines = [
        say(
            f"由 {cascades} 条传播链学出 {arcs} 条边，其中 {tried} 条试过。",
            f"{arcs} arcs from {cascades} cascades; {tried} of them were tried.",
        )
    ]
    if about["median_delay_s"] is not None:
        minutes = f"{about['median_delay_s'] / 60:,.0f}"
        lines.append(say(f"延迟的中位数：{minutes} 分钟。", f"Median delay: {minutes} minutes."))
    if not about["held_out"]:
        lines.append(say("传播链太少，没有留出检验。", "Too few cascades to hold some out: not judged."))
        return lines
    judged = about["held_out"][-1]
    gain, low, high = (f"{judged[name]:+.5f}" for name in ("gain", "gain_low", "gain_high"))
    many = f"{judged['cascades']:,}"
    lines.append(
        say(
            f"在留出的 {many} 条上，每次尝试的对数似然比单一概率高 {gain}（95% 区间 {low} 至 {high}）。",
            f"On {many} held-out cascades it gains {gain} nats per trial on one probability "
            f"(95 % interval {low} to {high}).",
        )
    )
    if judged["gain_high"] < 0 and about["arcs_with_prior"] and about["prior_factor"] == 1.0:
        lines.append(
            say(
                "关注关系里的概率与这里的转发不符：可加 --calibrate。",
                "The follower graph's probabilities do not fit these reposts: try --calibrate.",
            )
        )
    return lines
