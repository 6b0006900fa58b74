"""Reports as files to hand on: one HTML page that needs nothing else, or a PDF."""

from __future__ import annotations

from pathlib import Path

from canyu.kit.errors import BadInput
from canyu.kit.whole_file import write_whole_file
from canyu.kit.words import Words
from canyu.measure.report.document import Box, Document, Proved, Report, Section, Sheet
from canyu.measure.report.html import render_html
from canyu.measure.report.pdf import render_pdf
from canyu.measure.report.saying import describe_figure
from canyu.measure.report.subject import Subject

__all__ = [
    "Box",
    "Document",
    "Proved",
    "Report",
    "Section",
    "Sheet",
    "Subject",
    "describe_figure",
    "render_html",
    "render_pdf",
    "write_report",
]


def write_report(report: Report, out: Path) -> None:
    """Write the report in the form that the file's name asks for; the file is whole or not there at all.

    Raises BadInput for another ending than .html and .pdf, StorageFailure where the file cannot be written.
    """
    kind = out.suffix.lower()
    if kind not in {".html", ".htm", ".pdf"}:
        raise BadInput(
            Words(f"报告只能是 .html 或 .pdf，不能是 {out.name}。", f"A report is .html or .pdf, not {out.name}."),
            mend=Words("请把文件命名为 report.html 或 report.pdf。", "Name the file report.html or report.pdf."),
        )
    write_whole_file(out, render_pdf(report) if kind == ".pdf" else render_html(report).encode())
