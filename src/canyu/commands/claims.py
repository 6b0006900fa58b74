"""``canyu claims``: what the lake says of marketing claims, and whether it still says the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from canyu.commands.options import HELP_NAMES, json_option, lake_option
from canyu.kit.jsonio import dump_json
from canyu.kit.numbers import MISSING, format_full
from canyu.kit.words import Words, say

if TYPE_CHECKING:
    from canyu.measure.claims import Checked, Replayed

FILE = click.Path(dir_okay=False, path_type=Path)
RELATIONS = {"at_least": "≥", "about": "≈", "exceeds": ">"}


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
@click.option(
    "--engine",
    default="duckdb",
    show_default=True,
    help=say("duckdb、local、local[2] 或 spark://host:7077。", "duckdb, local, local[2] or spark://host:7077."),
)
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
    from canyu.events import open_lake
    from canyu.kit.clock import get_now
    from canyu.measure.claims import check_claims, describe_checked, dump_records, load_claims, pin_claims

    claims = load_claims(file)
    lake = open_lake(address)
    if engine != lake.engine.name:
        from canyu.engine import open_engine

        lake = open_lake(address, engine=open_engine(engine))
    checks = check_claims(lake, claims, get_now())
    if pin:
        pin_claims(lake, checks, file.stem)
    if record is not None:
        record.write_text(dump_records(checks) + "\n", "utf-8")
    if page is not None:
        page.write_text(write_page(checks, file.name), "utf-8")
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
    from canyu.measure.definitions import SIMULATED

    claim = checked.claim
    lines = [f"{VERDICTS[checked.judged.verdict]} · {claim.statement}"]
    lines.append(say(f"  依据：{tell_figure(checked)}", f"  figure: {tell_figure(checked)}"))
    lines.append(f"  {tell_reason(checked)}")
    notes = (*checked.notes, SIMULATED) if checked.is_simulated else checked.notes
    return "\n".join(lines + [f"  * {note}" for note in notes])


def tell_figure(checked: Checked) -> str:
    """Return the figure with its bounds, beside what was stated."""
    claim, estimate = checked.claim, checked.estimate
    stated = f"{RELATIONS[claim.relation.value]} {format_full(claim.stated)}"
    if estimate is None or estimate.value is None:
        return f"{MISSING} ({stated})"
    low, high = checked.bounds
    if low is None and high is None:
        return f"{format_full(estimate.value)} ({stated})"
    bounds = f"[{format_full(low) if low is not None else '−∞'}, {format_full(high) if high is not None else '∞'}]"
    return f"{format_full(estimate.value)} {bounds} ({stated})"


def tell_reason(checked: Checked) -> Words:
    """Return why the verdict is what it is."""
    from canyu.measure.claims import REASONS

    missing = checked.estimate.missing if checked.estimate else None
    return missing or REASONS[checked.judged.reason]


def describe_replay(replayed: Replayed) -> dict[str, object]:
    """Return one claim checked again as a program reads it."""
    changes = [{"what": str(each.what), "before": each.before, "now": each.now} for each in replayed.changes]
    return {"id": replayed.id, "same": not changes, "changes": changes}


def tell_replay(replayed: Replayed) -> str:
    """Return one claim checked again as a person reads it."""
    if not replayed.changes:
        return say(f"{replayed.id}：逐位相同", f"{replayed.id}: the same digits")
    told = [f"{each.what} {each.before} → {each.now}" if each.now else str(each.what) for each in replayed.changes]
    return f"{replayed.id}: " + "; ".join(told)


def write_page(checks: Sequence[Checked], name: str) -> str:
    """Return the checks as a page in Markdown, both languages beside each other."""
    from canyu.measure.claims import VERDICTS

    counts = [
        f"{words.en} · {words.zh}: {sum(each.judged.verdict is verdict for each in checks)}"
        for verdict, words in VERDICTS.items()
    ]
    lines = [
        "# What the data say of the claims of 2025",
        "",
        f"Generated by `canyu claims check claims/{name} --lake real.lake --page …`; do not edit by hand.",
        "A claim is judged where the lake holds data for it; else the page says so and gives no figure.",
        "",
        f"{'; '.join(counts)}.",
        "",
        "| Claim · 说法 | Stated | Figure with bounds | Verdict · 结论 | Why · 原因 |",
        "| --- | --- | --- | --- | --- |",
        *(_write_row(each) for each in checks),
        "",
        *_write_proofs(checks),
    ]
    return "\n".join(lines)


def _write_row(checked: Checked) -> str:
    from canyu.measure.claims import VERDICTS

    claim, reason, verdict = checked.claim, tell_reason(checked), VERDICTS[checked.judged.verdict]
    figure = tell_figure(checked).rpartition(" (")[0]
    notes = "".join(f" {note.en} {note.zh}" for note in checked.notes)
    stated = f"{RELATIONS[claim.relation.value]} {format_full(claim.stated)}"
    cells = (
        f"{claim.statement.en}<br>{claim.statement.zh}",
        stated,
        figure,
        f"**{verdict.en}**<br>{verdict.zh}",
        f"{reason.en}{notes}<br>{reason.zh}",
    )
    return f"| {' | '.join(cell.replace('|', '∣') for cell in cells)} |"


def _write_proofs(checks: Iterable[Checked]) -> list[str]:
    lines = ["## Proofs", ""]
    for each in checks:
        versions = ", ".join(f"{table} {number}" for table, number in sorted(each.versions.items()))
        lines += [
            f"### {each.claim.id}",
            "",
            f"Source of the claim: {each.claim.source}. Query `{each.query_hash}`, lake versions: {versions or '—'}.",
            "",
        ]
        if each.proof is not None:
            lines += [f"{each.proof.definition.en} {each.proof.definition.zh}", "", "```sql", each.proof.sql, "```", ""]
    return lines
