"""``canyu check-copy``: check marketing copy against the Advertising Law before it is published."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from canyu.commands.options import HELP_NAMES, json_option
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words, say

if TYPE_CHECKING:
    from canyu.listen.copycheck import CopyReport, Finding

TABLES = {".csv", ".tsv", ".jsonl", ".ndjson", ".xlsx", ".parquet"}
LINE_END = re.compile("\r\n|\n|\r")  # as an editor counts lines
BATCH = 4096
TOLD = 200  # findings that a person is shown; --json tells them all
NAMES = {
    "block": Words("禁止", "blocked"),
    "needs proof": Words("需要依据", "needs proof"),
    "note": Words("提示", "note"),
    "exempt": Words("豁免", "exempt"),
}


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "按《广告法》检查营销文案：绝对化用语、行业禁语、数据出处、广告标识。"
        "退出码：0 没有问题，1 有禁止或需要依据的内容，2 输入有误。",
        "Check marketing copy against China's Advertising Law: absolute terms, what an industry may not say, "
        "sources of data, disclosure. Exit code: 0 clean, 1 something blocks or needs proof, 2 bad input.",
    ),
)
@click.argument("source", metavar=say("文件", "FILE"))
@click.option(
    "--industry",
    default="",
    help=say(
        "行业，例如 car、phone、cosmetics、food；加上该行业的规则。",
        "An industry, such as car, phone, cosmetics, food: adds its rules.",
    ),
)
@click.option(
    "--paid",
    "is_paid",
    is_flag=True,
    help=say("付费内容：必须标明“广告”。", "Paid posts: they must be marked as advertising."),
)
@click.option(
    "--whole",
    is_flag=True,
    help=say("整个文件是一篇文案；默认每行一篇。", "The whole file is one copy; otherwise each line is one."),
)
@click.option(
    "--text-column",
    default="",
    help=say(
        "表格里文案所在的列（CSV、XLSX、JSON Lines、Parquet）。",
        "The column of a table that holds the copy (CSV, XLSX, JSON Lines, Parquet).",
    ),
)
@click.option(
    "--catalogue",
    "catalogue_path",
    default="",
    help=say("产品目录文件：其中的名称可以含有绝对化用语。", "A catalogue file: its names may contain absolute terms."),
)
@click.option(
    "--encoding",
    default="",
    help=say("文本文件的编码；默认自动识别。", "The encoding of a text file; found out by default."),
)
@json_option
@click.pass_context
def command(
    context: click.Context,
    source: str,
    industry: str,
    is_paid: bool,
    whole: bool,
    text_column: str,
    catalogue_path: str,
    encoding: str,
    as_json: bool,
) -> None:
    """Check marketing copy against the Advertising Law before it is published."""
    from canyu.events.catalogue import load_catalogue
    from canyu.listen.copycheck import RULES_VERSION, check_copies, judge_verdict

    catalogue = load_catalogue(catalogue_path) if catalogue_path else None
    if whole and text_column:
        raise BadInput(
            Words("--whole 和 --text-column 不能同时用。", "--whole and --text-column do not go together."),
            mend=Words("表格里每行是一篇文案。", "Each row of a table is one copy."),
        )
    texts = 0
    findings: list[tuple[int, Finding]] = []
    for batch in _read_batches(source, text_column, encoding, whole):
        reports = check_copies([text for _, text in batch], industry=industry, is_paid=is_paid, catalogue=catalogue)
        texts += len(batch)
        findings += _number(batch, reports)
    if not texts:
        raise BadInput(
            Words("没有要检查的文案。", "there is no copy to check."),
            mend=Words("请给至少有一行文字的文件。", "Give a file with at least one line of text."),
        )
    verdict = judge_verdict(finding.severity for _, finding in findings)
    if as_json:
        rows = [{"line": line, **finding.to_row()} for line, finding in findings]
        told = {"texts": texts, "findings": rows, "verdict": verdict.value, "rules_version": RULES_VERSION}
        click.echo(dump_json(told))
    else:
        _tell(texts, findings)
    context.exit(0 if verdict.value == "clean" else 1)


def _number(batch: list[tuple[int, str]], reports: list[CopyReport]) -> Iterator[tuple[int, Finding]]:
    for (line, _), report in zip(batch, reports, strict=True):
        for finding in report.findings:
            yield line, finding


def _read_batches(source: str, column: str, encoding: str, whole: bool) -> Iterator[list[tuple[int, str]]]:
    """Yield the copies that are not blank, with their line or row counted from 1, some thousands at a time."""
    is_table = _is_table(source, column)
    copies = _read_table(Path(source), column, encoding) if is_table else _read_plain(source, encoding, whole)
    batch: list[tuple[int, str]] = []
    for numbered in enumerate(copies, 1):
        if numbered[1].strip():
            batch.append(numbered)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _is_table(source: str, column: str) -> bool:
    if column and source == "-":
        raise BadInput(
            Words("从标准输入读的是纯文本，没有列。", "standard input is plain text: it has no columns."),
            mend=Words("请把表格存成文件。", "Save the table as a file."),
        )
    if not column and Path(source).suffix.lower() in TABLES:
        raise BadInput(
            Words(f"{Path(source).name} 是表格。", f"{Path(source).name} is a table."),
            mend=Words("请用 --text-column 指定文案所在的列。", "Name the column of the copy with --text-column."),
        )
    return bool(column)


def _read_plain(source: str, encoding: str, whole: bool) -> Iterator[str]:
    text = _decode(source, encoding)
    if whole:
        yield text
    else:
        yield from LINE_END.split(text)


def _decode(source: str, encoding: str) -> str:
    from canyu.events.importers.sources import detect_encoding

    if source == "-":
        data, name = sys.stdin.buffer.read(), "-"
        form = encoding or "utf-8"
    else:
        path = Path(source)
        if not path.is_file():
            raise NotFound(
                Words(f"没有文件 {path}。", f"there is no file {path}."),
                mend=Words("请检查路径；要给一个文件，而不是文件夹。", "Check the path; give one file, not a folder."),
            )
        data, name = path.read_bytes(), path.name
        form = encoding or detect_encoding(path)
    try:
        return data.decode(form).removeprefix("\ufeff")
    except (UnicodeDecodeError, LookupError) as error:
        raise BadInput(
            Words(f"{name} 不是 {form} 编码的文本。", f"{name} is not text in {form}."),
            mend=Words("请用 --encoding 指定编码，或另存为 UTF-8。", "State it with --encoding, or save it as UTF-8."),
        ) from error


def _read_table(path: Path, column: str, encoding: str) -> Iterator[str]:
    """Yield a column's cells as texts; an empty or unreadable cell is an empty text, so that rows keep their number."""
    from canyu.events.importers.readers import FileFormat
    from canyu.listen.refusals import refuse_missing_column, refuse_no_texts
    from canyu.listen.sheets import open_sheet, read_texts

    sheet = open_sheet(path, FileFormat(encoding))
    if column not in sheet.schema.names:
        raise refuse_missing_column(path.name, column, sheet.schema.names)
    mark = sheet.schema.field(column)
    for piece in sheet.read_pieces():
        for refusal in piece.refusals:
            click.echo(say(f"第 {refusal.row} 行读不了。", f"row {refusal.row} cannot be read."), err=True)
        for cell in read_texts(piece.table[column], mark).to_pylist():
            if not isinstance(cell, str | None):
                raise refuse_no_texts(column, mark.type)
            yield cell or ""


