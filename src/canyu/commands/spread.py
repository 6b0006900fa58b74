"""``canyu spread``: whom to start with, how far it will go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.options import HELP_NAMES, json_option
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

if TYPE_CHECKING:
    import pyarrow as pa

    from canyu.spread.graphs import Graph
    from canyu.spread.selection import Selection

MODELS = ("wc", "uniform", "ic", "lt")
LISTED = 20


class Spread(click.Group):
    """The group; ``predict`` has a module of its own, imported when it is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every word, sorted."""
        return sorted([*super().list_commands(ctx), "predict"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of one word."""
        if cmd_name == "predict":
            from canyu.commands.spread_predict import command as predict

            return predict
        return super().get_command(ctx, cmd_name)


@click.group(
    cls=Spread,
    context_settings=HELP_NAMES,
    help=say("传播：从谁开始，能传多远。", "Spread: whom to start with, how far it will go."),
)
def command() -> None:
    """Whom to start with, how far it will go."""


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


@command.command(
    "select",
    help=say("选出影响面最大的 k 个账号，并给出保证。", "Choose the k accounts that reach most, with a proof."),
)
@graph_option
@source_option
@target_option
@chances_option
@both_ways_option
@click.option(
    "--model", type=click.Choice(MODELS), default="wc", show_default=True, help=say("传播模型。", "The model.")
)
@click.option("--k", required=True, type=click.IntRange(0), help=say("选几个。", "How many."))
@click.option("--epsilon", default=0.1, show_default=True, help=say("保证可以差多少。", "How much the proof may lack."))
@click.option("--seed", default=7, show_default=True, help=say("随机数种子。", "The seed of chance."))
@click.option("--delta", type=float, help=say("保证失效的概率；默认 1/节点数。", "The chance that a bound fails."))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help=say("几个线程。", "Threads."))
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
    as_json: bool,
) -> None:
    """Choose the k accounts that reach most."""
    from canyu.spread.selection import Options, select

    options = Options(workers=workers)
    if model == "uniform":
        options["probability"] = _read_number(probability)
        probability = ""
    if delta is not None:
        options["delta"] = delta
    graph = _read_graph(path, source, target, probability, undirected)
    found = select(graph, k, model, epsilon, seed, **options)
    if as_json:
        click.echo(dump_json(_tell(graph, found, model)))
        return
    click.echo(_say(graph, found))


