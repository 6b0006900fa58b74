from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from canyu.commands.score import command
from canyu.events.importers.block import MENDS
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import speak
from canyu.listen import sheets
from canyu.listen.refusals import REASONS

NEW = ["lang", "sentiment", "p_negative", "p_neutral", "p_positive", "links", "model_version"]
NEW += ["emotion", "aspects", "storylines", "cluster_id"]
CSV = '编号,正文\n007,小米SU7 Ultra好看，喜欢\n008,\n009,"质量太差\n""退货"""\n010,Great phone\n'


def run(source: Path, target: Path, column: str = "正文", *more: str) -> Result:
    options = ["--in", str(source), "--text-column", column, "--out", str(target), *more]
    return CliRunner().invoke(command, options, catch_exceptions=False)


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ","))


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_every_row_comes_out_in_order_with_its_scores(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out{suffix}"
    result = run(write(tmp_path / "in.csv", CSV), out)
    rows = read(out)
    assert result.output.startswith("4 rows written")
    assert list(rows[0]) == ["编号", "正文", *NEW]
    assert [row["编号"] for row in rows] == ["007", "008", "009", "010"]
    assert rows[2]["正文"] == '质量太差\n"退货"'
    assert [row["lang"] for row in rows] == ["zh", "other", "zh", "en"]
    assert [row["sentiment"] or None for row in rows] == ["positive", None, "negative", "positive"]


def test_links_are_a_list_and_json_text_in_csv(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", CSV)
    run(source, tmp_path / "out.csv")
    run(source, tmp_path / "out.parquet")
    assert read(tmp_path / "out.parquet")[0]["links"] == ["xiaomi", "xiaomi/su7-ultra"]
    assert json.loads(read(tmp_path / "out.csv")[0]["links"]) == ["xiaomi", "xiaomi/su7-ultra"]
    assert read(tmp_path / "out.csv")[3]["links"] == "[]"


def test_probabilities_sum_to_one_or_are_empty(tmp_path: Path) -> None:
    run(write(tmp_path / "in.csv", CSV), tmp_path / "out.csv")
    for row in read(tmp_path / "out.csv"):
        cells = [row["p_negative"], row["p_neutral"], row["p_positive"]]
        assert cells == [""] * 3 if row["sentiment"] == "" else sum(map(float, cells)) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_encodings_are_found_out(tmp_path: Path, encoding: str) -> None:
    run(write(tmp_path / "in.csv", CSV.encode(encoding)), tmp_path / "out.jsonl")
    assert read(tmp_path / "out.jsonl")[0]["正文"] == "小米SU7 Ultra好看，喜欢"


def test_json_lines_keep_their_values_and_their_late_keys(tmp_path: Path) -> None:
    lines = '{"正文":"很好，喜欢","n":12345678901234567890,"x":[1,{"a":null}]}\n{"正文":null,"late":1.50}\n{"正文":7}\n'
    run(write(tmp_path / "in.jsonl", lines), tmp_path / "out.jsonl")
    first, second, third = read(tmp_path / "out.jsonl")
    assert (first["n"], first["x"], first["late"]) == (12345678901234567890, [1, {"a": None}], None)
    assert (second["正文"], second["late"], second["lang"]) == (None, 1.5, "other")
    assert (third["正文"], third["sentiment"]) == (7, None)


def test_json_lines_become_typed_columns(tmp_path: Path) -> None:
    lines = '{"正文":"好","a":1,"b":true,"c":1,"d":1,"e":null}\n{"正文":"坏","a":2,"b":null,"c":2.5,"d":"x"}\n'
    run(write(tmp_path / "in.jsonl", lines), tmp_path / "out.parquet")
    schema = pq.read_schema(tmp_path / "out.parquet")
    found = {name: schema.field(name).type for name in "abcde"}
    assert found == {"a": pa.int64(), "b": pa.bool_(), "c": pa.float64(), "d": pa.string(), "e": pa.string()}
    assert [row["d"] for row in read(tmp_path / "out.parquet")] == ["1", '"x"']


def test_a_workbook_is_read(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["id", "正文"], [1, "太差了，失望"], [2, "满意，推荐"]):
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    run(tmp_path / "in.xlsx", tmp_path / "out.csv")
    assert [row["sentiment"] for row in read(tmp_path / "out.csv")] == ["negative", "positive"]


def test_parquet_columns_keep_their_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "正文": pa.array(["很好", None]).dictionary_encode(),
            "at": pa.array([0, 1], pa.timestamp("ns", tz="UTC")),
            "raw": pa.array([b"\xff", None]),
            "tags": [["a"], None],
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    run(tmp_path / "in.parquet", tmp_path / "out.parquet")
    run(tmp_path / "in.parquet", tmp_path / "out.csv")
    assert pq.read_table(tmp_path / "out.parquet").select(table.column_names).equals(table)
    assert [row["tags"] for row in read(tmp_path / "out.csv")] == ['["a"]', ""]


def test_a_taken_name_is_refused_and_a_prefix_mends_it(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", "正文,lang\n很好,de\n")
    with pytest.raises(BadInput, match=r"columns named lang already.*--prefix"):
        run(source, tmp_path / "out.csv")
    run(source, tmp_path / "out.csv", "正文", "--prefix", "canyu_")
    assert (read(tmp_path / "out.csv")[0]["lang"], read(tmp_path / "out.csv")[0]["canyu_lang"]) == ("de", "zh")


def test_a_strict_run_stops_at_a_row_that_cannot_be_read_and_writes_nothing(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", "id,正文\n1,很好\n2,很好,多了\n3,很差\n")
    with pytest.raises(BadInput, match="row 2: ragged"):
        run(source, tmp_path / "out.csv", "正文", "--strict")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_row_that_cannot_be_read_is_written_empty_in_its_place(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", "id,正文\n1,很好\n2,很好,多了\n3,很差\n")
    result = run(source, tmp_path / "out.csv", "正文", "--json")
    assert json.loads(result.stdout) == {"refused": 1, "rows": 3, "scored": 2}
    assert [row["id"] for row in read(tmp_path / "out.csv")] == ["1", "", "3"]


@pytest.mark.parametrize(
    ("name", "content", "column", "error", "message"),
    [
        ("in.csv", "id,正文\n1,好\n", "text", BadInput, "no column “text”. Its columns: id, 正文"),
        ("in.csv", "id,正文\n", "正文", BadInput, "no rows"),
        ("in.csv", "", "正文", BadInput, "is empty"),
        ("in.parquet", b"PAR1 and no more", "正文", BadInput, "not a whole Parquet file"),
        ("in.pdf", b"%PDF-1.4", "正文", BadInput, "PDF"),
    ],
)
def test_bad_input_is_told_in_words(
    tmp_path: Path, name: str, content: str | bytes, column: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        run(write(tmp_path / name, content), tmp_path / "out.csv", column)
    assert not (tmp_path / "out.csv").exists()


def test_a_broken_line_of_json_names_its_row(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", '{"正文":"好"}\nnot json\n')
    with pytest.raises(BadInput, match="row 2: not_json"):
        run(source, tmp_path / "out.csv", "正文", "--strict")
    assert json.loads(run(source, tmp_path / "out.csv", "正文", "--json").stdout)["refused"] == 1


def test_paths_are_checked_before_the_work(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", CSV)
    with pytest.raises(BadInput, match="does not say what to write"):
        run(source, tmp_path / "out.doc")
    with pytest.raises(BadInput, match="same file"):
        run(source, source)
    with pytest.raises(NotFound, match="no folder"):
        run(source, tmp_path / "none" / "out.csv")
    with pytest.raises(NotFound, match="no file"):
        run(tmp_path / "none.csv", tmp_path / "out.csv")
    assert source.read_text("utf-8") == CSV


def test_a_column_of_numbers_is_no_column_of_texts(tmp_path: Path) -> None:
    pq.write_table(pa.table({"正文": [1, 2]}), tmp_path / "in.parquet")
    with pytest.raises(BadInput, match="holds int64, not texts"):
        run(tmp_path / "in.parquet", tmp_path / "out.csv")


def test_a_catalogue_of_ones_own_is_used(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        run(write(tmp_path / "in.csv", CSV), tmp_path / "out.csv", "正文", "--catalogue", str(tmp_path / "no.yaml"))


def test_a_bad_row_and_a_missing_column_are_told_in_chinese(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", "编号,正文\n1,好\n2\n")
    with pytest.raises(BadInput) as strict:
        run(source, tmp_path / "out.csv", "正文", "--strict")
    with pytest.raises(BadInput) as missing:
        run(source, tmp_path / "out.csv", "内容")
    with speak("zh-hans"):
        assert strict.value.message.startswith("in.csv，第 2 行：单元格数与表头不符。补齐")
        assert strict.value.mend == "或去掉 --strict，这样的行会留空写出。现在什么都没有写。"
        assert str(missing.value) == "in.csv 没有“内容”列。 它的列有：编号、正文。"


def test_every_reason_of_a_reader_has_a_chinese_name() -> None:
    assert set(REASONS) == set(MENDS)


def test_copies_name_the_row_of_the_first_of_them(tmp_path: Path) -> None:
    text = "小米SU7的续航比我想的要好得多，高速也不掉电"
    lines = [text, "华为手机拍照清楚，夜景也好", f"转：{text}！", text]
    out = tmp_path / "out.jsonl"
    run(write(tmp_path / "in.csv", "正文\n" + "\n".join(lines) + "\n"), out)
    assert [row["cluster_id"] for row in read(out)] == [1, 2, 1, 1]


def test_a_file_too_large_to_hold_is_kept_on_disk_and_scored_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [json.dumps({"n": n, "正文": f"小米SU7很好看 {n}"}, ensure_ascii=False) for n in range(150_000)]
    source = write(tmp_path / "in.jsonl", "\n".join(lines))
    run(source, tmp_path / "held.parquet")
    monkeypatch.setattr(sheets, "HELD_BYTES", 1 << 20)
    run(source, tmp_path / "spilt.parquet")
    assert pq.read_table(tmp_path / "held.parquet").equals(pq.read_table(tmp_path / "spilt.parquet"))


def test_parquet_gets_a_dictionary_where_values_repeat_alone(tmp_path: Path) -> None:
    run(write(tmp_path / "in.csv", CSV), tmp_path / "out.parquet")
    group = pq.ParquetFile(tmp_path / "out.parquet").metadata.row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    held = [column.path_in_schema for column in columns if column.has_dictionary_page]
    assert held == ["lang", "sentiment", "model_version", "emotion"]
