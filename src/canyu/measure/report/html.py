"""The report as one HTML file: no address to load, no script, light and dark, and readable in print."""

from __future__ import annotations

import html
from importlib.resources import files
from string import Template

from canyu.kit.markup import make_fit
from canyu.kit.words import Words
from canyu.measure.charts import render_chart
from canyu.measure.definitions import LABELS
from canyu.measure.figure import Figure, Picture, Proof
from canyu.measure.report import cells
from canyu.measure.report.subject import Subject, say_change, say_full, say_interval, say_once, say_value

SHOWN_AS_TABLE = {"posts"}


def render_html(subject: Subject) -> str:
    """Return the whole page; every text from outside is escaped, and the page forbids itself to load anything."""
    folder = files("canyu.measure.report")
    overview = subject.overview
    parts = {
        "lang": "zh-Hans" if subject.is_zh else "en",
        "title": escape(subject.title),
        "period": escape(subject.period),
        "style": folder.joinpath("report.css").read_text("utf-8"),
        "notes": "".join(f'<p class="note">{escape(note.say(subject.language))}</p>' for note in overview.notes),
        "figures": "".join(_render_figure(figure, subject) for figure in overview.figures),
        "pictures": "".join(_render_picture(picture, subject) for picture in overview.pictures),
        "made": escape(_tell_origin(subject)),
    }
    return Template(folder.joinpath("report.html").read_text("utf-8")).substitute(parts)


def _render_figure(figure: Figure, subject: Subject) -> str:
    language = subject.language
    lines = [f"<h2>{escape(LABELS[figure.name].say(language))}</h2>"]
    lines.append(f'<p class="value" title="{escape(say_full(figure))}">{escape(say_value(figure, language))}</p>')
    if figure.missing:
        lines.append(f'<p class="small">{escape(figure.missing.say(language))}</p>')
    change, interval = say_change(figure, language), say_interval(figure, language)
    if change:
        lines.append(
            f'<p class="small">{escape(subject.say(f"较上期 {change}", f"{change} on the period before"))}</p>'
        )
    lines += [f'<p class="small">{escape(line)}</p>' for line in (interval, say_once(figure, language)) if line]
    return f'<div class="figure" id="{figure.name}">{"".join(lines)}{_render_proof(figure.proof, subject)}</div>'


def _render_picture(picture: Picture, subject: Subject) -> str:
    language = subject.language
    head = f"<h2>{escape(picture.title.say(language))}</h2><p>{escape(picture.subtitle.say(language))}</p>"
    table = _render_table(picture, subject)
    if picture.name in SHOWN_AS_TABLE:
        body = f'<div class="wide">{table}</div>'
    else:
        chart = f'<div class="chart">{render_chart(picture, language, "auto")}</div>' if picture.table.num_rows else ""
        name = escape(subject.say("数据表", "As a table"))
        body = f'{chart}<details><summary>{name}</summary><div class="wide">{table}</div></details>'
    return f'<section id="{picture.name}">{head}{body}{_render_proof(picture.proof, subject)}</section>'


def _render_table(picture: Picture, subject: Subject) -> str:
    language = subject.language
    columns = cells.list_columns(picture, language)
    kinds = [
        ' class="number"' if cells.is_number(picture, name) else ' class="text"' if name == "text" else ""
        for name in columns
    ]
    headings = zip(kinds, cells.list_headings(picture, language), strict=True)
    head = "".join(f'<th scope="col"{kind}>{escape(name)}</th>' for kind, name in headings)
    rows = [
        "".join(f"<td{kind}>{escape(cell)}</td>" for kind, cell in zip(kinds, row, strict=True))
        for row in cells.list_rows(picture, language, subject.overview.query.zone)
    ]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _render_proof(proof: Proof, subject: Subject) -> str:
    language = subject.language
    versions = ", ".join(f"{name} {version}" for name, version in sorted(proof.versions.items())) or "—"
    facts = [
        (Words("定义", "Definition"), escape(proof.definition.say(language))),
        (Words("数据版本", "Data version"), escape(versions)),
        (Words("计入行数", "Rows counted"), f"{proof.rows:,}"),
        (Words("引擎", "Engine"), escape(proof.engine)),
        (Words("注意", "Caveats"), "<br>".join(escape(caveat.say(language)) for caveat in proof.caveats)),
    ]
    listed = "".join(f"<dt>{escape(name.say(language))}</dt><dd>{text}</dd>" for name, text in facts)
    summary = escape(subject.say("如何得出", "How it is computed"))
    sql = f"<pre><code>{escape(proof.sql)}</code></pre>"
    return f'<details class="proof"><summary>{summary}</summary><dl>{listed}</dl>{sql}</details>'


def _tell_origin(subject: Subject) -> str:
    versions: dict[str, int] = {}
    for figure in subject.overview.figures:
        versions |= figure.proof.versions
    listed = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    return subject.say(
        f"生成于 {subject.made_at} · 数据版本 {listed}", f"Made {subject.made_at} · data version {listed}"
    )


def escape(text: str) -> str:
    """Return the text as HTML shows it, with a blank for what no page can hold."""
    return html.escape(make_fit(text))