@command.command(
    "plan", help=say("在预算内选出影响面最大的账号，并给出保证。", "Choose accounts within a budget, with a proof.")
)
@graph_option
@source_option
@target_option
@chances_option
@both_ways_option
@click.option(
    "--model", type=click.Choice(MODELS), default="wc", show_default=True, help=say("传播模型。", "The model.")
)
@click.option(
    "--accounts",
    "accounts_path",
    required=True,
    type=click.Path(path_type=Path),
    help=say(
        "可选账号的表：编号、报价（最小货币单位的整数，如分），以及配额用到的列。",
        "The accounts to be had: id, cost (integers in the minor unit, such as fen), and the columns of quotas.",
    ),
)
@click.option(
    "--budget", required=True, type=click.IntRange(0), help=say("预算，单位同报价。", "In the unit of costs.")
)
@click.option(
    "--quota",
    "quotas",
    multiple=True,
    metavar="COLUMN=VALUE:N",
    help=say("某列某个值至多几个；可多次给出。", "At most so many with a value in a column; may be given again."),
)
@click.option("--must", multiple=True, help=say("必选的账号；可多次给出。", "Must be in; may be given again."))
@click.option("--never", multiple=True, help=say("不选的账号；可多次给出。", "Must not be in; may be given again."))
@click.option("--seed", default=7, show_default=True, help=say("随机数种子。", "The seed of chance."))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help=say("几个线程。", "Threads."))
@json_option
def plan_command(
    path: Path,
    source: str,
    target: str,
    probability: str,
    undirected: bool,
    model: str,
    accounts_path: Path,
    budget: int,
    quotas: tuple[str, ...],
    must: tuple[str, ...],
    never: tuple[str, ...],
    seed: int,
    workers: int,
    as_json: bool,
) -> None:
    """Choose accounts within a budget."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from canyu.spread.selection import ExplainOptions, Limits, SeededOptions, explain, select_within

    options = SeededOptions(seed=seed, workers=workers)
    if model == "uniform":
        options["probability"] = _read_number(probability)
        probability = ""
    graph = _read_graph(path, source, target, probability, undirected)
    accounts = _read_accounts(accounts_path, graph.ids.type)
    asked, banned = (
        tuple(pa.array(list(names), pa.string()).cast(graph.ids.type).to_pylist()) for names in (must, never)
    )
    limits = Limits(budget, _read_quotas(quotas), asked, banned)
    found = select_within(graph, accounts, limits, model, **options)
    others = accounts.filter(pc.invert(pc.is_in(accounts["id"], pa.array(banned, graph.ids.type))))
    judged = ExplainOptions(probability=options["probability"]) if "probability" in options else ExplainOptions()
    reasons = explain(graph, found.seeds, others, model, seed=seed, **judged).to_pylist()
    prices = dict(zip(accounts["id"].to_pylist(), accounts["cost"].to_pylist(), strict=True))
    costs = [prices[one] for one in found.seeds.to_pylist()]
    if as_json:
        told = {"costs": costs, "cost": sum(costs), "budget": budget, "accounts": reasons}
        click.echo(dump_json({**_tell(graph, found, model), **told}))
        return
    for row, cost in zip(reasons, costs, strict=True):
        each = f"{cost / row['unique']:,.1f}" if row["unique"] > 0 else "-"
        unique, shared, change = f"{row['unique']:,.0f}", f"{row['shared']:.0%}", f"{row['change']:+,.0f}"
        zh = f"{row['id']}\t报价 {cost:,}\t独有 {unique} 人，每人 {each}\t与其他账号重合 {shared}"
        en = f"{row['id']}\tcost {cost:,}\tonly it reaches {unique}, {each} each\t{shared} shared"
        if row["replacement"] is not None:
            zh += f"\t可换 {row['replacement']}（{change} 人）"
            en += f"\treplaced by {row['replacement']}: {change}"
        click.echo(say(zh, en))
    click.echo(say(f"共 {sum(costs):,}，预算 {budget:,}。", f"{sum(costs):,} of {budget:,}."))
    click.echo(_say(graph, found))


@command.command(
    "build", help=say("把边表存成可以立即打开的图。", "Keep a table of arcs as a graph that opens at once.")
)
@graph_option
@source_option
@target_option
@chances_option
@both_ways_option
@click.option("--out", required=True, type=click.Path(path_type=Path), help=say("新的文件夹。", "A new folder."))
def build_command(path: Path, source: str, target: str, probability: str, undirected: bool, out: Path) -> None:
    """Keep a table of arcs as a graph."""
    from canyu.spread.graphs import save_graph

    graph = _read_graph(path, source, target, probability, undirected)
    save_graph(graph, out)
    left = graph.self_arcs + graph.repeated
    click.echo(
        say(
            f"{out}：{graph.nodes:,} 个节点，{graph.arcs:,} 条边；去掉指向自己的和重复的 {left:,} 条。",
            f"{out}: {graph.nodes:,} nodes, {graph.arcs:,} arcs; {left:,} to oneself or repeated left out.",
        )
    )


def _read_graph(path: Path, source: str, target: str, probability: str, is_undirected: bool) -> Graph:
    import pyarrow as pa
    import pyarrow.compute as pc

    from canyu.events.importers.readers import FileFormat
    from canyu.kit.errors import BadInput
    from canyu.kit.words import Words
    from canyu.listen.sheets import open_sheet
    from canyu.spread.graphs import build_graph, open_graph

    if path.is_dir():
        return open_graph(path)
    sheet = open_sheet(path, FileFormat("", "", ""))
    edges = pa.concat_tables([piece.table for piece in sheet.read_pieces()])
    if probability in edges.column_names and pa.types.is_string(edges[probability].type):  # CSV holds texts
        at = edges.column_names.index(probability)
        is_number = pc.match_substring_regex(pc.fill_null(edges[probability], ""), r"^\s*[0-9.]+([eE][+-]?[0-9]+)?\s*$")
        if not pc.all(is_number).as_py():
            row = pc.index(is_number, False).as_py() + 1
            raise BadInput(
                Words(f"第 {row} 行的“{probability}”不是数。", f"row {row}: {probability} is no number."),
                mend=Words("概率是 0 到 1 的数。", "A probability is a number from 0 to 1."),
            )
        edges = edges.set_column(at, probability, pc.utf8_trim_whitespace(edges[probability]).cast(pa.float64()))
    return build_graph(edges, source, target, probability=probability, is_undirected=is_undirected)


def _read_accounts(path: Path, kind: pa.DataType) -> pa.Table:
    """Return the table of accounts: ids as the graph has them, and costs as integers where the file holds texts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from canyu.events.importers.readers import FileFormat
    from canyu.kit.errors import BadInput
    from canyu.kit.words import Words
    from canyu.listen.sheets import open_sheet

    sheet = open_sheet(path, FileFormat("", "", ""))
    accounts = pa.concat_tables([piece.table for piece in sheet.read_pieces()])
    for name, wanted in (("id", kind), ("cost", pa.int64())):
        if name not in accounts.column_names or accounts[name].type == wanted:
            continue
        column = accounts[name]
        if pa.types.is_string(column.type):
            column = pc.utf8_trim_whitespace(pc.fill_null(column, ""))
            is_number = pc.match_substring_regex(column, "^-?[0-9]{1,18}$")
            if not pc.all(is_number).as_py():
                row = pc.index(is_number, False).as_py() + 1
                raise BadInput(
                    Words(f"第 {row} 行的“{name}”不是整数。", f"row {row}: {name} is no integer."),
                    mend=Words("金额用最小单位（如分）的整数。", "Write amounts as integers of the minor unit."),
                )
        elif name == "cost":
            continue  # whether these numbers are amounts is told with their row later
        accounts = accounts.set_column(accounts.column_names.index(name), name, column.cast(wanted))
    return accounts


