"""``canyu train``: make the sentiment model anew from the public data sets."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path

import click

from canyu.kit.jsonio import dump_json


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The folder of the public data sets.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Where to write; its name is the model's.")
@click.option(
    "--seed", default=7, show_default=True, type=click.IntRange(min=0), help="Same data, same seed: same bytes."
)
def command(data: Path, out: Path, seed: int) -> None:
    """Train on the public data sets, write the weights and their figures on texts kept aside, and say their SHA-256."""
    from canyu.listen.corpora import load_corpus
    from canyu.listen.evaluation import evaluate_model
    from canyu.listen.model_store import WEIGHTS
    from canyu.listen.training import TrainSettings, train_sentiment, write_model

    corpus = load_corpus(data, with_talk=True)
    click.echo(f"{len(corpus.labels):,} texts of {len(corpus.names)} sources read.", err=True)
    settings = TrainSettings(seed=seed)
    model = write_model(out, train_sentiment(corpus, settings), settings)
    figures = evaluate_model(model, corpus)
    (out / "figures.json").write_text(
        dump_json({"version": model.version, "figures": [asdict(figure) for figure in figures]}) + "\n", "utf-8"
    )
    for line in figures:
        click.echo(
            f"{line.source}\t{line.task}\t{line.texts}\taccuracy {line.accuracy:.4f} ({line.low:.3f}-{line.high:.3f})"
            f"\tmacro-F1 {line.macro_f1:.4f}\tECE {line.ece:.4f}"
        )
    digest = hashlib.sha256((out / WEIGHTS).read_bytes()).hexdigest()
    click.echo(f"{model.version}\t{out / WEIGHTS}\tsha256 {digest}")
