"""What identifies a person, what a person can agree to, and how each is written in one way; pure, no database."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from canyu.kit.errors import BadInput
from canyu.kit.words import Words

CHINA = "86"
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")
OPAQUE = re.compile(r"[!-~]{1,200}")
FAN = re.compile(r"f-[0-9a-f]{24}")


class IdKind(StrEnum):
    """What an identifier is. An actor is what the lake and the rooms call somebody: opaque, so it is kept as it is."""

    ACTOR = "actor"
    PHONE = "phone"
    EMAIL = "email"
    OPENID = "openid"
    UNIONID = "unionid"


class LookUp(StrEnum):
    """What staff have in hand when they look for somebody."""

    PHONE = "phone"
    EMAIL = "email"
    OPENID = "openid"
    UNIONID = "unionid"
    CUSTOMER = "customer"
    ACTOR = "actor"
    FAN = "fan"


class Purpose(StrEnum):
    """What a person may agree to; none follows from another."""

    PHONE = "phone"
    SMS = "sms"
    EMAIL = "email"
    WECHAT = "wechat"
    PROFILING = "profiling"
    SHOW_NAME = "show_name"
    SHOW_PHOTO = "show_photo"
    SHARE_PARTNER = "share_partner"
    ANALYTICS = "analytics"
    CAMPAIGN = "campaign"
    DROP = "drop"


TOLD_ELSEWHERE = frozenset({Purpose.CAMPAIGN, Purpose.DROP})
"""Agreed to on the pages of campaigns and limited editions, whose rooms keep it."""

KIND_WORDS: dict[str, Words] = {
    IdKind.ACTOR: Words("账户、访客或参与编号", "account, visitor or participant"),
    IdKind.PHONE: Words("手机号（加密指纹）", "phone (keyed hash)"),
    IdKind.EMAIL: Words("邮箱（加密指纹）", "e-mail (keyed hash)"),
    IdKind.OPENID: Words("微信 OpenID（加密指纹）", "WeChat OpenID (keyed hash)"),
    IdKind.UNIONID: Words("微信 UnionID（加密指纹）", "WeChat UnionID (keyed hash)"),
}
LOOK_UP_WORDS: dict[str, Words] = {
    LookUp.PHONE: Words("手机号", "Phone"),
    LookUp.EMAIL: Words("邮箱", "E-mail"),
    LookUp.OPENID: Words("微信 OpenID（应用:OpenID）", "WeChat OpenID (app:openid)"),
    LookUp.UNIONID: Words("微信 UnionID", "WeChat UnionID"),
    LookUp.CUSTOMER: Words("客户号或匿名号（来源:编号）", "Customer or anonymous id (source:id)"),
    LookUp.ACTOR: Words("事件里的 actor、活动参与编号", "Actor of events, participant of a campaign"),
    LookUp.FAN: Words("粉丝编号（f-…）", "Fan number (f-…)"),
}
PURPOSE_WORDS: dict[str, Words] = {
    Purpose.PHONE: Words("打电话联系", "contact by phone"),
    Purpose.SMS: Words("发短信联系", "contact by text message"),
    Purpose.EMAIL: Words("发邮件联系", "contact by e-mail"),
    Purpose.WECHAT: Words("通过微信联系", "contact by WeChat"),
    Purpose.PROFILING: Words("画像与个性化推荐", "profiling and recommendations"),
    Purpose.SHOW_NAME: Words("展示名字", "showing the name"),
    Purpose.SHOW_PHOTO: Words("展示照片", "showing the photo"),
    Purpose.SHARE_PARTNER: Words("提供给合作方", "sharing with partners"),
    Purpose.ANALYTICS: Words("统计分析", "analytics"),
    Purpose.CAMPAIGN: Words("参加活动", "taking part in a campaign"),
    Purpose.DROP: Words("参加限量发售", "taking part in a limited edition"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """One identifier as it is kept: its kind and its value, which is opaque or a keyed hash."""

    kind: IdKind
    value: str


def clean_phone(text: str) -> str:
    """Return a phone number in E.164; without a country's code it is one of mainland China. Raises BadInput.

    >>> clean_phone("138 0000-0000"), clean_phone("0086 13800000000"), clean_phone("（+49）30 123456")
    ('+8613800000000', '+8613800000000', '+4930123456')
    """
    plain = unicodedata.normalize("NFKC", text)
    is_whole = plain.strip().lstrip("( ").startswith(("+", "00"))
    digits = "".join(str(unicodedata.digit(letter)) for letter in plain if letter.isdigit())
    digits = digits.removeprefix("00") if not plain.strip().lstrip("( ").startswith("+") else digits
    number = f"+{digits}" if is_whole else f"+{CHINA}{digits}"
    is_mobile = not number.startswith(f"+{CHINA}1") or len(number) == 14
    if not E164.fullmatch(number) or not is_mobile or (not is_whole and not digits.startswith("1")):
        raise BadInput(
            Words("这不是完整的手机号。", "This is no complete phone number."),
            mend=Words("请带上国家代码，如 +86 138 0000 0000。", "Write its country's code, as +86 138 0000 0000."),
        )
    return number


def clean_mail(text: str) -> str:
    """Return a mail address in one width and case. Raises BadInput.

    >>> clean_mail(" Ann@Example.ORG ")
    'ann@example.org'
    """
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if not MAIL.fullmatch(plain) or len(plain) > 254:
        raise BadInput(
            Words("这不是邮箱地址。", "This is no mail address."),
            mend=Words("请写成 name@example.org。", "Write it as name@example.org."),
        )
    return plain


def clean_opaque(text: str) -> str:
    """Return an id that somebody else made, as it is. Raises BadInput."""
    plain = text.strip()
    if not OPAQUE.fullmatch(plain):
        raise BadInput(
            Words("编号只能是 1 到 200 个可见的 ASCII 字符。", "An id has 1 to 200 visible ASCII signs."),
            mend=Words("请原样复制编号。", "Copy it as it is."),
        )
    return plain


def clean_openid(text: str) -> str:
    """Return ``app:openid``: the same openid in two apps is two people. Raises BadInput."""
    app, colon, openid = clean_opaque(text).partition(":")
    if not (app and colon and openid):
        raise BadInput(
            Words("OpenID 要带上它所属的应用。", "An OpenID belongs to an app."),
            mend=Words("请写成 应用ID:OpenID。", "Write it as APPID:OPENID."),
        )
    return f"{app}:{openid}"


CLEAN = {
    IdKind.PHONE: clean_phone,
    IdKind.EMAIL: clean_mail,
    IdKind.OPENID: clean_openid,
    IdKind.UNIONID: clean_opaque,
    IdKind.ACTOR: clean_opaque,
}


def name_identifier(key: str, kind: IdKind, text: str) -> Named:
    """Return how an identifier is kept: an actor as it is, all else as a hash that needs ``key``. Raises BadInput.

    >>> name_identifier("k", IdKind.PHONE, "13800000000") == name_identifier("k", IdKind.PHONE, "+86 138 0000 0000")
    True
    """
    clean = CLEAN[kind](text)
    if kind is IdKind.ACTOR:
        return Named(kind, clean)
    return Named(kind, hmac.new(key.encode(), f"{kind}\x1f{clean}".encode(), hashlib.sha256).hexdigest())


def split_customer(text: str) -> tuple[str, str]:
    """Return source and id of ``source:id``. Raises BadInput."""
    source, colon, name = text.strip().partition(":")
    if not (source and colon and name):
        raise BadInput(
            Words("请写明编号出自哪个来源。", "Say which source the id is of."),
            mend=Words("请写成 来源:编号，如 shop:10086。", "Write it as source:id, as shop:10086."),
        )
    return source, name