def _read_quotas(given: tuple[str, ...]) -> dict[str, dict[str, int]]:
    from canyu.kit.errors import BadInput
    from canyu.kit.words import Words

    quotas: dict[str, dict[str, int]] = {}
    for text in given:
        column, _, rest = text.partition("=")
        value, _, number = rest.rpartition(":")
        if not column or not value or not number.isdecimal():
            raise BadInput(
                Words(f"看不懂配额“{text}”。", f"the quota {text!r} cannot be read."),
                mend=Words("写成 platform=weibo:10。", "Write it as platform=weibo:10."),
            )
        quotas.setdefault(column, {})[value] = int(number)
    return quotas


def _read_number(text: str) -> float:
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


def _tell(graph: Graph, found: Selection, model: str) -> dict[str, Any]:
    import math

    return {
        "seeds": found.seeds.to_pylist(),
        "gains": [None if math.isnan(gain) else round(gain, 3) for gain in found.gains.tolist()],
        "model": model,
        "nodes": graph.nodes,
        "arcs": graph.arcs,
        "spread": found.spread,
        "spread_low": found.spread_low,
        "spread_high": found.spread_high,
        "lower": found.lower,
        "upper": found.upper,
        "ratio": found.ratio,
        "delta": found.delta,
        "source": found.source,
        "rounds": found.rounds,
        "samples": list(found.samples),
        "seconds": {name: round(value, 3) for name, value in found.seconds.items()},
    }


def _say(graph: Graph, found: Selection) -> str:
    names = [str(seed) for seed in found.seeds.to_pylist()]
    more = f" … +{len(names) - LISTED}" if len(names) > LISTED else ""
    seeds = " ".join(names[:LISTED]) + more
    low, high = f"{found.spread_low:,.0f}", f"{found.spread_high:,.0f}"
    sure = f"{1.0 - found.delta:.4%}"
    return say(
        f"{seeds}\n预计影响 {found.spread:,.0f} 个节点（95% 区间 {low} 至 {high}），共 {graph.nodes:,} 个。\n"
        f"以 {sure} 的把握：至少 {found.lower:,.0f}，而任何 {len(names)} 个账号至多 {found.upper:,.0f}，"
        f"即至少是最优的 {found.ratio:.1%}。",
        f"{seeds}\nThey reach {found.spread:,.0f} nodes (95 % interval {low} to {high}) of {graph.nodes:,}.\n"
        f"Sure by {sure}: at least {found.lower:,.0f}, while any {len(names)} reach at most {found.upper:,.0f}: "
        f"{found.ratio:.1%} of the best there can be, or more.",
    )
