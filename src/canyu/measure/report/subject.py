"""The overview as a report: its title, its figures as boxes, its pictures as sections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from canyu.kit.words import Words
from canyu.measure.definitions import LABELS
from canyu.measure.figure import Figure, Overview, Picture
from canyu.measure.report import cells
from canyu.measure.report.document import Box, Document, Section, Sheet
from canyu.measure.report.saying import say_change, say_full, say_interval, say_once, say_period, say_value

TITLE = Words("口碑概览", "Word-of-mouth overview")
ALL_BRANDS = Words("全部内容", "everything said")
SHOWN_AS_TABLE = {"posts"}


@dataclass(frozen=True, slots=True)
class Subject:
    """A report's overview, its language, the brand's name in it, and the moment it was made."""

    overview: Overview
    language: str
    brand: Words
    made: datetime

    @property
    def title(self) -> str:
        """What the report is about, in one line."""
        brand = self.brand if self.overview.query.brand else ALL_BRANDS
        return f"{TITLE.say(self.language)} · {brand.say(self.language)}"

    @property
    def period(self) -> str:
        """The days it covers, in words."""
        return say_period(self.overview.query, self.language)

    def compose(self) -> Document:
        """Return the overview as a document."""
        language, overview = self.language, self.overview
        return Document(
            self.title,
            self.period,
            language,
            overview.query.zone,
            self.made,
            tuple(note.say(language) for note in overview.notes),
            tuple(_make_box(figure, language) for figure in overview.figures),
            tuple(_make_section(picture, language, overview.query.zone) for picture in overview.pictures),
        )


def _make_box(figure: Figure, language: str) -> Box:
    change = say_change(figure, language)
    lines = (
        figure.missing.say(language) if figure.missing else "",
        Words(f"较上期 {change}", f"{change} on the period before").say(language) if change else "",
        say_interval(figure, language),
        say_once(figure, language),
    )
    label, value = LABELS[figure.name].say(language), say_value(figure, language)
    return Box(figure.name, label, value, tuple(line for line in lines if line), figure.proof, say_full(figure))


def _make_section(picture: Picture, language: str, zone: str) -> Section:
    columns = cells.list_columns(picture, language)
    sheet = Sheet(
        tuple(cells.list_headings(picture, language)),
        tuple(tuple(row) for row in cells.list_rows(picture, language, zone)),
        frozenset(place for place, name in enumerate(columns) if cells.is_number(picture, name)),
        frozenset(place for place, name in enumerate(columns) if name == "text"),
    )
    is_table = picture.name in SHOWN_AS_TABLE
    title, subtitle = picture.title.say(language), picture.subtitle.say(language)
    drawn = None if is_table or not picture.table.num_rows else picture
    return Section(picture.name, title, subtitle, drawn, sheet, is_table, proof=picture.proof)
