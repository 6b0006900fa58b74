"""The paper as a file, HTML or PDF by its name, and as values for a program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from canyu.kit.errors import BadInput
from canyu.kit.whole_file import write_whole_file
from canyu.kit.words import Words
from canyu.measure.estimate import describe_estimate
from canyu.measure.whitepaper.holding import Held
from canyu.measure.whitepaper.html import render_html
from canyu.measure.whitepaper.layout import lay_out
from canyu.measure.whitepaper.paper import WhitePaper
from canyu.measure.whitepaper.pdf import render_pdf

ENDINGS = (".html", ".pdf")


def write_paper(paper: WhitePaper, language: str, out: Path) -> None:
    """Write the paper in one language; the file is whole or not there at all.

    Raises BadInput for another ending than .html and .pdf, StorageFailure where it cannot be written.
    """
    kind = out.suffix.lower()
    if kind not in ENDINGS:
        raise BadInput(
            Words(f"白皮书只能是 .html 或 .pdf，不能是 {out.name}。", f"A paper is .html or .pdf, not {out.name}."),
            mend=Words("请把文件命名为 paper.html 或 paper.pdf。", "Name the file paper.html or paper.pdf."),
        )
    layout = lay_out(paper, language)
    write_whole_file(out, render_pdf(layout, paper.made) if kind == ".pdf" else render_html(layout).encode())


def describe_paper(paper: WhitePaper) -> dict[str, Any]:
    """Return the paper's numbers, its sentences and the refused rows as a program reads them."""
    pairs = [
        {
            "test": test.name,
            "unit": ", ".join(test.units),
            "one": pair.one,
            "other": pair.other,
            "difference": describe_estimate(pair.contrast.difference),
            "ratio": describe_estimate(pair.contrast.ratio),
            "hedges_g": describe_estimate(pair.contrast.g),
            "p_corrected": pair.corrected,
            "exact": pair.contrast.is_exact,
        }
        for test in paper.numbers.tests
        for pair in test.pairs
    ]
    return {
        "pairs": pairs,
        "comparisons": paper.numbers.comparisons,
        "claims": [describe_held(held) for held in paper.held],
        "rows": len(paper.sheet.runs),
        "refused_rows": [
            {"row": each.row, "field": each.field, "reason": each.reason, "mend": str(each.mend), "found": each.raw}
            for each in paper.sheet.refusals
        ],
        "sha256": paper.sheet.fingerprint,
        "simulated": paper.design.is_simulated,
    }


def describe_held(held: Held) -> dict[str, Any]:
    """Return one sentence held against the numbers, as a program reads it."""
    return {
        "id": held.sentence.id,
        "statement": str(held.sentence.statement),
        "printed": not held.objections,
        "figures": [
            {"against": other, **describe_estimate(found), "p_corrected": corrected}
            for other, found, corrected in held.figures
        ],
        "objections": [
            {"why": each.why.value, "reason": str(each.reason), "mend": str(each.mend)} for each in held.objections
        ],
    }
