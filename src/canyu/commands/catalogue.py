"""``canyu catalogue``: check a catalogue file, show what is in it, try it on a text."""

from __future__ import annotations

import sys

import click

from canyu.events.catalogue import load_catalogue
from canyu.events.catalogue_file import check_catalogue, read_text

LANGUAGE = click.Choice(["zh", "en"])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Brands, products and their aliases: what a text may speak of."""


@command.command()
@click.argument("file")
def check(file: str) -> None:
    """List every problem of FILE with its line, field and mend; exit 1 where there is one."""
    problems = check_catalogue(read_text(file))
    for problem in problems:
        click.echo(f"{file}:{problem.line}: {problem.field}: {problem.message} {problem.mend}")
    if problems:
        sys.exit(1)
    catalogue = load_catalogue(file)
    aliases = sum(len(entry.aliases) for entry in catalogue.entries)
    click.echo(f"{file}: {len(catalogue.entries)} entries, {aliases} aliases, no problem.")


@command.command()
@click.option("--catalogue", "path", default="", help="A catalogue file; the shipped example by default.")
@click.option("--brand", default="", help="Only this brand's entries.")
@click.option("--lang", type=LANGUAGE, default="zh", show_default=True, help="Language of the names.")
@click.option("--yaml", "as_yaml", is_flag=True, help="Print the file itself, to start your own from.")
def show(path: str, brand: str, lang: str, as_yaml: bool) -> None:
    """Print the entries, one per line: id, kind, category, name, number of aliases."""
    if as_yaml:
        click.echo(read_text(path), nl=False)
        return
    catalogue = load_catalogue(path)
    for entry in catalogue.list_entries(catalogue.get(brand).id) if brand else catalogue.entries:
        mark = "*" if entry.competitor else ""
        fields = (f"{entry.id}{mark}", entry.kind, entry.category, entry.name.say(lang), str(len(entry.aliases)))
        click.echo("\t".join(fields))


@command.command()
@click.argument("text")
@click.option("--catalogue", "path", default="", help="A catalogue file; the shipped example by default.")
@click.option("--lang", type=LANGUAGE, default="zh", show_default=True, help="Language of the names.")
def link(text: str, path: str, lang: str) -> None:
    """Print what TEXT speaks of: the words, the id and the name, one per line."""
    from canyu.listen.linking import Linker

    catalogue = load_catalogue(path)
    for span in Linker(catalogue).find_spans(text):
        click.echo(f"{text[span.start : span.end]}\t{span.id}\t{catalogue.get_label(span.id, lang)}")
