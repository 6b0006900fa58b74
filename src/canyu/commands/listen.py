"""``canyu listen``: score what is new in a lake."""

from __future__ import annotations

from dataclasses import asdict

import click

from canyu.kit.clock import get_now
from canyu.kit.jsonio import dump_json


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--lake", "path", required=True, help="The lake: a folder, or the address of an object store.")
@click.option("--catalogue", "catalogue_path", default="", help="A catalogue file; the shipped example by default.")
@click.option("--model", default="", help="A sentiment model by its version; the newest installed one by default.")
@click.option("--limit", default=0, type=click.IntRange(min=0), help="Score at most so many events; 0 is all.")
@click.option("--rescore", is_flag=True, help="Forget what was scored before, of every version, and score all again.")
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON and print nothing else.")
def command(path: str, catalogue_path: str, model: str, limit: int, rescore: bool, as_json: bool) -> None:
    """Score what people said: sentiment, and the brands and products they speak of. Stop and repeat at any time."""
    from canyu.events import open_lake
    from canyu.events.catalogue import load_catalogue
    from canyu.listen.pipeline import forget, listen, make_ears
    from canyu.listen.sentiment import load_sentiment

    lake = open_lake(path)
    ears = make_ears(load_sentiment(model), load_catalogue(catalogue_path))
    if rescore:
        forget(lake)
    with click.progressbar(length=1000, label="listening", hidden=as_json, show_eta=True) as bar:
        heard = listen(
            lake,
            ears,
            now=get_now(),
            limit=limit,
            report=lambda done, total: bar.update(1000 * done // total - bar.pos),
        )
    if as_json:
        click.echo(dump_json(asdict(heard)))
        return
    click.echo(
        f"{heard.scored:,} events scored, {heard.mentions:,} mentions of brands and products, by {heard.model_version}."
    )
    if heard.remaining:
        click.echo(f"{heard.remaining:,} are left for the next time.")
