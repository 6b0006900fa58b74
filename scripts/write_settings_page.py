"""Writes docs/reference/settings.md from the typed settings; `--check` only says whether the page is up to date."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from canyu.ops.config import Config

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "settings.md"
INTRO = """# Settings of the server

Each setting is an environment variable. Secrets come from the environment only; nothing else is needed to start.
Units are part of the name. This page is written by `scripts/write_settings_page.py` from `canyu.ops.config`.

| Variable | Unit or values | Default | What it does |
| --- | --- | --- | --- |
"""
UNITS = {"hours": "hours", "days": "days", "mb": "megabytes", "minutes": "failures per 5 minutes", "rows": "rows"}
COUNTS = {"workers": "processes", "threads": "threads", "people": "people"}


def describe_unit(name: str, annotation: Any) -> str:
    if annotation is bool:
        return "`true` or `false`"
    last = name.rsplit("_", 1)[-1]
    return UNITS.get(last) or COUNTS.get(last) or "text"


def spell_default(value: Any) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, tuple):
        value = ",".join(value)
    if isinstance(value, bool):
        value = str(value).lower()
    return f"`{value}`" if value != "" else "empty"


def write_page() -> str:
    rows = [
        f"| `CANYU_{name.upper()}` | {describe_unit(name, field.annotation)} | {spell_default(field.default)} |"
        f" {field.description} |"
        for name, field in Config.model_fields.items()
    ]
    return INTRO + "\n".join(rows) + "\n"


def main() -> None:
    page = write_page()
    if "--check" in sys.argv:
        is_same = PAGE.read_text("utf-8") == page
        print("the page is up to date" if is_same else "run scripts/write_settings_page.py")
        sys.exit(0 if is_same else 1)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
