"""``canyu train``: make the sentiment model anew from the public data sets."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path

import click

from canyu.commands.options import HELP_NAMES
from canyu.kit.jsonio import dump_json
from canyu.kit.words import say


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "用公开数据集训练，写出权重和在留出文本上的成绩，并给出权重的 SHA-256。",
        "Train on the public data sets, write the weights and their figures on texts kept aside, "
        "and say their SHA-256.",
    ),
)
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help=say("公开数据集所在的文件夹。", "The folder of the public data sets."),
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help=say("写到哪里；文件夹名就是模型名。", "Where to write; its name is the model's."),
)
@click.option(
    "--seed",
    default=7,
    show_default=True,
    type=click.IntRange(min=0),
    help=say("数据和种子相同，结果逐字节相同。", "Same data, same seed: same bytes."),
)
def command(data: Path, out: Path, seed: int) -> None:
    """Make the sentiment model anew."""
    from canyu.listen.corpora import load_corpus
    from canyu.listen.evaluation import evaluate_model
    from canyu.listen.model_store import WEIGHTS
    from canyu.listen.training import TrainSettings, train_sentiment, write_model

    corpus = load_corpus(data, with_talk=True)
    texts, sources = f"{len(corpus.labels):,}", len(corpus.names)
    click.echo(
        say(f"已读入 {sources} 个来源的 {texts} 条文本。", f"{texts} texts of {sources} sources read."), err=True
    )
    settings = TrainSettings(seed=seed)
    model = write_model(out, train_sentiment(corpus, settings), settings)
    figures = evaluate_model(model, corpus)
    (out / "figures.json").write_text(
        dump_json({"version": model.version, "figures": [asdict(figure) for figure in figures]}) + "\n", "utf-8"
    )
    for line in figures:
        accuracy = f"{line.accuracy:.4f} ({line.low:.3f}-{line.high:.3f})"
        scores = f"macro-F1 {line.macro_f1:.4f}\tECE {line.ece:.4f}"
        named = say(f"准确率 {accuracy}\t{scores}", f"accuracy {accuracy}\t{scores}")
        click.echo(f"{line.source}\t{line.task}\t{line.texts}\t{named}")
    digest = hashlib.sha256((out / WEIGHTS).read_bytes()).hexdigest()
    click.echo("\t".join([model.version, str(out / WEIGHTS), f"sha256 {digest}"]))
