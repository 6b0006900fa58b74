"""What an article must be, what things are called, and what each figure counts; pure, no database."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from canyu.care import Audience, CaseKind
from canyu.care.assistant import Article, HandOverReason
from canyu.care.assistant.article_file import MAX_BODY
from canyu.care.assistant.handing_over import REASON_WORDS
from canyu.kit.words import Words
from canyu.ops.knowledge.models import Outcome

MOST_SLUG, MOST_TITLE, MOST_SOURCE, MOST_LINK, MOST_REASON = 60, 200, 200, 500, 300
MOST_ASKED, MOST_ASKED_LENGTH, MOST_PRODUCTS = 40, 200, 200
MOST_QUESTION = 500
"""Characters of a question; the engine reads no more."""
MOST_TURNS = 50
"""Of one talk: further on it is a program, or somebody whom a person must help."""
MOST_CLUSTERED = 1000
"""Of the newest unanswered questions that are gathered into drafts: 0.4 s of a core for 1,000 (2,000: 1.2 s)."""
GAP_DAYS = 90
WEEKS = 12
SEEN_OUTSIDE = (Audience.PUBLIC.value, Audience.CUSTOMER.value)
"""Whose articles may be quoted to somebody who is not staff; only public ones have a page of their own."""

_SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_LINK = re.compile(r"https?://[^\s<>\"']+")

AUDIENCE_WORDS = {
    Audience.PUBLIC.value: Words("公开：有自己的网页", "public: has a page of its own"),
    Audience.CUSTOMER.value: Words("客户：只在回答里引用", "customers: quoted in answers only"),
    Audience.INSIDE.value: Words("仅内部", "inside only"),
}
READER_WORDS = {
    Audience.CUSTOMER.value: Words("客户", "a customer"),
    Audience.PUBLIC.value: Words("任何人", "anybody"),
    Audience.INSIDE.value: Words("员工", "staff"),
}
"""Who asks, where a question is tried."""
STAND_WORDS = {
    "all": Words("全部", "all"),
    "valid": Words("现在有效", "valid now"),
    "waiting": Words("还没到期限", "not valid yet"),
    "ended": Words("已过期限", "no longer valid"),
    "withdrawn": Words("已撤回", "withdrawn"),
}
OUTCOME_WORDS = {
    Outcome.ANSWER.value: Words("已回答", "answered"),
    Outcome.ASK_BACK.value: Words("反问", "asked back"),
    Outcome.HAND_OVER.value: Words("转人工", "handed over"),
}
REASONS = {reason.value: words for reason, words in REASON_WORDS.items()}
UNANSWERED = (HandOverReason.NO_ARTICLE.value, HandOverReason.UNSURE.value)
"""Reasons that an article could have mended."""
SERIOUS = (HandOverReason.COMPLAINT.value, HandOverReason.LEGAL.value)

MESSAGES = {
    HandOverReason.PERSON: Words("好的，这个问题交给人来答复。", "Of course: a person will answer this."),
    HandOverReason.PRICE: Words("价格问题由人来答复。", "A person answers questions of price."),
    HandOverReason.COMPLAINT: Words("这件事应由人来处理。", "This is for a person to handle."),
    HandOverReason.LEGAL: Words("这件事应由专人处理。", "This is for the person in charge."),
    HandOverReason.UNSURE: Words(
        "为避免答错，这个问题交给人来答复。", "So that you get no wrong answer, a person answers this."
    ),
    HandOverReason.NO_ARTICLE: Words("这个问题没有现成的答案。", "There is no article about this."),
}
"""What a visitor of the web page reads. Not the engine's: nobody takes over here before the visitor sends it on."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """What is wrong with a field of an article, and its mend."""

    field: str
    message: Words
    mend: Words


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a week and what it counts."""

    key: str
    name: Words
    counts: Words


def list_misfits(article: Article) -> Iterator[Misfit]:
    """Yield what keeps an article from being kept, field by field; nothing for one that may be."""
    if not _SLUG.fullmatch(article.id) or len(article.id) > MOST_SLUG:
        yield Misfit(
            "slug",
            Words(f"{article.id!r} 不能作编号。", f"{article.id!r} is no identifier."),
            Words(
                f"请用小写字母、数字和连字符，最多 {MOST_SLUG} 个字符，如 refund-when。",
                f"Use small letters, digits and hyphens, at most {MOST_SLUG}, as in refund-when.",
            ),
        )
    for language in ("zh", "en"):
        title, body = article.title.say(language), article.body.say(language)
        if bool(title) != bool(body):
            yield Misfit(
                f"body_{language}" if title else f"title_{language}",
                Words("标题和正文只写了一个。", "Only one of title and text is written."),
                Words("请都写上，或都留空。", "Write both, or leave both empty."),
            )
        yield from _list_long(f"title_{language}", title, MOST_TITLE)
        yield from _list_long(f"body_{language}", body, MAX_BODY)
    if not any(article.title) and not any(article.body):
        yield Misfit(
            "title_zh",
            Words("没有中文也没有英文。", "It is written in neither Chinese nor English."),
            Words("请至少写一种语言的标题和正文。", "Write title and text in one language at least."),
        )
    yield from _list_sources(article)
    if article.starts_at and article.ends_at and article.ends_at <= article.starts_at:
        yield Misfit(
            "ends_on",
            Words("结束早于开始。", "It ends before it begins."),
            Words("请写不早于开始的日期。", "Write a day that is not before the first one."),
        )
    if len(article.asked) > MOST_ASKED or any(len(each) > MOST_ASKED_LENGTH for each in article.asked):
        yield Misfit(
            "asked",
            Words("别的问法太多或太长。", "There are too many other ways to ask, or too long ones."),
            Words(
                f"最多 {MOST_ASKED} 行，每行最多 {MOST_ASKED_LENGTH} 个字符。",
                f"At most {MOST_ASKED} lines of at most {MOST_ASKED_LENGTH} characters.",
            ),
        )
    if len(article.products) > MOST_PRODUCTS:
        yield Misfit(
            "products",
            Words("产品太多。", "There are too many products."),
            Words(f"最多 {MOST_PRODUCTS} 个；留空表示所有产品。", f"At most {MOST_PRODUCTS}; none stands for all."),
        )


def _list_sources(article: Article) -> Iterator[Misfit]:
    if not article.source:
        yield Misfit(
            "source",
            Words("没有写出处。", "The source is missing."),
            Words("请写这篇文章依据的文件名。", "Name the document that the article goes by."),
        )
    yield from _list_long("source", article.source, MOST_SOURCE)
    yield from _list_long("link", article.link, MOST_LINK)
    if article.link and not _LINK.fullmatch(article.link):
        yield Misfit(
            "link",
            Words(f"{article.link[:80]!r} 不是网址。", f"{article.link[:80]!r} is no address."),
            Words("请写 https:// 开头的网址。", "Write an address that starts with https://."),
        )


def _list_long(field: str, text: str, most: int) -> Iterator[Misfit]:
    if len(text) > most:
        yield Misfit(
            field,
            Words(f"超过 {most} 个字符。", f"It is over {most} characters."),
            Words("请写短些，或拆成几篇。", "Shorten it, or split the article."),
        )


def find_week(moment: datetime, zone: str) -> date:
    """Return the Monday of the week that a moment is in, by the clock of a zone.

    >>> from datetime import UTC
    >>> find_week(datetime(2026, 3, 1, 16, tzinfo=UTC), "Asia/Shanghai")  # Monday, 00:00 there
    datetime.date(2026, 3, 2)
    """
    day = moment.astimezone(ZoneInfo(zone)).date()
    return day - timedelta(days=day.weekday())


def name_form(form: str, text: str) -> str:
    """Return the name of a question of a form: one that is sent again is that one, another one of it is not.

    >>> name_form("a", "x") == name_form("a", "x"), name_form("a", "x") == name_form("a", "y")
    (True, False)
    """
    return hashlib.blake2b(f"{form}\x1f{text}".encode("utf-8", "replace"), digest_size=16).hexdigest()


def choose_kind(reason: str) -> CaseKind:
    """Return the kind of case that a hand-over is made into.

    >>> str(choose_kind("legal")), str(choose_kind("price"))
    ('complaint', 'question')
    """
    return CaseKind.COMPLAINT if reason in SERIOUS else CaseKind.QUESTION


FIGURES: tuple[Figure, ...] = (
    Figure(
        "questions",
        Words("提问", "Questions"),
        Words(
            "公开页上提出的每个问题；同一表单发送两次算一个。",
            "Each question on the public page; a form sent twice counts once.",
        ),
    ),
    Figure(
        "answer",
        OUTCOME_WORDS["answer"],
        Words("以一篇当时有效的文章回答的问题。", "Questions answered from an article that was valid then."),
    ),
    Figure(
        "ask_back",
        OUTCOME_WORDS["ask_back"],
        Words(
            "第一次没有把握、只给出标题让人选的问题。",
            "Questions where it was unsure for the first time and showed titles only.",
        ),
    ),
    Figure(
        "hand_over",
        OUTCOME_WORDS["hand_over"],
        Words("交给人答复的问题，各原因之和。", "Questions for a person to answer: the sum of the reasons."),
    ),
    *(
        Figure(
            value,
            words,
            Words(f"转人工的问题中，原因为“{words.zh}”的。", f"Of those handed over, the ones for “{words.en}”."),
        )
        for value, words in REASONS.items()
    ),
)
