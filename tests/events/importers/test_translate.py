"""Rows to events: counts, money, ids, people, props."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from canyu.events import make_event_id
from canyu.events.importers import FileReport, get_salt, hash_actor, parse_mapping
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import parse_json

Write = Callable[..., Path]
Bring = Callable[..., FileReport]
Read = Callable[..., list[dict[str, Any]]]


def refused(report: FileReport) -> dict[tuple[str, str], int]:
    return {(reason.field, reason.reason): times for reason, times in report.reasons.items()}


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("5", 5),
        ("1,234", 1234),
        ("1.2万", 12_000),
        ("10万+", 100_000),
        ("3亿", 300_000_000),
        ("2.5w", 25_000),
        ("3k", 3000),
    ],
)
def test_counts_as_people_write_them(write: Write, bring: Bring, read: Read, written: str, number: int) -> None:
    bring(write("a.csv", f'正文,时间,点赞数\nx,2025-01-01,"{written}"\ny,2025-01-02,赞\n'))
    likes, word = (parse_json(row["props"]) for row in read())
    assert likes == {"likes": number}
    assert word == {"likes_as_given": "赞"}


@pytest.mark.parametrize(
    ("written", "currency", "minor"),
    [
        ("¥1,299.00", "CNY", 129_900),
        ("￥1299", "CNY", 129_900),
        ("1299.5元", "CNY", 129_950),
        ("$0.01", "USD", 1),
        ("1299", "JPY", 1299),
        ("1.234", "KWD", 1234),
    ],
)
def test_money_in_minor_units(write: Write, bring: Bring, read: Read, written: str, currency: str, minor: int) -> None:
    path = write("a.csv", f'订单号,下单时间,买家ID,商品,金额\n1,2025-01-01,b,p,"{written}"\n')
    assert bring(path, currency=currency).kept == 1
    assert [(row["type"], row["value"], row["currency"]) for row in read()] == [("order", minor, currency)]


@pytest.mark.parametrize("written", ["12.345", "zwölf", "1.2.3"])
def test_money_that_would_lose_digits_is_refused(write: Write, bring: Bring, written: str) -> None:
    report = bring(
        write("a.csv", f"订单号,下单时间,买家ID,商品,金额\n1,2025-01-01,b,p,{written}\n2,2025-01-01,b,p,1\n")
    )
    assert refused(report) == {("金额", "unreadable_number"): 1}


def test_ids_come_from_source_and_key_and_parents_fit_them(write: Write, bring: Bring, read: Read) -> None:
    bring(write("a.csv", "mid,text,created_at,parent_mid\n1,a,2025-01-01,\n2,b,2025-01-02,1\n"), source="weibo")
    post, repost = read()
    assert (post["id"], post["type"], post["parent"]) == (make_event_id("weibo", "1"), "post", None)
    assert (repost["id"], repost["type"], repost["parent"]) == (make_event_id("weibo", "2"), "repost", post["id"])


def test_people_are_hashed_and_their_names_left_out(write: Write, bring: Bring, read: Read, lake: Any) -> None:
    bring(write("a.csv", "正文,时间,用户ID,用户昵称\nx,2025-01-01,u1,张三\ny,2025-01-02,,李四\n"))
    first, second = read()
    assert first["actor"] == hash_actor(get_salt(lake.path), "file", "u1")
    assert second["actor"] is None
    assert "张三" not in str(first)


def test_people_are_kept_when_the_mapping_says_so(write: Write, bring: Bring, read: Read) -> None:
    mapping = parse_mapping({"time": "t", "text": "x", "verb": "post", "actor": "u", "actor_as": "keep", "zone": "UTC"})
    bring(write("a.csv", "t,x,u\n2025-01-01,a,u1\n"), mapping)
    assert read()[0]["actor"] == "u1"


def test_ids_that_a_spreadsheet_rounded_are_refused(write: Write, bring: Bring) -> None:
    report = bring(write("a.csv", "mid,text,created_at\n4.98765E+15,a,2025-01-01\n49,b,2025-01-01\n"))
    assert refused(report) == {("mid", "rounded_id"): 1}


def test_a_row_without_its_key_is_refused(write: Write, bring: Bring, read: Read) -> None:
    report = bring(write("a.csv", "mid,text,created_at\n,a,2025-01-01\n49,b,2025-01-01\n"))
    assert refused(report) == {("mid", "missing_key"): 1}
    (row,) = read("quarantine")
    assert (row["file"], row["row"], row["raw"]) == ("a.csv", 1, ",a,2025-01-01")
    assert row["mend"]


def test_other_columns_become_props_in_order_of_their_names(write: Write, bring: Bring, read: Read) -> None:
    bring(write("a.csv", '正文,时间,来源,b"c,空\nx,2025-01-01,"小米\n15 ""Ultra""",z,\n'))
    assert read()[0]["props"] == '{"b\\"c":"z","来源":"小米\\n15 \\"Ultra\\""}'


