"""The batch function that threads run is the one that Spark's workers run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from canyu.engine.spark import SparkEngine
from canyu.events.catalogue import load_catalogue
from canyu.listen import score_texts
from canyu.listen.scorer import load_scorer

SCHEMA = (
    "lang string, sentiment string, p_negative float, p_neutral float, p_positive float, "
    "links array<string>, model_version string, emotion string, "
    "aspects array<struct<aspect: string, name_zh: string, polarity: tinyint, p: float, start: int, end: int>>, "
    "storylines array<string>"
)
TEXTS = ["小米SU7 Ultra好看，喜欢", None, "Great phone", "质量太差，退货", "小米SU7的续航太差了"] * 50


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning")  # no pandas is used here
def test_spark_gives_the_same_rows_as_one_machine(tmp_path: Path) -> None:
    scorer = load_scorer(load_catalogue())

    def score(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield score_texts(batch.column("text"), scorer=scorer)

    pq.write_table(pa.table({"text": pa.array(TEXTS, pa.string())}), tmp_path / "texts.parquet")
    session = SparkEngine("local[2]").session
    found = session.read.parquet(str(tmp_path / "texts.parquet")).coalesce(1).mapInArrow(score, SCHEMA).toArrow()
    here = pa.Table.from_batches([score_texts(pa.array(TEXTS, pa.string()), scorer=scorer)])
    assert found.to_pylist() == here.to_pylist()
