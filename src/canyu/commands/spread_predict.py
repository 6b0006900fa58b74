"""``canyu spread predict``: how large the cascades of a file will be."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.options import HELP_NAMES, json_option, zone_option
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.spread.prediction import Prediction, Size
    from canyu.spread.prediction.repost_file import FiledCascade

Row = dict[str, Any]


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "从已看到的转发预测每条帖子 24 小时和最终的转发数（含 80% 区间）、高峰时间，以及超过某个数的概率。",
        "Predict from the reposts seen how many a post will have at 24 hours and in the end, with 80 % intervals, when "
        "it peaks, and the probability that it passes a number.",
    ),
)
@click.option(
    "--in",
    "source",
    required=True,
    type=click.Path(path_type=Path),
    help=say(
        "转发文件：Parquet、CSV、JSON Lines 或 XLSX。编号等于根帖的那一行是帖子本身，可带 followers、verified、text。",
        "The reposts: Parquet, CSV, JSON Lines or XLSX. The row whose id is its root is the post itself; it may have "
        "followers, verified and text.",
    ),
)
@click.option(
    "--age-h",
    "age_h",
    type=click.FloatRange(0, min_open=True),
    help=say(
        "只看发布后这么多小时内的转发；默认看到文件的最后一刻，最多 12 小时。",
        "Read only so many hours after each post; up to the last moment of the file if not given, at most 12.",
    ),
)
@click.option(
    "--passes",
    type=click.IntRange(min=0),
    help=say("另给出转发数超过它的概率。", "Also give the probability of more reposts than this."),
)
@click.option("--root-column", default="root", show_default=True, help=say("根帖的列。", "The column of the root."))
@click.option("--time-column", default="time", show_default=True, help=say("时间的列。", "The column of the time."))
@click.option(
    "--parent-column",
    default="parent",
    show_default=True,
    help=say("上级的列，可以没有。", "The column of what a repost answers; may be absent."),
)
@click.option(
    "--id-column",
    default="id",
    show_default=True,
    help=say("编号的列，可以没有。", "The column of a repost's own id; may be absent."),
)
@click.option(
    "--model",
    default="",
    help=say("模型版本；默认用已安装的最新一个。", "A model by its version; the newest installed one by default."),
)
@zone_option
@json_option
def command(
    source: Path,
    age_h: float | None,
    passes: int | None,
    root_column: str,
    time_column: str,
    parent_column: str,
    id_column: str,
    model: str,
    zone: str,
    as_json: bool,
) -> None:
    """Predict every cascade of a file."""
    from canyu.kit.errors import BadInput
    from canyu.spread.prediction import load_predictor
    from canyu.spread.prediction.repost_file import RepostColumns, read_repost_file

    predictor = load_predictor(model)
    columns = RepostColumns(root_column, time_column, parent_column, id_column)
    read = read_repost_file(source, columns, zone)
    told: list[Row] = []
    for filed in read.cascades:
        hours = (read.last - filed.seen.root.time) / timedelta(hours=1)
        age = timedelta(hours=min(hours, 12.0) if age_h is None else age_h)
        try:
            found = predictor.predict(filed.seen, age, passes)
        except BadInput as refusal:
            told.append(describe_post(filed, age) | {"refused": refusal.message, "mend": refusal.mend})
            continue
        told.append(describe_post(filed, age) | describe_prediction(found))
    if as_json:
        head = {"version": predictor.version, "passes": passes, "rows_refused": read.refused}
        click.echo(dump_json({**head, "cascades": told}))
        return
    for row in told:
        click.echo("".join(sign if sign.isprintable() else " " for sign in tell_cascade(row, passes)))
    if read.refused:
        click.echo(say(f"{read.refused:,} 行读不了。", f"{read.refused:,} rows could not be read."), err=True)


def describe_post(filed: FiledCascade, age: timedelta) -> Row:
    """Return which post it is, and until when it was read."""
    return {
        "root": filed.root,
        "posted": filed.seen.root.time.isoformat(),
        "posted_from": "post" if filed.is_dated else "first reaction",
        "age_h": round(age / timedelta(hours=1), 4),
    }


def describe_prediction(found: Prediction) -> Row:
    """Return a prediction as a program reads it."""
    return {
        "seen": found.seen,
        "is_beyond_data": found.is_beyond_data,
        "day": describe_size(found.day),
        "final": describe_size(found.final),
        "peak": {
            "time": found.peak.time.isoformat(),
            "passed_probability": round(found.peak.passed_probability, 4),
        },
    }


def describe_size(size: Size) -> Row:
    """Return a size with its 80 % interval; the probability is null where none was asked for."""
    chance = size.pass_probability
    return {
        "size": size.size,
        "low": size.low,
        "high": size.high,
        "pass_probability": None if chance is None else round(chance, 4),
    }


def tell_cascade(row: Row, passes: int | None) -> str:
    """Return one cascade on one line."""
    if "refused" in row:
        return f"{row['root']}: {row['refused']} {row['mend']}"
    day, final = row["day"], row["final"]
    when, behind = row["peak"]["time"][:16].replace("T", " "), f"{100 * row['peak']['passed_probability']:.0f}%"
    in_day, in_all = (
        say(f"{one['size']}（{one['low']} 至 {one['high']}）", f"{one['size']} ({one['low']} to {one['high']})")
        for one in (day, final)
    )
    line = say(
        f"{row['root']}：{row['age_h']:g} 小时内 {row['seen']} 条；24 小时 {in_day}，最终 {in_all}；"
        f"高峰 {when} UTC（已过的概率 {behind}）",
        f"{row['root']}: {row['seen']} in {row['age_h']:g} h; {in_day} at 24 h, {in_all} in the end; "
        f"peak {when} UTC (passed: {behind})",
    )
    if row["is_beyond_data"]:
        line += say(
            "；超出模型见过的规模，区间没有依据", "; larger than any the model was made from: no measured interval"
        )
    if passes is None:
        return line
    chance = f"{100 * final['pass_probability']:.0f}%"
    return line + say(f"；最终超过 {passes} 的概率 {chance}", f"; more than {passes} in the end: {chance}")
