"""A statement that answers a claim: what is claimed, what was found, by whom it was tested, who answers for it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words

NOTHING = Words("", "")
MOST_TITLE = 120
MOST_CLAIM = 500
MOST_FINDINGS = 8_000
MOST_NAME = 120
MOST_URLS = 10
MOST_POSTS = 200
MOST_FILES = 20
MOST_CUSTODY = 40
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,58})[a-z0-9]")


class Verdict(StrEnum):
    """What is said of the claim."""

    TRUE = "true"
    PARTLY = "partly true"
    UNPROVEN = "unproven"
    MISLEADING = "misleading"
    FALSE = "false"
    WITHDRAWN = "withdrawn"
    """The statement itself is taken back; it judges nothing any more."""


VERDICTS = {
    Verdict.TRUE: Words("属实", "true"),
    Verdict.PARTLY: Words("部分属实", "partly true"),
    Verdict.UNPROVEN: Words("尚未证实", "not proven"),
    Verdict.MISLEADING: Words("误导", "misleading"),
    Verdict.FALSE: Words("不属实", "false"),
    Verdict.WITHDRAWN: Words("声明撤回", "statement withdrawn"),
}
JUDGED = frozenset({Verdict.TRUE, Verdict.PARTLY, Verdict.MISLEADING, Verdict.FALSE})
"""These say that something was found out, and need something to show for it."""


@dataclass(frozen=True, slots=True)
class Custody:
    """One step of the way that a sample took: when, where, who had it, what they did with it."""

    at: datetime
    place: str
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a statement, by the SHA-256 of its bytes."""

    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What one version says. Chinese is always there; English may be empty, and then the Chinese stands for it.

    ``source``: who made the claim as the public may read it, a platform or a medium; ``posts``: ids in the lake.
    ``publisher`` answers for the statement, ``signatory`` signs it; ``laboratory`` issued ``report_number``.
    ``correction``: why this version replaces the one before.
    """

    title: Words
    claim: Words
    findings: Words
    verdict: Verdict
    publisher: str
    signatory: str
    signatory_role: str = ""
    source: str = ""
    claimed_on: date | None = None
    urls: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    laboratory: str = ""
    report_number: str = ""
    report_on: date | None = None
    custody: tuple[Custody, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    correction: Words = NOTHING


def make_statement(statement: Statement, *, replaces: bool = False) -> Statement:
    """Return a statement that may be released. Raises BadInput, naming the field and what to mend.

    ``replaces``: whether one was released before, which it then has to say why it replaces.
    """
    _check_words(statement)
    if statement.verdict in JUDGED and not (statement.report_number or statement.attachments):
        raise BadInput(
            Words("没有证据，不能对说法下结论。", "Nothing shows that the claim is as you say."),
            mend=Words(
                "请写检测报告编号或附上文件，否则结论选“尚未证实”。",
                "Give a report's number or attach a file, or say that it is not proven.",
            ),
        )
    if bool(statement.report_number) != bool(statement.laboratory):
        raise BadInput(
            Words("报告编号和出具机构要一起写。", "A report has a number and somebody who issued it."),
            mend=Words("请补上另一项。", "Give the other one as well."),
        )
    if (replaces or statement.verdict is Verdict.WITHDRAWN) and not statement.correction.zh:
        raise BadInput(
            Words("没有写为什么更正。", "Why it replaces the version before is missing."),
            mend=Words("请写一句更正说明，公众会看到。", "Say in a sentence what changed; the public reads it."),
        )
    _check_urls(statement.urls)
    _check_custody(statement.custody)
    counts = ((statement.posts, MOST_POSTS), (statement.attachments, MOST_FILES))
    if any(len(found) > most or len(set(found)) != len(found) for found, most in counts):
        raise BadInput(
            Words("帖子或附件太多，或有重复。", "There are too many posts or files, or the same one twice."),
            mend=Words(
                f"最多 {MOST_POSTS} 条帖子、{MOST_FILES} 个附件，每个一次。",
                f"At most {MOST_POSTS} posts and {MOST_FILES} files, each once.",
            ),
        )
    return statement


def check_slug(slug: str) -> str:
    """Return the last part of a statement's address. Raises BadInput.

    >>> check_slug("no-leak-2026")
    'no-leak-2026'
    """
    if not SLUG.fullmatch(slug) or "--" in slug:
        raise BadInput(
            Words(f"{slug!r} 不能作为网址。", f"{slug!r} cannot be an address."),
            mend=Words(
                "请用 3 到 60 个小写字母、数字或单个连字符。", "Use 3 to 60 small letters, digits, single hyphens."
            ),
        )
    return slug


def describe_statement(statement: Statement) -> dict[str, Any]:
    """Return a statement as plain values that JSON can hold: the body of its version."""
    told: dict[str, Any] = {}
    for each in fields(statement):
        told[each.name] = _describe(getattr(statement, each.name))
    return told


def read_statement(kept: dict[str, Any]) -> Statement:
    """Return the statement of a body that ``describe_statement`` made."""
    values = dict(kept)
    for name in ("title", "claim", "findings", "correction"):
        values[name] = Words(*values[name])
    values["verdict"] = Verdict(values["verdict"])
    for name in ("claimed_on", "report_on"):
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    values["urls"], values["posts"] = tuple(values["urls"]), tuple(values["posts"])
    values["custody"] = tuple(
        Custody(datetime.fromisoformat(each["at"]), each["place"], each["who"], each["what"])
        for each in values["custody"]
    )
    values["attachments"] = tuple(Attachment(**each) for each in values["attachments"])
    return Statement(**values)


def digest_statement(statement: Statement) -> str:
    """Return the SHA-256, in hexadecimal, of the canonical JSON of what a statement says, its files' hashes with it."""
    return hashlib.sha256(dump_json(describe_statement(statement)).encode()).hexdigest()