def test_json_values_stay_what_they_are_in_props(write: Write, bring: Bring, read: Read) -> None:
    bring(
        write(
            "a.jsonl", '{"content":"x","time":1735689600,"n":5,"f":1.5,"o":{"a":[1]},"e":null,"like_count":"1.2万"}\n'
        )
    )
    assert parse_json(read()[0]["props"]) == {"n": 5, "f": 1.5, "o": {"a": [1]}, "likes": 12_000}


def test_a_mapping_with_tables_templates_constants_and_sql(write: Write, bring: Bring, read: Read) -> None:
    mapping = parse_mapping(
        {
            "source": "s",
            "zone": "UTC",
            "time": {"sql": "d || ' ' || h"},
            "verb": {"column": "kind", "table": {"原创": "post", "投诉": "complain"}, "otherwise": "reply"},
            "text": {"template": "{a}：{b}"},
            "market": "cn",
            "object": {"constant": "su7"},
            "value": {"column": "n", "as": "integer"},
            "key": ["a", "b"],
            "props": {"is_new": {"column": "new", "as": "boolean"}, "price": {"column": "n", "as": "number"}},
            "rest": "drop",
            "refuse": [{"when": "n = '9'", "field": "n", "reason": "nine", "mend": "Not nine."}],
        }
    )
    path = write("m.csv", "d,h,kind,a,b,n,new\n2025-01-01,08:00,投诉,x,y,7,TRUE\n2025-01-01,09:00,原创,x,z,9,1\n")
    report = bring(path, mapping, zone="")
    (row,) = read()
    assert refused(report) == {("n", "nine"): 1}
    assert (row["type"], row["text"], row["object"], row["value"]) == ("complain", "x：y", "su7", 7)
    assert (row["id"], row["props"]) == (make_event_id("s", "x", "y"), '{"is_new":true,"price":7.0}')


@pytest.mark.parametrize(
    "said", ["read_text('/etc/passwd')", "(SELECT content FROM read_text('/etc/hostname'))", "1); DROP"]
)
def test_sql_in_a_mapping_reads_no_files(write: Write, bring: Bring, said: str) -> None:
    mapping = parse_mapping({"time": "t", "text": {"sql": said}, "verb": "post", "zone": "UTC"})
    report = bring(write("a.csv", "t\n2025-01-01\n"), mapping)
    assert "cannot be applied" in report.error
    assert report.kept == 0


def test_a_column_that_is_not_there_is_named(write: Write, bring: Bring) -> None:
    mapping = parse_mapping({"time": "t", "text": "no such", "verb": "post", "zone": "UTC"})
    assert "no column “no such”" in bring(write("a.csv", "t,x\n2025-01-01,a\n"), mapping).error


def test_a_join_looks_up_what_stands_beside_the_file(write: Write, bring: Bring, read: Read, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"sku": ["1", "2"], "name": ["SU7", "YU7"]}), tmp_path / "names.parquet")
    document = {
        "time": "t", "verb": "view", "zone": "UTC", "beside": {"names": "names.parquet"},
        "join": "LEFT JOIN names USING (sku)", "object": {"sql": "name"},
    }  # fmt: skip
    bring(write("a.csv", "t,sku\n2025-01-02,2\n2025-01-01,1\n"), parse_mapping(document))
    assert [row["object"] for row in read()] == ["SU7", "YU7"]
    with pytest.raises(BadInput, match=r"no none\.parquet"):
        bring(write("b.csv", "t,sku\n2025-01-01,1\n"), parse_mapping(document | {"beside": {"names": "none.parquet"}}))
