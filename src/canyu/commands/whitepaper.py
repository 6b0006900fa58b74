"""``canyu whitepaper``: a comparison of devices by lab measurements, as a PDF or HTML to publish."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from canyu.commands.options import HELP_NAMES, json_option
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words, say

if TYPE_CHECKING:
    from canyu.measure.whitepaper import Held, WhitePaper

FILE = click.Path(dir_okay=False, path_type=Path)
TOLD = 20
"""Bad rows that a person is shown; --json tells them all."""
BESIDE_THE_FIGURES = frozenset({"source", "period", "sample", "test_report", "own_data"})
"""What copy may need as proof that a white paper itself is."""


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "由实验室测量写出对比白皮书：效应、区间、校正后的检验、图、方法页；数据或广告法不支持的语句不印。"
        "退出码：0 全部印出，1 有语句没印或有行不能用，2 输入有误。",
        "Write a comparison white paper from lab measurements: effects, intervals, corrected tests, charts and "
        "method; a "
        "sentence that the numbers or the law of advertising do not carry is not printed. Exit code: 0 all printed, 1 "
        "some sentence or row was refused, 2 bad input.",
    ),
)
@click.argument("lab", type=FILE)
@click.option("--design", required=True, type=FILE, help=say("白皮书的设计（YAML）。", "The paper's design (YAML)."))
@click.option("--out", required=True, type=FILE, help=say("paper.pdf 或 paper.html", "paper.pdf or paper.html"))
@click.option(
    "--lang",
    default="zh",
    type=click.Choice(["zh", "en"]),
    show_default=True,
    help=say("白皮书的语言。", "The language."),
)
@click.option(
    "--industry",
    default="",
    help=say(
        "行业，例如 car、phone：加上该行业的文案规则。", "An industry, such as car, phone: adds its rules of copy."
    ),
)
@json_option
@click.pass_context
def command(
    context: click.Context, lab: Path, design: Path, out: Path, lang: str, industry: str, as_json: bool
) -> None:
    """Write a comparison white paper from lab measurements."""
    from canyu.kit.clock import get_now
    from canyu.measure.whitepaper import describe_paper, load_paper_design, make_paper, read_lab_file, write_paper

    asked = load_paper_design(design)
    sheet = read_lab_file(lab, asked.signed)
    paper = make_paper(asked, sheet, lambda text: find_objections(text, industry), get_now())
    write_paper(paper, lang, out)
    if as_json:
        click.echo(dump_json({"out": str(out), **describe_paper(paper)}))
    else:
        tell_paper(paper)
        click.echo(f"{out}")
    context.exit(1 if paper.refused or sheet.refusals else 0)


def find_objections(text: str, industry: str) -> list[tuple[Words, Words]]:
    """Return what the law of advertising has against a text of a paper: each time the reason and the mend.

    >>> [reason.zh[:11] for reason, _ in find_objections("全网第一的手机", "")], find_objections("比上一代快 12%", "")
    (['“第一”：《广告法》第'], [])
    """
    from canyu.listen.copycheck import Severity, check_copy

    found = []
    for each in check_copy(text, industry=industry).findings:
        is_proven = {slot.value for slot in each.proof} <= BESIDE_THE_FIGURES
        if each.severity is Severity.BLOCK or (each.severity is Severity.NEEDS_PROOF and not is_proven):
            reason = Words(f"“{each.term}”：{each.article.zh}", f"“{each.term}”: {each.article.en}")
            found.append((reason, each.hint))
    return found


def tell_paper(paper: WhitePaper) -> None:
    """Tell a person which rows and which sentences were refused, and why."""
    refusals = paper.sheet.refusals
    for each in refusals[:TOLD]:
        click.echo(
            say(
                f"第 {each.row} 行，{each.field}：{each.raw!r}。{each.mend}",
                f"row {each.row}, {each.field}: {each.raw!r}. {each.mend}",
            )
        )
    if len(refusals) > TOLD:
        click.echo(say(f"……另有 {len(refusals) - TOLD} 行。", f"… and {len(refusals) - TOLD} more rows."))
    for held in paper.held:
        tell_held(held)


def tell_held(held: Held) -> None:
    """Tell a person whether a sentence is printed, and if not, why and what mends it."""
    head = say("没有印出", "not printed") if held.objections else say("印出", "printed")
    click.echo(f"{head} · {held.sentence.statement}")
    for each in held.objections:
        click.echo(f"  {each.reason} {each.mend}")
