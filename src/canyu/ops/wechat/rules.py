"""What the room derives without a database: sealed secrets, windows as JSON, pushes in words, origins of frames."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from canyu.care.assistant import Answer, AskBack, HandOver, HandOverReason, Outcome, Source
from canyu.care.assistant.tokens import is_chinese
from canyu.care.wechat import (
    OFFICIAL_ACCOUNT,
    WECOM_KF,
    ImageMessage,
    Incoming,
    LinkMessage,
    LocationMessage,
    OtherMessage,
    TextMessage,
    UserAction,
    VideoMessage,
    VoiceMessage,
    Window,
    Windows,
)
from canyu.care.wechat.replies import MOST_TEXT_BYTES
from canyu.kit.words import Words
from canyu.ops.letterbox.rules import LetterState
from canyu.ops.wechat.errors import AccountUnusable
from canyu.ops.wechat.models import PushState, Vendor

NONCE_BYTES = 12
SEND_ATTEMPTS, PUSH_ATTEMPTS = 12, 6
SEND_LEASE = timedelta(minutes=5)
"""A sender that died while it spoke to the vendor is noticed after this; a vendor's answer takes 10 s at most."""
MOST_FRAMES = 20
NOBODY = "'none'"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'"
)
HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)
THANKS = re.compile(
    r"[\s!！.。~～,，]*(?:好的?|嗯|ok|okay|谢谢|多谢|感谢|谢了|辛苦了?|收到|明白了?|您|你|啦|了|很|非常"
    r"|thanks?|thank you|thx|got it|great|very much|so much|a lot|[\s!！.。~～,，]|👍|🙏)+",
    re.IGNORECASE,
)
MOST_THANKS = 20

VENDOR_WORDS = {
    Vendor.OFFICIAL_ACCOUNT.value: Words("公众号", "official account"),
    Vendor.WECOM.value: Words("企业微信", "WeCom"),
}
SENDING_WORDS = {
    LetterState.WAITING.value: Words("等待发送", "waits to be sent"),
    LetterState.SENDING.value: Words("发送中", "being sent"),
    LetterState.SENT.value: Words("已发送", "sent"),
    LetterState.REFUSED.value: Words("没有发出", "not sent"),
    LetterState.UNCLEAR.value: Words("不确定是否送达", "may have arrived, nobody knows"),
}
PUSH_WORDS = {
    PushState.WAITING.value: Words("等待处理", "waits"),
    PushState.ASKED.value: Words("等助手看", "waits for the assistant"),
    PushState.DONE.value: Words("已处理", "done"),
    PushState.FAILED.value: Words("处理失败", "failed"),
}
REASON_WORDS = {
    HandOverReason.PERSON.value: Words("要求人工", "asked for a person"),
    HandOverReason.PRICE.value: Words("价格", "price"),
    HandOverReason.COMPLAINT.value: Words("投诉", "complaint"),
    HandOverReason.LEGAL.value: Words("法律", "legal"),
    HandOverReason.UNSURE.value: Words("两次没听懂", "unsure twice"),
    HandOverReason.NO_ARTICLE.value: Words("没有文章", "no article"),
}