def _tell(texts: int, findings: list[tuple[int, Finding]]) -> None:
    """Show the findings to a person, the exempt ones as a count."""
    shown = [(line, finding) for line, finding in findings if finding.severity.value != "exempt"]
    for line, finding in shown[:TOLD]:
        _tell_finding(line, finding)
    if len(shown) > TOLD:
        more = f"{len(shown) - TOLD:,}"
        click.echo(say(f"……另有 {more} 处。", f"… and {more} more."))
    count = {
        name: sum(f.severity.value == name for _, f in findings) for name in ("block", "needs proof", "note", "exempt")
    }
    block, proof, note, exempt = count.values()
    click.echo(
        say(
            f"{texts:,} 篇文案：禁止 {block:,} 处，需要依据 {proof:,} 处，提示 {note:,} 处，豁免 {exempt:,} 处。",
            f"{texts:,} copies: {block:,} blocked, {proof:,} in need of proof, {note:,} notes, {exempt:,} exempt.",
        )
    )
    click.echo(say("这是辅助检查，不是法律意见。", "An aid, not legal advice."))


def _tell_finding(line: int, finding: Finding) -> None:
    zh, en = NAMES[finding.severity.value]
    term = _clean(finding.term) or say("（全文）", "(the whole post)")
    head = say(
        f"第 {line} 行 {finding.start}–{finding.end}【{zh}】{term}",
        f"line {line}, {finding.start}-{finding.end} [{en}] {term}",
    )
    click.echo(head)
    click.echo(f"  {finding.article}")
    click.echo(f"  {finding.why}")
    if finding.proof:
        wanted = say("、", ", ").join(str(slot.words) for slot in finding.proof)
        click.echo(say(f"  依据：{wanted}", f"  Proof: {wanted}"))
    click.echo(say(f"  怎么改：{finding.hint}", f"  Mend: {finding.hint}"))


def _clean(term: str) -> str:
    """Return a term without what a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in term)
