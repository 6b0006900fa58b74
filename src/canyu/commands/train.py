"""``canyu train``: make a model anew from the public data sets."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from canyu.commands.options import HELP_NAMES
from canyu.kit.jsonio import parse_json
from canyu.kit.words import say

TRAINERS = {  # what is trained: the folder it is named after by default, and the function that does it
    "sentiment": ("sentiment-zh-4", "canyu.listen.recipes:train_sentiment"),
    "emotion": ("sentiment-zh-4", "canyu.listen.recipes:train_sentiment"),  # one table, one reading
    "english": ("sentiment-en-1", "canyu.listen.english:train_english"),
    "aspects": ("aspects-zh-1", "canyu.listen.aspects:train_aspects"),
    "rumour": ("rumour-zh-1", "canyu.listen.rumours:train_rumours"),
    "size": ("cascade-size-2", "canyu.spread.prediction:train_sizes"),
}
ALL = "all"


@click.command(
    context_settings=HELP_NAMES,
    help=say(
        "用公开数据集训练，写出权重和在留出文本上的成绩，并给出权重的 SHA-256。",
        "Train on the public data sets, write the weights and their figures on texts kept aside, "
        "and say their SHA-256.",
    ),
)
@click.option(
    "--model",
    "name",
    default="sentiment",
    show_default=True,
    type=click.Choice([*TRAINERS, ALL]),
    help=say(
        "训练哪个模型；sentiment 和 emotion 是同一个模型。", "Which model; sentiment and emotion are one and the same."
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
    help=say(
        "写到哪里；文件夹名就是模型名。训练全部时，各模型写到其中的子文件夹。",
        "Where to write; its name is the model's. With all, each model gets a folder of its own in it.",
    ),
)
@click.option(
    "--seed",
    default=7,
    show_default=True,
    type=click.IntRange(min=0),
    help=say("数据和种子相同，结果逐字节相同。", "Same data, same seed: same bytes."),
)
def command(name: str, data: Path, out: Path, seed: int) -> None:
    """Make one model, or all of them, anew."""
    chosen = dict(TRAINERS.values()) if name == ALL else {"": TRAINERS[name][1]}
    for folder, path in chosen.items():
        click.echo(say(f"正在训练 {out / folder}。", f"Training {out / folder}."), err=True)
        train_one(path, data, out / folder, seed)


def train_one(path: str, data: Path, out: Path, seed: int) -> None:
    """Train with the function at ``path`` (``module:function``) and say what it reached."""
    train = load_trainer(path)
    model = train(data, out, **({"seed": seed} if "seed" in inspect.signature(train).parameters else {}))
    say_figures(out / "figures.json")
    digest = hashlib.sha256((out / "weights.npz").read_bytes()).hexdigest()
    click.echo("\t".join([str(model.version), str(out / "weights.npz"), f"sha256 {digest}"]))


def load_trainer(path: str) -> Callable[..., Any]:
    """Return the function at ``path``; its module is loaded only now."""
    module, _, function = path.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def say_figures(path: Path) -> None:
    """Print the figures of texts kept aside, one line each, where they are lines of sources and tasks."""
    figures = parse_json(path.read_text("utf-8")).get("figures", []) if path.is_file() else []
    for line in figures if isinstance(figures, list) else []:
        if not {"source", "task", "texts", "accuracy", "low", "high", "macro_f1", "ece"} <= set(line):
            continue
        accuracy = f"{line['accuracy']:.4f} ({line['low']:.3f}-{line['high']:.3f})"
        scores = f"macro-F1 {line['macro_f1']:.4f}\tECE {line['ece']:.4f}"
        named = say(f"准确率 {accuracy}\t{scores}", f"accuracy {accuracy}\t{scores}")
        click.echo(f"{line['source']}\t{line['task']}\t{line['texts']}\t{named}")
