"""The report as a PDF, set by Typst from the same figures and the same charts."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words
from canyu.measure.charts import render_chart
from canyu.measure.definitions import LABELS
from canyu.measure.figure import Figure, Picture
from canyu.measure.report import cells
from canyu.measure.report.fonts import find_fonts
from canyu.measure.report.subject import Subject, say_change, say_interval, say_once, say_value

SHOWN_AS_TABLE = {"posts"}


def render_pdf(subject: Subject) -> bytes:
    """Return the report as PDF bytes. Texts go over as data, never as markup. Raises Unsupported without fonts."""
    family, folders = find_fonts()
    with TemporaryDirectory(prefix="canyu-report-") as name:
        folder = Path(name)
        source = files("canyu.measure.report").joinpath("report.typ").read_text("utf-8")
        (folder / "report.typ").write_text(source, "utf-8")
        (folder / "data.json").write_text(dump_json({**_collect(subject, folder), "font": family}), "utf-8")
        made: bytes = typst.compile(
            str(folder / "report.typ"), root=name, font_paths=list(folders), timestamp=int(subject.made.timestamp())
        )
    return made


def _collect(subject: Subject, folder: Path) -> dict[str, Any]:
    overview, language = subject.overview, subject.language
    return {
        "lang": "zh" if subject.is_zh else "en",
        "title": subject.title,
        "period": subject.period,
        "notes": [note.say(language) for note in overview.notes],
        "made": subject.say(f"生成于 {subject.made_at}", f"Made {subject.made_at}"),
        "figures": [_collect_figure(figure, subject) for figure in overview.figures],
        "pictures": [_collect_picture(picture, subject, folder) for picture in overview.pictures],
        "proofs": subject.say("如何得出", "How it is computed"),
    }


def _collect_figure(figure: Figure, subject: Subject) -> dict[str, Any]:
    language = subject.language
    change = say_change(figure, language)
    return {
        "label": LABELS[figure.name].say(language),
        "value": say_value(figure, language),
        "missing": figure.missing.say(language) if figure.missing else "",
        "change": subject.say(f"较上期 {change}", f"{change} on the period before") if change else "",
        "interval": say_interval(figure, language),
        "once": say_once(figure, language),
        "definition": figure.proof.definition.say(language),
        "facts": _tell_facts(figure, subject),
        "caveats": [caveat.say(language) for caveat in figure.proof.caveats],
    }


def _collect_picture(picture: Picture, subject: Subject, folder: Path) -> dict[str, Any]:
    language = subject.language
    found: dict[str, Any] = {"title": picture.title.say(language), "subtitle": picture.subtitle.say(language)}
    if picture.name in SHOWN_AS_TABLE:
        columns = cells.list_columns(picture, language)
        found["headings"] = cells.list_headings(picture, language)
        found["rows"] = cells.list_rows(picture, language, subject.overview.query.zone)
        found["numbers"] = [cells.is_number(picture, name) for name in columns]
    elif picture.table.num_rows:
        found["chart"] = f"{picture.name}.svg"
        (folder / found["chart"]).write_text(render_chart(picture, language, "light"), "utf-8")
    return found


def _tell_facts(figure: Figure, subject: Subject) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in sorted(figure.proof.versions.items())) or "—"
    words = Words(
        f"数据版本 {versions}；计入 {figure.proof.rows:,} 行；引擎 {figure.proof.engine}",
        f"Data version {versions}; {figure.proof.rows:,} rows counted; engine {figure.proof.engine}",
    )
    return words.say(subject.language)
