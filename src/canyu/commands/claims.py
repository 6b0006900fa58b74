"""``canyu claims``: what the lake says of marketing claims, and whether it still says the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from canyu.commands.claims_page import list_notes, tell_reason, tell_stated, write_page
from canyu.commands.engines import engine_option, open_on
from canyu.commands.options import HELP_NAMES, json_option, lake_option
from canyu.kit.jsonio import dump_json
from canyu.kit.numbers import MISSING, format_full
from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.measure.claims import Checked, Replayed

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group(
    name="claims",
    context_settings=HELP_NAMES,
    help=say(
        "核验营销说法：已证实、与数据矛盾或无法支持，附数据、区间与查询。",
        "Check marketing claims: verified, contradicted or not supported, with figure, interval and query.",
    ),
)
def command() -> None:
    """Check claims, and check them again."""


@command.command(
    context_settings=HELP_NAMES,
    help=say("核验文件里的每条说法（YAML）。", "Check every claim of a file (YAML)."),
)
@click.argument("file", type=FILE)
@lake_option
@engine_option
@click.option("--record", type=FILE, help=say("把核验记录写到这里，供重放。", "Write a record here, for a replay."))
@click.option("--page", type=FILE, help=say("写成 Markdown 页面。", "Write it as a page in Markdown."))
@click.option(
    "--pin", is_flag=True, help=say("清理时保留所读的数据版本。", "Keep the versions that were read from vacuum.")
)
@json_option
def check(
    file: Path, address: str, engine: str, record: Path | None, page: Path | None, pin: bool, as_json: bool
) -> None:
    """Check every claim of a file."""
    from canyu.kit.clock import get_now
    from canyu.measure.claims import check_claims, describe_checked, dump_records, load_claims, pin_claims

    claims = load_claims(file)
    lake = open_on(address, engine)
    checks = check_claims(lake, claims, get_now())
    if pin:
        pin_claims(lake, checks, file.stem)
    if record is not None:
        record.write_text(dump_records(checks) + "\n", "utf-8")
    if page is not None:
        page.write_text(write_page(checks, file.stem), "utf-8")
    if as_json:
        click.echo(dump_json([describe_checked(each) for each in checks]))
        return
    for each in checks:
        click.echo(tell_check(each))


@command.command(
    context_settings=HELP_NAMES,
    help=say(
        "按记录里的数据版本重新核验，数字不同就说明哪里变了。", "Check again at a record's versions; tell what changed."
    ),
)
@click.argument("file", type=FILE)
@click.argument("record", type=FILE)
@lake_option
@json_option
def replay(file: Path, record: Path, address: str, as_json: bool) -> None:
    """Check the claims of a file again at the versions of a record; ends with 1 where anything changed."""
    from canyu.events import open_lake
    from canyu.kit.clock import get_now
    from canyu.measure.claims import load_claims, load_records, replay_records

    claims, records = load_claims(file), load_records(record.read_text("utf-8"))
    found = replay_records(open_lake(address), claims, records, get_now())
    if as_json:
        click.echo(dump_json([describe_replay(each) for each in found]))
    else:
        for each in found:
            click.echo(tell_replay(each))
    if any(each.changes for each in found):
        raise SystemExit(1)


def tell_check(checked: Checked) -> str:
    """Return a verdict as a person reads it."""
    from canyu.measure.claims import VERDICTS

    claim = checked.claim
    lines = [f"{VERDICTS[checked.judged.verdict]} · {claim.statement}"]
    lines.append(say(f"  依据：{tell_figure(checked)}", f"  figure: {tell_figure(checked)}"))
    lines.append(f"  {tell_reason(checked)}")
    return "\n".join(lines + [f"  * {note}" for note in list_notes(checked)])


def tell_figure(checked: Checked) -> str:
    """Return the figure with its bounds, beside what was stated."""
    estimate, stated = checked.estimate, tell_stated(checked)
    if estimate is None or estimate.value is None:
        return f"{MISSING} ({stated})"
    low, high = checked.bounds
    if low is None and high is None:
        return f"{format_full(estimate.value)} ({stated})"
    bounds = f"[{format_full(low) if low is not None else '−∞'}, {format_full(high) if high is not None else '∞'}]"
    return f"{format_full(estimate.value)} {bounds} ({stated})"


def describe_replay(replayed: Replayed) -> dict[str, object]:
    """Return one claim checked again as a program reads it."""
    changes = [
        {"field": each.field, "what": str(each.what), "before": each.before, "now": each.now}
        for each in replayed.changes
    ]
    return {"id": replayed.id, "same": not changes, "changes": changes}


def tell_replay(replayed: Replayed) -> str:
    """Return one claim checked again as a person reads it."""
    if not replayed.changes:
        return say(f"{replayed.id}：逐位相同", f"{replayed.id}: the same digits")
    told = [
        f"{each.what} {each.told_before} → {each.told_now}" if each.now else str(each.what) for each in replayed.changes
    ]
    return f"{replayed.id}: " + "; ".join(told)
