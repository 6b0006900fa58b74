"""The report as one HTML file: no address to load, no script, light and dark, and readable in print."""

from __future__ import annotations

import html
from importlib.resources import files
from string import Template

from canyu.kit.markup import make_fit
from canyu.kit.words import Words
from canyu.measure.charts import render_chart
from canyu.measure.figure import Proof
from canyu.measure.report.document import Box, Document, Report, Section, Sheet
from canyu.measure.report.saying import PROOFS, say_versions


def render_html(report: Report) -> str:
    """Return the whole page; every text from outside is escaped, and the page forbids itself to load anything."""
    folder = files("canyu.measure.report")
    document = report.compose()
    parts = {
        "lang": "zh-Hans" if document.is_zh else "en",
        "title": escape(document.title),
        "period": escape(document.period),
        "style": folder.joinpath("report.css").read_text("utf-8"),
        "notes": "".join(f'<p class="note">{escape(note)}</p>' for note in document.notes),
        "figures": "".join(_render_box(box, document) for box in document.boxes),
        "pictures": "".join(_render_section(section, document) for section in document.sections)
        + _render_proofs(document),
        "made": escape(_tell_origin(document)),
    }
    return Template(folder.joinpath("report.html").read_text("utf-8")).substitute(parts)


def _render_box(box: Box, document: Document) -> str:
    lines = [f"<h2>{escape(box.label)}</h2>", f'<p class="value" title="{escape(box.full)}">{escape(box.value)}</p>']
    lines += [f'<p class="small">{escape(line)}</p>' for line in box.lines]
    return f'<div class="figure" id="{box.name}">{"".join(lines)}{_render_proof(box.proof, document)}</div>'


def _render_section(section: Section, document: Document) -> str:
    head = f"<h2>{escape(section.title)}</h2>"
    head += f"<p>{escape(section.subtitle)}</p>" if section.subtitle else ""
    body = ""
    if section.picture is not None:
        body += f'<div class="chart">{render_chart(section.picture, document.language, "auto")}</div>'
    if section.sheet is not None:
        table = f'<div class="wide">{_render_sheet(section.sheet)}</div>'
        name = escape(document.say("数据表", "As a table"))
        body += table if section.is_sheet_shown else f"<details><summary>{name}</summary>{table}</details>"
    body += "".join(f'<p class="small">{escape(line)}</p>' for line in section.lines)
    proof = _render_proof(section.proof, document) if section.proof is not None else ""
    return f'<section id="{section.name}">{head}{body}{proof}</section>'


def _render_sheet(sheet: Sheet) -> str:
    def pick(place: int) -> str:
        return ' class="number"' if place in sheet.numbers else ' class="text"' if place in sheet.texts else ""

    head = "".join(f'<th scope="col"{pick(place)}>{escape(name)}</th>' for place, name in enumerate(sheet.headings))
    rows = ("".join(f"<td{pick(place)}>{escape(cell)}</td>" for place, cell in enumerate(row)) for row in sheet.rows)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _render_proofs(document: Document) -> str:
    """Return the proofs of figures that stand in tables; a box and a section carry their own."""
    if not document.proofs:
        return ""
    title = escape(document.say(PROOFS.zh, PROOFS.en))
    listed = "".join(_render_proof(one.proof, document, one.label) for one in document.proofs)
    return f'<section id="proofs"><h2>{title}</h2>{listed}</section>'


def _render_proof(proof: Proof, document: Document, label: str = "") -> str:
    language = document.language
    facts = [
        (Words("定义", "Definition"), escape(proof.definition.say(language))),
        (Words("数据版本", "Data version"), escape(say_versions(proof.versions))),
        (Words("计入行数", "Rows counted"), f"{proof.rows:,}"),
        (Words("引擎", "Engine"), escape(proof.engine)),
        (Words("注意", "Caveats"), "<br>".join(escape(caveat.say(language)) for caveat in proof.caveats)),
    ]
    listed = "".join(f"<dt>{escape(name.say(language))}</dt><dd>{text}</dd>" for name, text in facts)
    summary = escape(label or document.say(PROOFS.zh, PROOFS.en))
    sql = f"<pre><code>{escape(proof.sql)}</code></pre>"
    return f'<details class="proof"><summary>{summary}</summary><dl>{listed}</dl>{sql}</details>'


def _tell_origin(document: Document) -> str:
    versions: dict[str, int] = {}
    for proof in (*(box.proof for box in document.boxes), *(one.proof for one in document.proofs)):
        versions |= proof.versions
    listed, made = say_versions(versions), document.made_at
    return document.say(f"生成于 {made} · 数据版本 {listed}", f"Made {made} · data version {listed}")


def escape(text: str) -> str:
    """Return the text as HTML shows it, with a blank for what no page can hold."""
    return html.escape(make_fit(text))
