"""Answers in the same breath: what may stand in the vendor's five seconds, as XML, sealed where the account is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from canyu.care.wechat.cipher import MessageCipher
from canyu.care.wechat.messages import Event, Incoming
from canyu.care.wechat.signatures import sign
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

MOST_TEXT_BYTES = 2048
MOST_ARTICLES = 8
"""In an answer to an event; to a message of the user the vendor shows one (since 2018-10)."""
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Article:
    """A card with a picture that opens a page."""

    title: str
    description: str
    url: str
    picture_url: str = ""


@dataclass(frozen=True, slots=True)
class TextReply:
    """Words."""

    content: str


@dataclass(frozen=True, slots=True)
class ImageReply:
    """A picture that was uploaded before."""

    media_id: str


@dataclass(frozen=True, slots=True)
class NewsReply:
    """Cards: one to a message, up to eight to an event."""

    articles: Sequence[Article]


@dataclass(frozen=True, slots=True)
class TransferReply:
    """Hands the user to the vendor's own customer service, to one of its accounts where one is named."""

    kf_account: str = ""


Reply = TextReply | ImageReply | NewsReply | TransferReply


def render_reply(reply: Reply, to: Incoming, at: datetime) -> str:
    """Return an answer to a push as XML. Raises BadInput where the vendor would refuse it, or show nothing."""
    if isinstance(reply, TextReply):
        kind, body = "text", _field("Content", check_text(reply.content))
    elif isinstance(reply, ImageReply):
        kind, body = "image", f"<Image>{_field('MediaId', reply.media_id)}</Image>"
    elif isinstance(reply, NewsReply):
        kind, body = "news", _render_articles(reply.articles, MOST_ARTICLES if isinstance(to, Event) else 1)
    else:
        kind, body = "transfer_customer_service", ""
        if reply.kf_account:
            body = f"<TransInfo>{_field('KfAccount', reply.kf_account)}</TransInfo>"
    head = _field("ToUserName", to.user) + _field("FromUserName", to.account)
    return f"<xml>{head}<CreateTime>{int(at.timestamp())}</CreateTime>{_field('MsgType', kind)}{body}</xml>"


def seal_reply(xml: str, cipher: MessageCipher, token: str, nonce: str, at: datetime) -> str:
    """Return an answer sealed and signed, as the vendor takes it from an account with encryption."""
    sealed, timestamp = cipher.seal(xml), str(int(at.timestamp()))
    signature = sign(token, timestamp, nonce, sealed)
    return (
        f"<xml>{_field('Encrypt', sealed)}{_field('MsgSignature', signature)}"
        f"<TimeStamp>{timestamp}</TimeStamp>{_field('Nonce', nonce)}</xml>"
    )


def check_text(content: str, most_bytes: int = MOST_TEXT_BYTES) -> str:
    """Return a text that the vendor takes. Raises BadInput where it is empty, too long or holds control characters."""
    size = len(content.encode("utf-8", "surrogatepass"))
    if not content.strip():
        raise BadInput(Words("消息是空的。", "The message is empty."), mend=Words("请写点什么。", "Write something."))
    if size > most_bytes:
        raise BadInput(
            Words(
                f"消息有 {size} 字节，微信最多收 {most_bytes} 字节。",
                f"The message has {size} bytes, the vendor takes {most_bytes}.",
            ),
            mend=Words("一个汉字是 3 字节；请缩短，或分成几条。", "Shorten it, or send it in parts."),
        )
    _check_letters("content", content)
    return content


def _render_articles(articles: Sequence[Article], most: int) -> str:
    if not 1 <= len(articles) <= most:
        raise BadInput(
            Words(f"图文有 {len(articles)} 条，这里只能 1 到 {most} 条。", f"{len(articles)} cards, not 1 to {most}."),
            mend=Words("回复用户消息时只能发一条。", "An answer to a message shows one."),
        )
    items = "".join(
        f"<item>{_field('Title', each.title)}{_field('Description', each.description)}"
        f"{_field('PicUrl', each.picture_url)}{_field('Url', each.url)}</item>"
        for each in articles
    )
    return f"<ArticleCount>{len(articles)}</ArticleCount><Articles>{items}</Articles>"


def _field(name: str, value: str) -> str:
    """Return an element whose text reads back as it was; only the mark that ends CDATA has to be split."""
    _check_letters(name, value)
    inside = value.replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{inside}]]></{name}>"


def _check_letters(name: str, value: str) -> None:
    found = NOT_XML.search(value)
    if found:
        raise BadInput(
            Words(
                f"{name} 第 {found.start() + 1} 个字符是控制字符，发不出去。",
                f"Character {found.start() + 1} of {name} is a control character, which cannot be sent.",
            ),
            mend=Words("请删掉它。", "Remove it."),
        )
