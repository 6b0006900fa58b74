"""A first mapping for a file nobody described: from its headers and its first rows."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow as pa

from canyu.events.importers.block import Block
from canyu.events.importers.deletions import is_notice
from canyu.events.importers.headers import recognise_headers
from canyu.events.importers.mapping import Cell, Mapping
from canyu.events.schema import EVENT_SCHEMA
from canyu.events.vocabulary import find_verb
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

SAMPLE_ROWS = 1_000
EXACT_DIGITS = 15  # what a spreadsheet keeps of a number
FEWEST_LONG = 8  # so many ids all end in zero by chance once in a hundred million
EXPORT_COLUMNS = frozenset({"id", "type", "time", "source"})
CHANNELS = {
    "weibo": re.compile(r"weibo\.(com|cn)"),
    "xiaohongshu": re.compile(r"xiaohongshu\.com|xhslink\.com"),
    "douyin": re.compile(r"douyin\.com|iesdouyin\.com"),
    "bilibili": re.compile(r"bilibili\.com|b23\.tv"),
    "zhihu": re.compile(r"zhihu\.com"),
    "tieba": re.compile(r"tieba\.baidu\.com"),
    "kuaishou": re.compile(r"kuaishou\.com"),
    "x": re.compile(r"(twitter|//x)\.com"),
    "reddit": re.compile(r"reddit\.com"),
}
CHANNEL_HEADERS = {"aweme_id": "douyin", "微博正文": "weibo", "微博ID": "weibo", "bvid": "bilibili"}
CURRENCY_MARKS = {"€": "EUR", "£": "GBP", "₩": "KRW", "₹": "INR", "HK$": "HKD", "US$": "USD", "元": "CNY", "RMB": "CNY"}
COUNT_ROLES = ("reposts", "comments", "likes", "views")
COMMENT_HEADERS = re.compile(r"评论内容|评论时间|评论ID|comment_id|comment_text|comment_time", re.IGNORECASE)
PARENTS_OF_COMMENTS = (
    "note_id",
    "aweme_id",
    "video_id",
    "content_id",
    "微博ID",
    "帖子ID",
    "笔记ID",
    "视频ID",
    "post_id",
)


@dataclass(frozen=True, slots=True)
class Stated:
    """What a person states on the command line; it goes before what is guessed."""

    source: str = ""
    market: str = ""
    channel: str = ""
    zone: str = ""
    verb: str = ""
    currency: str = ""
    encoding: str = ""


def guess_mapping(block: Block, stated: Stated | None = None) -> Mapping:
    """Return a mapping for a file's first block. Raises BadInput where no column can be recognised as a time."""
    stated = stated or Stated()
    names = block.columns.schema.names
    if set(names) >= EXPORT_COLUMNS and (set(names) <= {*EVENT_SCHEMA.names, "day"} or "received" in names):
        return Mapping(is_export=True, zone=stated.zone)
    roles = recognise_headers(names)
    if "time" not in roles:
        raise BadInput(
            Words(
                f"这些列里认不出哪一列是时间：{'、'.join(names[:20])}。",
                f"No column was recognised as a time among: {', '.join(names[:20])}.",
            ),
            mend=Words(
                "在映射文件里写明（time: 列名）；--write-mapping 至少要认得出时间列。",
                "Name it in a mapping file (time: COLUMN); --write-mapping needs at least a time.",
            ),
        )
    _settle_key(roles, names)
    channel = stated.channel or _guess_channel(block, roles)
    cells = {"time": Cell(column=roles["time"]), "verb": _guess_verb(block, roles, stated)}
    verb = cells["verb"].constant
    if channel or "channel" in roles:
        cells["channel"] = Cell(constant=channel) if channel else Cell(column=roles["channel"])
    if stated.market:
        cells["market"] = Cell(constant=stated.market)
    for role in ("text", "campaign", "object"):
        if role in roles:
            cells[role] = Cell(column=roles[role])
    actor = roles.get("actor") or roles.get("name")
    if actor:
        cells["actor"] = Cell(column=actor)
    if "text" not in cells and "title" in roles:
        cells["text"] = Cell(column=roles["title"])
    if "amount" in roles and verb in ("order", "refund"):
        cells["value"] = Cell(column=roles["amount"], kind="money")
        cells["currency"] = _guess_currency(block, roles, stated)
        cells.setdefault("object", Cell(column=roles.get("order", roles["amount"])))
    return Mapping(
        source=stated.source or channel or "file",
        cells=cells,
        key=(roles["key"],) if "key" in roles else (),
        parent_key=(roles["parent"],) if "parent" in roles else (),
        props={role: Cell(column=roles[role], kind="count") for role in COUNT_ROLES if role in roles}
        | ({"order": Cell(column=roles["order"])} if "order" in roles else {}),
        drop=(roles["name"],) if "name" in roles and roles["name"] != actor else (),
        zone=stated.zone,
    )


