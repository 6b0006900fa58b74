"""The demo's lake: a rehearsed brand year, imported and listened to; made once, and taken up again where it stopped."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import click
import pyarrow.parquet as pq

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.kit.jsonio import dump_json, parse_json
from canyu.kit.words import Words, say

YEAR, SCALE, SEED = 2025, 0.0002, 7
BATCH_ROWS = 200_000
FINISHED = "demo.json"
GRAPH = "influence.graph"
PEOPLE = 300_000_000  # whom the rehearsed people stand for together: market.yaml at scale 1
REPOST_MEDIAN_S, STEP_SIGMA = 70 * 60, 1.2  # of a rehearsed repost on weibo, its log-normal delay
PLAN = {"year": YEAR, "scale": SCALE, "seed": SEED}


def build_demo(lake: Path) -> Path:
    """Make the demo's lake unless it stands already; a stopped run goes on, and nothing is in it twice."""
    if is_finished(lake):
        click.echo(say(f"彩排好的一年已经在这里：{lake}", f"The rehearsed year is there already: {lake}"))
        return lake
    started = time.perf_counter()
    click.echo(
        say(
            f"正在彩排 {YEAR} 品牌年：人物都是模拟的，并非真人。",
            f"Rehearsing the brand year {YEAR}: simulated people, not real ones.",
        )
    )
    folder = rehearse(lake.parent)
    import_events(folder, lake)
    keep_follows(folder, lake)
    listen_all(lake)
    (lake / FINISHED).write_text(dump_json(PLAN), "utf-8")
    shutil.rmtree(folder / "events")
    seconds = f"{time.perf_counter() - started:.0f}"
    click.echo(say(f"已就绪，用时 {seconds} 秒：{lake}", f"Ready after {seconds} s: {lake}"))
    return lake


def is_finished(lake: Path) -> bool:
    """Say whether the demo's lake was made to the end, by this plan."""
    try:
        return bool(parse_json((lake / FINISHED).read_bytes()) == PLAN)
    except (OSError, ValueError):
        return False


def rehearse(folder: Path) -> Path:
    """Play the year into ``folder/rehearsal``; one that was played to the end is used."""
    from canyu.rehearse import MarketPlan, write_market

    target = folder / "rehearsal"
    if not (target / "truth.json").exists() or not (target / "events").exists():
        with click.progressbar(length=100, label=say("  人物与帖子", "  people and posts"), show_pos=False) as bar:
            write_market(
                MarketPlan(YEAR, SCALE, SEED),
                target,
                force=target.exists(),
                progress=lambda _part, _rows: bar.update(1),
            )
            bar.update(100 - bar.pos)
    return target


def import_events(folder: Path, lake: Path) -> None:
    """Put the rehearsed events into the lake; those that are there already are not added again."""
    from canyu.events import open_lake

    files = sorted((folder / "events").glob("*.parquet"))
    if not files:
        raise CanyuError(
            Words(f"{folder} 里的彩排没有事件。", f"The rehearsal in {folder} holds no events."),
            mend=Words(f"请删除 {folder}，再重新开始。", f"Remove {folder} and start again."),
        )
    opened = open_lake(lake, create=True)
    with click.progressbar(files, label=say("  写入数据湖", "  into the lake   "), show_pos=False) as bar:
        for path in bar:
            for start in range(0, pq.read_metadata(path).num_rows, BATCH_ROWS):
                opened.append(pq.read_table(path).slice(start, BATCH_ROWS))


def keep_follows(folder: Path, lake: Path) -> None:
    """Keep who follows whom as the influence graph beside the lake, whole or not at all."""
    from canyu.spread.graphs import build_graph, save_graph

    target = lake / GRAPH
    if target.exists():
        return
    click.echo(say("  粉丝关系", "  who follows whom"))
    follows = pq.read_table(folder / "follows.parquet")
    save_graph(build_graph(follows, "src", "dst", probability="probability"), target, tell_origin)


def tell_origin(folder: Path) -> None:
    """Write beside the graph that it is rehearsed, and how long a repost takes there."""
    about = {"kind": "rehearsed followers", "made": get_now().isoformat(), **PLAN}
    (folder / "about.json").write_text(dump_json(about) + "\n", "utf-8")
    delays = {"family": "log_normal", "scope": "all", "median_s": REPOST_MEDIAN_S, "sigma": STEP_SIGMA}
    (folder / "delays.json").write_text(dump_json(delays) + "\n", "utf-8")


def fill_roster(lake: Path) -> None:
    """Take in the rehearsed roster where there is none yet; the console's database must be ready."""
    from canyu.ops.kols.intake.actions import keep_roster, read_file
    from canyu.ops.kols.queries import has_accounts
    from canyu.ops.kols.signs.actions import check_accounts

    roster = lake.parent / "rehearsal" / "kols.csv"
    if not roster.exists() or has_accounts():
        return
    report = keep_roster("canyu serve --demo", read_file(roster), get_now())
    click.echo(say(f"  达人库：{report.added:,} 个账号", f"  roster of KOLs: {report.added:,} accounts"))
    done = check_accounts(get_now())
    click.echo(say(f"  其中 {done.outside:,} 项真实性线索异常", f"  unusual signs of authenticity: {done.outside:,}"))


def listen_all(lake: Path) -> None:
    """Score what is not scored yet."""
    from canyu.events import open_lake
    from canyu.events.catalogue import load_catalogue
    from canyu.listen.pipeline import listen
    from canyu.listen.scorer import load_scorer

    scorer = load_scorer(load_catalogue())
    with click.progressbar(length=1000, label=say("  读懂文本  ", "  listening       "), show_eta=True) as bar:
        listen(
            open_lake(lake),
            scorer,
            now=get_now(),
            report=lambda done, total: bar.update(1000 * done // total - bar.pos),
        )
        bar.update(1000 - bar.pos)
