"""``canyu kols``: the roster of KOLs, from a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.options import HELP_NAMES, json_option, lake_option
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.ops.kols.intake.actions import Report

MOST_TOLD = 20
COMMAND = "canyu kols"
"""Who changed what, where no person was signed in."""


@click.group(
    context_settings=HELP_NAMES,
    help=say("达人库：从文件导入，并检查账号。", "The roster of KOLs: take in a file, check the accounts."),
)
def command() -> None:
    """Group the words about KOLs."""


@command.command(
    "import",
    help=say(
        "导入达人表（CSV 或 XLSX）。同一文件再导入一次不会改变任何东西；空单元格不改变已有的值。"
        "退出码：0 全部收下，1 有拒收的行。",
        "Take in a roster (CSV or XLSX). The same file again changes nothing; empty cells keep what there is. "
        "Exit code: 0 all rows kept, 1 some refused.",
    ),
)
@click.argument("file", type=click.Path(path_type=Path), metavar=say("文件", "FILE"))
@lake_option
@click.option(
    "--refused",
    "refused_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help=say("把拒收的行和改法写到这个 CSV。", "Write the refused rows with their mends to this CSV."),
)
@json_option
def import_command(file: Path, address: str, refused_path: Path | None, as_json: bool) -> None:
    """Take in a roster file."""
    _open_console(address)
    from canyu.kit.clock import get_now
    from canyu.ops.kols.intake.actions import keep_roster, read_file
    from canyu.ops.kols.intake.refused import write_refused

    report = keep_roster(COMMAND, read_file(file), get_now())
    if refused_path is not None:
        # the mark lets spreadsheets read UTF-8
        refused_path.write_text("\ufeff" + write_refused(report.refused), "utf-8", newline="")
    click.echo(dump_json(_describe(report)) if as_json else _tell(report))
    if report.refused:
        raise SystemExit(1)


@command.command(
    "check",
    help=say(
        "按数据湖重新衡量每个账号：近 90 天的表现、真实性线索、已发布合作的实际人数。让 cron 或 systemd 每天运行一次。",
        "Measure every account on the lake: the last 90 days, signs of authenticity, the people that booked posts "
        "reached. For cron or systemd, once a day.",
    ),
)
@lake_option
@json_option
def check_command(address: str, as_json: bool) -> None:
    """Measure the roster."""
    from canyu.events import open_lake

    open_lake(address)  # where there is none, nothing is made
    _open_console(address)
    from dataclasses import asdict

    from canyu.kit.clock import get_now
    from canyu.ops.kols.signs.actions import check_accounts
    from canyu.ops.outbox.actions import relay

    relay()
    done = check_accounts(get_now())
    if as_json:
        click.echo(dump_json(asdict(done)))
        return
    click.echo(
        say(
            f"{done.accounts:,} 个账号：测得 {done.measured:,} 项线索，其中 {done.outside:,} 项超出通常范围；"
            f"{done.bookings:,} 个合作统计了实际人数。",
            f"{done.accounts:,} accounts: {done.measured:,} signs measured, {done.outside:,} of them outside their "
            f"usual band; the people of {done.bookings:,} bookings were counted.",
        )
    )


def _open_console(address: str) -> None:
    from canyu.commands.alerts import prepare_database
    from canyu.commands.serve import configure

    configure(address, "127.0.0.1")
    prepare_database()


def _describe(report: Report) -> dict[str, Any]:
    from canyu.ops.kols.intake.refused import find_reason

    refused = [
        {
            "row": row.row,
            "field": fault.field,
            "reason": fault.reason,
            "value": fault.value,
            "mend": str(find_reason(fault.reason).mend),
        }
        for row in report.refused
        for fault in row.faults
    ]
    counts = {"total": report.total, "added": report.added, "changed": report.changed, "unchanged": report.unchanged}
    return counts | {"refused": len(report.refused), "faults": refused}


def _tell(report: Report) -> str:
    from canyu.ops.kols.intake.refused import tell_fault

    lines = [
        say(
            f"共 {report.total:,} 行：新增 {report.added:,} 个账号，更改 {report.changed:,} 个，"
            f"未变 {report.unchanged:,} 个，拒收 {len(report.refused):,} 行。",
            f"{report.total:,} rows: {report.added:,} accounts added, {report.changed:,} changed, "
            f"{report.unchanged:,} unchanged, {len(report.refused):,} rows refused.",
        )
    ]
    lines += [f"  {tell_fault(row, fault)}" for row in report.refused[:MOST_TOLD] for fault in row.faults]
    if len(report.refused) > MOST_TOLD:
        more = len(report.refused) - MOST_TOLD
        lines.append(
            say(f"  另有 {more:,} 行：用 --refused 写到文件。", f"  {more:,} more: write them with --refused.")
        )
    return "\n".join("".join(sign if sign.isprintable() or sign == "\n" else " " for sign in line) for line in lines)
