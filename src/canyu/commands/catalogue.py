"""``canyu catalogue``: check a catalogue file, show what is in it, try it on a text."""

from __future__ import annotations

import sys

import click

from canyu.commands.options import HELP_NAMES, catalogue_option
from canyu.events.catalogue import load_catalogue
from canyu.events.catalogue_file import check_catalogue, read_text
from canyu.events.located_yaml import MAX_BYTES
from canyu.kit.words import Words, say
from canyu.kit.written import read_written

language_option = click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default="zh",
    show_default=True,
    help=say("名称用哪种语言。", "Language of the names."),
)


@click.group(
    context_settings=HELP_NAMES,
    help=say(
        "品牌、产品和它们的别名：文本里可能提到什么。",
        "Brands, products and their aliases: what a text may speak of.",
    ),
)
def command() -> None:
    """Group the words that read a catalogue file."""


@command.command(
    help=say(
        "列出产品目录文件里的每个问题：哪一行、哪个字段、怎么改；有问题时退出码为 1。",
        "List every problem of FILE with its line, field and mend; exit 1 where there is one.",
    )
)
@click.argument("file", metavar=say("文件", "FILE"))
def check(file: str) -> None:
    """List the problems of a catalogue file."""
    problems = check_catalogue(read_text(file))
    for problem in problems:
        click.echo(f"{file}:{problem.line}: {problem.field}: {problem.message} {problem.mend}")
    if problems:
        sys.exit(1)
    catalogue = load_catalogue(file)
    aliases = sum(len(entry.aliases) for entry in catalogue.entries)
    entries = len(catalogue.entries)
    click.echo(
        say(
            f"{file}：{entries} 个条目，{aliases} 个别名，没有问题。",
            f"{file}: {entries} entries, {aliases} aliases, no problem.",
        )
    )


@command.command(
    help=say(
        "逐行列出条目：编号、种类、品类、名称、别名数。",
        "Print the entries, one per line: id, kind, category, name, number of aliases.",
    )
)
@catalogue_option
@click.option("--brand", default="", help=say("只看这个品牌的条目。", "Only this brand's entries."))
@language_option
@click.option(
    "--yaml",
    "as_yaml",
    is_flag=True,
    help=say("输出文件原文，可在其上改成自己的。", "Print the file itself, to start your own from."),
)
def show(catalogue_path: str, brand: str, lang: str, as_yaml: bool) -> None:
    """Print the entries of a catalogue."""
    if as_yaml:
        click.echo(read_text(catalogue_path), nl=False)
        return
    catalogue = load_catalogue(catalogue_path)
    for entry in catalogue.list_entries(catalogue.get(brand).id) if brand else catalogue.entries:
        mark = "*" if entry.competitor else ""
        fields = (f"{entry.id}{mark}", entry.kind, entry.category, entry.name.say(lang), str(len(entry.aliases)))
        click.echo("\t".join(fields))


@command.command(
    help=say(
        "把自家账号的表格（CSV，列为 brand、source、id、actor、name）变成产品目录里的几行。",
        "Turn a table of a brand's own accounts (CSV with brand, source, id, actor, name) into lines for a catalogue.",
    )
)
@click.argument("file", metavar=say("文件", "FILE"))
@catalogue_option
@click.option("--brand", default="", help=say("没写品牌的行属于哪个品牌。", "The brand of rows that name none."))
def accounts(file: str, catalogue_path: str, brand: str) -> None:
    """Print the lines of a catalogue for a table of accounts."""
    from canyu.events.own_accounts import read_accounts, write_accounts

    catalogue = load_catalogue(catalogue_path)
    absent = Words(f"{file} 处没有文件。", f"There is no file at {file}.")
    too_long = Words("账号名单应是人手写的。", "A list of accounts is written by people.")
    text = read_written(file, absent=absent, too_long=too_long, most_bytes=MAX_BYTES)
    found = read_accounts(text, brand=brand or catalogue.home)
    for account in found:
        catalogue.get(account.brand)
    click.echo(write_accounts(found), nl=False)


@command.command(
    help=say(
        "逐行列出一段文本提到了什么：原文的词、编号、名称。",
        "Print what TEXT speaks of: the words, the id and the name, one per line.",
    )
)
@click.argument("text", metavar=say("文本", "TEXT"))
@catalogue_option
@language_option
def link(text: str, catalogue_path: str, lang: str) -> None:
    """Print what a text speaks of."""
    from canyu.listen.linking import Linker

    catalogue = load_catalogue(catalogue_path)
    for span in Linker(catalogue).find_spans(text):
        click.echo(f"{text[span.start : span.end]}\t{span.id}\t{catalogue.get_label(span.id, lang)}")
