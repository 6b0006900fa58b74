"""Collects click's own words into commands/locale/zh_Hans/LC_MESSAGES/messages.po and compiles it to messages.mo.

Chinese is written by people in the .po file, never by this script. `--check` only tells what is missing or out of step.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent / "src" / "canyu"
CLICK = Path(click.__file__).resolve().parent
LANGUAGE = "zh_Hans"
WRITTEN = ROOT / "commands" / "locale" / LANGUAGE / "LC_MESSAGES" / "messages.po"
COMPILED = WRITTEN.with_suffix(".mo")
KEYWORDS: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2)}
FIRST = datetime(2026, 11, 22, tzinfo=UTC)
HEADER = "# What the library click says on the command line. The Chinese is Canyu's own."


def make_catalogue() -> Catalog:
    """Return an empty catalogue whose header never changes, so that a run without new texts changes no file."""
    return Catalog(
        locale=LANGUAGE,
        project="canyu",
        version="0.1",
        charset="utf-8",
        header_comment=HEADER,
        creation_date=FIRST,
        revision_date=FIRST,
        last_translator="Canyu contributors",
        language_team="Canyu contributors",
        msgid_bugs_address="see SECURITY.md and CONTRIBUTING.md",
        fuzzy=False,
    )


def collect_messages() -> Catalog:
    """Return a catalogue without translations: every text of the installed click, with the file it is in."""
    found = make_catalogue()
    for path in sorted(CLICK.glob("*.py")):
        for _, message, _, _ in extract_from_file("python", path, KEYWORDS):
            found.add(message, locations=[(f"click/{path.name}", 1)])
    return found


def update_catalogue(template: Catalog) -> Catalog:
    """Return the catalogue with the texts there are now; written translations are kept."""
    old = make_catalogue()
    if WRITTEN.exists():
        with WRITTEN.open("rb") as stream:
            for message in read_po(stream, locale=LANGUAGE):
                if message.id:
                    old[message.id] = message
    old.update(template, no_fuzzy_matching=True)
    old.obsolete.clear()
    return old


def list_missing(catalogue: Catalog) -> list[str]:
    """Return the texts without a translation."""
    return [str(each.id) for each in catalogue if each.id and not all(list_forms(each.string))]


def list_stale(catalogue: Catalog) -> list[str]:
    """Return the texts that the compiled catalogue says otherwise, or not at all."""
    if not COMPILED.exists():
        return [COMPILED.name]
    with COMPILED.open("rb") as stream:
        compiled = dict(list_pairs(read_mo(stream)))
    return [key for key, forms in list_pairs(catalogue) if compiled.get(key) != forms]


def list_pairs(catalogue: Catalog) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each text with the forms of its translation."""
    for each in catalogue:
        if each.id:
            yield list_forms(each.id)[0], list_forms(each.string)


def list_forms(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Return the forms of a text: one, or singular and plural."""
    return (text,) if isinstance(text, str) else tuple(text)


def main() -> None:
    catalogue = update_catalogue(collect_messages())
    is_check = "--check" in sys.argv
    if not is_check:
        WRITTEN.parent.mkdir(parents=True, exist_ok=True)
        with WRITTEN.open("wb") as stream:
            write_po(stream, catalogue, width=0, sort_by_file=True, include_lineno=False)
        with COMPILED.open("wb") as stream:
            write_mo(stream, catalogue)
    told = [f"no Chinese: {text}" for text in list_missing(catalogue)]
    told += [f"out of step: {text}" for text in list_stale(catalogue)]
    print("\n".join(told) or "click's words are written in Chinese")
    sys.exit(1 if told and is_check else 0)


if __name__ == "__main__":
    main()
