"""Reads one field of an event's ``props``: by pattern, for the engines read JSON differently."""

from __future__ import annotations

import re

import ibis.expr.types as ir


def read_prop(props: ir.StringColumn, name: str) -> ir.StringColumn:
    """Return a text or number of the props as text; empty where there is none, or null. Escaped texts are not read.

    One pattern takes both, with the quotes of a text: two would read every row twice.
    """
    pattern = rf'"{re.escape(name)}"\s*:\s*("[^"\\]*"|[^",{{}}\[\]\s]+)'
    found: ir.StringColumn = props.re_extract(pattern, 1).nullif("null").replace('"', "").fill_null("")
    return found