def read_sample(block: Block, name: str) -> list[str]:
    """Return up to 1,000 cells of a column as text, blank ones left out."""
    cells = block.columns[name].slice(0, SAMPLE_ROWS).to_pylist()
    texts = (("" if cell is None else str(cell)).strip() for cell in cells)
    return [text.strip('"') if block.is_json else text for text in texts if text and text != "null"]


def list_rounded(block: Block, mapping: Mapping) -> list[str]:
    """Return the id columns whose long numbers all end in zeros, as a spreadsheet leaves them beyond 15 digits."""
    actor = mapping.cells.get("actor", Cell()).column
    names = [name for name in (*mapping.key, *mapping.parent_key, actor) if name in block.columns.column_names]
    found = []
    for name in dict.fromkeys(names):
        long = [text for text in read_sample(block, name) if text.isdigit() and len(text) > EXACT_DIGITS]
        if len(long) >= FEWEST_LONG and all(not text[EXACT_DIGITS:].strip("0") for text in long):
            found.append(name)
    return found


def _settle_key(roles: dict[str, str], names: list[str]) -> None:
    """Tell a comment's own id from that of its post, and an order's number from that of its lines."""
    if any(COMMENT_HEADERS.fullmatch(name) for name in names):
        posts = [name for name in PARENTS_OF_COMMENTS if name in names and name != roles.get("key")]
        if posts:
            roles["parent"] = posts[0]
    if roles.get("key") == roles.get("parent"):
        roles.pop("key", None)


def _guess_verb(block: Block, roles: dict[str, str], stated: Stated) -> Cell:
    if stated.verb:
        found = find_verb(stated.verb)
        if found is None:
            raise BadInput(
                Words(f"没有“{stated.verb}”这种事件类型。", f"There is no event type “{stated.verb}”."),
                mend=Words("用词汇表里的类型，如 post 或 order。", "Use one of the vocabulary, as post or order."),
            )
        return Cell(constant=str(found))
    if "verb" in roles:
        words = set(read_sample(block, roles["verb"]))
        if words and all(find_verb(word) or is_notice(word) for word in words):
            return Cell(column=roles["verb"])
    if "amount" in roles and ("text" not in roles or "order" in roles):
        return Cell(constant="order")
    if any(COMMENT_HEADERS.fullmatch(name) for name in block.columns.schema.names) and "parent" in roles:
        return Cell(constant="comment")
    if "parent" in roles and read_sample(block, roles["parent"]):
        return Cell(sql=f"CASE WHEN {_quote(block, roles['parent'])} IS NULL THEN 'post' ELSE 'repost' END")
    return Cell(constant="post")


def _quote(block: Block, name: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    if block.is_json:
        return f"nullif(nullif({quoted}, 'null'), '\"\"')"
    return f"nullif({quoted}, '')" if pa.types.is_string(block.columns.schema.field(name).type) else quoted


def _guess_channel(block: Block, roles: dict[str, str]) -> str:
    if "channel" in roles:
        return ""
    links = " ".join(read_sample(block, roles["link"])[:50]) if "link" in roles else ""
    for channel, pattern in CHANNELS.items():
        if pattern.search(links):
            return channel
    return next((channel for name, channel in CHANNEL_HEADERS.items() if name in block.columns.schema.names), "")


def _guess_currency(block: Block, roles: dict[str, str], stated: Stated) -> Cell:
    if stated.currency:
        return Cell(constant=stated.currency)
    if "currency" in roles:
        return Cell(column=roles["currency"])
    sample = " ".join(read_sample(block, roles["amount"])[:200]) + roles["amount"]
    for mark, code in CURRENCY_MARKS.items():
        if mark in sample:
            return Cell(constant=code)
    is_chinese = any("\u4e00" <= letter <= "\u9fff" for letter in "".join(block.columns.schema.names))
    if is_chinese or "¥" in sample or "￥" in sample:
        return Cell(constant="CNY")
    if "$" in sample:
        return Cell(constant="USD")
    raise BadInput(
        Words(f"“{roles['amount']}”列的金额没有币种。", f"“{roles['amount']}” has amounts without a currency."),
        mend=Words("写明币种，如 --currency CNY。", "State it, as --currency CNY."),
    )