class Sealer:
    """Seals secrets for the database by AES-256-GCM (NIST SP 800-38D); each opens in its own place only."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, secret: str, place: str) -> str:
        """Return a secret sealed for a place, such as an account's field."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, secret.encode(), place.encode())).decode()

    def open(self, sealed: str, place: str) -> str:
        """Return the secret of a place. Raises AccountUnusable where the server's key is not the one that sealed it."""
        try:
            told = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(told[:NONCE_BYTES], told[NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise AccountUnusable(
                Words("账号的密钥打不开。", "The secrets of the account cannot be opened."),
                mend=Words(
                    "服务器的密钥换过：请在账号页重新填写 Token、EncodingAESKey 和 Secret。",
                    "The server's key was changed: enter Token, EncodingAESKey and secret anew on the account's page.",
                ),
            ) from error


def describe_windows(windows: Windows) -> list[list[Any]]:
    """Return windows as the database keeps them."""
    return [
        [each.action.value, each.opened_at.timestamp(), each.closes_at.timestamp(), each.most, each.sent]
        for each in windows
    ]


def read_windows(kept: Sequence[Sequence[Any]]) -> Windows:
    """Return the windows that the database keeps.

    >>> read_windows([["message", 0, 60, 5, 2]])[0].left
    3
    """
    return tuple(
        Window(UserAction(action), datetime.fromtimestamp(opened, UTC), datetime.fromtimestamp(closes, UTC), most, sent)
        for action, opened, closes, most, sent in kept
    )


def find_limits(vendor: str) -> dict[UserAction, Any]:
    """Return what the vendor allows after each action of a user."""
    return WECOM_KF if vendor == Vendor.WECOM else OFFICIAL_ACCOUNT


def write_words(message: Incoming) -> Words | None:
    """Return what a message says, in words; None for what is no message of a user.

    Of pictures, voices and videos their kind alone is told: the file stays with the vendor, for three days.
    """
    if isinstance(message, TextMessage):
        return Words(message.content, message.content)
    if isinstance(message, VoiceMessage):
        told = message.recognised.strip()
        return Words(f"[语音] {told}".strip(), f"[voice] {told}".strip())
    if isinstance(message, LocationMessage):
        place = f"{message.label} ({message.latitude:.5f}, {message.longitude:.5f})".strip()
        return Words(f"[位置] {place}", f"[place] {place}")
    if isinstance(message, LinkMessage):
        told = f"{message.title} {message.url}".strip()
        return Words(f"[链接] {told}", f"[link] {told}")
    if isinstance(message, ImageMessage):
        return Words("[图片]", "[picture]")
    if isinstance(message, VideoMessage):
        return Words("[视频]", "[video]")
    return Words(f"[{message.kind}]", f"[{message.kind}]") if isinstance(message, OtherMessage) else None


def write_kf_words(kind: str, content: str) -> Words:
    """Return what a message of customer service says, in words."""
    if kind == "text":
        return Words(content, content)
    names = {
        "image": ("图片", "picture"),
        "voice": ("语音", "voice"),
        "video": ("视频", "video"),
        "file": ("文件", "file"),
    }
    zh, en = names.get(kind, (kind, kind))
    return Words(f"[{zh}]", f"[{en}]")


def is_thanks(text: str) -> bool:
    """Say whether a message only thanks or confirms: it opens no case anew.

    >>> is_thanks("好的，谢谢您！"), is_thanks("谢谢，可是还没收到"), is_thanks("Thanks a lot!")
    (True, False, True)
    """
    return len(text) <= MOST_THANKS and THANKS.fullmatch(text.strip()) is not None


@dataclass(frozen=True, slots=True)
class Told:
    """What the assistant has for the user, the note for the agent, and why a person takes over, where one does."""

    text: str
    note: str = ""
    reason: str = ""
    is_unsure: bool = False


def write_outcome(outcome: Outcome, question: str, language: str) -> Told:
    """Return what goes out of an assistant's outcome; an answer that is too long for one message is a link or nothing.

    The user is answered in the language of the question; ``language`` is that of the note for the agent.
    """
    theirs = "zh" if is_chinese(question) else "en"
    if isinstance(outcome, Answer):
        source = outcome.sources[0]
        tail = Words("来源：", "Source: ").say(outcome.language) + f"{source.title} {source.link}".strip()
        text = f"{outcome.text}\n\n{tail}"
        if len(text.encode()) > MOST_TEXT_BYTES and source.link:
            text = tail
        if len(text.encode()) > MOST_TEXT_BYTES:
            return write_outcome(HandOver(HandOverReason.NO_ARTICLE, TOO_LONG, outcome.sources), question, language)
        return Told(text)
    if isinstance(outcome, AskBack):
        lines = [outcome.message.say(theirs), *(f"{at}. {each.title}" for at, each in enumerate(outcome.choices, 1))]
        return Told("\n".join(lines), is_unsure=True)
    reason = REASON_WORDS[outcome.reason.value]
    near = _list_titles(outcome.near)
    note = Words(
        f"助手转交人工：{reason.zh}。" + (f"可能相关：{near}" if near else ""),
        f"The assistant hands over: {reason.en}." + (f" Perhaps of use: {near}" if near else ""),
    )
    return Told(outcome.message.say(theirs), note.say(language), outcome.reason.value)


TOO_LONG = Words("正在为您转接人工客服。", "A person takes over from here.")


def _list_titles(sources: Sequence[Source]) -> str:
    return " · ".join(f"{each.title} {each.link}".strip() for each in sources)


def read_frames(text: str) -> list[str]:
    r"""Return the origins that somebody lists, one a line. Raises AccountUnusable that names the line at fault.

    >>> read_frames("https://work.weixin.qq.com\n")
    ['https://work.weixin.qq.com']
    """
    found: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        told = line.strip().rstrip("/")
        if not told:
            continue
        parts = urlsplit(told)
        host, _, port = parts.netloc.partition(":")
        is_plain = told == f"{parts.scheme}://{parts.netloc}" and (not port or port.isdigit())
        if parts.scheme != "https" or not is_plain or not HOST.fullmatch(host) or len(told) > 200:
            raise AccountUnusable(
                Words(f"第 {number} 行不是 https 来源：{told[:80]}", f"Line {number} is no https origin: {told[:80]}"),
                mend=Words(
                    "写成 https://work.weixin.qq.com，每行一个。", "Write https://work.weixin.qq.com, one a line."
                ),
            )
        found.append(told)
    if len(found) > MOST_FRAMES:
        raise AccountUnusable(
            Words(f"来源有 {len(found)} 个，最多 {MOST_FRAMES} 个。", f"{len(found)} origins, at most {MOST_FRAMES}."),
            mend=Words("请只留下用得到的。", "Keep those that are needed."),
        )
    return list(dict.fromkeys(found))


def write_policy(frames: Sequence[str]) -> str:
    """Return the sidebar's content security policy: these origins, and nobody else, may embed it.

    >>> write_policy(["https://a.example"]).rpartition("; ")[2], write_policy([]).rpartition("; ")[2]
    ('frame-ancestors https://a.example', "frame-ancestors 'none'")
    """
    return f"{POLICY}; frame-ancestors {' '.join(frames) if frames else NOBODY}"
