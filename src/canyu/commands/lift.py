"""``canyu lift``: what something brought, by a written design, with its placebos; and which markets to choose."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.engines import engine_option, open_on
from canyu.commands.estimates import describe_proof
from canyu.commands.options import HELP_NAMES, json_option
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words, get_language, say

if TYPE_CHECKING:
    from canyu.measure.lift import Lift, LiftDesign, MarketChoice, Panel

MOST_TOLD = 8
MOST_MARKETS = 10


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "按写好的设计文件估计增量：双重差分、合成控制、合成双重差分、地区增量、带对照的前后比较、事件研究；"
        "附时间与空间的安慰剂。",
        "Estimate a lift by a written design: difference in differences, synthetic control, synthetic difference in "
        "differences, geo lift, before and after with controls, event study; with placebos in time and in space.",
    ),
)
@click.option(
    "--design",
    "design_path",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help=say("设计文件（YAML）。", "The design, a YAML file."),
)
@click.option(
    "--lake",
    "address",
    default="",
    help=say("数据湖；按设计的 outcome 统计。", "A lake, counted as the design's outcome says."),
)
@click.option(
    "--table",
    "table_path",
    default=None,
    type=click.Path(dir_okay=False, path_type=Path),
    help=say("CSV 或 Parquet 表，每行一个单元一个时间。", "A CSV or Parquet table, a row per unit and time."),
)
@click.option(
    "--unit", default="unit", show_default=True, help=say("表中单元所在的列。", "The table's column of units.")
)
@click.option("--time", default="time", show_default=True, help=say("表中时间所在的列。", "Its column of times."))
@click.option("--value", default="value", show_default=True, help=say("表中数值所在的列。", "Its column of values."))
@click.option(
    "--wide",
    is_flag=True,
    help=say("表中每个单元一列。", "The table has a column per unit."),
)
@engine_option
@click.option(
    "--markets",
    type=int,
    default=0,
    help=say(
        "不估计，而是按这么多时段的实验挑选市场并给出功效，只用开始之前的数据。",
        "Instead, choose markets for a study of so many periods, with its power, from what lies before the start.",
    ),
)
@json_option
def command(
    design_path: Path,
    address: str,
    table_path: Path | None,
    unit: str,
    time: str,
    value: str,
    wide: bool,
    engine: str,
    markets: int,
    as_json: bool,
) -> None:
    """Tell the lift of a design."""
    from canyu.measure.lift import PanelColumns, compute_lift, load_design, read_panel_file

    design = load_design(design_path)
    if (table_path is None) == (not address):
        raise BadInput(
            Words("请给出 --lake 或 --table 之一。", "Give either --lake or --table."),
            mend=Words("两者择一。", "One of the two."),
        )
    if table_path is None:
        panel = _read_lake(design, address, engine)
    else:
        panel = read_panel_file(table_path, PanelColumns("" if wide else unit, time, "" if wide else value))
    if markets:
        _tell_markets(panel, design, markets, as_json)
        return
    lift = compute_lift(panel, design)
    if as_json:
        click.echo(dump_json(describe_lift(lift)))
        return
    for line in tell_lift(lift):
        click.echo(line)


def _read_lake(design: LiftDesign, address: str, engine: str) -> Panel:
    from canyu.measure.lift import read_study

    lake = open_on(address, engine)
    return read_study(lake, design)


def _tell_markets(panel: Panel, design: LiftDesign, length: int, as_json: bool) -> None:
    from canyu.measure.lift import choose_for_design

    choices = choose_for_design(panel, design, length)[:MOST_MARKETS]
    if as_json:
        click.echo(dump_json({"length": length, "choices": [describe_choice(choice) for choice in choices]}))
        return
    for choice in choices:
        names, seen = ", ".join(choice.markets), f"{100 * choice.detectable:.1f}%"
        click.echo(
            say(
                f"{names}：八成把握能看出 {seen} 的效果，占总量 {100 * choice.volume:.1f}%",
                f"{names}: an effect of {seen} is seen four times in five; {100 * choice.volume:.1f}% of the whole",
            )
        )


def describe_choice(choice: MarketChoice) -> dict[str, Any]:
    """Return a set of markets as a program reads it; shares are of 1."""
    return {
        "markets": list(choice.markets),
        "detectable": choice.detectable,
        "power": [{"effect": effect, "power": power} for effect, power in choice.power],
        "scaled_l2": choice.scaled_distance,
        "volume": choice.volume,
    }


def tell_lift(lift: Lift) -> list[str]:
    """Return the answer as a person reads it, line by line."""
    from canyu.measure.lift.design import KINDS
    from canyu.measure.lift.pictures import tell_estimate

    language = get_language()
    kind = str(KINDS[lift.design.kind])
    if lift.effect.value is None:
        return [f"{kind}: {lift.effect.missing}" if language == "en" else f"{kind}：{lift.effect.missing}"]
    named = (
        (Words("每单元每期", "per unit and period"), lift.effect, ""),
        (Words("合计", "total"), lift.total, ""),
        (Words("相对", "relative"), lift.relative, "%"),
        (Words("时间安慰剂", "placebo in time"), lift.in_time, ""),
        (Words("此前趋势之差", "trend before"), lift.trend, ""),
    )
    lines = [kind]
    for name, estimate, unit in named:
        if estimate is not None:
            told = str(estimate.missing) if estimate.missing else tell_estimate(estimate, unit, language)
            lines.append(say(f"  {name}：{told}", f"  {name}: {told}"))
    if lift.in_space:
        share = f"{lift.in_space.share:.2g}"
        lines.append(say(f"  空间安慰剂：排名 p {share}", f"  placebo in space: rank p {share}"))
    if lift.any_p_value is not None:
        lines.append(
            say(f"  任一时段不同：p {lift.any_p_value:.2g}", f"  any period different: p {lift.any_p_value:.2g}")
        )
    if lift.weights:
        told = ", ".join(f"{unit} {weight:.4f}" for unit, weight in lift.weights[:MOST_TOLD])
        lines.append(say(f"  权重：{told}", f"  weights: {told}"))
    lines.append(f"  {lift.effect.method}")
    return lines + [f"  * {note}" for note in (*lift.effect.notes, *lift.notes)]


def describe_lift(lift: Lift) -> dict[str, Any]:
    """Return an answer as a program reads it; what is not known is null, with its reason."""
    from canyu.measure.estimate import describe_estimate

    design, proof, spread = lift.design, lift.proof, lift.in_space
    return {
        "id": design.id,
        "kind": design.kind.value,
        "treated": {unit: _say_time(time) for unit, time in design.treated.items()},
        "untouched": design.untouched,
        "effect": describe_estimate(lift.effect),
        "total": describe_estimate(lift.total),
        "relative": describe_estimate(lift.relative),
        "periods": lift.periods,
        "any_p_value": lift.any_p_value,
        "trend": None if lift.trend is None else describe_estimate(lift.trend),
        "placebo_in_time": None if lift.in_time is None else describe_estimate(lift.in_time),
        "placebo_in_space": spread
        and {
            "share": spread.share,
            "treated_ratio": spread.treated_ratio,
            "units": [
                {"unit": unit, "value": value, "ratio": ratio}
                for unit, value, ratio in zip(spread.units, spread.values, spread.ratios, strict=True)
            ],
        },
        "weights": [{"unit": unit, "weight": weight} for unit, weight in lift.weights],
        "fit": lift.fit and {"l2": lift.fit.distance, "scaled_l2": lift.fit.scaled},
        "path": [
            {
                "time": _say_time(point.time),
                "actual": point.actual,
                "expected": point.expected,
                "low": point.low,
                "high": point.high,
            }
            for point in lift.path
        ],
        "notes": [note.en for note in lift.notes],
        "proof": proof and describe_proof(proof),
    }


def _say_time(time: date | datetime | float) -> str | float:
    return time.isoformat() if isinstance(time, date) else time
