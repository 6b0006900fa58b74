"""The paper as one HTML file: no address to load, no script, light and dark, and readable in print."""

from __future__ import annotations

from importlib.resources import files
from string import Template

from canyu.measure.report.html import escape
from canyu.measure.whitepaper.layout import Layout, Section, Sheet, draw


def render_html(layout: Layout) -> str:
    """Return the whole page; every text from outside is escaped, and the page forbids itself to load anything."""
    folder = files("canyu.measure.whitepaper")
    sections = (_render_section(section, layout, number) for number, section in enumerate(layout.sections))
    parts = {
        "lang": "zh-Hans" if layout.language.startswith("zh") else "en",
        "title": escape(layout.title),
        "style": files("canyu.measure.report").joinpath("report.css").read_text("utf-8"),
        "lines": "".join(f"<p>{escape(line)}</p>" for line in layout.lines),
        "mark": f'<p class="note">{escape(layout.mark)}</p>' if layout.mark else "",
        "carried_title": escape(layout.carried_title),
        "carried": _render_carried(layout),
        "sections": "".join(sections),
        "method_title": escape(layout.method_title),
        "methods": _render_sheet(layout.methods),
        "facts": "".join(f'<p class="small">{escape(fact)}</p>' for fact in layout.facts),
        "defined_title": escape(layout.defined_title),
        "definitions": "".join(f"<dt>{escape(term)}</dt><dd>{escape(text)}</dd>" for term, text in layout.definitions),
    }
    return Template(folder.joinpath("paper.html").read_text("utf-8")).substitute(parts)


def _render_carried(layout: Layout) -> str:
    said = "".join(
        f'<li><p class="said">{escape(statement)}</p><p class="small">{escape(figures)}</p></li>'
        for statement, figures in layout.sentences
    )
    remarks = "".join(f'<p class="small">{escape(remark)}</p>' for remark in layout.remarks)
    return (f"<ul>{said}</ul>" if said else "") + remarks


def _render_section(section: Section, layout: Layout, number: int) -> str:
    chart = draw(section, layout.language, "auto", number)
    return (
        f"<section><h2>{escape(section.title)}</h2><p>{escape(section.subtitle)}</p>"
        + (f'<div class="chart">{chart}</div>' if chart else "")
        + "".join(f'<p class="small">{escape(note)}</p>' for note in section.notes)
        + _render_sheet(section.cells)
        + (_render_sheet(section.pairs) if section.pairs else "")
        + "</section>"
    )


def _render_sheet(sheet: Sheet) -> str:
    kinds = [' class="number"' if is_number else "" for is_number in sheet.numbers]
    heads = zip(kinds, sheet.headings, strict=True)
    head = "".join(f'<th scope="col"{kind}>{escape(name)}</th>' for kind, name in heads)
    rows = "".join(
        f"<tr>{''.join(f'<td{kind}>{escape(cell)}</td>' for kind, cell in zip(kinds, row, strict=True))}</tr>"
        for row in sheet.rows
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
