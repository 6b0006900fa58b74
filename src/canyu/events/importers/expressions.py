"""Cells of a mapping as DuckDB expressions, so that a million rows are mapped by columns and not one by one."""

from __future__ import annotations

import re

import pyarrow as pa

from canyu.events.importers.mapping import Cell
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

MINOR_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"), 0),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""ISO 4217: currencies whose minor unit is not a hundredth."""

MONEY_MARKS = r"[¥￥$€£₩₹,，\s]|元|圆|RMB|CNY|USD|EUR|GBP|JPY|HKD"
COUNT_SCALES = {"万": 10_000, "w": 10_000, "亿": 100_000_000, "千": 1_000, "k": 1_000, "m": 1_000_000}
PLACE = re.compile(r"\{([^{}]+)\}")
ROUNDED_ID = r"^[+-]?\d(\.\d+)?[eE]\+\d\d$"
"""How a spreadsheet shows an id of more than 15 digits: its last digits are lost."""


class Columns:
    """The columns of a block, and how each is read as text or as JSON."""

    def __init__(self, schema: pa.Schema, *, is_json: bool) -> None:
        self.schema = schema
        self.is_json = is_json

    def __contains__(self, name: str) -> bool:
        return name in self.schema.names

    def quote(self, name: str) -> str:
        """Return the column as an SQL identifier. Raises BadInput where the file has none of that name."""
        if name not in self.schema.names:
            raise BadInput(
                Words(f"文件里没有“{name}”这一列。", f"The file has no column “{name}”."),
                mend=Words(
                    f"它的列有：{'、'.join(self.schema.names[:40])}。",
                    f"Its columns are: {', '.join(self.schema.names[:40])}.",
                ),
            )
        return quote_name(name)

    def read_text(self, name: str) -> str:
        """Return SQL for the column as text, null where the cell is blank."""
        column = self.quote(name)
        if self.is_json:
            return f"nullif(json_extract_string(try_cast({column} AS JSON), '$'), '')"
        if pa.types.is_string(self.schema.field(name).type):
            return f"nullif({column}, '')"
        return f"CAST({column} AS VARCHAR)"

    def read_json(self, name: str) -> str:
        """Return SQL for the column as JSON text, null where the cell is blank."""
        column = self.quote(name)
        if self.is_json:
            return f"nullif({column}, 'null')"
        kind = self.schema.field(name).type
        if pa.types.is_string(kind):
            return f"CAST(to_json(nullif({column}, '')) AS VARCHAR)"
        return f"CASE WHEN {column} IS NOT NULL THEN CAST(to_json({column}) AS VARCHAR) END"


def compile_cell(cell: Cell, columns: Columns) -> str:
    """Return SQL for a cell: text for the kinds text and json, BIGINT for count and integer, DECIMAL for number."""
    text = _compile_origin(cell, columns)
    if cell.table:
        cases = " ".join(f"WHEN {quote_text(word)} THEN {quote_text(meant)}" for word, meant in cell.table.items())
        last = quote_text(cell.otherwise) if cell.otherwise else "NULL"
        text = f"CASE trim(CAST({text} AS VARCHAR)) {cases} ELSE {last} END"
    return compile_kind(cell.kind, text)


def compile_kind(kind: str, text: str) -> str:
    """Return SQL that reads a text as one of the kinds of a mapping, null where it cannot be read so."""
    if kind == "count":
        return compile_count(text)
    if kind in ("number", "money"):
        return f"try_cast(regexp_replace(CAST({text} AS VARCHAR), '{MONEY_MARKS}', '', 'g') AS DECIMAL(28, 6))"
    if kind == "integer":
        return f"try_cast({text} AS BIGINT)"
    if kind == "boolean":
        return f"try_cast({text} AS BOOLEAN)"
    return text


def compile_count(text: str) -> str:
    """Return SQL that reads 1234, "1,234", "1.2万", "3k+" as a whole number; other words give null."""
    plain = f"CAST({text} AS VARCHAR)"
    number = f"try_cast(regexp_extract({plain}, '^\\s*([0-9][0-9,.]*)', 1).replace(',', '') AS DECIMAL(28, 6))"
    scale = f"lower(regexp_extract({plain}, '^\\s*[0-9][0-9,.]*\\s*(万|亿|千|[wWkKmM])?\\+?\\s*$', 1))"
    scales = " ".join(f"WHEN '{word}' THEN {times}" for word, times in COUNT_SCALES.items())
    is_count = f"regexp_matches({plain}, '^\\s*[0-9][0-9,.]*\\s*(万|亿|千|[wWkKmM])?\\+?\\s*$')"
    slow = f"CASE WHEN {is_count} THEN CAST(round({number} * CASE {scale} {scales} ELSE 1 END) AS BIGINT) END"
    return f"coalesce(try_cast({text} AS BIGINT), {slow})"


def compile_minor(amount: str, currency: str) -> str:
    """Return SQL for an amount (DECIMAL) in minor units of a currency (text), null where digits would be lost."""
    cases = " ".join(f"WHEN {quote_text(code)} THEN {10**digits}" for code, digits in MINOR_DIGITS.items())
    minor = f"({amount} * CASE {currency} {cases} ELSE 100 END)"
    return f"CASE WHEN {minor} = round({minor}) THEN try_cast({minor} AS BIGINT) END"


def compile_key(names: tuple[str, ...], columns: Columns) -> str:
    """Return SQL for a natural key: its parts that are not blank, joined as ``make_event_id`` joins them."""
    parts = [columns.read_text(name) for name in names]
    return parts[0] if len(parts) == 1 else f"nullif(concat_ws(chr(31), {', '.join(parts)}), '')"


def compile_object(entries: dict[str, str]) -> str:
    """Return SQL for a JSON object of JSON values, keys sorted, null values left out; null where all are null."""
    if not entries:
        return "CAST(NULL AS VARCHAR)"
    parts = ", ".join(f"{quote_text(_quote_json(key) + ':')} || ({entries[key]})" for key in sorted(entries))
    return f"'{{' || nullif(concat_ws(',', {parts}), '') || '}}'"


def quote_name(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _compile_origin(cell: Cell, columns: Columns) -> str:
    if cell.column:
        if cell.kind == "json":
            return columns.read_json(cell.column)
        column_type = columns.schema.field(cell.column).type if cell.column in columns else pa.string()
        if cell.kind in ("count", "integer") and pa.types.is_integer(column_type):
            return columns.quote(cell.column)
        return columns.read_text(cell.column)
    if cell.sql:
        return f"({cell.sql})"
    if cell.template:
        return _compile_template(cell.template, columns)
    return quote_text(cell.constant)


def _compile_template(template: str, columns: Columns) -> str:
    """Return SQL that fills ``{column}`` places; null where one of them is blank."""
    parts = PLACE.split(template)
    pieces = [quote_text(part) if at % 2 == 0 else columns.read_text(part) for at, part in enumerate(parts) if part]
    return "(" + " || ".join(pieces) + ")"


def _quote_json(text: str) -> str:
    from canyu.kit.jsonio import dump_json

    return dump_json(text)
