"""The paper as a PDF, set by Typst from the same layout and the same charts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from canyu.kit.jsonio import dump_json
from canyu.measure.report.fonts import find_fonts
from canyu.measure.whitepaper.layout import Layout, Section, draw


def render_pdf(layout: Layout, made: datetime) -> bytes:
    """Return the paper as PDF bytes. Texts go over as data, never as markup. Raises Unsupported without fonts."""
    family, folders = find_fonts()
    with TemporaryDirectory(prefix="canyu-paper-") as name:
        folder = Path(name)
        source = files("canyu.measure.whitepaper").joinpath("paper.typ").read_text("utf-8")
        (folder / "paper.typ").write_text(source, "utf-8")
        (folder / "data.json").write_text(dump_json({**_collect(layout, folder), "font": family}), "utf-8")
        found: bytes = typst.compile(
            str(folder / "paper.typ"), root=name, font_paths=list(folders), timestamp=int(made.timestamp())
        )
    return found


def _collect(layout: Layout, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: getattr(layout, name)
        for name in (
            *("title", "lines", "mark", "carried_title", "sentences", "remarks"),
            *("method_title", "facts", "defined_title", "definitions"),
        )
    }
    found["lang"] = "zh" if layout.language.startswith("zh") else "en"
    found["methods"] = asdict(layout.methods)
    found["sections"] = [
        _collect_section(section, layout.language, number, folder) for number, section in enumerate(layout.sections)
    ]
    return found


def _collect_section(section: Section, language: str, number: int, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"title": section.title, "subtitle": section.subtitle, "notes": section.notes}
    found["tables"] = [asdict(sheet) for sheet in (section.cells, section.pairs) if sheet]
    chart = draw(section, language, "light", number)
    if chart:
        found["chart"] = f"runs-{number}.svg"
        (folder / found["chart"]).write_text(chart, "utf-8")
    return found
