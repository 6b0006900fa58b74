"""The graph that words of ``canyu spread`` read: its options, shared by all of them, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from canyu.commands.spread_tables import cast_numbers, read_table
from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.spread.graphs import Graph

MODELS = ("wc", "uniform", "ic", "lt")
Command = TypeVar("Command", bound=Callable[..., Any])

graph_option = click.option(
    "--graph",
    "path",
    required=True,
    type=click.Path(path_type=Path),
    help=say(
        "影响关系：每行一条边的表格文件，或由它存成的图（文件夹）。",
        "Who influences whom: a table of arcs (CSV, TSV, JSON Lines, XLSX, Parquet) or a folder of canyu spread build.",
    ),
)
source_option = click.option(
    "--source", default="src", show_default=True, help=say("影响者所在的列。", "The column of those who are read.")
)
target_option = click.option(
    "--target", default="dst", show_default=True, help=say("受影响者所在的列。", "The column of those who read.")
)
chances_option = click.option(
    "--probability",
    default="",
    help=say(
        "每条边的概率所在的列；uniform 模型则是一个数，如 0.01。",
        "The column of each arc's probability; for the model uniform, one number such as 0.01.",
    ),
)
both_ways_option = click.option(
    "--undirected", is_flag=True, help=say("每行算两条边，双向都有影响。", "Each row is two arcs, one each way.")
)
model_option = click.option(
    "--model", type=click.Choice(MODELS), default="wc", show_default=True, help=say("传播模型。", "The model.")
)
seed_option = click.option("--seed", default=7, show_default=True, help=say("随机数种子。", "The seed of chance."))
workers_option = click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1), help=say("几个线程。", "Threads.")
)

spark_option = click.option(
    "--spark",
    "address",
    default="",
    metavar="local[2]",
    help=say(
        "在 Spark 上抽样（如 local[2] 或 spark://host:7077），结果与单机相同。",
        "Draw on Spark, such as local[2] or spark://host:7077; the answer is the same as on one machine.",
    ),
)

deadline_option = click.option(
    "--deadline-h",
    type=click.FloatRange(0),
    help=say("只算从开始起这么多小时内触达的人。", "Count only who is reached by this hour from the start."),
)
delays_option = click.option(
    "--delays",
    "delays_path",
    type=click.Path(path_type=Path),
    help=say(
        "每条边的延迟：--source 和 --target 两列，以及 delay_h（小时）。表里没有的边用 --delay-median-h。",
        "Each arc's delay: the columns of --source and --target, and delay_h in hours; --delay-median-h for others.",
    ),
)
median_option = click.option(
    "--delay-median-h",
    default=2.0,
    show_default=True,
    type=click.FloatRange(0),
    help=say("延迟的中位数（小时）；指数分布则为均值。", "The median delay in hours; the mean of an exponential."),
)
sigma_option = click.option(
    "--delay-sigma",
    default=2.5,
    show_default=True,
    type=click.FloatRange(0),
    help=say("对数延迟的标准差。", "The standard deviation of log delays."),
)
family_option = click.option(
    "--delay-family",
    type=click.Choice(["log_normal", "exponential"]),
    default="log_normal",
    show_default=True,
    help=say("延迟的分布。", "The form of delays."),
)


def graph_options(function: Command) -> Command:
    """Give a command the options that name a graph: path, source, target, probability, undirected."""
    for option in (both_ways_option, chances_option, target_option, source_option, graph_option):
        function = option(function)
    return function


def run_options(function: Command) -> Command:
    """Give a command the options of every choice: model, seed, workers."""
    for option in (workers_option, seed_option, model_option):
        function = option(function)
    return function


def delay_options(function: Command) -> Command:
    """Give a command the options of time: deadline_h, delays_path, delay_median_h, delay_sigma, delay_family."""
    for option in (family_option, sigma_option, median_option, delays_option, deadline_option):
        function = option(function)
    return function


def read_graph(path: Path, source: str, target: str, probability: str, is_undirected: bool) -> Graph:
    """Return the graph of a folder, or of a table of arcs; raises NotFound or BadInput with the row."""
    import pyarrow as pa

    from canyu.kit.words import Words
    from canyu.spread.graphs import build_graph, open_graph

    if path.is_dir():
        return open_graph(path)
    mend = Words("概率是 0 到 1 的数。", "A probability is a number from 0 to 1.")
    edges = cast_numbers(read_table(path), probability, pa.float64(), mend)
    return build_graph(edges, source, target, probability=probability, is_undirected=is_undirected)


def start_session(address: str) -> Any:
    """Return the Spark session of an address."""
    from canyu.engine.spark import SparkEngine

    return SparkEngine(address).session


def read_number(text: str) -> float:
    """Return the one probability of the model uniform; raises BadInput where it is none."""
    from canyu.kit.errors import BadInput
    from canyu.kit.words import Words

    try:
        return float(text)
    except ValueError:
        raise BadInput(
            Words(
                f"uniform 模型的概率“{text}”不是数。", f"the probability {text!r} of the model uniform is no number."
            ),
            mend=Words("请用 --probability 给出，例如 0.01。", "Give one with --probability, such as 0.01."),
        ) from None
