"""Charts that a strict page may hold: drawing only, named, in the page's colours, honest about gaps and zero."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from xml.etree import ElementTree

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import canyu
from canyu.kit.words import Words
from canyu.measure import Mark, OverviewQuery, Picture, Proof, compute_overview, render_chart
from canyu.measure.axes import Canvas
from canyu.measure.pictures import SCHEMAS
from canyu.measure.specs import build_spec
from canyu.measure.theme import DARK, LIGHT, SENTINELS

PROOF = Proof(Words("定义", "definition"), "SELECT 1", {"mentions": 1}, 1, "duckdb")
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '</text><script>alert(1)</script>"onload="x" javascript:alert(1) <![CDATA[ ]]> &amp; \x00\x0b {{}} ${x} 小米'


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - drawn here a moment ago


def make_picture(name: str, rows: list[dict[str, object]]) -> Picture:
    table = pa.Table.from_pylist(rows, schema=SCHEMAS[name])
    return Picture(name, Words("标题", "A title"), Words("副题", "A subtitle"), table, PROOF)


def make_days(posts: list[int | None]) -> Picture:
    first = date(2025, 4, 1)
    rows = [{"day": first + timedelta(days=n), "posts": count} for n, count in enumerate(posts)]
    return make_picture("volume_by_day", rows)


def list_texts(svg: str) -> list[str]:
    return ["".join(element.itertext()) for element in parse(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_picture_is_drawn_for_those_who_see_and_those_who_do_not(
    told_lake: canyu.Lake, query: OverviewQuery, language: str
) -> None:
    for picture in compute_overview(told_lake, query).pictures:
        root = parse(render_chart(picture, language, "auto"))
        assert root.get("role") == "img"
        assert [root[0].text, root[1].text] == [picture.title.say(language), picture.subtitle.say(language)]
        assert root.get("aria-labelledby") == f"{root[0].get('id')} {root[1].get('id')}"


def test_nothing_in_a_chart_offends_a_strict_content_policy(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    for picture in compute_overview(told_lake, query).pictures:
        for element in parse(render_chart(picture, "zh", "auto")).iter():
            assert element.tag.removeprefix(SVG) in {
                "svg",
                "g",
                "path",
                "line",
                "rect",
                "text",
                "title",
                "desc",
                "defs",
                "clipPath",
            }
            assert [name for name in element.attrib if name == "style" or name.startswith("on") or "href" in name] == []


def test_colours_are_the_pages_or_written_out(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    for picture in compute_overview(told_lake, query).pictures:
        for theme, allowed in (
            ("auto", {f"var(--{name})" for name in LIGHT}),
            ("light", set(LIGHT.values())),
            ("dark", set(DARK.values())),
        ):
            svg = render_chart(picture, "en", theme)
            used = set(re.findall(r'(?:fill|stroke)="([^"]+)"', svg)) - {"none", "transparent"}
            assert used <= allowed
            assert len(used) <= 7
            assert not any(sentinel in svg for sentinel in SENTINELS.values())


def test_a_hostile_label_stays_text() -> None:
    share = {"id": HOSTILE, "label_zh": HOSTILE, "label_en": HOSTILE, "mentions": 3, "share": 60.0, "low": 50.0}
    picture = make_picture("share_of_voice", [{**share, "high": 70.0, "is_chosen": True}])
    picture = replace(picture, title=Words(HOSTILE, HOSTILE))
    svg = render_chart(picture, "zh", "auto")
    assert "<script" not in svg
    assert "\x00" not in svg
    assert list_texts(svg)[0].startswith("</text><script>")


@given(st.text(min_size=1, max_size=40))
@example("👩‍👩‍👧‍👦🇨🇳" * 30)
@example("a\x00\x1b\uffff\u202e\u2028" * 10)
@example("0000000m\x7f\x7f±±¶¼\U0001cf47")
@settings(max_examples=12, deadline=None)
def test_no_text_ends_the_drawing(text: str) -> None:
    """One control character makes the drawing library abort the whole process: this test would not return."""
    text = text.encode("utf-8", "ignore").decode()
    row = {"id": "x", "label_zh": text, "label_en": text, "minutes": 9, "spells": 1, "titles": 1, "is_chosen": True}
    mark = Mark(date(2025, 4, 2), Words(text, text))
    assert parse(render_chart(make_picture("board_minutes", [row]), "zh")).get("role") == "img"
    assert parse(render_chart(make_days([5, 6, 7]), "zh", marks=(mark,))).get("role") == "img"


def test_eight_threads_draw_the_same_chart() -> None:
    pictures = [make_days([5 + n % 2, 6, 7]) for n in range(16)]
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda picture: render_chart(picture, "zh", "auto", width=640), pictures))
    assert len(set(drawn)) == 2


def test_a_gap_is_named_and_a_zero_is_not() -> None:
    assert "no data" in list_texts(render_chart(make_days([5, 6, None, None, 7, 5]), "en", "light"))
    assert "no data" not in list_texts(render_chart(make_days([5, 6, 0, 0, 7, 5]), "en", "light"))


def test_the_peak_bears_its_number_and_days_their_names() -> None:
    assert list_texts(render_chart(make_days([5, 60_000, 7]), "zh", "light"))[-1] == "6.00万"
    assert "4月2日" in list_texts(render_chart(make_days([5, 60_000, 7]), "zh", "light"))
    assert "2 Apr" in list_texts(render_chart(make_days([5, 60_000, 7]), "en", "light"))


def test_a_campaign_is_marked_on_the_axis() -> None:
    marks = (Mark(date(2025, 4, 2), Words("发布会", "Launch")), Mark(date(2024, 1, 1), Words("别处", "Elsewhere")))
    texts = list_texts(render_chart(make_days([5, 6, 7]), "zh", "light", marks=marks))
    assert "发布会" in texts
    assert "别处" not in texts


def test_bars_start_at_zero() -> None:
    picture = make_days([100, 101, 102])
    layers = build_spec(picture, Canvas("en"))["layer"]
    assert {"datum": 0} in [layer["encoding"].get("y2") for layer in layers]
    rows = [{"id": "x", "label_zh": "x", "label_en": "x", "minutes": 90, "spells": 1, "titles": 1, "is_chosen": False}]
    board = build_spec(make_picture("board_minutes", rows), Canvas("en"))
    assert board["layer"][1]["encoding"]["x"]["scale"]["domain"][0] == 0


def test_polarity_is_coloured_only_where_the_interval_tells() -> None:
    base = {"mentions": 10, "positive": 1, "neutral": 1, "negative": 1}
    spans = {"up": (5.0, 9.0), "down": (-9.0, -5.0), "level": (-4.0, 4.0)}
    rows = [
        {**base, "id": n, "label_zh": n, "label_en": n, "net": sum(s) / 2, "low": s[0], "high": s[1]}
        for n, s in spans.items()
    ]
    values = build_spec(make_picture("products", rows), Canvas("en"))["data"]["values"]
    assert [value["colour"] for value in values] == [SENTINELS["good"], SENTINELS["bad"], SENTINELS["neutral"]]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_an_empty_picture_is_drawn_empty(name: str) -> None:
    rows = [{"day": date(2025, 4, 1)}] if name.endswith("by_day") else []
    assert parse(render_chart(make_picture(name, rows), "zh", "auto")).get("role") == "img"


def test_two_charts_of_one_page_share_no_id(told_lake: canyu.Lake, query: OverviewQuery) -> None:
    charts = [render_chart(picture, "zh", "auto") for picture in compute_overview(told_lake, query).pictures]
    ids = [name for chart in charts for name in re.findall(r'\bid="([^"]+)"', chart)]
    assert len(ids) == len(set(ids))
