"""The report as a PDF, set by Typst from the same figures and the same charts."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from canyu.kit.jsonio import dump_json
from canyu.measure.charts import render_chart
from canyu.measure.report.document import Document, Proved, Report, Section
from canyu.measure.report.fonts import find_fonts
from canyu.measure.report.saying import PROOFS, say_versions


def render_pdf(report: Report) -> bytes:
    """Return the report as PDF bytes. Texts go over as data, never as markup. Raises Unsupported without fonts."""
    family, folders = find_fonts()
    document = report.compose()
    with TemporaryDirectory(prefix="canyu-report-") as name:
        folder = Path(name)
        source = files("canyu.measure.report").joinpath("report.typ").read_text("utf-8")
        (folder / "report.typ").write_text(source, "utf-8")
        (folder / "data.json").write_text(dump_json({**_collect(document, folder), "font": family}), "utf-8")
        made: bytes = typst.compile(
            str(folder / "report.typ"), root=name, font_paths=list(folders), timestamp=int(document.made.timestamp())
        )
    return made


def _collect(document: Document, folder: Path) -> dict[str, Any]:
    proved = [*(Proved(box.label, box.proof) for box in document.boxes), *document.proofs]
    return {
        "lang": "zh" if document.is_zh else "en",
        "title": document.title,
        "period": document.period,
        "notes": list(document.notes),
        "made": document.say(f"生成于 {document.made_at}", f"Made {document.made_at}"),
        "figures": [{"label": box.label, "value": box.value, "lines": list(box.lines)} for box in document.boxes],
        "sections": [_collect_section(section, document, folder) for section in document.sections],
        "heading": document.say(PROOFS.zh, PROOFS.en),
        "proofs": [_collect_proof(one, document) for one in proved],
    }


def _collect_section(section: Section, document: Document, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"title": section.title, "subtitle": section.subtitle, "lines": list(section.lines)}
    if section.picture is not None:
        found["chart"] = f"{section.name}.svg"
        (folder / found["chart"]).write_text(render_chart(section.picture, document.language, "light"), "utf-8")
    if section.sheet is not None and section.is_sheet_shown:
        sheet, columns = section.sheet, range(len(section.sheet.headings))
        found["headings"], found["rows"] = list(sheet.headings), [list(row) for row in sheet.rows]
        found["numbers"] = [place in sheet.numbers for place in columns]
        found["texts"] = [place in sheet.texts for place in columns]
    return found


def _collect_proof(proved: Proved, document: Document) -> dict[str, Any]:
    proof = proved.proof
    versions = say_versions(proof.versions)
    return {
        "label": proved.label,
        "definition": proof.definition.say(document.language),
        "facts": document.say(
            f"数据版本 {versions}；计入 {proof.rows:,} 行；引擎 {proof.engine}",
            f"Data version {versions}; {proof.rows:,} rows counted; engine {proof.engine}",
        ),
        "caveats": [caveat.say(document.language) for caveat in proof.caveats],
    }
