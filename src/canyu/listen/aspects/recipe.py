"""One call from the public sets to a model's folder."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.model_store import WEIGHTS, write_arrays
from canyu.kit.words import Words
from canyu.listen.aspects.corpora import load_aspect_corpus
from canyu.listen.aspects.evaluation import evaluate_aspects
from canyu.listen.aspects.fitting import train_arrays
from canyu.listen.aspects.model import AspectModel, read_model
from canyu.listen.aspects.training import AspectSettings, gather_materials


def train_aspects(data_folder: Path, out_folder: Path, seed: int = 7) -> AspectModel:
    """Train on the public sets below ``data_folder``, write weights, settings and figures; return the model read back.

    The same data and seed give the same bytes. Raises NotFound where a set is missing, BadInput where ``out_folder``
    has no name, for it names the model.
    """
    if not out_folder.name:
        raise BadInput(
            Words("要写入的文件夹没有名称。", "the folder to write to has no name."),
            mend=Words("请按模型命名，例如 models/aspects-zh-1。", "Name it as the model, e.g. models/aspects-zh-1."),
        )
    settings = AspectSettings(seed=seed)
    corpus = load_aspect_corpus(data_folder)
    write_arrays(out_folder / WEIGHTS, train_arrays(gather_materials(corpus, settings), settings))
    (out_folder / "settings.json").write_text(dump_json(asdict(settings)) + "\n", "utf-8")
    model = read_model(out_folder / WEIGHTS)
    lines = [asdict(line) for line in evaluate_aspects(model, corpus)]
    (out_folder / "figures.json").write_text(dump_json({"version": model.version, "figures": lines}) + "\n", "utf-8")
    return model
