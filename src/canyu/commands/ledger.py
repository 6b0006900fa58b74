"""``canyu ledger``: prove that the ledger is sound, and take it out as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from canyu.commands.options import HELP_NAMES, json_option, lake_option
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say

if TYPE_CHECKING:
    from canyu.ledger import Breach, Proof, UnitSum


@click.group(context_settings=HELP_NAMES, help=say("账本：核对与导出。", "The ledger: prove it, take it out."))
def command() -> None:
    """Look after the ledger."""


@command.command(
    "audit",
    help=say(
        "从第一行起重放整个账本，证明借贷相等、余额由各行得出、没有账户低于限额、没有预留被处理两次。"
        "有一处不符就以非零状态结束，并指出是哪一行、怎么办。",
        "Replay the whole ledger from its first row: debits equal credits, balances follow from the rows, no account is"
        " below its limit, no hold was answered twice. Ends with a status other than zero where anything is wrong, and"
        " names the row and the mend.",
    ),
)
@lake_option
@json_option
def audit_command(address: str, as_json: bool) -> None:
    """Prove the ledger."""
    from canyu.ledger import open_reader, prove

    with open_reader(find_address(address)) as reader:
        proof = prove(reader)
    if as_json:
        click.echo(dump_json(describe_proof(proof)))
    else:
        for line in tell_proof(proof):
            click.echo(line)
    if not proof.is_sound:
        raise SystemExit(1)


@command.command(
    "export",
    help=say("把账本的各行或各账户写成文件。", "Write the rows of the ledger, or its accounts, to a file."),
)
@lake_option
@click.option("--out", required=True, type=click.Path(path_type=Path), help=say("写到哪个文件。", "The file to write."))
@click.option(
    "--part",
    default="rows",
    show_default=True,
    type=click.Choice(["rows", "accounts"]),
    help=say("各行，或各账户与合计。", "The rows in their order, or the accounts with their sums."),
)
@click.option(
    "--form",
    default="jsonl",
    show_default=True,
    type=click.Choice(["jsonl", "csv"]),
    help=say("JSON Lines（原样）或 CSV（给电子表格）。", "JSON Lines (exact) or CSV (for spreadsheets)."),
)
@click.option("--account", default="", help=say("只要这个账户的行。", "Only the rows of this account."))
@json_option
def export_command(address: str, out: Path, part: str, form: str, account: str, as_json: bool) -> None:
    """Take the ledger out."""
    from canyu.ledger import ExportForm, ExportPart, export_ledger, open_reader

    with open_reader(find_address(address)) as reader, tell_disk(out), out.open("wb") as file:
        if account:
            reader.get_account(account)
        for piece in export_ledger(reader, ExportPart(part), ExportForm(form), account):
            file.write(piece)
        size = file.tell()
    told = {"out": str(out), "bytes": size}
    click.echo(dump_json(told) if as_json else say(f"已写入 {out}（{size} 字节）。", f"Wrote {out} ({size} bytes)."))


def find_address(lake: str) -> str:
    """Return where the ledger of the console of this lake is; nothing is made and nothing changed."""
    from canyu.commands.serve import configure
    from canyu.ops.ledger.place import find_ledger_address

    configure(lake, "127.0.0.1")
    return find_ledger_address()


def tell_disk(path: Path) -> Any:
    """Return what turns a failure of the disk into words."""
    from canyu.events.failures import Doing, tell_failure

    return tell_failure(Doing.WRITE, path)


def describe_proof(proof: Proof) -> dict[str, Any]:
    """Return a proof as a program reads it."""
    return {
        "is_sound": proof.is_sound,
        "rows": proof.rows,
        "accounts": proof.accounts,
        "open_holds": proof.open_holds,
        "units": [{**asdict(unit), "is_even": unit.is_even} for unit in proof.units],
        "found": proof.found,
        "breaches": [describe_breach(breach) for breach in proof.breaches],
    }


def describe_breach(breach: Breach) -> dict[str, str]:
    """Return one finding as a program reads it."""
    told = {"flaw": breach.flaw.value, "row": breach.row, "what": breach.what}
    return {**told, "message": str(breach.message), "mend": str(breach.mend)}


def tell_proof(proof: Proof) -> Iterator[str]:
    """Yield a proof in lines for people."""
    yield say(
        f"重放 {proof.rows:,} 行，{proof.accounts:,} 个账户，{proof.open_holds:,} 笔未结预留。",
        f"Replayed {proof.rows:,} rows, {proof.accounts:,} accounts, {proof.open_holds:,} open holds.",
    )
    for unit in proof.units:
        yield tell_unit(unit)
    for breach in proof.breaches:
        yield f"✗ {breach.message} {breach.mend}"
    if proof.is_sound:
        yield say("账本相符。", "The ledger is sound.")
        return
    more = proof.found - len(proof.breaches)
    yield say(f"共 {proof.found} 处不符。", f"{proof.found} breaches.") + (f" (+{more})" if more else "")


def tell_unit(unit: UnitSum) -> str:
    """Return the trial balance of one unit on one line."""
    return say(
        f"  {unit.unit}：借 {unit.debits:,}，贷 {unit.credits:,}；"
        f"冻结：借 {unit.debits_held:,}，贷 {unit.credits_held:,}",
        f"  {unit.unit}: debits {unit.debits:,}, credits {unit.credits:,};"
        f" held: debits {unit.debits_held:,}, credits {unit.credits_held:,}",
    )
