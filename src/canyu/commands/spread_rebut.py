"""``canyu spread rebut``: a rumour's cascade, how large it will be, whom to ask for a rebuttal, what that saves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.options import HELP_NAMES, json_option, zone_option
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

if TYPE_CHECKING:
    import pyarrow as pa


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "一条谣言从发现到辟谣：预测还会传多大，在预算内选出请谁辟谣，估计能救下多少人；若文件里有后来的转发，"
        "则在真实的转发树上重放，并与简单选法比较。",
        "A rumour from what is seen of it to its rebuttal: predict its size, choose whom to ask within a budget, and "
        "say how many people that saves. Where the file holds what came later, the real tree is gone through again, "
        "beside simple choices.",
    ),
)
@click.option(
    "--reposts",
    "path",
    required=True,
    type=click.Path(path_type=Path),
    help=say(
        "转发文件：root、id、parent、author、time；编号等于根帖的那一行是帖子本身。",
        "The reposts: root, id, parent, author, time; the row whose id is its root is the post itself.",
    ),
)
@click.option("--root", required=True, help=say("根帖的编号。", "The id of the post."))
@click.option("--age-h", default=2.0, show_default=True, help=say("看到第几小时。", "Hours of it that are seen."))
@click.option(
    "--accounts",
    "accounts_path",
    required=True,
    type=click.Path(path_type=Path),
    help=say("可请的账号：id、cost（最小货币单位的整数）。", "Whom to ask: id, cost (integers in the minor unit)."),
)
@click.option(
    "--budget", required=True, type=click.IntRange(0), help=say("预算，单位同报价。", "In the unit of costs.")
)
@click.option("--must", multiple=True, help=say("必请的账号。", "Must be in; may be given again."))
@click.option("--never", multiple=True, help=say("不请的账号。", "Must not be in; may be given again."))
@click.option(
    "--graph",
    "graph_path",
    type=click.Path(path_type=Path),
    help=say(
        "已知谁看谁的表：source、target；没有则只看这条传播链本身。",
        "A table of who is known to read whom: source, target; without it this cascade alone tells.",
    ),
)
@click.option("--delay-h", default=1.0, show_default=True, help=say("几小时后开口。", "Hours until they speak."))
@click.option(
    "--reads",
    default=0.5,
    show_default=True,
    help=say("看某账号的人看到其辟谣的概率（假定）。", "Chance that who reads an account reads its rebuttal; assumed."),
)
@click.option("--seed", default=7, show_default=True, help=say("随机数种子。", "The seed of chance."))
@zone_option
@json_option
def command(path: Path, root: str, accounts_path: Path, graph_path: Path | None, zone: str, **asked: Any) -> None:
    """Tell one rumour's story."""
    import pyarrow as pa

    from canyu.commands.spread_tables import cast_numbers, check_columns, read_table
    from canyu.kit.errors import NotFound
    from canyu.kit.words import Words
    from canyu.spread.cascades import build_cascades
    from canyu.spread.prediction import load_predictor
    from canyu.spread.prediction.repost_file import read_repost_file
    from canyu.spread.rebuttal import Asked, Situation, describe_story, read_case, tell_story
    from canyu.spread.rebuttal.files import read_repost_table
    from canyu.spread.selection import Limits

    filed = {one.root: one.seen for one in read_repost_file(path, zone=zone).cascades}
    if root not in filed:
        raise NotFound(
            Words(f"没有帖子 {root}。", f"there is no post {root}."),
            mend=Words("请检查根帖编号。", "Check the id of the post."),
        )
    case = read_case(build_cascades(read_repost_table(path, zone)), root)
    situation = Situation(0.0, asked["age_h"], asked["delay_h"], asked["reads"])
    if graph_path is not None:
        situation = Situation(0.0, asked["age_h"], asked["delay_h"], asked["reads"], ties=read_ties(graph_path))
    mend = Words("金额用最小单位（如分）的整数。", "Write amounts as integers of the minor unit.")
    accounts = cast_numbers(read_table(accounts_path), "cost", pa.int64(), mend)
    check_columns(accounts, accounts_path, "id", "cost")
    accounts = accounts.set_column(accounts.column_names.index("id"), "id", accounts["id"].cast(pa.string()))
    limits = Limits(asked["budget"], {}, asked["must"], asked["never"])
    story = tell_story(case, filed[root], load_predictor(), situation, Asked(accounts, limits, asked["seed"]))
    told = {"root": root, **{name: asked[name] for name in ("age_h", "delay_h", "reads", "budget")}}
    told |= describe_story(story)
    click.echo(dump_json(told) if asked["as_json"] else tell(told))


def read_ties(path: Path) -> pa.Table:
    """Return known ties, all from before any plan; raises BadInput where a column is missing."""
    from datetime import UTC, datetime

    import pyarrow as pa

    from canyu.commands.spread_tables import check_columns, read_table
    from canyu.spread.rebuttal import TIE_SCHEMA

    table = read_table(path)
    check_columns(table, path, "source", "target")
    ends = [table[name].cast(pa.string()) for name in ("source", "target")]
    known = pa.array([datetime(1970, 1, 1, tzinfo=UTC)] * len(table), pa.timestamp("us", "UTC"))
    return pa.table([*ends, known], schema=TIE_SCHEMA)


def tell(told: dict[str, Any]) -> str:
    """Return the story for a person."""
    final, plan, foreseen = told["predicted_reactions"]["final"], told["plan"], told["foreseen_people"]
    names = " ".join(plan["accounts"]) or "–"
    expected = told["expected_people"]
    lines = [
        say(
            f"{told['root']}：{told['age_h']:g} 小时内 {told['seen']} 条；最终 {final['size']}"
            f"（80% 区间 {final['low']} 至 {final['high']}），还会来约 {expected['mean']:.0f} 人。",
            f"{told['root']}: {told['seen']} in {told['age_h']:g} h; {final['size']} in the end (80 % interval "
            f"{final['low']} to {final['high']}), about {expected['mean']:.0f} people to come.",
        ),
        say(
            f"请 {names}，共 {plan['cost']:,}（预算 {told['budget']:,}）。",
            f"Ask {names}: {plan['cost']:,} of {told['budget']:,}.",
        ),
        say(
            f"预计救下 {foreseen['mean']} 人（80% 区间 {foreseen['low']} 至 {foreseen['high']}），"
            f"至少是最优的 {plan['ratio']:.1%}。",
            f"Foreseen to save {foreseen['mean']} people (80 % interval {foreseen['low']} to {foreseen['high']}); "
            f"{plan['ratio']:.1%} of the best there can be, or more.",
        ),
    ]
    if told["came"]:
        shares = {
            name: f"{one['share']:.1%} [{one['low']:.1%}, {one['high']:.1%}]" for name, one in told["replayed"].items()
        }
        lines.append(
            say(
                f"后来实际来了 {told['came']} 人；重放：方案救下 {shares['plan']}，直接转发最多的 "
                f"{shares['most_direct']}，随机 {shares['random']}。",
                f"{told['came']} people really came; replayed, the plan saves {shares['plan']} of them, the accounts "
                f"with most direct reactions {shares['most_direct']}, random ones {shares['random']}.",
            )
        )
    clean = ("".join(sign if sign.isprintable() else " " for sign in line) for line in lines)
    return "\n".join(clean)
