from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput
from canyu.listen.feedback import Correction, Retrained, check_corrections, read_corrections, retrain
from canyu.listen.sentiment import load_sentiment, read_model
from canyu.listen.text import pack_texts

NOW = datetime(2026, 11, 1, tzinfo=UTC)
MODEL = load_sentiment()
THINGS = ["车机", "涨价", "掉漆", "异响", "闪退", "发热", "排队", "缺货", "减配", "断触", "漏光", "推送"]
CORRECTIONS = [Correction(f"这{thing}真是遥遥领先啊", "negative", "an", NOW) for thing in THINGS] + [
    Correction(f"新{thing}飒爆了", "positive", "bo", NOW)
    for thing in ["配色", "外观", "内饰", "尾灯", "轮毂", "车漆", "座椅", "灯光", "造型", "轿跑"]
]


@pytest.fixture(scope="module")
def retrained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Retrained]:
    folder = tmp_path_factory.mktemp("models") / "mine-1"
    return folder, retrain(MODEL, CORRECTIONS, folder)


def test_corrections_are_heeded_and_little_else_changes(retrained: tuple[Path, Retrained]) -> None:
    _, found = retrained
    unseen = pack_texts(pa.array(["这信号真是遥遥领先啊", "新款式飒爆了"]))
    assert found.model.predict(unseen).argmax(axis=1).tolist() == [0, 2]
    assert found.after[0].accuracy >= found.before[0].accuracy + 0.2
    assert found.after[1].source == "guard sample"
    assert found.after[1].accuracy >= found.before[1].accuracy - 0.05
    plain = pack_texts(pa.array(["质量很好，推荐", "请问几点开门"]))
    assert np.abs(found.model.predict(plain) - MODEL.predict(plain)).max() < 0.1


def test_the_same_corrections_give_the_same_bytes_and_the_former_model_stays(
    retrained: tuple[Path, Retrained], tmp_path: Path
) -> None:
    folder, found = retrained
    retrain(MODEL, CORRECTIONS, tmp_path / "mine-1")
    assert (tmp_path / "mine-1" / "weights.npz").read_bytes() == (folder / "weights.npz").read_bytes()
    assert read_model(folder / "weights.npz").version == found.model.version != MODEL.version
    assert load_sentiment(MODEL.version).version == MODEL.version


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (CORRECTIONS[:19], "only 19"),
        (CORRECTIONS[:12] * 3, "only 12"),
        ([*CORRECTIONS, replace(CORRECTIONS[0], label="positive")], "contradicts"),
        ([*CORRECTIONS, replace(CORRECTIONS[0], label="angry")], "another label"),
        ([*CORRECTIONS, replace(CORRECTIONS[0], who=" ")], "lacks"),
        ([*CORRECTIONS, replace(CORRECTIONS[0], text="")], "lacks"),
        ([*CORRECTIONS, replace(CORRECTIONS[0], text="\ud800坏")], "lacks"),
        ([*CORRECTIONS, Correction(None, None, None, None)], "lacks"),  # type: ignore[arg-type] - rows may be null
        ([*CORRECTIONS, replace(CORRECTIONS[0], when=None)], "no time"),  # type: ignore[arg-type]
        ([*CORRECTIONS, replace(CORRECTIONS[0], when=datetime(2026, 11, 1))], "without a zone"),  # noqa: DTZ001 - the point
    ],
)
def test_poor_corrections_are_refused(change: list[Correction], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        check_corrections(change)


def test_a_former_version_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine-1").mkdir()
    (tmp_path / "mine-1" / "weights.npz").write_bytes(b"old")
    with pytest.raises(BadInput, match="holds a model already"):
        retrain(MODEL, CORRECTIONS, tmp_path / "mine-1")
    assert (tmp_path / "mine-1" / "weights.npz").read_bytes() == b"old"


def test_corrections_come_as_a_table() -> None:
    table = pa.table({"text": ["好"], "label": ["positive"], "who": ["an"], "when": [NOW]})
    assert read_corrections(table) == [Correction("好", "positive", "an", NOW)]
    with pytest.raises(BadInput, match="when"):
        read_corrections(table.drop(["when"]))