def parse_custody(text: str, read_time: Any) -> tuple[Custody, ...]:
    """Return the custody record of lines ``when | where | who | what``. Raises BadInput, naming the line.

    ``read_time``: turns what stands first into an instant, and returns None for what is none.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        parts = [part.strip() for part in re.split(r"[|｜]", line)]
        at = read_time(parts[0])
        if len(parts) != 4 or at is None or not all(parts):
            raise BadInput(
                Words(f"保管记录第 {number} 行看不懂。", f"Line {number} of the custody record cannot be read."),
                mend=Words(
                    "每行写：时间 | 地点 | 保管人 | 做了什么，例如 2026-03-02 09:30 | 门店 | 张工 | 封样。",
                    "Write on each line: when | where | who | what, such as 2026-03-02 09:30 | shop | Zhang | sealed.",
                ),
            )
        found.append(Custody(at, *parts[1:]))
    return tuple(found)


def _describe(value: Any) -> Any:
    if isinstance(value, Words):
        return list(value)
    if isinstance(value, Custody):
        return {**asdict(value), "at": value.at.isoformat()}
    if isinstance(value, Attachment):
        return asdict(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    return [_describe(each) for each in value] if isinstance(value, tuple) else value


def _check_words(statement: Statement) -> None:
    needed = (
        ("title", statement.title, MOST_TITLE, Words("标题", "title")),
        ("claim", statement.claim, MOST_CLAIM, Words("被回应的说法", "claim that is answered")),
        ("findings", statement.findings, MOST_FINDINGS, Words("查明的事实", "findings")),
    )
    for name, words, most, called in needed:
        if not words.zh.strip():
            raise BadInput(
                Words(f"没有写{called.zh}（{name}）。", f"The {called.en} is missing ({name})."),
                mend=Words("中文必填，英文可以留空。", "Chinese is needed; English may be left empty."),
            )
        if max(map(len, words)) > most:
            raise _tell_long(called, most)
    names = (
        (statement.publisher, Words("发布单位", "publisher")),
        (statement.signatory, Words("签发人", "signatory")),
    )
    for text, called in names:
        if not text.strip():
            raise BadInput(
                Words(f"没有写{called.zh}。", f"The {called.en} is missing."),
                mend=Words("声明要有人负责。", "Somebody answers for a statement."),
            )
    rest = (statement.signatory_role, statement.source, statement.laboratory, statement.report_number)
    if max(map(len, (statement.publisher, statement.signatory, *rest))) > MOST_NAME:
        raise _tell_long(Words("名称或编号", "name or number"), MOST_NAME)
    if max(map(len, statement.correction)) > MOST_CLAIM:
        raise _tell_long(Words("更正说明", "correction"), MOST_CLAIM)


def _tell_long(called: Words, most: int) -> BadInput:
    return BadInput(
        Words(f"{called.zh}超过 {most} 字。", f"The {called.en} is longer than {most} letters."),
        mend=Words("请写短些。", "Make it shorter."),
    )


def _check_urls(urls: Sequence[str]) -> None:
    for url in urls:
        parts = _split(url)
        if parts is None or len(url) > 500 or len(urls) > MOST_URLS:
            raise BadInput(
                Words(f"{url[:80]!r} 不是网页地址。", f"{url[:80]!r} is no address of a page."),
                mend=Words(
                    f"请写 http:// 或 https:// 开头的地址，最多 {MOST_URLS} 个。",
                    f"Give addresses that begin with http:// or https://, {MOST_URLS} at most.",
                ),
            )


def _split(url: str) -> tuple[str, str] | None:
    if any(letter.isspace() or letter in "\"<>'" or not letter.isprintable() for letter in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return (parts.scheme, parts.netloc) if parts.scheme in {"http", "https"} and parts.netloc else None


def _check_custody(custody: Sequence[Custody]) -> None:
    times = [each.at for each in custody]
    if times != sorted(times) or len(custody) > MOST_CUSTODY:
        raise BadInput(
            Words("保管记录不是从早到晚。", "The custody record does not go from early to late."),
            mend=Words(
                f"请按时间排列，最多 {MOST_CUSTODY} 步。", f"Put it in the order of time, {MOST_CUSTODY} steps at most."
            ),
        )
    texts = [text for each in custody for text in (each.place, each.who, each.what)]
    if max(map(len, texts), default=0) > MOST_NAME:
        raise _tell_long(Words("保管记录的一栏", "part of the custody record"), MOST_NAME)
