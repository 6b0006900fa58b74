"""What a file is, told from its headers and first rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from canyu.events.importers import Mapping, Stated, plan_import
from canyu.events.importers.headers import load_synonyms, normalise_header, recognise_headers
from canyu.kit.errors import BadInput

Write = Callable[..., Path]


def guess(path: Path, **stated: str) -> Mapping:
    return plan_import(path, None, Stated(**stated)).mapping


def columns_of(mapping: Mapping) -> dict[str, str]:
    return {name: cell.column or cell.constant for name, cell in mapping.cells.items()}


def test_a_weibo_export_in_chinese(write: Write) -> None:
    mapping = guess(
        write(
            "a.csv",
            "微博ID,微博正文,发布时间,用户ID,用户昵称,转发数,评论数,点赞数,来源,链接\n"
            "49,好,2025-01-01,7,某人,1,2,3,小米15,https://weibo.com/7/x\n",
        )
    )
    assert columns_of(mapping) == {
        "time": "发布时间", "verb": "post", "channel": "weibo", "text": "微博正文", "actor": "用户ID",
    }  # fmt: skip
    assert (mapping.key, mapping.source, mapping.drop) == (("微博ID",), "weibo", ("用户昵称",))
    assert {name: cell.column for name, cell in mapping.props.items()} == {
        "reposts": "转发数", "comments": "评论数", "likes": "点赞数",
    }  # fmt: skip


def test_an_export_in_english(write: Write) -> None:
    mapping = guess(write("a.csv", "id,content,created_at,user,retweet_count,like_count\n1,good,2025-01-01,a,1,2\n"))
    assert columns_of(mapping) == {"time": "created_at", "verb": "post", "text": "content", "actor": "user"}
    assert sorted(mapping.props) == ["likes", "reposts"]


def test_mediacrawler_notes_and_their_comments(write: Write) -> None:
    notes = guess(
        write(
            "notes.jsonl",
            '{"note_id":"1","type":"normal","title":"t","desc":"d","time":1700000000000,"user_id":"u","nickname":"n",'
            '"liked_count":"1.2万","comment_count":"3","share_count":"4","note_url":"https://www.xiaohongshu.com/1"}\n',
        )
    )
    assert (notes.key, columns_of(notes)["channel"], columns_of(notes)["text"]) == (("note_id",), "xiaohongshu", "desc")
    assert sorted(notes.props) == ["comments", "likes", "reposts"]
    comments = guess(
        write(
            "comments.jsonl",
            '{"comment_id":"9","create_time":1700000000,"note_id":"1","content":"好","user_id":"u","nickname":"n",'
            '"sub_comment_count":"0","comment_like_count":"0","parent_comment_id":"0"}\n',
        ),
        channel="xiaohongshu",
    )
    assert (comments.key, comments.parent_key, columns_of(comments)["verb"]) == (
        ("comment_id",),
        ("note_id",),
        "comment",
    )
    assert comments.source == notes.source == "xiaohongshu"


def test_orders_in_chinese(write: Write) -> None:
    mapping = guess(write("a.csv", "订单号,下单时间,买家ID,商品,实付金额（元）\n1,2025-01-01,b,SU7,¥1\n"))
    assert columns_of(mapping) == {
        "time": "下单时间",
        "verb": "order",
        "object": "商品",
        "actor": "买家ID",
        "value": "实付金额（元）",
        "currency": "CNY",
    }
    assert mapping.key == ()
    assert mapping.props["order"].column == "订单号"


def test_amounts_without_a_currency_ask_for_one(write: Write) -> None:
    path = write("a.csv", "order_id,ordered_at,customer_id,sku,amount\n1,2025-01-01,c,s,9.5\n")
    with pytest.raises(BadInput, match="without a currency"):
        guess(path)
    assert columns_of(guess(path, currency="EUR"))["currency"] == "EUR"


def test_a_file_of_posts_and_reposts_tells_them_apart_by_row(write: Write) -> None:
    mapping = guess(write("a.csv", "mid,text,created_at,parent_mid\n1,a,2025-01-01,\n2,b,2025-01-01,1\n"))
    assert mapping.parent_key == ("parent_mid",)
    assert "repost" in mapping.cells["verb"].sql


def test_a_type_column_is_used_when_all_its_words_are_ours(write: Write) -> None:
    path = write("a.csv", "event,time,text\nOrder Completed,2025-01-01,x\nPage Viewed,2025-01-01,y\n")
    assert guess(path).cells["verb"].column == "event"
    assert guess(write("b.csv", "event,time,text\nparty,2025-01-01,x\n")).cells["verb"].constant == "post"


def test_without_a_time_the_columns_are_told(write: Write) -> None:
    with pytest.raises(BadInput, match="No column was recognised as a time among: a, b"):
        guess(write("a.csv", "a,b\n1,2\n"))


def test_an_unknown_verb_is_refused(write: Write) -> None:
    with pytest.raises(BadInput, match="no event type"):
        guess(write("a.csv", "time,text\n2025-01-01,x\n"), verb="dance")


@pytest.mark.parametrize("role", ["time", "text", "actor", "name", "reposts", "comments", "likes", "amount", "order"])
def test_every_role_knows_chinese_and_english_headers(role: str) -> None:
    names = load_synonyms()[role]
    assert any(name.isascii() for name in names)
    assert any("\u4e00" <= name[0] <= "\u9fff" for name in names)


def test_headers_are_compared_without_case_spaces_and_brackets() -> None:
    assert normalise_header("Created At") == normalise_header("created_at")
    assert recognise_headers(["点赞数(次)", " 发布 时间 "]) == {"time": " 发布 时间 ", "likes": "点赞数(次)"}


def test_of_two_columns_for_a_role_the_more_specific_one_is_taken() -> None:
    assert recognise_headers(["时间", "发布时间"])["time"] == "发布时间"
