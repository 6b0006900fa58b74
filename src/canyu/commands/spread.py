"""``canyu spread``: whom to start with, how far it will go."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from canyu.commands.options import HELP_NAMES, json_option
from canyu.commands.spread_graph import (
    graph_options,
    read_graph,
    read_number,
    run_options,
    spark_option,
    start_session,
)
from canyu.commands.spread_words import describe_selection, tell_selection
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

APART = {
    "block": "canyu.commands.spread_block",
    "learn": "canyu.commands.spread_learn",
    "plan": "canyu.commands.spread_plan",
    "predict": "canyu.commands.spread_predict",
    "rebut": "canyu.commands.spread_rebut",
}
"""Words with a module of their own, imported when they are named."""


class Spread(click.Group):
    """The group; the words of ``APART`` have modules of their own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every word, sorted."""
        return sorted([*super().list_commands(ctx), *APART])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of one word."""
        if cmd_name in APART:
            found: click.Command = import_module(APART[cmd_name]).command
            return found
        return super().get_command(ctx, cmd_name)


@click.group(
    cls=Spread,
    context_settings=HELP_NAMES,
    help=say("传播：从谁开始，能传多远。", "Spread: whom to start with, how far it will go."),
)
def command() -> None:
    """Whom to start with, how far it will go."""


@command.command(
    "select",
    help=say("选出影响面最大的 k 个账号，并给出保证。", "Choose the k accounts that reach most, with a proof."),
)
@graph_options
@run_options
@click.option("--k", required=True, type=click.IntRange(0), help=say("选几个。", "How many."))
@click.option("--epsilon", default=0.1, show_default=True, help=say("保证可以差多少。", "How much the proof may lack."))
@click.option("--delta", type=float, help=say("保证失效的概率；默认 1/节点数。", "The chance that a bound fails."))
@spark_option
@json_option
def select_command(
    path: Path,
    source: str,
    target: str,
    probability: str,
    undirected: bool,
    model: str,
    k: int,
    epsilon: float,
    seed: int,
    delta: float | None,
    workers: int,
    address: str,
    as_json: bool,
) -> None:
    """Choose the k accounts that reach most."""
    from canyu.spread.selection import Options, select

    options = Options(workers=workers)
    if model == "uniform":
        options["probability"] = read_number(probability)
        probability = ""
    if delta is not None:
        options["delta"] = delta
    if address:
        options["spark"] = start_session(address)
    graph = read_graph(path, source, target, probability, undirected)
    found = select(graph, k, model, epsilon, seed, **options)
    if as_json:
        click.echo(dump_json(describe_selection(graph, found, model)))
        return
    click.echo(tell_selection(graph, found))


@command.command(
    "build", help=say("把边表存成可以立即打开的图。", "Keep a table of arcs as a graph that opens at once.")
)
@graph_options
@click.option("--out", required=True, type=click.Path(path_type=Path), help=say("新的文件夹。", "A new folder."))
def build_command(path: Path, source: str, target: str, probability: str, undirected: bool, out: Path) -> None:
    """Keep a table of arcs as a graph."""
    from canyu.spread.graphs import save_graph

    graph = read_graph(path, source, target, probability, undirected)
    save_graph(graph, out)
    left = graph.self_arcs + graph.repeated
    click.echo(
        say(
            f"{out}：{graph.nodes:,} 个节点，{graph.arcs:,} 条边；去掉指向自己的和重复的 {left:,} 条。",
            f"{out}: {graph.nodes:,} nodes, {graph.arcs:,} arcs; {left:,} to oneself or repeated left out.",
        )
    )
