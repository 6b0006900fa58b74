"""What the vendor pushes, as typed messages and events; what is not known yet is kept whole, never dropped."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from canyu.care.wechat.xml import Element, parse_xml
from canyu.kit.clock import YEARS
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words

MOST_ID_LETTERS = 128
QR_SCENE = "qrscene_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A push: to which account (ToUserName), from which user (an OpenID or a WeCom user id), when by the vendor.

    ``user`` is empty where the vendor names none (``KfSignal``). ``agent_id`` is the app of WeCom.
    """

    account: str
    user: str
    created_at: datetime
    msg_id: str = ""
    agent_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessage(Incoming):
    """Words of the user; ``menu_id`` where they tapped an entry of a menu that we sent."""

    content: str
    menu_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageMessage(Incoming):
    """A picture: the vendor keeps it three days under ``media_id``."""

    media_id: str
    picture_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceMessage(Incoming):
    """A voice message; ``recognised`` is the vendor's reading of it, where the account has that."""

    media_id: str
    format: str
    recognised: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoMessage(Incoming):
    """A video, or a short one taken in the chat."""

    media_id: str
    thumb_media_id: str
    is_short: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationMessage(Incoming):
    """A place that the user sent, in degrees (GCJ-02)."""

    latitude: float
    longitude: float
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMessage(Incoming):
    """A link that the user shared."""

    title: str
    description: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMessage(Incoming):
    """A kind of message that this build does not know: its values by path."""

    kind: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Incoming):
    """Something that the user did: the vendor's ``name`` and ``key`` of it."""

    name: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed(Event):
    """The user follows the account; ``scene`` where they came by one of our codes."""

    scene: str = ""
    ticket: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfollowed(Event):
    """The user does not follow the account any more: no message reaches them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned(Event):
    """A follower scanned one of our codes."""

    scene: str
    ticket: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuTapped(Event):
    """The user tapped a menu entry that sends us its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuOpened(Event):
    """The user opened the page of a menu entry (``key``); this opens no window for messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuScanned(Event):
    """The user scanned something through the menu: what it was and what it says."""

    scan_type: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KfSignal(Event):
    """WeCom customer service has news for an account; pull them within ten minutes with this token."""

    token: str
    open_kfid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherEvent(Event):
    """An event that this build does not know: its values by path."""

    values: tuple[tuple[str, str], ...]


def parse_message(xml: bytes | str) -> Incoming:
    """Return a push as what it is. Raises BadInput that names the field and what is wrong with it.

    >>> parse_message("<xml><ToUserName>us</ToUserName><FromUserName>you</FromUserName><CreateTime>1700000000"
    ...     "</CreateTime><MsgType>text</MsgType><Content>在吗</Content><MsgId>7</MsgId></xml>").content
    '在吗'
    """
    root = parse_xml(xml)
    kind = _read(root, "MsgType").lower()
    given: dict[str, Any] = {
        "account": _read(root, "ToUserName"),
        "user": root.get_text("FromUserName") if _is_signal(root) else _read(root, "FromUserName"),
        "created_at": _read_time(root),
        "msg_id": root.get_text("MsgId").strip()[:MOST_ID_LETTERS],
        "agent_id": root.get_text("AgentID")[:MOST_ID_LETTERS],
    }
    if kind == "event":
        return _parse_event(root, given)
    parse = _MESSAGES.get(kind)
    return OtherMessage(**given, kind=kind, values=tuple(root.list_leaves())) if parse is None else parse(root, given)


def find_key(message: Incoming) -> str:
    """Return what names a push for ever: the vendor sends the same one up to three times.

    By account and MsgId; without one by account, user, time (seconds) and kind, of events with name and key as well: a
    user may follow and scan, or tap two menu entries, within one second. 32 letters and digits.
    """
    if message.msg_id:
        parts = [message.account, "message", message.msg_id]
    else:
        epoch = int(message.created_at.timestamp())
        parts = [message.account, "event", message.user, str(epoch), *_name(message)]
    return blake2b(dump_json(parts).encode(), digest_size=16).hexdigest()


def _name(message: Incoming) -> list[str]:
    if isinstance(message, KfSignal):
        return [message.name, message.open_kfid, message.token]
    if isinstance(message, Event):
        return [message.name, message.key]
    return [type(message).__name__]


def _is_signal(root: Element) -> bool:
    return root.get_text("Event").lower() == "kf_msg_or_event"


def _parse_event(root: Element, given: dict[str, Any]) -> Event:
    name = _read(root, "Event").lower()
    given |= {"name": name, "key": root.get_text("EventKey")}
    parse = _EVENTS.get(name)
    return OtherEvent(**given, values=tuple(root.list_leaves())) if parse is None else parse(root, given)


def _parse_text(root: Element, given: dict[str, Any]) -> Incoming:
    if root.find("Content") is None:
        raise _refuse("Content", "缺少这个字段", "the field is missing")
    return TextMessage(**given, content=root.get_text("Content"), menu_id=root.get_text("bizmsgmenuid"))


def _parse_image(root: Element, given: dict[str, Any]) -> Incoming:
    return ImageMessage(**given, media_id=_read(root, "MediaId"), picture_url=root.get_text("PicUrl"))


def _parse_voice(root: Element, given: dict[str, Any]) -> Incoming:
    recognised = root.get_text("Recognition")
    return VoiceMessage(**given, media_id=_read(root, "MediaId"), format=root.get_text("Format"), recognised=recognised)


def _parse_video(root: Element, given: dict[str, Any]) -> Incoming:
    is_short = root.get_text("MsgType").lower() == "shortvideo"
    media, thumb = _read(root, "MediaId"), root.get_text("ThumbMediaId")
    return VideoMessage(**given, media_id=media, thumb_media_id=thumb, is_short=is_short)


def _parse_location(root: Element, given: dict[str, Any]) -> Incoming:
    latitude, longitude = _read_degrees(root, "Location_X", 90), _read_degrees(root, "Location_Y", 180)
    return LocationMessage(**given, latitude=latitude, longitude=longitude, label=root.get_text("Label"))


def _parse_link(root: Element, given: dict[str, Any]) -> Incoming:
    title, description = root.get_text("Title"), root.get_text("Description")
    return LinkMessage(**given, title=title, description=description, url=root.get_text("Url"))


def _parse_follow(root: Element, given: dict[str, Any]) -> Event:
    scene = given["key"].removeprefix(QR_SCENE) if given["key"].startswith(QR_SCENE) else ""
    return Followed(**given, scene=scene, ticket=root.get_text("Ticket"))


def _parse_scan(root: Element, given: dict[str, Any]) -> Event:
    return Scanned(**given, scene=given["key"], ticket=root.get_text("Ticket"))


def _parse_menu_scan(root: Element, given: dict[str, Any]) -> Event:
    told = root.find("ScanCodeInfo") or Element("ScanCodeInfo")
    return MenuScanned(**given, scan_type=told.get_text("ScanType"), result=told.get_text("ScanResult"))


def _parse_signal(root: Element, given: dict[str, Any]) -> Event:
    return KfSignal(**given, token=_read(root, "Token"), open_kfid=_read(root, "OpenKfId"))


_MESSAGES: dict[str, Callable[[Element, dict[str, Any]], Incoming]] = {
    "text": _parse_text,
    "image": _parse_image,
    "voice": _parse_voice,
    "video": _parse_video,
    "shortvideo": _parse_video,
    "location": _parse_location,
    "link": _parse_link,
}
_EVENTS: dict[str, Callable[[Element, dict[str, Any]], Event]] = {
    "subscribe": _parse_follow,
    "unsubscribe": lambda _, given: Unfollowed(**given),
    "scan": _parse_scan,
    "click": lambda _, given: MenuTapped(**given),
    "view": lambda _, given: MenuOpened(**given),
    "scancode_push": _parse_menu_scan,
    "scancode_waitmsg": _parse_menu_scan,
    "kf_msg_or_event": _parse_signal,
}


def _read(root: Element, name: str) -> str:
    """Return a field that every push of its kind has."""
    found = root.get_text(name).strip()
    if not found:
        raise _refuse(name, "缺少这个字段", "the field is missing")
    return found


def _read_time(root: Element) -> datetime:
    told = _read(root, "CreateTime")
    if told.isascii() and told.isdigit() and len(told) <= 11:
        found = datetime.fromtimestamp(int(told), UTC) if int(told) < 32_000_000_000 else None
        if found is not None and found.year in YEARS:
            return found
    raise _refuse("CreateTime", f"{told[:20]!r} 不是秒数", f"{told[:20]!r} is no number of seconds since 1970")


def _read_degrees(root: Element, name: str, most: int) -> float:
    told = _read(root, name)
    try:
        found = float(told)
    except ValueError:
        found = math.nan
    if not abs(found) <= most:  # also of NaN
        raise _refuse(name, f"{told[:20]!r} 不是度数", f"{told[:20]!r} is no number of degrees up to {most}")
    return found


def _refuse(name: str, zh: str, en: str) -> BadInput:
    return BadInput(
        Words(f"推送的 {name} 读不了：{zh}。", f"{name} of the push cannot be read: {en}."),
        mend=Words(
            "请对照微信的推送文档，看发送方是否真是微信。", "Check with the vendor's documentation who sent it."
        ),
    )
