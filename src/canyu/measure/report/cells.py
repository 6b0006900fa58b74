"""The tables of a report: which columns are shown, under which names, and how a cell is written."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from canyu.kit.markup import make_fit
from canyu.kit.numbers import format_number
from canyu.kit.words import Words
from canyu.measure.channels import get_channel_label
from canyu.measure.definitions import COLUMNS
from canyu.measure.figure import Picture

SENTIMENTS = {
    "positive": Words("正面", "positive"),
    "neutral": Words("中性", "neutral"),
    "negative": Words("负面", "negative"),
}
HIDDEN = {"id", "is_chosen"}
MAX_TEXT = 140


def list_columns(picture: Picture, language: str) -> list[str]:
    """Return the columns of a picture's table that people read, in order."""
    other = "label_en" if language.startswith("zh") else "label_zh"
    return [name for name in picture.table.column_names if name not in HIDDEN and name != other]


def list_headings(picture: Picture, language: str) -> list[str]:
    """Return the names of those columns."""
    return [
        COLUMNS["label_zh" if name.startswith("label_") else name].zh
        if language.startswith("zh")
        else COLUMNS["label_en" if name.startswith("label_") else name].en
        for name in list_columns(picture, language)
    ]


def list_rows(picture: Picture, language: str, zone: str) -> list[list[str]]:
    """Return the cells as text."""
    columns = list_columns(picture, language)
    return [[say_cell(name, row[name], language, zone) for name in columns] for row in picture.table.to_pylist()]


def is_number(picture: Picture, name: str) -> bool:
    """Tell whether a column is set flush right."""
    return str(picture.table.schema.field(name).type) in {"int64", "double"}


def say_cell(name: str, value: Any, language: str, zone: str) -> str:
    """Return one cell as text; a missing value is a dash.

    >>> say_cell("posts", 1234, "zh", "UTC"), say_cell("net", None, "en", "UTC"), say_cell("net", -3.25, "en", "UTC")
    ('1,234', '—', '−3.2')
    """
    if value is None:
        return "—"
    if isinstance(value, datetime):
        return f"{value.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return format_number(value, language).replace("-", "−")
    if name == "sentiment":
        return SENTIMENTS[value].say(language) if value in SENTIMENTS else str(value)
    if name == "channel":
        return get_channel_label(value).say(language)
    text = " ".join(make_fit(str(value)).split())
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"
