"""Presets for what common crawlers export: the same row as CSV, as JSON and in a workbook becomes the same event."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import canyu
from canyu.events import make_event_id
from canyu.events.importers import FileReport, Mapping, get_preset, import_file, list_presets, plan_import
from canyu.kit.jsonio import dump_json_bytes, parse_json

NOW = datetime(2026, 8, 13, tzinfo=UTC)
TIME = datetime(2026, 8, 12, 2, tzinfo=UTC)
SECONDS = int(TIME.timestamp())
MILLIS = SECONDS * 1000
PERSON = {
    "user_id": "90001",
    "nickname": "张三",
    "avatar": "https://a.example/1.jpg",
    "ip_location": "浙江",
    "gender": "m",
    "profile_url": "https://p.example/90001",
    "add_ts": MILLIS,
    "last_modify_ts": MILLIS,
}
LINKED = {"user_link": "https://p.example/90001", "user_nickname": "张三", "user_avatar": "x", "ip_location": "浙江"}
POSTS: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "weibo": (
        {
            "note_id": "5012345678901234",
            "content": "刹车很稳",
            "create_time": SECONDS,
            "create_date_time": "2026-08-12 10:00:00",
            "liked_count": "1.2万",
            "comments_count": "35",
            "shared_count": "10万+",
            "note_url": "https://m.weibo.cn/detail/5012345678901234",
        },
        "刹车很稳",
        {"likes": 12_000, "comments": 35, "reposts": 100_000},
    ),
    "xiaohongshu": (
        {
            "note_id": "66fa00000000000000000001",
            "type": "normal",
            "title": "提车第一天",
            "desc": "颜色好看",
            "time": MILLIS,
            "last_update_time": MILLIS,
            "liked_count": "3.4万",
            "collected_count": "1千",
            "comment_count": "120",
            "share_count": "8",
            "note_url": "https://www.xiaohongshu.com/explore/66fa00000000000000000001",
        },
        "提车第一天\n颜色好看",
        {"likes": 34_000, "saves": 1_000, "comments": 120, "reposts": 8},
    ),
    "douyin": (
        {
            "aweme_id": "7412345678901234567",
            "aweme_type": "0",
            "title": "试驾",
            "desc": "试驾",
            "create_time": SECONDS,
            "liked_count": "5w",
            "comment_count": "9",
            "share_count": "2",
            "collected_count": "1",
            "aweme_url": "https://www.douyin.com/video/7412345678901234567",
        },
        "试驾",
        {"likes": 50_000, "comments": 9, "reposts": 2, "saves": 1},
    ),
    "bilibili": (
        {
            "video_id": "113000000000001",
            "video_type": "video",
            "title": "长测",
            "desc": "",
            "create_time": SECONDS,
            "liked_count": "7",
            "video_play_count": "1.5万",
            "video_danmaku": "3",
            "video_comment": "4",
            "video_url": "https://www.bilibili.com/video/av113000000000001",
        },
        "长测",
        {"likes": 7, "views": 15_000, "comments": 4},
    ),
    "kuaishou": (
        {
            "video_id": "3xabc",
            "video_type": "1",
            "title": "老铁看车",
            "desc": "老铁看车",
            "create_time": MILLIS,
            "liked_count": "6",
            "viewd_count": "2万",
            "video_url": "https://www.kuaishou.com/short-video/3xabc",
        },
        "老铁看车\n老铁看车",
        {"likes": 6, "views": 20_000},
    ),
    "zhihu": (
        {
            "content_id": "3700000001",
            "content_type": "answer",
            "content_text": "开了半年，说说感受",
            "content_url": "https://www.zhihu.com/question/1/answer/3700000001",
            "question_id": "1",
            "title": "这车怎么样？",
            "desc": "",
            "created_time": SECONDS,
            "updated_time": SECONDS,
            "voteup_count": 88,
            "comment_count": 3,
        },
        "这车怎么样？\n开了半年，说说感受",
        {"likes": 88, "comments": 3, "kind": "answer"},
    ),
    "tieba": (
        {
            "note_id": "9100000001",
            "title": "求助",
            "desc": "车机黑屏",
            "note_url": "https://tieba.baidu.com/p/9100000001",
            "publish_time": "2026-08-12 10:00",
            "tieba_name": "小米汽车吧",
            "total_replay_num": 17,
        },
        "求助\n车机黑屏",
        {"comments": 17, "forum": "小米汽车吧"},
    ),
}
COMMENTS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "weibo": ("note_id", {"create_time": SECONDS, "comment_like_count": "1.1万"}, {"likes": 11_000}),
    "xiaohongshu": ("note_id", {"create_time": MILLIS}, {}),
    "douyin": ("aweme_id", {"create_time": SECONDS}, {}),
    "bilibili": ("video_id", {"create_time": SECONDS}, {}),
    "kuaishou": ("video_id", {"create_time": MILLIS}, {}),
    "zhihu": ("content_id", {"publish_time": SECONDS, "like_count": 5}, {"likes": 5}),
    "tieba": ("note_id", {"publish_time": "2026-08-12 10:00"}, {}),
}


def build_post(platform: str) -> dict[str, Any]:
    person = LINKED if platform == "tieba" else PERSON
    return {**person, **POSTS[platform][0]}


def build_comment(platform: str) -> dict[str, Any]:
    parent, rest, _ = COMMENTS[platform]
    person = LINKED if platform == "tieba" else PERSON
    post = POSTS[platform][0]
    row = {"comment_id": "51", parent: post[parent], "content": "同意", "sub_comment_count": "2", **rest}
    return {**person, **row}


def write(folder: Path, form: str, row: dict[str, Any]) -> Path:
    path = folder / f"export.{form}"
    if form == "xlsx":
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(list(row))
        sheet.append([str(cell) for cell in row.values()])
        book.save(path)
    elif form == "json":
        path.write_bytes(dump_json_bytes([row]))
    elif form == "jsonl":
        path.write_bytes(dump_json_bytes(row) + b"\n")
    else:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            writer.writeheader()
            writer.writerow(row)
    return path


def run(path: Path, lake: canyu.Lake, mapping: Mapping) -> FileReport:
    return import_file(plan_import(path, mapping), lake, now=NOW)


def read_only(lake: canyu.Lake) -> dict[str, Any]:
    found: list[dict[str, Any]] = lake.scan().to_pyarrow().to_pylist()
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "xlsx"])
@pytest.mark.parametrize("platform", POSTS)
def test_a_post_is_read_from_every_form(platform: str, form: str, lake: canyu.Lake, tmp_path: Path) -> None:
    row, (_, text, props) = build_post(platform), POSTS[platform]
    report = run(write(tmp_path, form, row), lake, get_preset(f"crawler_{platform}_posts").mapping)
    event = read_only(lake)
    key = row.get("note_id") or row.get("aweme_id") or row.get("video_id") or row.get("content_id")
    assert (report.rows, report.added, report.reasons) == (1, 1, {})
    assert event["id"] == make_event_id(platform, str(key))
    assert (event["type"], event["time"], event["text"]) == ("post", TIME, text)
    assert (event["channel"], event["market"], event["source"]) == (platform, "cn", platform)
    assert parse_json(event["props"]) == props
    assert len(event["actor"]) == 32
    assert "张三" not in str(event)
    assert "90001" not in str(event)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("platform", COMMENTS)
def test_a_comment_answers_its_post(platform: str, form: str, lake: canyu.Lake, tmp_path: Path) -> None:
    parent, _, props = COMMENTS[platform]
    row = build_comment(platform)
    run(write(tmp_path, form, row), lake, get_preset(f"crawler_{platform}_comments").mapping)
    event = read_only(lake)
    assert (event["type"], event["time"], event["text"]) == ("comment", TIME, "同意")
    assert event["parent"] == make_event_id(platform, str(row[parent]))
    assert parse_json(event["props"]) == {"comments": 2, **props}
    assert "张三" not in str(event)


def test_there_is_a_preset_for_posts_and_comments_of_each_platform() -> None:
    names = {preset.name for preset in list_presets() if not preset.dataset}
    assert names == {f"crawler_{platform}_{kind}" for platform in POSTS for kind in ("posts", "comments")}


@pytest.mark.parametrize(
    ("written", "reason", "moment"),
    [
        ("3分钟前", "relative_time", datetime(2026, 8, 12, 1, 57, tzinfo=UTC)),
        ("昨天 21:30", "relative_time", datetime(2026, 8, 11, 13, 30, tzinfo=UTC)),
        ("08-10 09:00", "relative_time", datetime(2026, 8, 10, 1, tzinfo=UTC)),
        ("刚刚", "relative_time", TIME),
    ],
)
def test_relative_times_need_to_know_when_the_file_was_made(
    written: str, reason: str, moment: datetime, lake: canyu.Lake, tmp_path: Path
) -> None:
    path = write(tmp_path, "csv", {**build_post("tieba"), "publish_time": written})
    mapping = get_preset("crawler_tieba_posts").mapping
    assert [each.reason for each in run(path, lake, mapping).reasons] == [reason]
    run(path, lake, replace(mapping, captured="2026-08-12T10:00:00+08:00"))
    assert read_only(lake)["time"] == moment


def test_ids_that_a_spreadsheet_rounded_are_refused_or_told(lake: canyu.Lake, tmp_path: Path) -> None:
    mapping = get_preset("crawler_weibo_posts").mapping
    path = write(tmp_path, "csv", {**build_post("weibo"), "note_id": "5.01235E+15"})
    assert [(each.field, each.reason) for each in run(path, lake, mapping).reasons] == [("note_id", "rounded_id")]
    rows = [{**build_post("weibo"), "note_id": f"50123456789{number:02}000"} for number in range(20)]
    path.write_text("\n".join([",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]), "utf-8")
    notes = run(path, lake, mapping).notes
    assert any("rounded them" in str(note) for note in notes)


def test_a_post_without_a_text_is_refused_alone(lake: canyu.Lake, tmp_path: Path) -> None:
    path = write(tmp_path, "jsonl", {**build_post("xiaohongshu"), "title": "", "desc": ""})
    report = run(path, lake, get_preset("crawler_xiaohongshu_posts").mapping)
    assert [(each.field, each.reason) for each in report.reasons] == [("text", "missing_field")]


@pytest.mark.parametrize("text", ["null", "123", '"quoted"', "[1]", "{}", "a\nb", "😀", "很长" * 1000])
def test_texts_that_look_like_json_stay_texts(text: str, lake: canyu.Lake, tmp_path: Path) -> None:
    path = write(tmp_path, "jsonl", {**build_post("zhihu"), "content_text": text})
    run(path, lake, get_preset("crawler_zhihu_posts").mapping)
    assert read_only(lake)["text"] == f"这车怎么样？\n{text}"
