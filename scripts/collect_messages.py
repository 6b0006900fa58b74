"""Collects every text of the console into locale/*/LC_MESSAGES/django.po; `--check` only tells what is missing.

English texts are their own translation; Chinese ones are written by people in the file, never by this script.
"""

from __future__ import annotations

import sys
from copy import deepcopy
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent / "src" / "canyu"
LOCALE = ROOT / "console" / "locale"
SOURCES = (ROOT / "console", ROOT / "ops")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
FIRST = datetime(2026, 11, 22, tzinfo=UTC)
HEADER = "# The console's texts. Chinese is written, not translated; keep sentences short."


def make_catalogue(language: str | None) -> Catalog:
    """Return an empty catalogue whose header never changes, so that a run without new texts changes no file."""
    return Catalog(
        locale=language,
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
    """Return a catalogue without translations: every text in templates and Python, with the file it is in."""
    found = make_catalogue(None)
    for folder in SOURCES:
        for path in sorted(folder.rglob("*.html")) + sorted(folder.rglob("*.py")):
            source = path.read_text("utf-8")
            if path.suffix == ".html":
                source = templatize(source)
            for _, message, _, context in extract("python", BytesIO(source.encode()), KEYWORDS):
                found.add(message, locations=[(str(path.relative_to(ROOT)), 1)], context=context)
    return found


def update_catalogue(language: str, template: Catalog) -> Catalog:
    """Return the language's catalogue with the texts there are now; written translations are kept."""
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    old = make_catalogue(language)
    if path.exists():
        with path.open("rb") as stream:
            for message in read_po(stream, locale=language):
                if message.id:
                    old[message.id] = message
    old.update(deepcopy(template), no_fuzzy_matching=True)
    old.obsolete.clear()
    if language == "en":
        for message in old:
            if message.id:
                message.string = message.id
    return old


def list_missing(catalogue: Catalog) -> list[str]:
    """Return the texts without a translation."""
    return [
        str(message.id)
        for message in catalogue
        if message.id and not (all(message.string) if isinstance(message.string, (tuple, list)) else message.string)
    ]


def main() -> None:
    template = collect_messages()
    is_check = "--check" in sys.argv
    missing: list[str] = []
    for language in ("en", "zh_Hans"):
        catalogue = update_catalogue(language, template)
        missing += [f"{language}: {text}" for text in list_missing(catalogue)]
        if not is_check:
            path = LOCALE / language / "LC_MESSAGES" / "django.po"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as stream:
                write_po(stream, catalogue, width=0, sort_by_file=True, include_lineno=False)
    print("\n".join(missing) or "every text is written in both languages")
    sys.exit(1 if missing and is_check else 0)


if __name__ == "__main__":
    main()
